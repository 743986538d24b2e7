/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kernel/vfio-users.h"
#include "definition/mode.h"
#include "definition/store.h"
#include "kernel/sysfs.h"

/* All devices of this host: live and defined, managed or not. */

/* Texts belong to the Inventory. */
typedef struct DeviceRow {
        char uuid[UUID_LENGTH + 1];
        const Definition *definition; /* in Inventory.definitions, or NULL */
        bool live;
        const char *parent, *type; /* of the live device, else of the definition; may be empty */
        Mode mode;
        const char *start;   /* auto, manual, masked; NULL if unmanaged */
        char unit_state[16]; /* ActiveState; empty if systemd does not run or does not answer, or was not asked */

        /* details */
        const char *parent_path; /* NULL if the parent is not there */
        const char *type_name, *device_api;
        int group; /* -1: none */
} DeviceRow;

typedef struct Inventory {
        DeviceRow *rows; /* sorted by parent, type, UUID */
        size_t n;
        DefinitionList definitions;
        StringList texts; /* not sorted */
} Inventory;

/* Looks at everything once, or (uuid not NULL) at one device, which is a row if there is one; with details or
 * without, which is a third of the work. What vanishes meanwhile is left out, what cannot be read is left empty.
 * systemd is asked for the details, or where the state depends on it. Returns 0; -EIO when a directory of
 * definitions could not be read (*f; the rest is there); or -ENOMEM. */
int inventory_load(const char *uuid, bool details, Inventory *ret, Failure *f) _nonnull_(3) _must_check_;
void inventory_done(Inventory *inventory);

/* active, inactive, failed, or invalid: the state of a row. */
const char *inventory_state(const DeviceRow *row) _nonnull_(1);
