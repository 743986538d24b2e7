/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/definition.h"
#include "kernel/event.h"

/* Making and removing one live device. The caller holds the lock of the UUID (lock.h) and passes it on; but udev is
 * waited for without it: a start of the device's unit may be part of what udev does (mdev-device-added), and takes the lock. */

/* How a creation ended, if it did not fail. Not an errno: each of those may come from a driver. */
typedef enum Created {
        DEVICE_THERE,    /* it was there already */
        DEVICE_MADE,     /* it was made */
        DEVICE_VANISHED, /* it went under our hands, or came: look again */
} Created;

typedef enum CreateFlags {
        CREATE_UNIT = 1 << 0,  /* it is for the device's unit, whose start is under way: udev need not ask for it */
        CREATE_AHEAD = 1 << 1, /* the same, but the unit comes later, and waits for udev then */
} CreateFlags;

/* What is left to wait for once a device is there, or gone. */
typedef struct Settling {
        EventMonitor *monitor; /* since before it was made or removed, or NULL */
        Awaited awaited;       /* of one that is there */
        uint64_t gone_within;  /* one was removed: how long udev may take to say so, in milliseconds; 0: none was */
} Settling;

#define SETTLING_NONE { .awaited.group = -1 }

void settling_done(Settling *s);

/* Makes the device of d, writes its attributes in order and says who may open it: all of it, or nothing (exit statuses
 * 15, 16).
 * One that is there already with the same parent and type is taken as it is, unless it is the remainder of a
 * start that did not finish: that is removed and made again. Waits up to wait seconds for parent and type, and
 * writes the record. What udev does about the device, made or taken back, is then to be waited for, with *settling
 * (SETTLING_NONE before) and without the lock.
 * Returns Created, or a negative errno with *f. */
int device_create(Definition *d, int lock, CreateFlags flags, unsigned wait, Settling *settling, Failure *f)
        _nonnull_(1, 5, 6) _must_check_;

/* Waits until udev has finished a device after device_create() or device_adopt(): /dev/vfio/N has its permissions and, if
 * it was made, its unit is active. Returns DEVICE_MADE, also when udev takes too long or does not run, or
 * DEVICE_VANISHED. */
int device_settle(const char *uuid, const Settling *s) _nonnull_(1, 2) _must_check_;

/* Waits up to wait seconds for parent and type. Returns 0, or -ENODEV, -ENOENT, ... with *f. */
int device_wait_type(Definition *d, unsigned wait, Failure *f) _nonnull_(1, 3) _must_check_;

/* Has udev give the nodes of d, if it is live, to whom d says: device_settle() waits for that, without the lock. Returns 0,
 * or a negative errno with *f. */
int device_permit(const Definition *d, Settling *settling, Failure *f) _nonnull_(1, 2, 3) _must_check_;

/* Takes a device that is there already, whatever it is, and records it. Its parent and type are in *f then.
 * Returns 0, -ENODEV, ... with *f. */
int device_adopt(const char *uuid, int lock, CreateFlags flags, Settling *settling, Failure *f)
        _nonnull_(1, 4, 5) _must_check_;

typedef enum RemoveFlags {
        REMOVE_FORCE = 1 << 0,    /* also a device that is in use */
        REMOVE_RECORDED = 1 << 1, /* it is the stop of its unit: only the device that the unit's start saw */
        REMOVE_CALLER = 1 << 2,   /* the parent process may be who keeps others from using the device meanwhile */
} RemoveFlags;

/* Removes the live device. Refuses one in use (-EBUSY, the holder is named). Returns within timeout seconds, even
 * if the kernel does not: -ETIMEDOUT. udev's word of it is then to be waited for, with *settling and without the
 * lock; REMOVE_RECORDED: it is waited for here.
 * Returns 1 if it was removed, 0 if there was none (or, REMOVE_RECORDED, another one), or a negative errno
 * with *f. */
int device_remove(const char *uuid, int lock, RemoveFlags flags, unsigned timeout, Settling *settling, Failure *f)
        _nonnull_(1, 5, 6) _must_check_;

/* Waits until udev has announced the removal by device_remove(), if there was one, for what that has left of its time: its
 * unit is inactive then. Returns 0, or -ETIMEDOUT with *f. */
int device_settle_gone(const char *uuid, const Settling *s, Failure *f) _nonnull_(1, 2, 3) _must_check_;

/* The kernel deletes "remove" if it is written before the device, an fd of its directory, is complete (mdev_sysfs.c:
 * remove_store()): waits for that until deadline (clock_now()). Returns 0, -ENODEV if it is gone, or -ETIMEDOUT with *f. */
int device_wait_complete(const char *uuid, int device, uint64_t deadline, Failure *f) _nonnull_(1, 4) _must_check_;
