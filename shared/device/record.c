/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/record.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/sysfs.h"

static const char *const state_names[] = {
        [RECORD_NONE] = "none",
        [RECORD_CREATING] = "creating",
        [RECORD_HERE] = "here",
        [RECORD_READY] = "ready",
};

static const char *const unit_names[] = {
        [RECORD_UNIT_NONE] = "none",
        [RECORD_UNIT_STARTING] = "starting",
        [RECORD_UNIT_STOPPING] = "stopping",
};

/* Properties that begin with a dot stay out of udev's database. */
#define RECORD_FORMAT ".MDEV_RECORD=%s\n.MDEV_UNIT=%s\n.MDEV_INODE=%" PRIu64 "\n"
#define RECORD_SIZE 80

static Record parse_record(int fd) {
        char buf[RECORD_SIZE + 1], state[16], unit[16];
        ssize_t n = pread(fd, buf, sizeof(buf) - 1, 0);
        Record record = {};

        buf[n > 0 ? n : 0] = '\0';
        if (sscanf(buf, ".MDEV_RECORD=%15s .MDEV_UNIT=%15s .MDEV_INODE=%" SCNu64, state, unit, &record.inode) != 3)
                return record;
        for (RecordState s = 0; s < ELEMENTSOF(state_names); s++)
                if (strcmp(state, state_names[s]) == 0)
                        record.state = s;
        for (RecordUnit u = 0; u < ELEMENTSOF(unit_names); u++)
                if (strcmp(unit, unit_names[u]) == 0)
                        record.unit = u;
        if (record.state == RECORD_NONE)
                return (Record) {};
        return record;
}

Record record_read(const Lock *lock) {
        return parse_record(lock->fd);
}

int record_peek(const char *uuid, Record *ret) {
        _cleanup_close_ int fd = lock_open(uuid);

        if (fd < 0)
                return fd;
        *ret = parse_record(fd);
        return 0;
}

int record_write(const Lock *lock, const Record *record, Failure *f) {
        char buf[RECORD_SIZE + 1];
        int n, r;

        /* one width, so that one pwrite(2) always replaces all of it; empty lines mean nothing */
        n = snprintf(buf, sizeof(buf), RECORD_FORMAT, state_names[record->state], unit_names[record->unit],
                     record->inode);
        memset(buf + n, '\n', RECORD_SIZE - (size_t) n);
        errno = ENOSPC; /* for a short write */
        if (pwrite(lock->fd, buf, RECORD_SIZE, 0) == RECORD_SIZE)
                return 0;
        r = -errno;
        return failure_at(f, failure_status_from_errno(r), r, FAILURE_WRITE, LOCK_DIR "/%s", lock->uuid);
}

bool record_is_of_unit(const Record *record, int device) {
        uint64_t inode;

        return record->state != RECORD_NONE && record->unit != RECORD_UNIT_NONE &&
                sysfs_device_inode(device, &inode) >= 0 && record->inode == inode;
}

void record_clear(const Lock *lock) {
        /* an empty file is no record, and one that could not be emptied is of a device that is gone */
        (void) !ftruncate(lock->fd, 0);
}

void record_clear_if_gone(const Lock *lock) {
        _cleanup_close_ int device = sysfs_open_device(lock->uuid);

        if (device == -ENODEV)
                record_clear(lock);
}

void record_clear_removed(const Lock *lock) {
        if (record_read(lock).state != RECORD_HERE)
                record_clear(lock);
}

void record_clear_settled(const char *uuid) {
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        Record record = {};

        if (record_peek(uuid, &record) >= 0 && record.state == RECORD_HERE && lock_take(uuid, 0, &lock, NULL) >= 0)
                record_clear_if_gone(&lock);
}

bool record_is_current(const Lock *lock) {
        _cleanup_close_ int device = -EBADF;
        Record record = record_read(lock);

        /* mdev-device-removed cannot clear the record while somebody holds the lock. If it stayed, udev's rules
         * would apply it to the next device with this UUID. */
        if (record.state == RECORD_READY)
                device = sysfs_open_device(lock->uuid);
        return record.state != RECORD_NONE && device != -ENODEV;
}
