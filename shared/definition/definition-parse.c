/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/definition.h"

#include <stddef.h>
#include <string.h>

#include "base/keyvalue.h"
#include "base/selector.h"
#include "systemd/unitname.h"

/* Reads one value at *p: quoted (with escapes), or up to the next comma and without the blanks around it.
 * Returns 1 if a comma follows, 0 at the end, -EBADMSG with *ret_error. out has room for all of *p. */
static int parse_next_value(const char **p, char *out, const char **ret_error) {
        const char *s = *p + strspn(*p, " \t");
        char *o = out;

        if (*s == '"') {
                for (s++; *s != '"'; s++) {
                        if (*s == '\0') {
                                *ret_error = "quote is not closed";
                                return -EBADMSG;
                        }
                        if (*s != '\\') {
                                *o++ = *s;
                                continue;
                        }
                        s++;
                        if (*s != 'n' && *s != '"' && *s != '\\') {
                                *ret_error = "unknown escape (known: \\n, \\\" and \\\\)";
                                return -EBADMSG;
                        }
                        *o++ = (char) (*s == 'n' ? '\n' : *s);
                }
                s++;
                s += strspn(s, " \t");
                if (*s != ',' && *s != '\0') {
                        *ret_error = "text behind a closing quote";
                        return -EBADMSG;
                }
        } else {
                for (; *s != ',' && *s != '\0'; s++) {
                        if (*s == '"') {
                                *ret_error = "quote in the middle of a value";
                                return -EBADMSG;
                        }
                        *o++ = *s;
                }
                while (o > out && (o[-1] == ' ' || o[-1] == '\t'))
                        o--;
        }
        *o = '\0';
        *p = s;
        if (**p == '\0')
                return 0;
        (*p)++;
        return 1;
}

static int parse_attribute(Definition *d, unsigned line, const char *key, const char *value) {
        const char *name = key + strlen("attr."), *error;
        _cleanup_free_ char *out = malloc(strlen(value) + 1);
        int more, r;

        if (!out)
                return -ENOMEM;
        if (!definition_attribute_is_valid(name))
                return definition_note(d, line, true, "attribute name '%s' is not allowed", name);
        do {
                more = parse_next_value(&value, out, &error);
                if (more < 0)
                        return definition_note(d, line, true, "attribute %s: %s", name, error);
                r = definition_add_attribute(d, line, name, out);
                if (r < 0)
                        return r;
        } while (more > 0);
        return 0;
}

static int parse_string(Definition *d, unsigned line, const char *key, const char *value, char **field) {
        if (*field)
                return definition_note(d, line, true, "%s= is given twice", key);
        if (*value == '\0')
                return definition_note(d, line, true, "%s= is empty", key);
        *field = strdup(value);
        return *field ? 0 : -ENOMEM;
}

static int parse_name(Definition *d, unsigned line, const char *key, const char *value, char **field) {
        if (*value != '\0' && !definition_name_is_valid(value))
                return definition_note(d, line, true, "%s '%s' is not a kernel name (one path component, not hidden)",
                                       key, value);
        return parse_string(d, line, key, value, field);
}

static int parse_parent(Definition *d, unsigned line, const char *key, const char *value, char **field) {
        Selector s;
        int r;

        if (!selector_is_meant(value))
                return parse_name(d, line, key, value, field);
        if (selector_parse(value, &s) < 0)
                return definition_note(d, line, true, "parent '%s' is not pci:DDDD:BB:DD.F/vf=N (N from 1), path:ID_PATH "
                                       "or serial:ID_SERIAL", value);
        r = parse_string(d, line, key, value, field);
        return r < 0 ? r : parse_string(d, line, key, value, &d->selector);
}

static int parse_units(Definition *d, unsigned line, const char *key, const char *value, char **field) {
        _cleanup_free_ char *copy = strdup(value);
        char *save = NULL;

        if (!copy)
                return -ENOMEM;
        for (char *w = strtok_r(copy, " \t", &save); w; w = strtok_r(NULL, " \t", &save)) {
                char *all;

                if (!unitname_is_valid(w))
                        return definition_note(d, line, true, "%s= '%s' is not the name of a unit", key, w);
                if (asprintf(&all, "%s%s%s", *field ? *field : "", *field ? " " : "", w) < 0)
                        return -ENOMEM;
                free(*field);
                *field = all;
        }
        return 0;
}

