/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-query: devices. */

#include <string.h>

#include "device/inventory.h"
#include "cli/program.h"
#include "query-print.h"
#include "cli/terminal.h"

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

static json_object *users_to_json(const DeviceRow *row, const VfioUserList *holders) {
        json_object *array = json_object_new_array();
        _cleanup_close_ int device = -EBADF;
        char vfio[32] = "";

        /* mostly nobody holds anything, and then there is nothing to look up */
        if (!row->live || holders->n == 0)
                return array;
        device = sysfs_open_device(row->uuid);
        if (device >= 0 && sysfs_device_vfio(device, vfio) < 0)
                vfio[0] = '\0';
        for (size_t i = 0; i < holders->n; i++) {
                const VfioUserList one = { .items = &holders->items[i], .n = 1 };
                json_object *o;

                if (!vfio_user_search(&one, row->group, vfio[0] ? vfio : NULL))
                        continue;
                o = json_object_new_object();
                output_set_string(o, "comm", holders->items[i].comm);
                json_object_object_add(o, "pid", json_object_new_int(holders->items[i].pid));
                json_object_array_add(array, o);
        }
        return array;
}

/* In the order of --json. */
typedef enum Field {
        FIELD_UUID,
        FIELD_PARENT,
        FIELD_PARENT_SELECTOR,
        FIELD_PARENT_PATH,
        FIELD_TYPE,
        FIELD_TYPE_NAME,
        FIELD_DEVICE_API,
        FIELD_MODE,
        FIELD_STATE,
        FIELD_START,
        FIELD_UNIT,
        FIELD_UNIT_STATE,
        FIELD_IOMMU_GROUP,
        FIELD_VFIO_NODE,
        FIELD_IN_USE_BY,
        FIELD_DEFINITION,
        FIELD_NODE_USER,
        FIELD_NODE_GROUP,
        FIELD_NODE_MODE,
        FIELD_ATTRIBUTES,
        N_FIELDS,
} Field;

static const char *const fields[N_FIELDS + 1] = {
        [FIELD_UUID] = "uuid",
        [FIELD_PARENT] = "parent",
        [FIELD_PARENT_SELECTOR] = "parent_selector",
        [FIELD_PARENT_PATH] = "parent_path",
        [FIELD_TYPE] = "type",
        [FIELD_TYPE_NAME] = "type_name",
        [FIELD_DEVICE_API] = "device_api",
        [FIELD_MODE] = "mode",
        [FIELD_STATE] = "state",
        [FIELD_START] = "start",
        [FIELD_UNIT] = "unit",
        [FIELD_UNIT_STATE] = "unit_state",
        [FIELD_IOMMU_GROUP] = "iommu_group",
        [FIELD_VFIO_NODE] = "vfio_node",
        [FIELD_IN_USE_BY] = "in_use_by",
        [FIELD_DEFINITION] = "definition",
        [FIELD_NODE_USER] = "node_user",
        [FIELD_NODE_GROUP] = "node_group",
        [FIELD_NODE_MODE] = "node_mode",
        [FIELD_ATTRIBUTES] = "attributes",
};

/* A field that is a text, in buf or where the row has it; NULL or empty if there is none. */
static const char *field_text(const DeviceRow *row, Field field, char buf[static 64]) {
        switch (field) {
        case FIELD_UUID:
                return row->uuid;
        case FIELD_PARENT:
                return row->parent;
        case FIELD_PARENT_SELECTOR:
                return row->definition ? row->definition->selector : NULL;
        case FIELD_PARENT_PATH:
                return row->parent_path;
        case FIELD_TYPE:
                return row->type;
        case FIELD_TYPE_NAME:
                return row->type_name;
        case FIELD_DEVICE_API:
                return row->device_api;
        case FIELD_MODE:
                return mode_to_string(row->mode);
        case FIELD_STATE:
                return inventory_state(row);
        case FIELD_START:
                return row->start;
        case FIELD_UNIT:
                (void) snprintf(buf, 64, "mdev@%s.service", row->uuid);
                return buf;
        case FIELD_UNIT_STATE:
                return row->unit_state;
        case FIELD_VFIO_NODE:
                (void) snprintf(buf, 64, "/dev/vfio/%d", row->group);
                return row->group >= 0 ? buf : NULL;
        case FIELD_DEFINITION:
                return row->definition ? row->definition->path : NULL;
        case FIELD_NODE_USER:
                return row->definition ? row->definition->node_user : NULL;
        case FIELD_NODE_GROUP:
                return row->definition ? row->definition->node_group : NULL;
        case FIELD_NODE_MODE:
                if (!row->definition || row->definition->node_mode < 0)
                        return NULL;
                (void) snprintf(buf, 64, "%04o", (unsigned) row->definition->node_mode);
                return buf;
        default:
                return NULL;
        }
}

static json_object *device_to_json(const DeviceRow *row, const VfioUserList *holders) {
        json_object *o = json_object_new_object();
        char buf[64];

        for (Field i = 0; i < N_FIELDS; i++)
                switch (i) {
                case FIELD_IOMMU_GROUP:
                        json_object_object_add(o, fields[i], row->group >= 0 ? json_object_new_int(row->group) : NULL);
                        break;
                case FIELD_IN_USE_BY:
                        json_object_object_add(o, fields[i], users_to_json(row, holders));
                        break;
                case FIELD_ATTRIBUTES:
                        json_object_object_add(o, fields[i], attributes_to_json(row->definition));
                        break;
                default:
                        output_set_string(o, fields[i], field_text(row, i, buf));
                }
        return o;
}

