/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "base/failure.h"
#include "base/uuid.h"

/* One file per UUID, /run/mdev-tools/UUID: its flock(2) keeps helpers for one device apart, and it holds the record
 * of the last start: whether it finished, and which device it saw. flock is let go when the holder dies.
 * 60-mdev.rules reads the record, too (IMPORT{file}), so it is KEY=value. */

typedef struct Lock {
        int fd;
        char uuid[UUID_LENGTH + 1];
} Lock;

#define LOCK_NONE { .fd = -EBADF }

typedef enum RecordState {
        RECORD_NONE,
        RECORD_CREATING, /* a start began to make the device and has not finished */
        RECORD_HERE,     /* udev told of a device that others made; the start that takes it has not run yet */
        RECORD_READY,    /* a start has made it, or taken it as it is */
} RecordState;

/* What the device's unit does about it, so that udev need not ask PID 1 for the same; and whether the unit's stop may
 * remove it: a stop under way has nothing to do with a device that was made meanwhile. */
typedef enum RecordUnit {
        RECORD_UNIT_NONE,     /* no start of the unit has seen it */
        RECORD_UNIT_STARTING, /* the unit's start, under way or to come, made it, or has taken it as it is */
        RECORD_UNIT_STOPPING, /* the unit's stop removes it */
} RecordUnit;

typedef struct Record {
        RecordState state;
        RecordUnit unit;
        uint64_t inode; /* sysfs_device_inode() of the device; 0: not known yet */
} Record;

/* Takes the lock, waiting up to timeout seconds; lock_done() lets it go. Returns 0 with *ret, whose fd is what the
 * functions for records take; -ETIMEDOUT when another helper holds it all that time, or another negative errno;
 * *f says which. */
int lock_take(const char *uuid, unsigned timeout, Lock *ret, Failure *f) _nonnull_(1, 3, 4) _must_check_;

/* Lets it go, and removes the file if there is no record in it, or that of a device that is gone: only now, for
 * whoever comes after that has a lock of its own. Does nothing for LOCK_NONE. */
void lock_done(Lock *lock) _nonnull_(1);

/* True while some helper holds the lock. */
bool lock_is_held(const char *uuid) _nonnull_(1);

/* Reads and writes the record under the lock. A record that cannot be read counts as none. Writing returns 0, or a
 * negative errno with *f. */
void record_read(int lock, Record *ret) _nonnull_(2);
int record_write(int lock, const char *uuid, const Record *record, Failure *f) _nonnull_(2, 3, 4) _must_check_;

/* Reads the record without the lock. Returns 0, -ENOENT if there is none, or a negative errno. */
int record_peek(const char *uuid, Record *ret) _nonnull_(1, 2) _must_check_;

/* True if the device, by its directory's fd, is one that a start of its unit has seen, which its stop may remove. */
bool record_is_of_unit(const Record *record, int device) _nonnull_(1);

/* Forgets the device. */
void record_clear(int lock);

/* The same, when somebody has removed the device. What udev has told of is remembered: the start that takes it may be
 * still to come, and is not to make it again. */
void record_removed(int lock);

/* Forgets that, too, when udev is done with the removal; takes the lock, if it is free. */
void record_settled(const char *uuid) _nonnull_(1);

/* Forgets what udev has told of: the start that takes it has failed. */
void record_clear_note(int lock);

/* The same, unless a device with this UUID is there. */
void record_clear_if_gone(int lock, const char *uuid) _nonnull_(2);
