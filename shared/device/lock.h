/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/failure.h"
#include "base/uuid.h"

/* One file per UUID, /run/mdev-tools/UUID: its flock(2) serializes the helpers that work on one device, and its
 * contents are the record of the device (record.h). The kernel releases the lock when its holder dies. */
#define LOCK_DIR "/run/mdev-tools"

typedef struct Lock {
        int fd;
        char uuid[UUID_LENGTH + 1]; /* also after lock_done() */
} Lock;

#define LOCK_NONE { .fd = -EBADF }

/* Seconds to wait for the lock: a device that is slow to create is not an error. */
#define LOCK_TIMEOUT 60U

/* Takes the lock, waiting up to timeout seconds. Returns 0 with *ret, which lock_done() releases; -ETIMEDOUT when
 * another helper holds it all that time, or another negative errno, with *f. */
int lock_take(const char *uuid, unsigned timeout, Lock *ret, Failure *f) _nonnull_(1, 3) _must_check_;

/* Releases the lock. Before that, it unlinks the file if it holds no current record: those who wait for the lock
 * see that the file was replaced, and open the new one. Does nothing for LOCK_NONE. */
void lock_done(Lock *lock) _nonnull_(1);

/* True while some helper holds the lock. */
bool lock_is_held(const char *uuid) _nonnull_(1);

/* Opens the file without taking the lock. Returns an fd, -ENOENT if there is none, or another negative errno. */
int lock_open(const char *uuid) _nonnull_(1) _must_check_;
