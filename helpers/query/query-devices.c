/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-query: devices. */

#include <string.h>

#include "device/inventory.h"
#include "cli/program.h"
#include "query.h"

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
        const char *node;
        char vfio[32];

        /* mostly nobody holds anything, and then there is nothing to look up */
        if (!row->live || users->n == 0)
                return array;
        device = sysfs_open_device(row->uuid);
        node = device >= 0 && sysfs_device_vfio(device, vfio) >= 0 ? vfio : NULL;
        for (size_t i = 0; i < users->n; i++) {
                const VfioUserList one = { .items = &users->items[i], .n = 1 };
                json_object *o;

                if (!vfio_user_search(&one, row->group, node))
                        continue;
                o = json_object_new_object();
                output_set_string(o, "comm", users->items[i].comm);
                json_object_object_add(o, "pid", json_object_new_int(users->items[i].pid));
                json_object_array_add(array, o);
        }
        return array;
}

/* In the order of --json. */
#define FIELDS(USE)                                                                                             \
        USE(uuid) USE(parent) USE(parent_selector) USE(parent_path) USE(type) USE(type_name) USE(device_api)    \
        USE(mode) USE(state) USE(start) USE(unit) USE(unit_state) USE(iommu_group) USE(vfio_node)               \
        USE(in_use_by) USE(definition) USE(node_user) USE(node_group) USE(node_mode) USE(attributes)

enum {
#define FIELD_NUMBER(name) FIELD_##name,
        FIELDS(FIELD_NUMBER)
        N_FIELDS
};

static const char *const fields[N_FIELDS + 1] = {
#define FIELD_NAME(name) #name,
        FIELDS(FIELD_NAME)
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

static json_object *get_field(const Rows *rows, size_t i, size_t field) {
        Devices *devices = rows->data;
        const DeviceRow *row = &devices->inventory.rows[i];
        const Definition *d = row->definition;
        const char *const texts[N_FIELDS] = {
                [FIELD_uuid] = row->uuid,
                [FIELD_parent] = row->parent,
                [FIELD_parent_selector] = d ? d->selector : NULL,
                [FIELD_parent_path] = row->parent_path,
                [FIELD_type] = row->type,
                [FIELD_type_name] = row->type_name,
                [FIELD_device_api] = row->device_api,
                [FIELD_mode] = mode_to_string(row->mode),
                [FIELD_state] = inventory_state(row),
                [FIELD_start] = row->start,
                [FIELD_unit_state] = row->unit_state,
                [FIELD_definition] = d ? d->path : NULL,
                [FIELD_node_user] = d ? d->node_user : NULL,
                [FIELD_node_group] = d ? d->node_group : NULL,
        };
        const char *text = texts[field];
        char buf[64] = "";

        switch (field) {
        case FIELD_unit:
                (void) snprintf(buf, sizeof(buf), "mdev@%s.service", row->uuid);
                break;
        case FIELD_iommu_group:
                return row->group >= 0 ? json_object_new_int(row->group) : NULL;
        case FIELD_vfio_node:
                if (row->group >= 0)
                        (void) snprintf(buf, sizeof(buf), "/dev/vfio/%d", row->group);
                break;
        case FIELD_in_use_by:
                /* takes a walk over all processes */
                if (!devices->users_known)
                        (void) !vfio_user_list(&devices->users);
                devices->users_known = true;
                return users_to_json(row, &devices->users);
        case FIELD_node_mode:
                if (d && d->node_mode >= 0)
                        (void) snprintf(buf, sizeof(buf), "%04o", (unsigned) d->node_mode);
                break;
        case FIELD_attributes:
                return attributes_to_json(d);
        }
        if (!text)
                text = buf;
        return *text ? json_object_new_string(text) : NULL;
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

static void filter_rows(Inventory *inventory, const Filter *filter) {
        size_t n = 0;

        for (size_t i = 0; i < inventory->n; i++) {
                const DeviceRow *row = &inventory->rows[i];
                const FilterValues values = {
                        .uuid = row->uuid,
                        .parent = row->parent,
                        .selector = row->definition ? row->definition->selector : NULL,
                        .type = row->type,
                        .mode = mode_to_string(row->mode),
                        .state = inventory_state(row),
                };

                if (filter_matches(filter, &values))
                        inventory->rows[n++] = *row;
        }
        inventory->n = n;
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
                        query_add_type(&t, row->parent, row->type);
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
        r = inventory_load(NULL, q->format != FORMAT_TABLE || q->columns[0] || q->sort[0], inventory, &f);
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
                r = query_print(q, &(Rows) { .fields = fields, .columns = &columns, .n = inventory->n,
                                             .data = &devices, .get = get_field });
        return r != STATUS_DONE ? r : status;
}