static bool is_wanted(const Query *q, const DeviceRow *row) {
        return filter_matches(&q->filter, &(FilterValues) {
                .uuid = row->uuid,
                .parent = row->parent,
                .selector = row->definition ? row->definition->selector : NULL,
                .type = row->type,
                .mode = mode_to_string(row->mode),
                .state = inventory_state(row),
        });
}

/* Every UUID that was asked for has to be there. */
static int check_uuids(const Inventory *inventory, char *const *uuids) {
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

/* The line of a type; its numbers, if its parent is there. */
static void print_type(const DeviceRow *row) {
        _cleanup_close_ int fd = row->parent[0] && row->type[0] ? sysfs_open_type(row->parent, row->type) : -ENOENT;
        long available;
        size_t used;

        if (fd >= 0 && sysfs_type_numbers(fd, &available, &used) >= 0)
                query_print_type(row->type, row->type_name, used, available);
        else
                query_print_type(row->type, row->type_name, 0, -1);
}

static void print_tree(const Query *q, const Inventory *inventory) {
        bool colors = terminal_has_colors(STDOUT_FILENO);
        const DeviceRow *last = NULL;

        for (size_t i = 0; i < inventory->n; i++) {
                const DeviceRow *row = &inventory->rows[i];
                const char *state = inventory_state(row), *color = colors ? terminal_state_color(state) : NULL;

                if (!is_wanted(q, row))
                        continue;
                if (!last || strcmp(last->parent, row->parent) != 0)
                        query_print_parent(row->parent);
                if (!last || strcmp(last->parent, row->parent) != 0 || strcmp(last->type, row->type) != 0)
                        print_type(row);
                printf("    %s %s %s%s%s\n", row->uuid, mode_to_string(row->mode), color ? color : "", state,
                       color ? TERMINAL_RESET : "");
                last = row;
        }
}

static const TableColumn usual[] = { { "uuid", 0 }, { "parent", 3 }, { "type", 2 }, { "mode", 1 }, { "state", 4 } };
static const Field usual_fields[ELEMENTSOF(usual)] = { FIELD_UUID, FIELD_PARENT, FIELD_TYPE, FIELD_MODE, FIELD_STATE };

static bool is_usual(const Query *q) {
        return q->format == FORMAT_TABLE && !q->columns && !q->sort;
}

/* The usual table, by itself: of a thousand devices, JSON would be most of the work. */
static int print_table(const Query *q, const Inventory *inventory, const Columns *columns) {
        _cleanup_(table_done) Table t = {};
        char buf[64];

        table_begin(&t, columns->items, columns->n);
        for (size_t i = 0; i < inventory->n; i++) {
                const DeviceRow *row = &inventory->rows[i];

                if (!is_wanted(q, row))
                        continue;
                for (size_t c = 0; c < ELEMENTSOF(usual); c++)
                        table_add(&t, field_text(row, usual_fields[c], buf),
                                  usual_fields[c] == FIELD_STATE ? terminal_state_color(inventory_state(row)) : NULL);
        }
        return query_print_table(q, &t);
}

static bool is_named(const char *const *names, Field field) {
        for (; names && *names; names++)
                if (strcmp(*names, fields[field]) == 0)
                        return true;
        return false;
}

static int print_rows(const Query *q, const Inventory *inventory, const Columns *columns) {
        _cleanup_(vfio_user_list_done) VfioUserList holders = {};
        json_object *rows = json_object_new_array();
        int status;

        /* who uses what takes a walk over all processes */
        if (q->format != FORMAT_TABLE || is_named(q->columns, FIELD_IN_USE_BY) || is_named(q->sort, FIELD_IN_USE_BY))
                (void) !vfio_user_list(&holders);
        for (size_t i = 0; i < inventory->n; i++)
                if (is_wanted(q, &inventory->rows[i]))
                        json_object_array_add(rows, device_to_json(&inventory->rows[i], &holders));
        status = query_print(q, rows, columns);
        json_object_put(rows);
        return status;
}

/* Prints what is wanted, in the format that is. */
static int print(const Query *q, const Inventory *inventory, const Columns *columns) {
        if (q->format == FORMAT_TREE) {
                print_tree(q, inventory);
                return STATUS_DONE;
        }
        if (is_usual(q))
                return print_table(q, inventory, columns);
        return print_rows(q, inventory, columns);
}

int query_devices(const Query *q) {
        _cleanup_(inventory_done) Inventory inventory = {};
        Columns columns;
        _cleanup_(failure_done) Failure f = {};
        int status, r;

        status = query_choose_columns(q, fields, usual, ELEMENTSOF(usual), &columns);
        if (status != STATUS_DONE)
                return status;
        r = inventory_load(NULL, !is_usual(q), &inventory, &f);
        if (r < 0)
                status = program_fail(NULL, &f);
        for (size_t i = 0; i < inventory.definitions.n; i++)
                program_notes(inventory.definitions.items[i], true);
        r = check_uuids(&inventory, q->filter.uuids);
        if (r != STATUS_DONE)
                status = r;
        r = print(q, &inventory, &columns);
        return r != STATUS_DONE ? r : status;
}
