/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-query: devices. */

#include <string.h>

#include "inventory.h"
#include "program.h"
#include "query-print.h"
#include "text.h"

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
        _cleanup_close_ int device = -EBADF;
        char vfio[32] = "";

        /* mostly nobody holds anything, and then there is nothing to look up */
        if (!row->live || holders->n == 0)
                return array;
        device = sysfs_open_device(row->uuid);
        if (device >= 0 && sysfs_device_vfio(device, vfio) < 0)
                vfio[0] = '\0';
        for (size_t i = 0; i < holders->n; i++) {
                const HolderList one = { .items = &holders->items[i], .n = 1 };
                json_object *o;

                if (!holder_search(&one, row->group, vfio[0] ? vfio : NULL))
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

/* What the table shows, and no more: of a thousand devices the rest would be most of the work. */
static json_object *device_to_table(const DeviceRow *row) {
        json_object *o = json_object_new_object();

        output_set_string(o, "uuid", row->uuid);
        output_set_string(o, "parent", row->parent);
        output_set_string(o, "type", row->type);
        output_set_string(o, "mode", mode_to_string(row->mode));
        output_set_string(o, "state", inventory_state(row));
        return o;
}

static bool is_wanted(const Query *q, const DeviceRow *row, char *uuids[]) {
        if ((q->parent && strcmp(q->parent, row->parent) != 0) || (q->type && strcmp(q->type, row->type) != 0) ||
            (q->mode && strcmp(q->mode, mode_to_string(row->mode)) != 0) ||
            (q->state && strcmp(q->state, inventory_state(row)) != 0))
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

static void print_type(const DeviceRow *row) {
        fputs("  ", stdout);
        text_print(stdout, row->type[0] ? row->type : "-");
        if (row->type_name) {
                fputs(" (", stdout);
                text_print(stdout, row->type_name);
                putchar(')');
        }
        putchar('\n');
}

static void print_tree(const Query *q, const Inventory *inventory, char *uuids[]) {
        const DeviceRow *last = NULL;

        for (size_t i = 0; i < inventory->n; i++) {
                const DeviceRow *row = &inventory->rows[i];

                if (!is_wanted(q, row, uuids))
                        continue;
                if (!last || strcmp(last->parent, row->parent) != 0) {
                        text_print(stdout, row->parent[0] ? row->parent : "-");
                        putchar('\n');
                }
                if (!last || strcmp(last->parent, row->parent) != 0 || strcmp(last->type, row->type) != 0)
                        print_type(row);
                printf("    %s %s %s\n", row->uuid, mode_to_string(row->mode), inventory_state(row));
                last = row;
        }
}

int query_devices(const Query *q, char *uuids[]) {
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
        if (q->format == FORMAT_TREE) {
                print_tree(q, &inventory, uuids);
                return status;
        }
        /* who uses what takes a walk over all processes; the table does not show it */
        if (q->format != FORMAT_TABLE)
                (void) !holder_list(&holders);
        rows = json_object_new_array();
        for (size_t i = 0; i < inventory.n; i++) {
                const DeviceRow *row = &inventory.rows[i];

                if (is_wanted(q, row, uuids))
                        json_object_array_add(rows, q->format == FORMAT_TABLE ? device_to_table(row)
                                                                              : device_to_json(row, &holders));
        }
        query_print(q, rows, columns);
        json_object_put(rows);
        return status;
}
