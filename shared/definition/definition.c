/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/definition.h"

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/keyvalue.h"
#include "base/selector.h"
#include "base/text.h"
#include "systemd/unitname.h"

/* What one write(2) to sysfs can carry: PAGE_SIZE (fs/sysfs/file.c). */
#define VALUE_SIZE_MAX 4096U

Definition *definition_new(void) {
        Definition *d = calloc(1, sizeof(*d));

        if (d)
                d->wait = d->node_mode = -1;
        return d;
}

Definition *definition_free(Definition *d) {
        if (!d)
                return NULL;
        free(d->path);
        free(d->parent);
        free(d->selector);
        free(d->type);
        free(d->description);
        free(d->after);
        free(d->requires);
        free(d->wants);
        free(d->user);
        free(d->group);
        for (size_t i = 0; i < d->n_attributes; i++) {
                free(d->attributes[i].name);
                free(d->attributes[i].value);
        }
        free(d->attributes);
        for (size_t i = 0; i < d->n_notes; i++)
                free(d->notes[i].text);
        free(d->notes);
        free(d);
        return NULL;
}

int definition_note(Definition *d, unsigned line, bool error, const char *format, ...) {
        Note *notes = reallocarray(d->notes, d->n_notes + 1, sizeof(*notes));
        va_list ap;
        char *text;
        int r;

        if (!notes)
                return -ENOMEM;
        d->notes = notes;
        va_start(ap, format);
        r = vasprintf(&text, format, ap);
        va_end(ap);
        if (r < 0)
                return -ENOMEM;
        d->notes[d->n_notes++] = (Note) { .line = line, .error = error, .text = text };
        if (!error)
                return 0;
        d->invalid = true;
        return -EBADMSG;
}

bool definition_name_is_valid(const char *name) {
        size_t n = strlen(name);

        if (n == 0 || n > NAME_MAX || name[0] == '.' || strchr(name, '/'))
                return false;
        /* blanks around it would not survive being written and read */
        return name[0] != ' ' && name[n - 1] != ' ' && !text_error(name, n, "");
}

bool definition_attribute_is_valid(const char *name) {
        /* drivers/base, drivers/vfio/mdev: writing there is not configuring the device */
        static const char *const managed[] = { "remove",    "uevent",      "driver", "driver_override",
                                               "subsystem", "iommu_group", "power",  "mdev_type" };
        const char *rest = name;

        /* '=' ends a key */
        if (strlen(name) >= PATH_MAX || strchr(name, '='))
                return false;
        for (bool first = true;; first = false) {
                char component[NAME_MAX + 1];
                size_t n = strcspn(rest, "/");

                if (n > NAME_MAX)
                        return false;
                memcpy(component, rest, n);
                component[n] = '\0';
                if (!definition_name_is_valid(component))
                        return false;
                for (size_t i = 0; first && i < ELEMENTSOF(managed); i++)
                        if (strcmp(component, managed[i]) == 0)
                                return false;
                if (rest[n] == '\0')
                        return true;
                rest += n + 1;
        }
}

int definition_add_attribute(Definition *d, unsigned line, const char *name, const char *value) {
        const char *error = text_error(value, strlen(value), "\t\n");
        Attribute *attributes;
        Attribute a = {};

        if (value[0] == '\0')
                return definition_note(d, line, true, "attribute %s: empty value (nothing would be written)", name);
        if (strlen(value) > VALUE_SIZE_MAX)
                return definition_note(d, line, true, "attribute %s: value is longer than %u bytes, the most that "
                                       "one write to sysfs carries", name, VALUE_SIZE_MAX);
        if (error)
                return definition_note(d, line, true, "attribute %s: %s in its value", name, error);
        attributes = reallocarray(d->attributes, d->n_attributes + 1, sizeof(*attributes));
        if (!attributes)
                return -ENOMEM;
        d->attributes = attributes;
        a.name = strdup(name);
        a.value = strdup(value);
        if (!a.name || !a.value) {
                free(a.name);
                free(a.value);
                return -ENOMEM;
        }
        d->attributes[d->n_attributes++] = a;
        return 0;
}

