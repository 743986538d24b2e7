/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "device/device.h"
#include "definition/mode.h"

/* A device together with its definition. These take the lock of the UUID themselves. */

/* What was done, as a set; with nothing of it, all was so already. */
typedef enum ManagedDone {
        MANAGED_DEFINED = 1 << 0, /* the definition was written */
        MANAGED_MADE = 1 << 1,    /* the device was made */
} ManagedDone;

/* Starts a defined device, or takes a live one as it is, managed or not: what mdev@.service runs, with CREATE_UNIT.
 * Waits up to wait seconds for the parent and its type; wait < 0: as long as the definition says, or default_wait.
 * Returns ManagedDone, or a negative errno with *f; parent and type in *f, both times. */
int managed_start(const char *uuid, CreateFlags flags, int wait, unsigned default_wait, Failure *f)
        _nonnull_(1, 5) _must_check_;

/* Makes a persistent device ahead of its unit, which will find it there: many at once are made sooner by one program
 * than by a unit for each. Only if it is not there, and the unit would do nothing before that; what fails is left to
 * the unit, which says why. Does not wait. links: see autostart_links_load(). Returns ManagedDone; parent and type in
 * *f then. */
int managed_start_ahead(const char *uuid, const AutostartLinks *links, Failure *f) _nonnull_(1, 2, 3) _must_check_;

typedef struct CreateRequest {
        Definition *definition; /* what is wanted; UUID included */
        const char *text;       /* the same, as it is to be written */
        Mode mode;
        bool mode_is_default; /* nobody asked for this mode: one that is defined otherwise will do */
        bool start;           /* make the device, or only define it */
        bool supersede;       /* for its front end: mdevctl's definitions, and an older record, do not count */
        bool dry_run;         /* only check what can be checked */
        unsigned wait;        /* seconds, for parent and type */
} CreateRequest;

/* Defines a device and makes it: both, or nothing. One that is there already, and the same, is success.
 * Returns ManagedDone (dry_run: what would be done), or a negative errno with *f; parent and type in *f, both times. */
int managed_create(const CreateRequest *request, Failure *f) _nonnull_(1, 2) _must_check_;

/* Writes a definition of the given mode for the UUID of d, which has none, and enables its unit if it is persistent:
 * both, or nothing. d is what text says. The caller holds the lock. Returns 0, or a negative errno with *f. */
int managed_define(const Definition *d, const char *text, Mode mode, Failure *f) _nonnull_(1, 2, 4) _must_check_;

/* Disables the unit of d and removes its file. The caller holds the lock. Returns 0, or a negative errno with *f. */
int managed_undefine(const Definition *d, Failure *f) _nonnull_(1, 2) _must_check_;

/* Removes the live device, as device_remove() does, and asks scripts before. Its parent and type are in *f then. The
 * caller holds the lock, and waits with device_settle_gone() when it has let it go. */
int managed_remove(const char *uuid, int lock, RemoveFlags flags, unsigned timeout, Settling *settling, Failure *f)
        _nonnull_(1, 5, 6) _must_check_;

/* Replaces the text of d, which is native, and makes it what mode says: moves it between /etc and /run, enables
 * or disables its unit; _MODE_INVALID leaves all that as it is. The caller holds the lock.
 * Returns 0, or a negative errno with *f. */
int managed_change(const Definition *d, const char *text, Mode mode, Failure *f) _nonnull_(1, 2, 4) _must_check_;

/* Seconds to wait for the lock of a UUID: a device that is slow to make is not an error. */
#define MANAGED_LOCK_TIMEOUT 60U

/* Notes that a definition is invalid, and why. Returns -EBADMSG. */
int managed_invalid(const Definition *d, Failure *f) _nonnull_(1, 2);
