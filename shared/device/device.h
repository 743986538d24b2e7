/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/definition.h"
#include "device/callout.h"
#include "device/lock.h"
#include "kernel/event.h"

/* Creating and removing one live device. */

/* One operation on the device whose lock is held, from taking the lock to udev's last event. udev is waited for
 * without the lock: udev may be waiting for a start of the device's unit (mdev-device-added), which takes the lock. */
typedef struct Operation {
        CalloutHooks callouts;
        Lock lock;
        EventMonitor *monitor; /* since before the device was created or removed, or NULL */
        Awaited awaited;       /* the events of a device that exists */
        uint64_t gone_within;  /* a device was removed: how long udev may take to announce that, in ms; 0: none was */
        Failure failure;       /* why it failed; the parent and type in it are also known after a success */
} Operation;

#define OPERATION_NEW(print_, ...) \
        { .callouts = { .print = (print_), ##__VA_ARGS__ }, .lock = LOCK_NONE, .awaited.group = -1 }

void operation_done(Operation *op) _nonnull_(1);

/* Stops waiting for udev: what comes next has events of its own. */
void operation_forget_events(Operation *op) _nonnull_(1);

/* How a creation ended, if it did not fail. Not an errno: each of those may come from a driver. */
typedef enum Created {
        DEVICE_EXISTS,      /* it existed already */
        DEVICE_CREATED,
        DEVICE_DISAPPEARED, /* it appeared or disappeared concurrently; the caller retries */
} Created;

typedef enum CreateFlags {
        CREATE_UNIT = 1 << 0,  /* on behalf of the device's unit, whose start is in progress: udev need not queue it */
        CREATE_AHEAD = 1 << 1, /* the same, but the unit starts later, and waits for udev then */
} CreateFlags;

/* Seconds that the removal of a device may take when its creation is rolled back. */
#define ROLLBACK_TIMEOUT 20U

/* What follows returns a negative errno with the failure if it fails, else what is said here, or 0. */

/* Creates the device of d, writes its attributes in order and sets the owner of its node: all of it, or nothing
 * (exit statuses 15, 16). A device that exists already with the same parent and type is adopted, unless it is left
 * over from a start that did not finish: then it is removed and created again. Waits up to wait seconds for parent
 * and type, and writes the record. Whether the device was created or removed again, udev is then to be waited for,
 * without the lock. Returns Created. */
int device_create(Operation *op, Definition *d, CreateFlags flags, unsigned wait) _nonnull_(1, 2) _must_check_;

/* Waits until udev has processed a device after device_create() or device_adopt(): /dev/vfio/N has its owner and,
 * if the device was created, its unit is active. Returns DEVICE_CREATED, also when udev takes too long or does not
 * run, or DEVICE_DISAPPEARED. */
int device_settle(const Operation *op) _nonnull_(1) _must_check_;

/* Waits up to wait seconds for parent and type. */
int device_wait_type(Definition *d, unsigned wait, Failure *f) _nonnull_(1) _must_check_;

/* Has udev give the nodes of d, if it is live, to the owner that d names; device_settle() waits for that. */
int device_set_owner(Operation *op, const Definition *d) _nonnull_(1, 2) _must_check_;

/* Adopts a live device, whatever its parent and type, which op->failure has then, and records it. */
int device_adopt(Operation *op, CreateFlags flags) _nonnull_(1) _must_check_;

/* True if the device is live, and complete. */
bool device_is_live(const char *uuid) _nonnull_(1);

typedef enum RemoveFlags {
        REMOVE_FORCE = 1 << 0,    /* also a device that is in use */
        REMOVE_RECORDED = 1 << 1, /* on behalf of its unit's stop: only the device that the unit's start saw */
        REMOVE_CALLER = 1 << 2,   /* the parent process may be the one that keeps others from using the device */
} RemoveFlags;

/* Removes the live device. Refuses one in use (-EBUSY, its user is named). Returns within timeout seconds, even if
 * the kernel does not: -ETIMEDOUT. udev's announcement is then to be waited for without the lock; with
 * REMOVE_RECORDED it is waited for here. Returns 1 if the device was removed, 0 if there was none (or,
 * REMOVE_RECORDED, another one). */
int device_remove(Operation *op, RemoveFlags flags, unsigned timeout) _nonnull_(1) _must_check_;

/* Removes the device because a later step failed, which op->failure has: adds to it how that went. */
void device_remove_again(Operation *op) _nonnull_(1);

/* Waits until udev has announced the removal by device_remove(), if there was one, for the rest of its time: the
 * unit is inactive then. Returns 0 or -ETIMEDOUT. */
int device_settle_gone(const Operation *op, Failure *f) _nonnull_(1);

/* The kernel deletes "remove" if it is written before the device, an fd of its directory, is complete
 * (mdev_sysfs.c: remove_store()): waits for that until deadline (clock_now()). Returns 0, -ETIMEDOUT, or -ENODEV,
 * which is no failure, if the device is gone. */
int device_wait_complete(const char *uuid, int device, uint64_t deadline, Failure *f) _nonnull_(1) _must_check_;
