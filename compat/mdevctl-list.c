/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* list, types: mdevctl's two forms of output, to the byte. */
#include "commands.h"

#include <string.h>

#include "definition/mdevctl-json.h"
#include "kernel/sysfs.h"
#include "base/text.h"

void print_attributes(FILE *f, const Definition *d) {
        fputs("  Attrs:\n", f);
        for (size_t i = 0; i < d->n_attributes; i++) {
                fprintf(f, "    @{%zu}: {\"", i);
                text_print(f, d->attributes[i].name);
                fputs("\":\"", f);
                text_print(f, d->attributes[i].value);
                fputs("\"}\n", f);
        }
}

/* ---- list ---------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
        const Definition *x = *(Definition *const *) a, *y = *(Definition *const *) b;
        int r = strcmp(x->parent, y->parent);

        return r != 0 ? r : strcmp(x->uuid, y->uuid);
}

static const Definition *search(const DefinitionList *list, const Definition *d) {
        for (size_t i = 0; i < list->n; i++)
                if (strcmp(list->items[i]->uuid, d->uuid) == 0 && strcmp(list->items[i]->parent, d->parent) == 0)
                        return list->items[i];
        return NULL;
}

/* A live device in the place of its definition; with the attributes that a script can read from it. */
static int add_live(DefinitionList *list, const char *uuid, const Live *live, const DefinitionList *defined) {
        _cleanup_(definition_freep) Definition *d = definition_new(), *plain = definition_new();
        const Definition *definition;
        Definition **items;

        if (!d || !plain)
                return -ENOMEM;
        for (Definition *p = d; p; p = p == d ? plain : NULL) {
                strcpy(p->uuid, uuid);
                p->parent = strdup(live->parent);
                p->type = strdup(live->type);
                if (!p->parent || !p->type)
                        return -ENOMEM;
        }
        definition = search(defined, d);
        d->start_auto = plain->start_auto = definition && definition->start_auto;
        items = reallocarray(list->items, list->n + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        list->items = items;
        items[list->n++] = callout_get_attributes(&callout_hooks, d, NULL) < 0 ? STEAL_PTR(plain) : STEAL_PTR(d);
        return 0;
}

static int list_live(const Options *o, const DefinitionList *defined, DefinitionList *ret) {
        _cleanup_(string_list_done) StringList names = {};
        Live live;
        int r;

        r = sysfs_list_devices(&names);
        if (r < 0)
                return r;
        for (size_t i = 0; i < names.n; i++) {
                if (!uuid_is_canonical(names.names[i])) {
                        warn("Can't determine uuid for file '%s'", names.names[i]);
                        continue;
                }
                if ((o->given & OPTION_UUID) && strcmp(o->uuid, names.names[i]) != 0)
                        continue;
                /* one that vanishes meanwhile is no error */
                if (!find_live(names.names[i], &live) || (o->parent && strcmp(o->parent, live.parent) != 0))
                        continue;
                r = add_live(ret, names.names[i], &live, defined);
                if (r < 0)
                        return r;
        }
        if (ret->n > 0)
                qsort(ret->items, ret->n, sizeof(*ret->items), compare);
        return 0;
}

/* Only what is valid can be listed. */
static void drop_invalid(DefinitionList *list) {
        size_t kept = 0;

        for (size_t i = 0; i < list->n; i++)
                if (list->items[i]->invalid)
                        definition_free(list->items[i]);
                else
                        list->items[kept++] = list->items[i];
        list->n = kept;
}

static bool is_live(const Definition *d) {
        Live live;

        return find_live(d->uuid, &live) && strcmp(live.parent, d->parent) == 0 && strcmp(live.type, d->type) == 0;
}

static void print_text(const DefinitionList *list, const DefinitionList *defined, bool verbose) {
        for (size_t i = 0; i < list->n; i++) {
                const Definition *d = list->items[i];

                printf("%s ", d->uuid);
                text_print(stdout, d->parent);
                putchar(' ');
                text_print(stdout, d->type);
                printf(" %s", d->start_auto ? "auto" : "manual");
                if (list == defined)
                        puts(is_live(d) ? " (active)" : "");
                else
                        puts(search(defined, d) ? " (defined)" : "");
                if (verbose && d->n_attributes > 0)
                        print_attributes(stdout, d);
        }
}

/* One object of parents; within each, one object for each device. */
static void print_json(const DefinitionList *list) {
        const char *parent = NULL;

        fputs("[\n  {", stdout);
        for (size_t i = 0; i < list->n; i++) {
                const Definition *d = list->items[i];
                bool same = parent && strcmp(parent, d->parent) == 0;

                if (parent)
                        fputs(same ? "," : "\n    ],", stdout);
                if (!same) {
                        fputs("\n    ", stdout);
                        mdevctl_write_string(stdout, d->parent);
                        fputs(": [", stdout);
                }
                printf("\n      {\n        \"%s\": ", d->uuid);
                mdevctl_write(stdout, d, d->start_auto, 8);
                fputs("\n      }", stdout);
                parent = d->parent;
        }
        fputs("\n    ]\n  }\n]", stdout);
}

static void print_list(const Options *o, const DefinitionList *list, const DefinitionList *defined) {
        if (!(o->given & OPTION_DUMPJSON))
                print_text(list, defined, o->given & OPTION_VERBOSE);
        else if (list->n == 0)
                fputs("[]", stdout);
        else if (list->n == 1 && (o->given & OPTION_UUID))
                mdevctl_write(stdout, list->items[0], list->items[0]->start_auto, 0);
        else
                print_json(list);
        putchar('\n');
}

int command_list(const Options *o) {
        _cleanup_(definition_list_done) DefinitionList defined = {}, live = {};

        if (o->given & OPTION_DEFINED) {
                if (find_defined(o->given & OPTION_UUID ? o->uuid : NULL, o->parent, &defined) < 0)
                        return fail(NULL, "out of memory");
                drop_invalid(&defined);
                print_list(o, &defined, &defined);
                return STATUS_DONE;
        }
        /* only for "auto" and "(defined)" */
        if (store_list_mdevctl(o->given & OPTION_UUID ? o->uuid : NULL, o->parent, &defined, NULL) == -ENOMEM ||
            list_live(o, &defined, &live) == -ENOMEM)
                return fail(NULL, "out of memory");
        print_list(o, &live, &defined);
        return STATUS_DONE;
}

/* ---- types --------------------------------------------------------------------------------------------------- */

typedef struct Type {
        const char *name;
        long available;
        char *api, *label, *description;
} Type;

static void type_done(Type *t) {
        free(t->api);
        free(t->label);
        free(t->description);
        *t = (Type) {};
}

/* A text without the blanks around it, line breaks as ", "; empty if there is none. */
static char *read_text(int dirfd, const char *name) {
        char text[4097], *begin = text, *out = NULL;
        size_t n, size;
        FILE *f;

        if (sysfs_read(dirfd, name, text, sizeof(text)) < 0)
                return strdup("");
        begin += strspn(begin, " \t\r\n");
        for (n = strlen(begin); n > 0 && strchr(" \t\r\n", begin[n - 1]);)
                begin[--n] = '\0';
        f = open_memstream(&out, &size);
        if (!f)
                return NULL;
        for (; *begin; begin++)
                if (*begin == '\n')
                        fputs(", ", f);
                else
                        fputc(*begin, f);
        if (fclose(f) != 0) {
                free(out);
                return NULL;
        }
        return out;
}

/* Returns 0; -ENODEV if it has gone, or is not whole; or -ENOMEM. */
static int read_type(const char *parent, const char *name, Type *t) {
        _cleanup_close_ int fd = sysfs_open_type(parent, name);
        char available[32], *end;

        if (fd < 0)
                return -ENODEV;
        t->name = name;
        if (sysfs_read(fd, SYSFS_TYPE_AVAILABLE, available, sizeof(available)) < 0)
                return -ENODEV;
        errno = 0;
        t->available = strtol(available, &end, 10);
        if (errno != 0 || end == available)
                return -ENODEV;
        t->api = read_text(fd, SYSFS_TYPE_API);
        t->label = read_text(fd, SYSFS_TYPE_NAME);
        t->description = read_text(fd, SYSFS_TYPE_DESCRIPTION);
        return t->api && t->label && t->description ? 0 : -ENOMEM;
}

static void print_line(const char *before, const char *text) {
        fputs(before, stdout);
        text_print(stdout, text);
        putchar('\n');
}

static void print_type_text(const Type *t) {
        print_line("  ", t->name);
        printf("    Available instances: %ld\n", t->available);
        print_line("    Device API: ", t->api);
        if (t->label[0])
                print_line("    Name: ", t->label);
        if (t->description[0])
                print_line("    Description: ", t->description);
}

static void print_member(const char *name, const char *value) {
        printf(",\n          \"%s\": ", name);
        mdevctl_write_string(stdout, value);
}

static void print_type_json(const Type *t) {
        fputs("\n      {\n        ", stdout);
        mdevctl_write_string(stdout, t->name);
        printf(": {\n          \"available_instances\": %ld", t->available);
        print_member("device_api", t->api);
        if (t->label[0])
                print_member("name", t->label);
        if (t->description[0])
                print_member("description", t->description);
        fputs("\n        }\n      }", stdout);
}

static int print_types(const char *parent, bool json) {
        _cleanup_(string_list_done) StringList names = {};
        bool any = false;

        if (sysfs_list_types(parent, &names) < 0)
                names.n = 0;
        for (size_t i = 0; i < names.n; i++) {
                _cleanup_(type_done) Type t = {};
                int r = read_type(parent, names.names[i], &t);

                if (r == -ENOMEM)
                        return r;
                /* its parent was unregistered meanwhile */
                if (r < 0)
                        continue;
                if (json) {
                        fputs(any ? "," : "", stdout);
                        print_type_json(&t);
                } else
                        print_type_text(&t);
                any = true;
        }
        if (json)
                fputs(any ? "\n    ]" : "]", stdout);
        return 0;
}

int command_types(const Options *o) {
        _cleanup_(string_list_done) StringList parents = {};
        bool json = o->given & OPTION_DUMPJSON, any = false;

        if (sysfs_list_parents(&parents) < 0)
                parents.n = 0;
        for (size_t i = 0; i < parents.n; i++) {
                _cleanup_close_ int fd = sysfs_open_parent(parents.names[i]);

                if (fd < 0 || (o->parent && strcmp(o->parent, parents.names[i]) != 0))
                        continue;
                if (json) {
                        fputs(any ? ",\n    " : "[\n  {\n    ", stdout);
                        mdevctl_write_string(stdout, parents.names[i]);
                        fputs(": [", stdout);
                } else
                        print_line("", parents.names[i]);
                any = true;
                if (print_types(parents.names[i], json) < 0)
                        return fail(NULL, "out of memory");
        }
        if (json)
                fputs(any ? "\n  }\n]" : "[]", stdout);
        putchar('\n');
        return STATUS_DONE;
}
