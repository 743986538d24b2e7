/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "holder.h"
#include "mode.h"
#include "store.h"
#include "sysfs.h"

/* All devices of this host: live and defined, managed or not. */

typedef struct DeviceRow {
        char uuid[UUID_LENGTH + 1];
        const Definition *definition; /* in Inventory.definitions, or NULL */
        bool live;
        char parent[256], type[256]; /* of the live device, else of the definition; may be empty */
        char *parent_path;           /* NULL if the parent is not there */
        char *type_name, *device_api;
        int group;      /* -1: none */
        Mode mode;
        const char *start; /* auto, manual, masked; NULL if unmanaged */
        char unit_state[16]; /* ActiveState; empty if systemd does not run or does not answer */
} DeviceRow;

typedef struct Inventory {
        DeviceRow *rows; /* sorted by parent, type, UUID */
        size_t n;
        DefinitionList definitions;
} Inventory;

/* Looks at everything once. What vanishes meanwhile is left out, what cannot be read is left empty.
 * Returns 0; -EIO when a directory of definitions could not be read (*f; the rest is there); or -ENOMEM. */
int inventory_load(Inventory *ret, Failure *f) _nonnull_(1, 2) _must_check_;
void inventory_done(Inventory *inventory);

/* active, inactive, failed, or invalid: the state of a row. */
const char *inventory_state(const DeviceRow *row) _nonnull_(1);
