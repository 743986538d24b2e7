/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "device/start.h"

typedef struct CreateRequest {
        Definition *definition; /* what is wanted; UUID included */
        const char *text;       /* the same, as it is to be written */
        Mode mode;
        bool mode_is_default; /* nobody asked for this mode: an existing definition of another mode will do */
        bool start;           /* create the device, or only define it */
        bool supersede;       /* for mdevctl's front end: mdevctl's definitions, and an older record, do not count */
        bool dry_run;         /* only check what can be checked */
        unsigned wait;        /* seconds, for parent and type */
} CreateRequest;

/* Defines a device and creates it: both, or nothing. One that exists already, and is the same, is success. Takes
 * the lock. Returns Done (dry_run: what would be done), or a negative errno with op->failure, which has the parent
 * and type in both cases. */
int create_device(Operation *op, const CreateRequest *request) _nonnull_(1, 2) _must_check_;
