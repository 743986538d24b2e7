/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Shows devices, types and parents, and checks definitions. Changes nothing. */

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "defaults.h"
#include "device.h"
#include "file.h"
#include "inventory.h"
#include "keyvalue.h"
#include "output.h"
#include "program.h"

typedef enum Format { FORMAT_TABLE, FORMAT_JSON, FORMAT_EXPORT, FORMAT_TREE } Format;

static enum { SHOW_DEVICES, SHOW_TYPES, SHOW_PARENTS, SHOW_VERIFY } arg_show = SHOW_DEVICES;
static Format arg_format = FORMAT_TABLE;
static const char *arg_parent = NULL, *arg_type = NULL, *arg_mode = NULL, *arg_state = NULL;

static int help(void) {
        const char *p = program_invocation_short_name;

        printf("Usage: %s [OPTION]... [UUID]...\n"
               "       %s --types [PARENT] | --parents\n"
               "       %s --verify [FILE]...\n"
               "Show mediated devices, live and defined; what can be made here; check definitions.\n\n"
               "  --parent=NAME  --type=NAME   only devices of this parent, of this type\n"
               "  --mode=MODE                  transient, saved, persistent or unmanaged\n"
               "  --state=STATE                active, inactive, failed or invalid\n"
               "  --types                      the types that parents offer, and what is left of them\n"
               "  --parents                    the parents that are registered\n"
               "  --verify                     check definitions (all, or FILEs), exit status 18 if\n"
               "                               one is invalid\n"
               "  --json                       one array of objects\n"
               "  --export                     KEY=value lines\n"
               "  --tree                       parent, type, device\n"
               "  --help, --version\n\n"
               "Exit status: 0 done, 10 no such device or definition, 11 no such parent;\n"
               "all in mdev-query(8).\n",
               p, p, p);
        return 0;
}

static bool is_state(const char *s) {
        return strcmp(s, "active") == 0 || strcmp(s, "inactive") == 0 || strcmp(s, "failed") == 0 ||
                strcmp(s, "invalid") == 0;
}

static int parse_argv(int argc, char *argv[]) {
        enum { ARG_PARENT = 256, ARG_TYPE, ARG_MODE, ARG_STATE, ARG_VERSION };
        static int show, format;
        static const struct option options[] = {
                { "parent", required_argument, NULL, ARG_PARENT },
                { "type", required_argument, NULL, ARG_TYPE },
                { "mode", required_argument, NULL, ARG_MODE },
                { "state", required_argument, NULL, ARG_STATE },
                { "types", no_argument, &show, SHOW_TYPES },
                { "parents", no_argument, &show, SHOW_PARENTS },
                { "verify", no_argument, &show, SHOW_VERIFY },
                { "json", no_argument, &format, FORMAT_JSON },
                { "export", no_argument, &format, FORMAT_EXPORT },
                { "tree", no_argument, &format, FORMAT_TREE },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, ARG_VERSION },
                {},
        };
        int c;

        while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0)
                switch (c) {
                case 0:
                        break;
                case ARG_PARENT:
                        arg_parent = optarg;
                        break;
                case ARG_TYPE:
                        arg_type = optarg;
                        break;
                case ARG_MODE:
                        arg_mode = optarg;
                        break;
                case ARG_STATE:
                        arg_state = optarg;
                        break;
                case 'h':
                        return help();
                case ARG_VERSION:
                        return program_version();
                default:
                        return -EINVAL;
                }
        arg_show = show;
        arg_format = (Format) format;
        if (arg_mode && mode_from_string(arg_mode) == _MODE_INVALID) {
                program_error(NULL, "--mode is transient, saved, persistent or unmanaged, not '%s'", arg_mode);
                return -EINVAL;
        }
        if (arg_state && !is_state(arg_state)) {
                program_error(NULL, "--state is active, inactive, failed or invalid, not '%s'", arg_state);
                return -EINVAL;
        }
        return 1;
}

static void print_rows(json_object *rows, const char *prefix, const char *const *columns) {
        if (arg_format == FORMAT_JSON)
                output_json(rows);
        else if (arg_format == FORMAT_EXPORT)
                output_export(rows, prefix);
        else
                output_table(rows, columns);
}

