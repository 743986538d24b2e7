/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/mdevctl-json.h"

#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#include "base/selector.h"

static void json_freep(json_object **o) {
        if (*o)
                json_object_put(*o);
}

static void tokener_freep(json_tokener **t) {
        if (*t)
                json_tokener_free(*t);
}

/* The string in o, or NULL with a note. A string with a NUL is refused, as it would be cut off. */
static const char *get_string(Definition *d, json_object *o, const char *what, int *ret_error) {
        const char *s;

        if (!json_object_is_type(o, json_type_string)) {
                *ret_error = definition_note(d, 0, true, "%s is not a string", what);
                return NULL;
        }
        s = json_object_get_string(o);
        if (strlen(s) != (size_t) json_object_get_string_len(o)) {
                *ret_error = definition_note(d, 0, true, "%s has a NUL byte", what);
                return NULL;
        }
        return s;
}

static int parse_attribute(Definition *d, json_object *o) {
        int r = 0;

        if (!json_object_is_type(o, json_type_object) || json_object_object_length(o) != 1)
                return definition_note(d, 0, true, "attrs holds something else than {\"NAME\": \"VALUE\"}");
        json_object_object_foreach(o, name, v) {
                const char *value = get_string(d, v, "a value in attrs", &r);

                if (!value)
                        return r;
                if (!definition_attribute_is_valid(name))
                        return definition_note(d, 0, true, "attribute name '%s' is not allowed", name);
                r = definition_add_attribute(d, 0, name, value);
        }
        return r;
}

static int parse_members(Definition *d, json_object *root) {
        json_object *type, *start, *attrs;
        const char *s;
        int r = 0;

        if (json_object_object_get_ex(root, "mdev_type", &type)) {
                s = get_string(d, type, "mdev_type", &r);
                if (!s)
                        return r;
                if (!definition_name_is_valid(s))
                        return definition_note(d, 0, true, "mdev_type '%s' is not a kernel name", s);
                d->type = strdup(s);
                if (!d->type)
                        return -ENOMEM;
        }
        if (!json_object_object_get_ex(root, "start", &start))
                return definition_note(d, 0, true, "start is missing");
        s = get_string(d, start, "start", &r);
        if (!s)
                return r;
        /* mdevctl treats everything but "auto" as manual */
        d->start_auto = strcmp(s, "auto") == 0;

        if (!json_object_object_get_ex(root, "attrs", &attrs) || !attrs)
                return 0;
        if (!json_object_is_type(attrs, json_type_array))
                return definition_note(d, 0, true, "attrs is not an array");
        for (size_t i = 0; i < json_object_array_length(attrs); i++) {
                r = parse_attribute(d, json_object_array_get_idx(attrs, i));
                if (r < 0)
                        return r;
        }
        return 0;
}

static const char *json_error(enum json_tokener_error error) {
        switch (error) {
        case json_tokener_success:
                return "null";
        case json_tokener_continue:
                return "the text ends too early";
        default:
                return json_tokener_error_desc(error);
        }
}

/* Reads text, all of it. Returns 0, -EBADMSG with a note, or -ENOMEM. */
static int parse_json(Definition *d, const char *text, size_t size, json_object **ret) {
        _cleanup_(tokener_freep) json_tokener *tokener = json_tokener_new();
        _cleanup_(json_freep) json_object *root = NULL;

        if (!tokener || size > INT_MAX)
                return -ENOMEM;
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
        root = json_tokener_parse_ex(tokener, text, (int) size);
        if (!root)
                return definition_note(d, 0, true, "not JSON: %s",
                                       size == 0 ? "file is empty" : json_error(json_tokener_get_error(tokener)));
        for (size_t i = json_tokener_get_parse_end(tokener); i < size; i++)
                if (!strchr(" \t\r\n", text[i]) || text[i] == '\0')
                        return definition_note(d, 0, true, "not JSON: text behind the object");
        *ret = STEAL_PTR(root);
        return 0;
}

int mdevctl_parse(Definition *d, const char *parent, const char *text, size_t size) {
        _cleanup_(json_freep) json_object *root = NULL;
        int r;

        d->parent = strdup(parent);
        if (!d->parent)
                return -ENOMEM;
        /* the directory's name is the parent; once imported, it would be a selector */
        if (selector_is_meant(parent))
                return definition_note(d, 0, true, "parent '%s' is no kernel name, and mdevctl has no selectors",
                                       parent);
        r = parse_json(d, text, size, &root);
        if (r < 0)
                return r;
        if (!json_object_is_type(root, json_type_object))
                return definition_note(d, 0, true, "not a JSON object");
        r = parse_members(d, root);
        if (r < 0)
                return r;
        return definition_finish(d);
}

int mdevctl_parse_attributes(Definition *d, const char *text, size_t size) {
        _cleanup_(json_freep) json_object *root = NULL;
        size_t n;
        int r;

        if (size == 0)
                return 0;
        r = parse_json(d, text, size, &root);
        if (r < 0)
                return r;
        if (!json_object_is_type(root, json_type_array))
                return definition_note(d, 0, true, "not an array");
        n = json_object_array_length(root);
        if (n == 1) {
                json_object *only = json_object_array_get_idx(root, 0);

                if (json_object_is_type(only, json_type_object) && json_object_object_length(only) == 0)
                        return 0;
        }
        for (size_t i = 0; i < n; i++) {
                r = parse_attribute(d, json_object_array_get_idx(root, i));
                if (r < 0)
                        return r;
        }
        return 0;
}

void mdevctl_write_string(FILE *f, const char *s) {
        static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";

        fputc('"', f);
        for (; *s; s++) {
                const char *e = strchr(escaped, *s);

                if (e)
                        fprintf(f, "\\%c", letters[e - escaped]);
                else if ((unsigned char) *s < 0x20)
                        fprintf(f, "\\u%04x", (unsigned) (unsigned char) *s);
                else
                        fputc(*s, f);
        }
        fputc('"', f);
}

/* Begins a new line with this indentation, or nothing if all is in one line. */
static void write_line_break(FILE *f, int column, int more) {
        if (column >= 0)
                fprintf(f, "\n%*s", column + more, "");
}

static void write_member(FILE *f, const char *name, const char *value, bool wide) {
        mdevctl_write_string(f, name);
        fputs(wide ? ": " : ":", f);
        mdevctl_write_string(f, value);
}

void mdevctl_write(FILE *f, const Definition *d, bool start_auto, int column) {
        bool wide = column >= 0;

        fputc('{', f);
        write_line_break(f, column, 2);
        write_member(f, "mdev_type", d->type, wide);
        fputc(',', f);
        write_line_break(f, column, 2);
        write_member(f, "start", start_auto ? "auto" : "manual", wide);
        fputc(',', f);
        write_line_break(f, column, 2);
        fputs(wide ? "\"attrs\": [" : "\"attrs\":[", f);
        for (size_t i = 0; i < d->n_attributes; i++) {
                fputs(i > 0 ? "," : "", f);
                write_line_break(f, column, 4);
                fputc('{', f);
                write_line_break(f, column, 6);
                write_member(f, d->attributes[i].name, d->attributes[i].value, wide);
                write_line_break(f, column, 4);
                fputc('}', f);
        }
        if (d->n_attributes > 0)
                write_line_break(f, column, 2);
        fputc(']', f);
        write_line_break(f, column, 0);
        fputc('}', f);
}

int mdevctl_format(const Definition *d, bool start_auto, int column, char **ret) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        mdevctl_write(f, d, start_auto, column);
        if (fclose(f) != 0)
                return -ENOMEM;
        *ret = STEAL_PTR(text);
        return 0;
}
