/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/definition.h"

#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"

/* What one write(2) to sysfs can carry: PAGE_SIZE (fs/sysfs/file.c). */
#define VALUE_SIZE_MAX 4096U

Definition *definition_new(void) {
        Definition *d = calloc(1, sizeof(*d));

        if (d)
                d->wait = d->node_mode = -1;
        return d;
}

Definition *definition_new_device(const char *uuid, const char *parent, const char *type) {
        _cleanup_(definition_freep) Definition *d = definition_new();

        if (!d || !(d->parent = strdup(parent)) || !(d->type = strdup(type)))
                return NULL;
        strcpy(d->uuid, uuid);
        return STEAL_PTR(d);
}

Definition *definition_free(Definition *d) {
        if (!d)
                return NULL;
        for (size_t i = 0; i < ELEMENTSOF(d->strings); i++)
                free(d->strings[i]);
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
        /* reading a file drops blanks around a value */
        return name[0] != ' ' && name[n - 1] != ' ' && !text_error(name, n, "");
}

bool definition_attribute_is_valid(const char *name) {
        /* from drivers/base and drivers/vfio/mdev: they manage the device, and do not configure it */
        static const char *const managed[] = { "remove",    "uevent",      "driver", "driver_override",
                                               "subsystem", "iommu_group", "power",  "mdev_type" };
        const char *rest = name;

        /* the first '=' ends a key */
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

bool definition_same_owner(const Definition *a, const Definition *b) {
        return same_string(a->node_user, b->node_user) && same_string(a->node_group, b->node_group) &&
               a->node_mode == b->node_mode;
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