static json_object *attributes_to_json(const Definition *d) {
        json_object *array = json_object_new_array();

        for (size_t i = 0; d && i < d->n_attributes; i++) {
                json_object *o = json_object_new_object();

                output_set_string(o, "name", d->attributes[i].name);
                output_set_string(o, "value", d->attributes[i].value);
                json_object_array_add(array, o);
        }
        return array;
}

static json_object *users_to_json(const DeviceRow *row, const HolderList *holders) {
        json_object *array = json_object_new_array();

        for (size_t i = 0; row->live && i < holders->n; i++) {
                const HolderList one = { .items = &holders->items[i], .n = 1 };
                json_object *o;

                if (!holder_search(&one, row->group, row->vfio[0] ? row->vfio : NULL))
                        continue;
                o = json_object_new_object();
                output_set_string(o, "comm", holders->items[i].comm);
                json_object_object_add(o, "pid", json_object_new_int(holders->items[i].pid));
                json_object_array_add(array, o);
        }
        return array;
}

static json_object *device_to_json(const DeviceRow *row, const HolderList *holders) {
        json_object *o = json_object_new_object();
        char text[64];

        output_set_string(o, "uuid", row->uuid);
        output_set_string(o, "parent", row->parent);
        output_set_string(o, "parent_path", row->parent_path);
        output_set_string(o, "type", row->type);
        output_set_string(o, "type_name", row->type_name);
        output_set_string(o, "device_api", row->device_api);
        output_set_string(o, "mode", mode_to_string(row->mode));
        output_set_string(o, "state", inventory_state(row));
        output_set_string(o, "start", row->start);
        (void) snprintf(text, sizeof(text), "mdev@%s.service", row->uuid);
        output_set_string(o, "unit", text);
        output_set_string(o, "unit_state", row->unit_state);
        json_object_object_add(o, "iommu_group", row->group >= 0 ? json_object_new_int(row->group) : NULL);
        (void) snprintf(text, sizeof(text), "/dev/vfio/%d", row->group);
        output_set_string(o, "vfio_node", row->group >= 0 ? text : NULL);
        json_object_object_add(o, "in_use_by", users_to_json(row, holders));
        output_set_string(o, "definition", row->definition ? row->definition->path : NULL);
        json_object_object_add(o, "attributes", attributes_to_json(row->definition));
        return o;
}

static bool is_wanted(const DeviceRow *row, char *uuids[]) {
        if ((arg_parent && strcmp(arg_parent, row->parent) != 0) || (arg_type && strcmp(arg_type, row->type) != 0) ||
            (arg_mode && strcmp(arg_mode, mode_to_string(row->mode)) != 0) ||
            (arg_state && strcmp(arg_state, inventory_state(row)) != 0))
                return false;
        for (size_t i = 0; uuids[i]; i++)
                if (strcmp(uuids[i], row->uuid) == 0)
                        return true;
        return !uuids[0];
}

/* Every UUID that was asked for has to be there. */
static int check_uuids(const Inventory *inventory, char *uuids[]) {
        int status = STATUS_DONE;

        for (size_t i = 0; uuids[i]; i++) {
                bool found = false;

                for (size_t j = 0; j < inventory->n && !found; j++)
                        found = strcmp(inventory->rows[j].uuid, uuids[i]) == 0;
                if (!found) {
                        program_error(uuids[i], "no such device or definition");
                        status = STATUS_NOT_FOUND;
                }
        }
        return status;
}

static void print_tree(const Inventory *inventory, char *uuids[]) {
        const DeviceRow *last = NULL;

        for (size_t i = 0; i < inventory->n; i++) {
                const DeviceRow *row = &inventory->rows[i];

                if (!is_wanted(row, uuids))
                        continue;
                if (!last || strcmp(last->parent, row->parent) != 0)
                        printf("%s\n", row->parent[0] ? row->parent : "-");
                if (!last || strcmp(last->parent, row->parent) != 0 || strcmp(last->type, row->type) != 0)
                        printf("  %s%s%s%s\n", row->type[0] ? row->type : "-", row->type_name ? " (" : "",
                               row->type_name ? row->type_name : "", row->type_name ? ")" : "");
                printf("    %s %s %s\n", row->uuid, mode_to_string(row->mode), inventory_state(row));
                last = row;
        }
}

