/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inventory.h"

#include <limits.h>
#include <string.h>

#include "autostart.h"
#include "pid1.h"

void inventory_done(Inventory *inventory) {
        for (size_t i = 0; i < inventory->n; i++) {
                free(inventory->rows[i].parent_path);
                free(inventory->rows[i].type_name);
                free(inventory->rows[i].device_api);
        }
        free(inventory->rows);
        definition_list_done(&inventory->definitions);
        *inventory = (Inventory) {};
}

/* A text of the type: read through the directory of a live device, or of its type. NULL if there is none. */
static char *read_text(int dirfd, const char *prefix, const char *name) {
        char path[64], text[512];

        (void) snprintf(path, sizeof(path), "%s%s", prefix, name);
        return sysfs_read(dirfd, path, text, sizeof(text)) < 0 ? NULL : strdup(text);
}

/* Name and API of a type: those of the row before, if it has the same parent and type. Devices are many, types few,
 * and opening, reading and closing two files for each would be more than all the rest. */
static void read_type(DeviceRow *row, const DeviceRow *before, int dirfd, const char *prefix) {
        if (before && before->type[0] && before->type_name && before->device_api &&
            strcmp(row->parent, before->parent) == 0 && strcmp(row->type, before->type) == 0) {
                row->type_name = strdup(before->type_name);
                row->device_api = strdup(before->device_api);
                return;
        }
        row->type_name = read_text(dirfd, prefix, SYSFS_TYPE_NAME);
        row->device_api = read_text(dirfd, prefix, SYSFS_TYPE_API);
}

/* Returns 0, or -ENODEV if the device vanished. */
static int read_live(DeviceRow *row, const DeviceRow *before) {
        _cleanup_close_ int device = sysfs_open_device(row->uuid);
        char path[PATH_MAX];

        if (device < 0 || sysfs_device_parent_path(row->uuid, path, sizeof(path)) < 0)
                return -ENODEV;
        (void) snprintf(row->parent, sizeof(row->parent), "%.255s", strrchr(path, '/') + 1);
        /* being made, or being removed: no type any more or yet */
        if (sysfs_read_link(device, SYSFS_DEVICE_TYPE, row->type, sizeof(row->type)) < 0)
                row->type[0] = '\0';
        row->live = true;
        row->parent_path = strdup(path);
        read_type(row, before, device, SYSFS_DEVICE_TYPE "/");
        row->group = sysfs_device_group(device);
        return 0;
}

static void read_defined(DeviceRow *row, const DeviceRow *before) {
        const Definition *d = row->definition;
        _cleanup_close_ int type = -EBADF;
        char path[PATH_MAX];

        (void) snprintf(row->parent, sizeof(row->parent), "%s", d->parent ? d->parent : "");
        (void) snprintf(row->type, sizeof(row->type), "%s", d->type ? d->type : "");
        if (!d->parent || sysfs_parent_path(d->parent, path, sizeof(path)) < 0)
                return;
        row->parent_path = strdup(path);
        type = d->type ? sysfs_open_type(d->parent, d->type) : -ENOENT;
        if (type >= 0)
                read_type(row, before, type, "");
}

/* The row before this one, or NULL. */
static const DeviceRow *row_before(const Inventory *inventory, const DeviceRow *row) {
        return row > inventory->rows ? row - 1 : NULL;
}

static DeviceRow *add_row(Inventory *inventory, const char *uuid, const Definition *d) {
        DeviceRow *rows = reallocarray(inventory->rows, inventory->n + 1, sizeof(*rows)), *row;

        if (!rows)
                return NULL;
        inventory->rows = rows;
        row = &rows[inventory->n++];
        *row = (DeviceRow) { .definition = d, .group = -1, .mode = mode_of(d) };
        strcpy(row->uuid, uuid);
        if (d)
                row->start = autostart_is_masked(uuid)           ? "masked"
                        : row->mode == MODE_PERSISTENT ? "auto"
                                                       : "manual";
        return row;
}