/* Takes one value from *p: quoted (with escapes), or up to the next comma without the blanks around it.
 * Returns 1 if a comma follows, 0 at the end, -EBADMSG with *ret_error. out has room for all of *p. */
static int next_value(const char **p, char *out, const char **ret_error) {
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
                more = next_value(&value, out, &error);
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

static int parse_parent(Definition *d, unsigned line, const char *value) {
        Selector s;
        int r;

        if (!selector_is_meant(value))
                return parse_name(d, line, "parent", value, &d->parent);
        if (selector_parse(value, &s) < 0)
                return definition_note(d, line, true, "parent '%s' is not pci:DDDD:BB:DD.F/vf=N (N from 1), path:ID_PATH or "
                                       "serial:ID_SERIAL", value);
        r = parse_string(d, line, "parent", value, &d->parent);
        return r < 0 ? r : parse_string(d, line, "parent", value, &d->selector);
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

static int parse_start(Definition *d, unsigned line, const char *value) {
        if (strcmp(value, "auto") != 0 && strcmp(value, "manual") != 0)
                return definition_note(d, line, true, "start= is auto or manual, not '%s'", value);
        d->start_auto = strcmp(value, "auto") == 0;
        return 0;
}

static int parse_wait(Definition *d, unsigned line, const char *value) {
        unsigned n;

        if (keyvalue_parse_number(value, DEFINITION_WAIT_MAX, &n) < 0)
                return definition_note(d, line, true, "wait= is a number of seconds from 0 to %u, not '%s'",
                                       DEFINITION_WAIT_MAX, value);
        d->wait = (int) n;
        return 0;
}

/* Whether there is such a user is known only on the host, when the device is made (permissions.c). */
static int parse_owner(Definition *d, unsigned line, const char *key, const char *value, char **field) {
        /* ':' and '/' are in no name (passwd(5)); '-' at its beginning is a typing error */
        if (value[0] == '-' || strpbrk(value, " \t:/"))
                return definition_note(d, line, true, "%s= is one name or number, not '%s'", key, value);
        return parse_string(d, line, key, value, field);
}

static int parse_node_mode(Definition *d, unsigned line, const char *value) {
        size_t n = strlen(value);

        if (n < 3 || n > 4 || strspn(value, "01234567") != n || (n == 4 && value[0] != '0'))
                return definition_note(d, line, true, "mode= is who may do what with the device's nodes, as in 0660 "
                                       "(octal, up to 0777), not '%s'", value);
        d->node_mode = (int) strtol(value, NULL, 8);
        return 0;
}

static int parse_key(Definition *d, unsigned line, const char *key, const char *value) {
        if (strcmp(key, "parent") == 0)
                return parse_parent(d, line, value);
        if (strcmp(key, "type") == 0)
                return parse_name(d, line, key, value, &d->type);
        if (strcmp(key, "description") == 0)
                return parse_string(d, line, key, value, &d->description);
        if (strcmp(key, "after") == 0)
                return parse_units(d, line, key, value, &d->after);
        if (strcmp(key, "requires") == 0)
                return parse_units(d, line, key, value, &d->requires);
        if (strcmp(key, "wants") == 0)
                return parse_units(d, line, key, value, &d->wants);
        if (strcmp(key, "start") == 0)
                return parse_start(d, line, value);
        if (strcmp(key, "wait") == 0)
                return parse_wait(d, line, value);
        if (strcmp(key, "user") == 0)
                return parse_owner(d, line, key, value, &d->user);
        if (strcmp(key, "group") == 0)
                return parse_owner(d, line, key, value, &d->group);
        if (strcmp(key, "mode") == 0)
                return parse_node_mode(d, line, value);
        if (strncmp(key, "attr.", strlen("attr.")) == 0)
                return parse_attribute(d, line, key, value);
        if (strncmp(key, "X-", strlen("X-")) == 0)
                return 0;
        return definition_note(d, line, false, "unknown key '%s', ignored", key);
}

int definition_finish(Definition *d) {
        int r = 0;

        /* a line that named it badly has its own note */
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

        if (size == 0) {
                r = definition_note(d, 0, true, "file is empty");
                return r;
        }
        while ((r = keyvalue_next(&kv, &error)) != 0) {
                if (r == -EBADMSG)
                        r = definition_note(d, kv.line, true, "%s", error);
                else if (r > 0)
                        r = parse_key(d, kv.line, kv.key, kv.value);
                if (r < 0 && r != -EBADMSG)
                        return r;
        }
        return definition_finish(d);
}

static void write_value(FILE *f, const char *value) {
        size_t n = strlen(value);

        /* quotes where the bytes would not survive a reading without them */
        if (!strpbrk(value, ",\"\\\n") && value[0] != ' ' && value[0] != '\t' && n > 0 && value[n - 1] != ' ' &&
            value[n - 1] != '\t') {
                fputs(value, f);
                return;
        }
        fputc('"', f);
        for (const char *p = value; *p; p++)
                if (*p == '\n')
                        fputs("\\n", f);
                else {
                        if (*p == '"' || *p == '\\')
                                fputc('\\', f);
                        fputc(*p, f);
                }
        fputc('"', f);
}

static void write_string(FILE *f, const char *key, const char *value) {
        if (value)
                fprintf(f, "%s=%s\n", key, value);
}

int definition_format(const Definition *d, char **ret) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        write_string(f, "parent", definition_parent(d));
        write_string(f, "type", d->type);
        write_string(f, "start", d->start_auto ? "auto" : NULL);
        write_string(f, "description", d->description);
        write_string(f, "after", d->after);
        write_string(f, "requires", d->requires);
        write_string(f, "wants", d->wants);
        if (d->wait >= 0)
                fprintf(f, "wait=%d\n", d->wait);
        write_string(f, "user", d->user);
        write_string(f, "group", d->group);
        if (d->node_mode >= 0)
                fprintf(f, "mode=%04o\n", (unsigned) d->node_mode);
        for (size_t i = 0; i < d->n_attributes; i++) {
                const Attribute *a = &d->attributes[i];

                /* writes to one attribute in a row share a line, as people write them */
                if (i > 0 && strcmp(a->name, a[-1].name) == 0)
                        fputc(',', f);
                else
                        fprintf(f, "%sattr.%s=", i > 0 ? "\n" : "", a->name);
                write_value(f, a->value);
        }
        if (d->n_attributes > 0)
                fputc('\n', f);
        /* fclose(3) may succeed, and have had no memory for what it gives */
        if (fclose(f) != 0 || !text)
                return -ENOMEM;
        *ret = STEAL_PTR(text);
        return 0;
}

bool definition_same_device(const Definition *a, const Definition *b) {
        if (strcmp(a->parent, b->parent) != 0 || strcmp(a->type, b->type) != 0 ||
            a->n_attributes != b->n_attributes)
                return false;
        for (size_t i = 0; i < a->n_attributes; i++)
                if (strcmp(a->attributes[i].name, b->attributes[i].name) != 0 ||
                    strcmp(a->attributes[i].value, b->attributes[i].value) != 0)
                        return false;
        return true;
}

static bool same_string(const char *a, const char *b) {
        return a && b ? strcmp(a, b) == 0 : a == b;
}

bool definition_same_permissions(const Definition *a, const Definition *b) {
        return same_string(a->user, b->user) && same_string(a->group, b->group) && a->node_mode == b->node_mode;
}

char *definition_first_error(const Definition *d) {
        for (size_t i = 0; i < d->n_notes; i++) {
                const Note *n = &d->notes[i];
                const char *path = d->path ? d->path : "definition";
                char *s;
                int r;

                if (!n->error)
                        continue;
                r = n->line > 0 ? asprintf(&s, "%s:%u: %s", path, n->line, n->text)
                                : asprintf(&s, "%s: %s", path, n->text);
                return r < 0 ? NULL : s;
        }
        return NULL;
}

static bool is_key(const char *name) {
        static const char *const keys[] = { "parent", "type", "start", "description", "after", "requires", "wants",
                                            "wait", "user", "group", "mode" };

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (strcmp(name, keys[i]) == 0)
                        return true;
        return strncmp(name, "attr.", strlen("attr.")) == 0 || strncmp(name, "X-", strlen("X-")) == 0;
}

static bool is_blank(char c) {
        return c == ' ' || c == '\t';
}

typedef enum Operation { REPLACE, APPEND, REMOVE } Operation;

static int parse_assignment(const char *assignment, char **ret_key, Operation *ret_operation,
                            const char **ret_value, const char **ret_error) {
        const char *equals = strchr(assignment, '='), *begin = assignment, *end = equals;
        _cleanup_free_ char *name = NULL;
        bool append = equals && equals > assignment && equals[-1] == '+';

        /* blanks as in a file; else the key would not be found in one */
        if (append)
                end--;
        while (equals && begin < end && is_blank(*begin))
                begin++;
        while (equals && begin < end && is_blank(end[-1]))
                end--;
        if (!equals || begin == end) {
                *ret_error = "not NAME=VALUE";
                return -EINVAL;
        }
        if (strpbrk(assignment, "\n\r")) {
                *ret_error = "line break in an assignment (write \\n within double quotes)";
                return -EINVAL;
        }
        if (append && equals[1] == '\0') {
                *ret_error = "nothing to append";
                return -EINVAL;
        }
        name = strndup(begin, (size_t) (end - begin));
        if (!name)
                return -ENOMEM;
        if (asprintf(ret_key, "%s%s", is_key(name) ? "" : "attr.", name) < 0)
                return -ENOMEM;
        *ret_operation = append ? APPEND : equals[1] == '\0' ? REMOVE : REPLACE;
        *ret_value = equals + 1;
        return 0;
}

int definition_add_line(const char *text, const char *assignment, char **ret, const char **ret_error) {
        _cleanup_free_ char *key = NULL;
        Operation operation;
        const char *value;
        int r;

        r = parse_assignment(assignment, &key, &operation, &value, ret_error);
        if (r < 0)
                return r;
        if (operation != REPLACE) {
                *ret_error = operation == REMOVE ? "empty value" : "not NAME=VALUE";
                return -EINVAL;
        }
        return asprintf(ret, "%s%s=%s\n", text, key, value) < 0 ? -ENOMEM : 0;
}

/* The offset behind the line at offset. */
static size_t line_end(const char *text, size_t size, size_t offset) {
        const char *newline = memchr(text + offset, '\n', size - offset);

        return newline ? (size_t) (newline - text) + 1 : size;
}

static bool line_has_key(const char *line, size_t size, const char *key) {
        size_t n = strlen(key);

        while (size > 0 && is_blank(*line)) {
                line++;
                size--;
        }
        if (size <= n || memcmp(line, key, n) != 0)
                return false;
        while (n < size && is_blank(line[n]))
                n++;
        return n < size && line[n] == '=';
}

int definition_edit(const char *text, size_t size, const char *assignment, char **ret, const char **ret_error) {
        _cleanup_free_ char *key = NULL, *edited = NULL;
        size_t place = SIZE_MAX, edited_size;
        const char *value;
        Operation operation;
        FILE *f;
        int r;

        r = parse_assignment(assignment, &key, &operation, &value, ret_error);
        if (r < 0)
                return r;

        /* the new line goes in place of the first of its key, or behind the last, or to the end */
        for (size_t i = 0; i < size && operation != REMOVE; i = line_end(text, size, i))
                if (line_has_key(text + i, line_end(text, size, i) - i, key)) {
                        if (operation == APPEND)
                                place = line_end(text, size, i);
                        else if (place == SIZE_MAX)
                                place = i;
                }

        f = open_memstream(&edited, &edited_size);
        if (!f)
                return -ENOMEM;
        for (size_t i = 0, end; i < size; i = end) {
                end = line_end(text, size, i);
                if (i == place)
                        fprintf(f, "%s=%s\n", key, value);
                if (operation == APPEND || !line_has_key(text + i, end - i, key))
                        fwrite(text + i, 1, end - i, f);
        }
        if (operation != REMOVE && (place == SIZE_MAX || place == size)) {
                if (size > 0 && text[size - 1] != '\n')
                        fputc('\n', f);
                fprintf(f, "%s=%s\n", key, value);
        }
        if (fclose(f) != 0 || !edited)
                return -ENOMEM;
        *ret = STEAL_PTR(edited);
        return 0;
}
