/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/inventory.h"

#include <limits.h>
#include <string.h>

#include "systemd/autostart.h"
#include "device/parent.h"
#include "systemd/pid1.h"
#include "systemd/unitname.h"

void inventory_done(Inventory *inventory) {
        free(inventory->rows);
        string_list_done(&inventory->texts);
        definition_list_done(&inventory->definitions);
        *inventory = (Inventory) {};
}

/* Keeps a text: as the row before has it, if it is the same. Devices are many, parents and types few. NULL when out of
 * memory. */
static const char *keep(Inventory *inventory, const char *before, const char *text) {
        if (before && strcmp(before, text) == 0)
                return before;
        return string_list_add(&inventory->texts, text) < 0 ? NULL : inventory->texts.names[inventory->texts.n - 1];
}

static int compare_uuid(const void *a, const void *b) {
        return strcmp(((const DeviceRow *) a)->uuid, ((const DeviceRow *) b)->uuid);
}

static int compare_row(const void *a, const void *b) {
        const DeviceRow *x = a, *y = b;
        /* rows share most of their texts */
        int r = x->parent == y->parent ? 0 : strcmp(x->parent, y->parent);

        if (r == 0 && x->type != y->type)
                r = strcmp(x->type, y->type);
        return r != 0 ? r : strcmp(x->uuid, y->uuid);
}

static DeviceRow *search_row(Inventory *inventory, size_t n, const char *uuid) {
        DeviceRow key = {};

        strcpy(key.uuid, uuid);
        return n > 0 ? bsearch(&key, inventory->rows, n, sizeof(key), compare_uuid) : NULL;
}

/* Adds a row; there is room. */
static DeviceRow *add_row(Inventory *inventory, const char *uuid, const Definition *d, const AutostartLinks *links) {
        DeviceRow *row = &inventory->rows[inventory->n++];

        *row = (DeviceRow) { .definition = d, .parent = "", .type = "", .group = -1,
                             .mode = mode_of_linked(d, links) };
        strcpy(row->uuid, uuid);
        if (d)
                row->start = autostart_is_masked(links, uuid)    ? "masked"
                        : row->mode == MODE_PERSISTENT ? "auto"
                                                       : "manual";
        return row;
}

/* Two links say all: no file of a device is opened. Returns 0, -ENODEV if the device vanished, or -ENOMEM. */
static int read_live(Inventory *inventory, DeviceRow *row) {
        const DeviceRow *before = row > inventory->rows ? row - 1 : NULL;
        char path[PATH_MAX], type[256];

        if (sysfs_device_links(row->uuid, path, sizeof(path), type) < 0)
                return -ENODEV;
        row->live = true;
        row->parent_path = keep(inventory, before ? before->parent_path : NULL, path);
        row->type = keep(inventory, before ? before->type : NULL, type);
        if (!row->parent_path || !row->type)
                return -ENOMEM;
        row->parent = strrchr(row->parent_path, '/') + 1;
        return 0;
}

static int add_live(Inventory *inventory, const StringList *live, const AutostartLinks *links) {
        for (size_t i = 0; i < live->n; i++) {
                const char *uuid = live->names[i];
                int r;

                if (!uuid_is_canonical(uuid))
                        continue;
                r = read_live(inventory, add_row(inventory, uuid, store_search(&inventory->definitions, uuid), links));
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        inventory->n--; /* vanished; if it is defined, it comes with the definitions */
        }
        return 0;
}

static void add_defined(Inventory *inventory, const AutostartLinks *links) {
        size_t n_live = inventory->n;

        /* the live ones are sorted by UUID, as the directory was */
        for (size_t i = 0; i < inventory->definitions.n; i++) {
                Definition *d = inventory->definitions.items[i];
                DeviceRow *row;

                if (d->uuid[0] == '\0' || search_row(inventory, n_live, d->uuid))
                        continue;
                /* whom a selector means is of no interest while the device is live */
                (void) parent_resolve(d);
                row = add_row(inventory, d->uuid, d, links);
                row->parent = d->parent ? d->parent : "";
                row->type = d->type ? d->type : "";
        }
}

