/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-query: devices. */

#include <string.h>

#include "device/inventory.h"
#include "cli/program.h"
#include "query-print.h"

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

static json_object *users_to_json(const DeviceRow *row, const VfioUserList *users) {
        json_object *array = json_object_new_array();
        _cleanup_close_ int device = -EBADF;
        char vfio[32] = "";

        /* mostly nobody holds anything, and then there is nothing to look up */
        if (!row->live || users->n == 0)
                return array;
        device = sysfs_open_device(row->uuid);
        if (device >= 0 && sysfs_device_vfio(device, vfio) < 0)
                vfio[0] = '\0';
        for (size_t i = 0; i < users->n; i++) {
                const VfioUserList one = { .items = &users->items[i], .n = 1 };
                json_object *o;

                if (!vfio_user_search(&one, row->group, vfio[0] ? vfio : NULL))
                        continue;
                o = json_object_new_object();
                output_set_string(o, "comm", users->items[i].comm);
                json_object_object_add(o, "pid", json_object_new_int(users->items[i].pid));
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

typedef struct Devices {
        Inventory inventory;
        VfioUserList users;
        bool users_known;
} Devices;

static void devices_done(Devices *devices) {
        inventory_done(&devices->inventory);
        vfio_user_list_done(&devices->users);
}

static const char *get_field(const Rows *rows, size_t i, size_t field, char buf[static 64], json_object **ret) {
        Devices *devices = rows->data;
        const DeviceRow *row = &devices->inventory.rows[i];

        switch ((Field) field) {
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
        case FIELD_IOMMU_GROUP:
                if (row->group >= 0)
                        *ret = json_object_new_int(row->group);
                return NULL;
        case FIELD_VFIO_NODE:
                (void) snprintf(buf, 64, "/dev/vfio/%d", row->group);
                return row->group >= 0 ? buf : NULL;
        case FIELD_IN_USE_BY:
                /* takes a walk over all processes */
                if (!devices->users_known)
                        (void) !vfio_user_list(&devices->users);
                devices->users_known = true;
                *ret = users_to_json(row, &devices->users);
                return NULL;
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
        case FIELD_ATTRIBUTES:
                *ret = attributes_to_json(row->definition);
                return NULL;
        default:
                return NULL;
        }
}

static bool is_wanted(const Filter *filter, const DeviceRow *row) {
        return filter_matches(filter, &(FilterValues) {
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

/* Drops the rows that were not asked for. */
static void filter_rows(Inventory *inventory, const Filter *filter) {
        size_t n = 0;

        for (size_t i = 0; i < inventory->n; i++)
                if (is_wanted(filter, &inventory->rows[i]))
                        inventory->rows[n++] = inventory->rows[i];
        inventory->n = n;
}

/* The line of a type; its numbers, if its parent is there. */
static void add_type(Table *t, const DeviceRow *row) {
        _cleanup_close_ int fd = row->parent[0] && row->type[0] ? sysfs_open_type(row->parent, row->type) : -ENOENT;
        long available;
        size_t used;

        if (fd < 0 || sysfs_type_numbers(fd, &available, &used) < 0)
                available = -1, used = 0;
        query_add_type(t, row->type, row->type_name, used, available);
}

static int print_tree(const Inventory *inventory) {
        _cleanup_(table_done) Table t = {};

        query_begin_tree(&t);
        for (size_t i = 0; i < inventory->n; i++) {
                const DeviceRow *row = &inventory->rows[i], *last = i > 0 ? row - 1 : NULL;
                bool other_parent = !last || strcmp(last->parent, row->parent) != 0;

                if (other_parent)
                        query_add_parent(&t, row->parent);
                if (other_parent || strcmp(last->type, row->type) != 0)
                        add_type(&t, row);
                query_add_device(&t, row->uuid, mode_to_string(row->mode), inventory_state(row));
        }
        return query_end_table(&t);
}

int query_devices(const Query *q) {
        static const TableColumn usual[] = {
                { "uuid", 0 }, { "parent", 3 }, { "type", 2 }, { "mode", 1 }, { "state", 4 },
        };
        _cleanup_(devices_done) Devices devices = {};
        Inventory *inventory = &devices.inventory;
        Columns columns;
        _cleanup_(failure_done) Failure f = {};
        int status, r;

        status = query_choose_columns(q, fields, usual, ELEMENTSOF(usual), &columns);
        if (status != STATUS_DONE)
                return status;
        /* the usual table needs no details */
        r = inventory_load(NULL, q->format != FORMAT_TABLE || q->columns || q->sort, inventory, &f);
        if (r < 0)
                status = program_fail(NULL, &f);
        for (size_t i = 0; i < inventory->definitions.n; i++)
                program_notes(inventory->definitions.items[i], true);
        r = check_uuids(inventory, q->filter.uuids);
        if (r != STATUS_DONE)
                status = r;
        filter_rows(inventory, &q->filter);
        if (q->format == FORMAT_TREE)
                r = print_tree(inventory);
        else
                r = query_print(q, &(Rows) { .fields = fields, .n = inventory->n, .data = &devices, .get = get_field },
                                &columns);
        return r != STATUS_DONE ? r : status;
}
