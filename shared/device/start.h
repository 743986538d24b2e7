/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/mode.h"
#include "device/device.h"

/* Starting and stopping devices: scripts are asked (callout.h), and a device that has a definition is as that says. */

/* What was done, as a set; if it is empty, there was nothing to do. */
typedef enum Done {
        DONE_DEFINED = 1 << 0, /* the definition was written */
        DONE_CREATED = 1 << 1, /* the device was created */
} Done;

/* Starts a defined device, or adopts a live one, managed or not: what mdev@.service runs, with CREATE_UNIT. Takes
 * the lock. Waits up to wait seconds for the parent and its type; wait < 0: as long as the definition says, or
 * default_wait. Returns Done, or a negative errno with op->failure, which has the parent and type in both cases. */
int start_device(Operation *op, const char *uuid, CreateFlags flags, int wait, unsigned default_wait)
        _nonnull_(1, 2) _must_check_;

/* Creates a persistent device ahead of its unit, which will adopt it: one program creates many devices sooner than
 * a unit for each. Only if the device does not exist, and the unit would do nothing before that; a failure is left
 * to the unit, which reports it. Takes the lock. Does not wait. links: see autostart_links_load(). Returns Done;
 * op->failure has parent and type then. */
int start_device_ahead(Operation *op, const char *uuid, const AutostartLinks *links) _nonnull_(1, 2, 3) _must_check_;

/* Creates or adopts the device of d, whose lock the caller holds; scripts are asked only about a device that is to
 * be created. Returns Created, or a negative errno with op->failure. */
int start_definition(Operation *op, Definition *d, CreateFlags flags, unsigned wait) _nonnull_(1, 2) _must_check_;

/* Releases the lock and waits for udev, after start_definition() has returned result: Created, or an error. Returns
 * that, or DEVICE_DISAPPEARED. */
int start_settle(Operation *op, int result) _nonnull_(1) _must_check_;

/* Removes the live device, as device_remove() does, and asks scripts before. op->failure has its parent and type
 * then. The caller holds the lock, and calls device_settle_gone() when it has released it. */
int stop_device(Operation *op, RemoveFlags flags, unsigned timeout) _nonnull_(1) _must_check_;