/* All live ones (or that of uuid), by their UUIDs, then all that are defined only. */
static int add_rows(Inventory *inventory, const char *uuid) {
        _cleanup_(autostart_links_done) AutostartLinks links = {};
        _cleanup_(string_list_done) StringList live = {};
        AutostartLinks *known = NULL;
        int r;

        r = uuid ? string_list_add(&live, uuid) : sysfs_list_devices(&live);
        if (r == -ENOMEM)
                return r;
        inventory->rows = calloc(live.n + inventory->definitions.n + 1, sizeof(*inventory->rows));
        if (!inventory->rows)
                return -ENOMEM;
        if (inventory->definitions.n > 1) {
                autostart_links_load(&links);
                known = &links;
        }
        r = add_live(inventory, &live, known);
        if (r < 0)
                return r;
        add_defined(inventory, known);
        return 0;
}

/* A text of the type, read through the directory of a live device, or of the type. NULL if there is none. */
static const char *read_text(Inventory *inventory, int dirfd, bool live, const char *name) {
        char path[64], text[512];

        (void) snprintf(path, sizeof(path), "%s%s", live ? SYSFS_DEVICE_TYPE "/" : "", name);
        return sysfs_read(dirfd, path, text, sizeof(text)) < 0 ? NULL : keep(inventory, NULL, text);
}

/* What the table does not show. before is the row before this one, or NULL. */
static void read_details(Inventory *inventory, DeviceRow *row, const DeviceRow *before) {
        bool known = before && before->type_name && before->device_api && strcmp(before->parent, row->parent) == 0 &&
                strcmp(before->type, row->type) == 0;
        _cleanup_close_ int dirfd = -EBADF;
        char path[PATH_MAX];

        if (!row->live && row->parent[0] && sysfs_parent_path(row->parent, path, sizeof(path)) >= 0)
                row->parent_path = keep(inventory, before ? before->parent_path : NULL, path);
        if (row->live)
                dirfd = sysfs_open_device(row->uuid);
        else if (row->parent_path && row->type[0] && !known)
                dirfd = sysfs_open_type(row->parent, row->type);
        if (row->live && dirfd >= 0)
                row->group = sysfs_device_group(dirfd);
        /* opening, reading and closing two files for each device would be more than all the rest */
        if (known) {
                row->type_name = before->type_name;
                row->device_api = before->device_api;
        } else if (dirfd >= 0) {
                row->type_name = read_text(inventory, dirfd, row->live, SYSFS_TYPE_NAME);
                row->device_api = read_text(inventory, dirfd, row->live, SYSFS_TYPE_API);
        }
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

/* True if the unit of some device says something that its files do not. */
static bool state_needs_units(const Inventory *inventory) {
        for (size_t i = 0; i < inventory->n; i++) {
                const DeviceRow *row = &inventory->rows[i];

                if (!row->live && row->definition && !row->definition->invalid)
                        return true;
        }
        return false;
}

/* Units that systemd has not loaded are inactive. Without systemd there is nothing to tell. */
static void read_units(Inventory *inventory) {
        _cleanup_free_ char *one = NULL;

        if (inventory->n == 0 || !autostart_systemd_runs())
                return;
        if (inventory->n == 1)
                one = unitname_device(inventory->rows[0].uuid);
        qsort(inventory->rows, inventory->n, sizeof(*inventory->rows), compare_uuid);
        for (size_t i = 0; i < inventory->n; i++)
                strcpy(inventory->rows[i].unit_state, "inactive");
        if (pid1_each_unit(one ? one : "mdev@*.service", set_unit_state, inventory) < 0)
                for (size_t i = 0; i < inventory->n; i++)
                        inventory->rows[i].unit_state[0] = '\0';
}

/* All definitions, or that of uuid if there is one. */
static int load_definitions(const char *uuid, DefinitionList *ret, Failure *f) {
        int r;

        if (!uuid)
                return store_list(ret, f);
        ret->items = calloc(1, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        r = store_load(uuid, ret->items, f);
        ret->n = r < 0 ? 0 : 1;
        return r >= 0 || r == -ENOENT ? 0 : r == -ENOMEM ? r : -EIO;
}

int inventory_load(const char *uuid, bool details, Inventory *ret, Failure *f) {
        _cleanup_(inventory_done) Inventory inventory = {};
        const DeviceRow *before = NULL;
        int error, r;

        error = load_definitions(uuid, &inventory.definitions, f);
        if (error == -ENOMEM)
                return error;
        r = add_rows(&inventory, uuid);
        if (r < 0)
                return r;
        if (details || state_needs_units(&inventory))
                read_units(&inventory);
        qsort(inventory.rows, inventory.n, sizeof(*inventory.rows), compare_row);
        for (size_t i = 0; details && i < inventory.n; i++) {
                DeviceRow *row = &inventory.rows[i];

                read_details(&inventory, row, before);
                before = row;
        }
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
