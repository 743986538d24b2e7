/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/mdevctl-json.h"

#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#include "base/selector.h"

void json_freep(json_object **o) {
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

static int parse_attributes(Definition *d, json_object *array) {
        int r = 0;

        for (size_t i = 0; i < json_object_array_length(array) && r >= 0; i++)
                r = parse_attribute(d, json_object_array_get_idx(array, i));
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
        return parse_attributes(d, attrs);
}

static const char *json_error(enum json_tokener_error error) {
        if (error == json_tokener_success)
                return "null";
        return error == json_tokener_continue ? "the text ends too early" : json_tokener_error_desc(error);
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
        return r < 0 ? r : definition_finish(d);
}

int mdevctl_parse_attributes(Definition *d, const char *text, size_t size) {
        _cleanup_(json_freep) json_object *root = NULL;
        int r;

        if (size == 0)
                return 0;
        r = parse_json(d, text, size, &root);
        if (r < 0)
                return r;
        if (!json_object_is_type(root, json_type_array))
                return definition_note(d, 0, true, "not an array");
        if (json_object_array_length(root) == 1) {
                json_object *only = json_object_array_get_idx(root, 0);

                if (json_object_is_type(only, json_type_object) && json_object_object_length(only) == 0)
                        return 0;
        }
        return parse_attributes(d, root);
}

json_object *mdevctl_json_add(json_object *container, const char *key, json_object *value) {
        if (container && value &&
            (key ? json_object_object_add(container, key, value) : json_object_array_add(container, value)) == 0)
                return value;
        json_object_put(value);
        return NULL;
}

static bool add_string(json_object *container, const char *key, const char *value) {
        return mdevctl_json_add(container, key, json_object_new_string(value));
}

json_object *mdevctl_to_json(const Definition *d, bool start_auto) {
        _cleanup_(json_freep) json_object *root = json_object_new_object();
        json_object *attrs;

        if (!add_string(root, "mdev_type", d->type) || !add_string(root, "start", start_auto ? "auto" : "manual"))
                return NULL;
        attrs = mdevctl_json_add(root, "attrs", json_object_new_array());
        if (!attrs)
                return NULL;
        for (size_t i = 0; i < d->n_attributes; i++)
                if (!add_string(mdevctl_json_add(attrs, NULL, json_object_new_object()), d->attributes[i].name,
                                d->attributes[i].value))
                        return NULL;
        return STEAL_PTR(root);
}

char *mdevctl_line(const Definition *d, bool start_auto) {
        _cleanup_(json_freep) json_object *o = mdevctl_to_json(d, start_auto);
        const char *text = o ? json_object_to_json_string_ext(o, JSON_LINE_FLAGS) : NULL;

        return text ? strdup(text) : NULL;
}