static int show_devices(char *uuids[]) {
        static const char *const columns[] = { "uuid", "parent", "type", "mode", "state", NULL };
        _cleanup_(inventory_done) Inventory inventory = {};
        _cleanup_(holder_list_done) HolderList holders = {};
        json_object *rows;
        Failure f = {};
        int status = STATUS_DONE, r;

        for (size_t i = 0; uuids[i]; i++)
                if (uuid_parse(uuids[i], uuids[i]) < 0) {
                        program_error(uuids[i], "not a UUID (8-4-4-4-12 hex digits)");
                        return STATUS_USAGE;
                }
        r = inventory_load(&inventory, &f);
        if (r < 0)
                status = program_fail(NULL, &f);
        for (size_t i = 0; i < inventory.definitions.n; i++)
                program_notes(inventory.definitions.items[i], true);
        r = check_uuids(&inventory, uuids);
        if (r != STATUS_DONE)
                status = r;
        if (arg_format == FORMAT_TREE) {
                print_tree(&inventory, uuids);
                return status;
        }
        /* who uses what takes a walk over all processes; the table does not show it */
        if (arg_format != FORMAT_TABLE)
                (void) !holder_list(&holders);
        rows = json_object_new_array();
        for (size_t i = 0; i < inventory.n; i++)
                if (is_wanted(&inventory.rows[i], uuids))
                        json_object_array_add(rows, device_to_json(&inventory.rows[i], &holders));
        print_rows(rows, "MDEV", columns);
        json_object_put(rows);
        return status;
}

/* One type of one parent, or NULL if it vanished. */
static json_object *type_to_json(const char *parent, const char *type) {
        static const char *const texts[][2] = { { "name", SYSFS_TYPE_NAME },
                                                { "device_api", SYSFS_TYPE_API },
                                                { "description", SYSFS_TYPE_DESCRIPTION } };
        _cleanup_(name_list_done) NameList devices = {};
        _cleanup_close_ int fd = sysfs_open_type(parent, type);
        json_object *o, *array;
        char text[PATH_MAX];
        Failure why = {};
        long available;

        if (fd < 0 || sysfs_list_type_devices(fd, &devices) < 0 ||
            sysfs_read(fd, SYSFS_TYPE_AVAILABLE, text, sizeof(text)) < 0)
                return NULL;
        available = strtol(text, NULL, 10);
        o = json_object_new_object();
        output_set_string(o, "parent", parent);
        output_set_string(o, "type", type);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                output_set_string(o, texts[i][0], sysfs_read(fd, texts[i][1], text, sizeof(text)) < 0 ? NULL : text);
        json_object_object_add(o, "available", json_object_new_int64(available));
        json_object_object_add(o, "used", json_object_new_int64((int64_t) devices.n));
        array = json_object_new_array();
        for (size_t i = 0; i < devices.n; i++)
                json_object_array_add(array, json_object_new_string(devices.names[i]));
        json_object_object_add(o, "devices", array);
        if (available == 0)
                device_explain_full(parent, type, &why);
        output_set_string(o, "why_none", why.text[0] ? why.text + strlen(": ") : NULL);
        return o;
}

static int show_types(const char *parent) {
        static const char *const columns[] = { "parent", "type", "available", "used", "name", "why_none", NULL };
        _cleanup_(name_list_done) NameList parents = {};
        json_object *rows = json_object_new_array();
        bool found = !parent;

        (void) !sysfs_list_parents(&parents);
        for (size_t i = 0; i < parents.n; i++) {
                _cleanup_(name_list_done) NameList types = {};

                if (parent && strcmp(parent, parents.names[i]) != 0)
                        continue;
                found = true;
                (void) !sysfs_list_types(parents.names[i], &types);
                for (size_t j = 0; j < types.n; j++) {
                        json_object *o = type_to_json(parents.names[i], types.names[j]);

                        if (o)
                                json_object_array_add(rows, o);
                }
        }
        print_rows(rows, "MDEV", columns);
        json_object_put(rows);
        if (!found) {
                program_error(parent, "no parent " SYSFS_PARENT_FORMAT " is registered (--parents lists them)", parent);
                return STATUS_NO_PARENT;
        }
        return STATUS_DONE;
}

