/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mdevctl.h"

#include <json-c/json.h>
#include <limits.h>
#include <string.h>

static void json_freep(json_object **o) {
        if (*o)
                json_object_put(*o);
}

static void tokener_freep(json_tokener **t) {
        if (*t)
                json_tokener_free(*t);
}

/* The string member of o, or NULL with a note. A NUL in it would be cut off silently: refused. */
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
        /* mdevctl takes anything but "auto" for manual */
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

static const char *why_no_json(enum json_tokener_error error) {
        switch (error) {
        case json_tokener_success:
                return "null";
        case json_tokener_continue:
                return "the text ends too early";
        default:
                return json_tokener_error_desc(error);
        }
}

int mdevctl_parse(Definition *d, const char *parent, const char *text, size_t size) {
        _cleanup_(tokener_freep) json_tokener *tokener = json_tokener_new();
        _cleanup_(json_freep) json_object *root = NULL;
        int r;

        if (!tokener || size > INT_MAX)
                return -ENOMEM;
        d->parent = strdup(parent);
        if (!d->parent)
                return -ENOMEM;
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
        root = json_tokener_parse_ex(tokener, text, (int) size);
        if (!root)
                return definition_note(d, 0, true, "not JSON: %s",
                                       size == 0 ? "file is empty" : why_no_json(json_tokener_get_error(tokener)));
        for (size_t i = json_tokener_get_parse_end(tokener); i < size; i++)
                if (!strchr(" \t\r\n", text[i]) || text[i] == '\0')
                        return definition_note(d, 0, true, "not JSON: text behind the object");
        if (!json_object_is_type(root, json_type_object))
                return definition_note(d, 0, true, "not a JSON object");
        r = parse_members(d, root);
        if (r < 0)
                return r;
        return definition_finish(d);
}
