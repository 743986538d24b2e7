/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "device/lock.h"

/* The record of a device, in the file that is locked: whether its last start finished, and which device that start
 * saw. 60-mdev.rules reads it, too (IMPORT{file}), so it is KEY=value. */

typedef enum RecordState {
        RECORD_NONE,
        RECORD_CREATING, /* a start began to create the device and has not finished */
        RECORD_HERE,  /* udev reported a device that somebody else created; the start that adopts it has not run yet */
        RECORD_READY, /* a start has created or adopted it */
} RecordState;

/* The unit job in progress, so that the udev rules do not queue it again; and whether the unit's stop may remove
 * the device: a stop in progress must not touch a device that was created in the meantime. */
typedef enum RecordUnit {
        RECORD_UNIT_NONE,     /* no start of the unit has seen the device */
        RECORD_UNIT_STARTING, /* the unit's start, queued or running, has created or adopted it */
        RECORD_UNIT_STOPPING, /* the unit's stop removes it */
} RecordUnit;

typedef struct Record {
        RecordState state;
        RecordUnit unit;
        uint64_t inode; /* sysfs_device_inode() of the device; 0: not known yet */
} Record;

/* Reads the record. One that cannot be read counts as none. */
Record record_read(const Lock *lock) _nonnull_(1) _must_check_;

/* Reads the record without the lock. Returns 0, -ENOENT if there is none, or another negative errno. */
int record_peek(const char *uuid, Record *ret) _nonnull_(1, 2) _must_check_;

/* Returns 0, or a negative errno with *f. */
int record_write(const Lock *lock, const Record *record, Failure *f) _nonnull_(1, 2) _must_check_;

/* True if the device, an fd of its directory, is one that a start of its unit has seen, which the unit's stop may
 * remove. */
bool record_is_of_unit(const Record *record, int device) _nonnull_(1);

void record_clear(const Lock *lock) _nonnull_(1);

/* Clears the record if no device with this UUID exists. */
void record_clear_if_gone(const Lock *lock) _nonnull_(1);

/* Clears the record of a device that was removed, unless it is RECORD_HERE, so that a queued adoption does not create
 * the device again. */
void record_clear_removed(const Lock *lock) _nonnull_(1);

/* Clears RECORD_HERE when udev has processed the removal of the device. Takes the lock if it is free. */
void record_clear_settled(const char *uuid) _nonnull_(1);

/* True if others still need the record: it is of an existing device, or of a start that has not finished. */
bool record_is_current(const Lock *lock) _nonnull_(1);