static int show_parents(void) {
        static const char *const columns[] = { "parent", "driver", "types", "devices", "path", NULL };
        _cleanup_(name_list_done) NameList parents = {};
        json_object *rows = json_object_new_array();

        (void) !sysfs_list_parents(&parents);
        for (size_t i = 0; i < parents.n; i++) {
                _cleanup_close_ int fd = sysfs_open_parent(parents.names[i]);
                _cleanup_(name_list_done) NameList types = {};
                char path[PATH_MAX], driver[256];
                size_t n_devices = 0;
                json_object *o;

                if (fd < 0 || sysfs_list_types(parents.names[i], &types) < 0 ||
                    sysfs_parent_path(parents.names[i], path, sizeof(path)) < 0)
                        continue;
                for (size_t j = 0; j < types.n; j++) {
                        _cleanup_(name_list_done) NameList devices = {};
                        _cleanup_close_ int type = sysfs_open_type(parents.names[i], types.names[j]);

                        if (type >= 0 && sysfs_list_type_devices(type, &devices) >= 0)
                                n_devices += devices.n;
                }
                o = json_object_new_object();
                output_set_string(o, "parent", parents.names[i]);
                output_set_string(o, "path", path);
                output_set_string(o, "driver", sysfs_read_link(fd, SYSFS_DRIVER, driver, sizeof(driver)) < 0 ? NULL : driver);
                json_object_object_add(o, "types", json_object_new_int64((int64_t) types.n));
                json_object_object_add(o, "devices", json_object_new_int64((int64_t) n_devices));
                json_object_array_add(rows, o);
        }
        print_rows(rows, "MDEV", columns);
        json_object_put(rows);
        return STATUS_DONE;
}

static int verify_file(const char *path) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (!d || !(d->path = strdup(path)))
                return STATUS_FAILURE;
        r = file_read_at(AT_FDCWD, path, KEYVALUE_SIZE_MAX, &text, &size);
        if (r < 0) {
                program_error(path, "%s", file_reason(r));
                return r == -ENOENT ? STATUS_NOT_FOUND : STATUS_INVALID;
        }
        r = definition_parse(d, text, size);
        program_notes(d, true);
        return r < 0 ? STATUS_INVALID : STATUS_DONE;
}

static int verify(char *files[]) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        Defaults defaults;
        int status = STATUS_DONE;
        Failure f = {};

        for (size_t i = 0; files[i]; i++) {
                int r = verify_file(files[i]);
                if (r != STATUS_DONE)
                        status = r;
        }
        if (files[0])
                return status;
        if (defaults_load(&defaults) >= 0) {
                program_notes(defaults.notes, true);
                defaults_done(&defaults);
        }
        if (store_list(&list, &f) < 0)
                status = program_fail(NULL, &f);
        for (size_t i = 0; i < list.n; i++) {
                program_notes(list.items[i], true);
                if (list.items[i]->invalid)
                        status = STATUS_INVALID;
        }
        return status;
}

int main(int argc, char *argv[]) {
        int r;

        r = parse_argv(argc, argv);
        if (r <= 0)
                return r < 0 ? STATUS_USAGE : program_end(STATUS_DONE);
        argv += optind;
        argc -= optind;
        if ((arg_show == SHOW_PARENTS && argc > 0) || (arg_show == SHOW_TYPES && argc > 1)) {
                program_error(NULL, "too many arguments (--help)");
                return STATUS_USAGE;
        }
        switch (arg_show) {
        case SHOW_TYPES:
                r = show_types(argc > 0 ? argv[0] : arg_parent);
                break;
        case SHOW_PARENTS:
                r = show_parents();
                break;
        case SHOW_VERIFY:
                r = verify(argv);
                break;
        default:
                r = show_devices(argv);
        }
        return program_end(r);
}