static int add_live(Inventory *inventory) {
        _cleanup_(name_list_done) NameList live = {};
        int r;

        r = sysfs_list_devices(&live);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        for (size_t i = 0; i < live.n; i++) {
                DeviceRow *row;

                if (!uuid_is_canonical(live.names[i]))
                        continue;
                row = add_row(inventory, live.names[i], store_search(&inventory->definitions, live.names[i]));
                if (!row)
                        return -ENOMEM;
                if (read_live(row, row_before(inventory, row)) < 0)
                        inventory->n--; /* vanished; if it is defined, it comes with the definitions */
        }
        return 0;
}

static int compare_uuid(const void *a, const void *b) {
        return strcmp(((const DeviceRow *) a)->uuid, ((const DeviceRow *) b)->uuid);
}

static int compare_row(const void *a, const void *b) {
        const DeviceRow *x = a, *y = b;
        int r = strcmp(x->parent, y->parent);

        if (r == 0)
                r = strcmp(x->type, y->type);
        return r != 0 ? r : strcmp(x->uuid, y->uuid);
}

static DeviceRow *search_row(Inventory *inventory, size_t n, const char *uuid) {
        DeviceRow key = {};

        memcpy(key.uuid, uuid, sizeof(key.uuid));
        return n > 0 ? bsearch(&key, inventory->rows, n, sizeof(key), compare_uuid) : NULL;
}

static int add_defined(Inventory *inventory) {
        size_t n_live = inventory->n;

        for (size_t i = 0; i < inventory->definitions.n; i++) {
                const Definition *d = inventory->definitions.items[i];
                DeviceRow *row;

                if (d->uuid[0] == '\0' || search_row(inventory, n_live, d->uuid))
                        continue;
                row = add_row(inventory, d->uuid, d);
                if (!row)
                        return -ENOMEM;
                read_defined(row, row_before(inventory, row));
        }
        return 0;
}

static int set_unit_state(const char *unit, const char *active, void *userdata) {
        Inventory *inventory = userdata;
        char uuid[UUID_LENGTH + 1];
        DeviceRow *row;

        if (sscanf(unit, "mdev@%36[0-9a-f-].service", uuid) != 1 || strlen(uuid) != UUID_LENGTH)
                return 0;
        row = search_row(inventory, inventory->n, uuid);
        if (row)
                (void) snprintf(row->unit_state, sizeof(row->unit_state), "%s", active);
        return 0;
}

/* Units that systemd has not loaded are inactive. Without systemd there is nothing to tell. */
static void read_units(Inventory *inventory) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;

        if (inventory->n == 0 || !autostart_systemd_runs() || pid1_open(&bus) < 0)
                return;
        for (size_t i = 0; i < inventory->n; i++)
                strcpy(inventory->rows[i].unit_state, "inactive");
        if (pid1_each_device_unit(bus, set_unit_state, inventory) < 0)
                for (size_t i = 0; i < inventory->n; i++)
                        inventory->rows[i].unit_state[0] = '\0';
}

int inventory_load(Inventory *ret, Failure *f) {
        _cleanup_(inventory_done) Inventory inventory = {};
        int error, r;

        error = store_list(&inventory.definitions, f);
        if (error == -ENOMEM)
                return error;
        r = add_live(&inventory);
        if (r >= 0)
                r = add_defined(&inventory);
        if (r < 0)
                return r;
        if (inventory.n > 0)
                qsort(inventory.rows, inventory.n, sizeof(*inventory.rows), compare_uuid);
        read_units(&inventory);
        if (inventory.n > 0)
                qsort(inventory.rows, inventory.n, sizeof(*inventory.rows), compare_row);
        *ret = inventory;
        inventory = (Inventory) {};
        return error;
}

const char *inventory_state(const DeviceRow *row) {
        if (row->live)
                return "active";
        if (row->definition && row->definition->invalid)
                return "invalid";
        return strcmp(row->unit_state, "failed") == 0 ? "failed" : "inactive";
}