static int parse_start(Definition *d, unsigned line, const char *key, const char *value, _unused_ char **field) {
        if (strcmp(value, "auto") != 0 && strcmp(value, "manual") != 0)
                return definition_note(d, line, true, "%s= is auto or manual, not '%s'", key, value);
        d->start_auto = strcmp(value, "auto") == 0;
        return 0;
}

static int parse_wait(Definition *d, unsigned line, const char *key, const char *value, _unused_ char **field) {
        unsigned n;

        if (keyvalue_parse_number(value, DEFINITION_WAIT_MAX, &n) < 0)
                return definition_note(d, line, true, "%s= is a number of seconds from 0 to %u, not '%s'", key,
                                       DEFINITION_WAIT_MAX, value);
        d->wait = (int) n;
        return 0;
}

/* Whether the user or group exists is checked when the device is created (node-owner.c). */
static int parse_owner(Definition *d, unsigned line, const char *key, const char *value, char **field) {
        /* no name contains ':' or '/' (passwd(5)), and a leading '-' is a typing error */
        if (value[0] == '-' || strpbrk(value, " \t:/"))
                return definition_note(d, line, true, "%s= is one name or number, not '%s'", key, value);
        return parse_string(d, line, key, value, field);
}

static int parse_node_mode(Definition *d, unsigned line, const char *key, const char *value,
                           _unused_ char **field) {
        size_t n = strlen(value);

        if (n < 3 || n > 4 || strspn(value, "01234567") != n || (n == 4 && value[0] != '0'))
                return definition_note(d, line, true, "%s= is who may do what with the device's nodes, as in 0660 "
                                       "(octal, up to 0777), not '%s'", key, value);
        d->node_mode = (int) strtol(value, NULL, 8);
        return 0;
}

static const struct Key {
        const char *name;
        int (*parse)(Definition *d, unsigned line, const char *key, const char *value, char **field);
        size_t field; /* offset of the string in Definition that the function sets, if any */
} keys[] = {
        { "parent", parse_parent, offsetof(Definition, parent) },
        { "type", parse_name, offsetof(Definition, type) },
        { "start", parse_start, 0 },
        { "description", parse_string, offsetof(Definition, description) },
        { "after", parse_units, offsetof(Definition, after) },
        { "requires", parse_units, offsetof(Definition, requires) },
        { "wants", parse_units, offsetof(Definition, wants) },
        { "wait", parse_wait, 0 },
        { "node_user", parse_owner, offsetof(Definition, node_user) },
        { "node_group", parse_owner, offsetof(Definition, node_group) },
        { "node_mode", parse_node_mode, 0 },
};

static const struct Key *find_key(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (strcmp(name, keys[i].name) == 0)
                        return &keys[i];
        return NULL;
}

bool definition_key_is_valid(const char *name) {
        return find_key(name) || strncmp(name, "attr.", strlen("attr.")) == 0 ||
               strncmp(name, "X-", strlen("X-")) == 0;
}

static int parse_line(Definition *d, unsigned line, const char *name, const char *value) {
        const struct Key *key = find_key(name);

        if (key)
                return key->parse(d, line, name, value, (void *) ((char *) d + key->field));
        if (strncmp(name, "attr.", strlen("attr.")) == 0)
                return parse_attribute(d, line, name, value);
        if (strncmp(name, "X-", strlen("X-")) == 0)
                return 0;
        return definition_note(d, line, false, "unknown key '%s', ignored", name);
}

int definition_finish(Definition *d) {
        int r = 0;

        /* an invalid line has its own note */
        if (!d->parent && !d->invalid)
                r = definition_note(d, 0, true, "parent= is missing");
        if (!d->type && !d->invalid)
                r = definition_note(d, 0, true, "type= is missing");
        if (r < 0)
                return r;
        return d->invalid ? -EBADMSG : 0;
}

int definition_parse(Definition *d, const char *text, size_t size) {
        _cleanup_(keyvalue_done) KeyValue kv = { .text = text, .size = size };
        const char *error;
        int r;

        if (size == 0)
                return definition_note(d, 0, true, "file is empty");
        while ((r = keyvalue_next(&kv, &error)) != 0) {
                if (r == -EBADMSG)
                        r = definition_note(d, kv.line, true, "%s", error);
                else if (r > 0)
                        r = parse_line(d, kv.line, kv.key, kv.value);
                if (r < 0 && r != -EBADMSG)
                        return r;
        }
        return definition_finish(d);
}
