/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* list, types: mdevctl's two forms of output, to the byte. */
#include "mdevctl.h"

#include <json-c/json.h>
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

static int compare_parent_and_uuid(const void *a, const void *b) {
        const Definition *x = *(Definition *const *) a, *y = *(Definition *const *) b;
        int r = strcmp(x->parent, y->parent);

        return r != 0 ? r : strcmp(x->uuid, y->uuid);
}

static const Definition *find_same_device(const DefinitionList *list, const Definition *d) {
        for (size_t i = 0; i < list->n; i++)
                if (compare_parent_and_uuid(&list->items[i], &d) == 0)
                        return list->items[i];
        return NULL;
}

/* Adds a live device, with the attributes that a script can read from it. */
static int add_live_device(DefinitionList *list, const char *uuid, const LiveDevice *live,
                           const DefinitionList *defined) {
        _cleanup_(definition_freep) Definition *d = definition_new_device(uuid, live->parent, live->type),
                                               *plain = definition_new_device(uuid, live->parent, live->type);
        const Definition *definition;
        Definition **items;

        if (!d || !plain)
                return -ENOMEM;
        definition = find_same_device(defined, d);
        d->start_auto = plain->start_auto = definition && definition->start_auto;
        items = reallocarray(list->items, list->n + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        list->items = items;
        items[list->n++] = callout_get_attributes(&callout_hooks, d, NULL) < 0 ? STEAL_PTR(plain) : STEAL_PTR(d);
        return 0;
}

static int list_live_devices(const Options *o, const DefinitionList *defined, DefinitionList *ret) {
        _cleanup_(string_list_done) StringList names = {};
        LiveDevice live;
        int r;

        r = sysfs_list_devices(&names);
        if (r < 0)
                return r;
        for (size_t i = 0; i < names.n; i++) {
                if (!uuid_is_canonical(names.names[i])) {
                        report_warning("Can't determine uuid for file '%s'", names.names[i]);
                        continue;
                }
                if ((o->given & OPTION_UUID) && strcmp(o->uuid, names.names[i]) != 0)
                        continue;
                /* one that vanishes meanwhile is no error */
                if (!read_live_device(names.names[i], &live) || (o->parent && strcmp(o->parent, live.parent) != 0))
                        continue;
                r = add_live_device(ret, names.names[i], &live, defined);
                if (r < 0)
                        return r;
        }
        if (ret->n > 0)
                qsort(ret->items, ret->n, sizeof(*ret->items), compare_parent_and_uuid);
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

static void print_list(const DefinitionList *list, const DefinitionList *defined, bool verbose) {
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
                        puts(find_same_device(defined, d) ? " (defined)" : "");
                if (verbose && d->n_attributes > 0)
                        print_attributes(stdout, d);
        }
        putchar('\n');
}

static int print_json(json_object *root) {
        const char *text = root ? json_text(root) : NULL;

        if (!text)
                return report_no_memory();
        puts(text);
        return STATUS_DONE;
}

/* An array of one object, which has for each parent an array of its devices: objects with the UUID as only member. */
static json_object *list_to_json(const DefinitionList *list) {
        _cleanup_(json_freep) json_object *root = json_object_new_array();
        json_object *parents = NULL, *devices = NULL;

        for (size_t i = 0; i < list->n; i++) {
                const Definition *d = list->items[i];

                if (i == 0)
                        parents = mdevctl_json_add(root, NULL, json_object_new_object());
                if (i == 0 || strcmp(list->items[i - 1]->parent, d->parent) != 0)
                        devices = mdevctl_json_add(parents, d->parent, json_object_new_array());
                if (!mdevctl_json_add(mdevctl_json_add(devices, NULL, json_object_new_object()), d->uuid,
                                      mdevctl_to_json(d, d->start_auto)))
                        return NULL;
        }
        return STEAL_PTR(root);
}

static int print_list_as_json(const DefinitionList *list, bool by_uuid) {
        bool only = list->n == 1 && by_uuid;
        _cleanup_(json_freep) json_object *root =
                only ? mdevctl_to_json(list->items[0], list->items[0]->start_auto) : list_to_json(list);

        return print_json(root);
}

/* Lists what is defined or what is live; for the latter, definitions are only looked up. */
int command_list(const Options *o) {
        _cleanup_(definition_list_done) DefinitionList defined = {}, live = {};
        const char *uuid = o->given & OPTION_UUID ? o->uuid : NULL;
        const DefinitionList *list = o->given & OPTION_DEFINED ? &defined : &live;

        if (list == &defined) {
                if (list_definitions(uuid, o->parent, &defined) < 0)
                        return report_no_memory();
                drop_invalid(&defined);
        } else if (store_list_mdevctl(uuid, o->parent, &defined, NULL) == -ENOMEM ||
                   list_live_devices(o, &defined, &live) == -ENOMEM)
                return report_no_memory();
        if (o->given & OPTION_DUMPJSON)
                return print_list_as_json(list, uuid);
        print_list(list, &defined, o->given & OPTION_VERBOSE);
        return STATUS_DONE;
}

/* ---- types ----------------------------------------------------------------------------------------------------- */

static const struct {
        const char *name, *label; /* the name in sysfs and in JSON */
} type_texts[] = {
        { SYSFS_TYPE_AVAILABLE, "Available instances" }, /* a number */
        { SYSFS_TYPE_API, "Device API" },
        { SYSFS_TYPE_NAME, "Name" },
        { SYSFS_TYPE_DESCRIPTION, "Description" },
};

/* The text without blanks around it, line breaks as ", "; empty if there is none. */
static json_object *read_type_text(int dirfd, const char *name) {
        char text[4097], out[2 * sizeof(text)], *begin = text, *p = out;
        size_t n;

        if (sysfs_read(dirfd, name, text, sizeof(text)) < 0)
                text[0] = '\0';
        begin += strspn(begin, " \t\r\n");
        for (n = strlen(begin); n > 0 && strchr(" \t\r\n", begin[n - 1]); n--)
                begin[n - 1] = '\0';
        for (; *begin; begin++)
                p = stpcpy(p, *begin == '\n' ? ", " : (char[]) { *begin, '\0' });
        *p = '\0';
        return json_object_new_string(out);
}

/* Adds an object with one member, the type. Returns 0, also if it has disappeared or is incomplete; or -ENOMEM. */
static int add_type(json_object *types, const char *parent, const char *name) {
        _cleanup_close_ int fd = sysfs_open_type(parent, name);
        json_object *members, *text;
        char available[32], *end;
        long n;

        if (fd < 0 || sysfs_read(fd, SYSFS_TYPE_AVAILABLE, available, sizeof(available)) < 0)
                return 0;
        errno = 0;
        n = strtol(available, &end, 10);
        if (errno != 0 || end == available)
                return 0;
        members = mdevctl_json_add(mdevctl_json_add(types, NULL, json_object_new_object()), name,
                                   json_object_new_object());
        if (!mdevctl_json_add(members, SYSFS_TYPE_AVAILABLE, json_object_new_int64(n)))
                return -ENOMEM;
        for (size_t i = 1; i < ELEMENTSOF(type_texts); i++) {
                text = read_type_text(fd, type_texts[i].name);
                /* the API is always printed */
                if (text && i > 1 && json_object_get_string_len(text) == 0)
                        json_object_put(text);
                else if (!mdevctl_json_add(members, type_texts[i].name, text))
                        return -ENOMEM;
        }
        return 0;
}

/* As list_to_json(), of the types of one parent or of all. */
static json_object *types_to_json(const char *only_parent) {
        _cleanup_(json_freep) json_object *root = json_object_new_array();
        _cleanup_(string_list_done) StringList names = {};
        json_object *parents = NULL, *types;

        (void) !sysfs_list_parents(&names);
        for (size_t i = 0; i < names.n; i++) {
                _cleanup_close_ int fd = sysfs_open_parent(names.names[i]);
                _cleanup_(string_list_done) StringList type_names = {};

                if (fd < 0 || (only_parent && strcmp(only_parent, names.names[i]) != 0))
                        continue;
                if (!parents)
                        parents = mdevctl_json_add(root, NULL, json_object_new_object());
                types = mdevctl_json_add(parents, names.names[i], json_object_new_array());
                if (!types)
                        return NULL;
                (void) !sysfs_list_types(names.names[i], &type_names);
                for (size_t k = 0; k < type_names.n; k++)
                        if (add_type(types, names.names[i], type_names.names[k]) < 0)
                                return NULL;
        }
        return STEAL_PTR(root);
}

static void print_line(const char *before, const char *text) {
        fputs(before, stdout);
        text_print(stdout, text);
        putchar('\n');
}

static void print_type(const char *name, json_object *members) {
        json_object *value;

        print_line("  ", name);
        for (size_t i = 0; i < ELEMENTSOF(type_texts); i++)
                if (json_object_object_get_ex(members, type_texts[i].name, &value)) {
                        printf("    %s", type_texts[i].label);
                        print_line(": ", json_object_get_string(value));
                }
}

static void print_types(json_object *parents) {
        json_object_object_foreach(parents, parent, types) {
                print_line("", parent);
                for (size_t i = 0; i < json_object_array_length(types); i++) {
                        json_object_object_foreach(json_object_array_get_idx(types, i), name, members) {
                                print_type(name, members);
                        }
                }
        }
}

int command_types(const Options *o) {
        _cleanup_(json_freep) json_object *root = types_to_json(o->parent);

        if (!root || o->given & OPTION_DUMPJSON)
                return print_json(root);
        if (json_object_array_length(root) > 0)
                print_types(json_object_array_get_idx(root, 0));
        putchar('\n');
        return STATUS_DONE;
}
