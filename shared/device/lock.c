/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/lock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

#include "kernel/sysfs.h"

#include "base/file.h"

#define LOCK_DIR "/run/mdev-tools"
#define LOCK_PATH_MAX (sizeof(LOCK_DIR) + 64)

static void lock_path(const char *uuid, char ret[static LOCK_PATH_MAX]) {
        (void) snprintf(ret, LOCK_PATH_MAX, LOCK_DIR "/%s", uuid);
}

static void on_alarm(_unused_ int sig) {
}

/* flock(2) with an end: a repeated alarm interrupts it, repeated because the first may come just before. */
static int flock_until(int fd, unsigned timeout) {
        const struct itimerval tick = { .it_value.tv_sec = 1, .it_interval.tv_usec = 100000 }, off = {};
        struct sigaction sa = { .sa_handler = on_alarm }, old;
        struct timespec start, now;
        int r;

        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
                return 0;
        if (errno != EWOULDBLOCK)
                return -errno;
        if (timeout == 0)
                return -ETIMEDOUT;

        (void) clock_gettime(CLOCK_MONOTONIC, &start);
        (void) sigaction(SIGALRM, &sa, &old);
        (void) setitimer(ITIMER_REAL, &tick, NULL);
        do {
                r = flock(fd, LOCK_EX) < 0 ? -errno : 0;
                (void) clock_gettime(CLOCK_MONOTONIC, &now);
        } while (r == -EINTR && now.tv_sec - start.tv_sec < (time_t) timeout);
        (void) setitimer(ITIMER_REAL, &off, NULL);
        (void) sigaction(SIGALRM, &old, NULL);
        return r == -EINTR ? -ETIMEDOUT : r;
}

/* True if the file that was locked is still the one with that name: its holder may have removed it. */
static bool is_current(int fd, int dirfd, const char *uuid) {
        struct stat a, b;

        return fstat(fd, &a) == 0 && fstatat(dirfd, uuid, &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_ino == b.st_ino &&
                a.st_dev == b.st_dev;
}

/* A record decides what is removed, so nobody else may write it. */
static int open_lock_dir(Failure *f) {
        int fd;

        fd = file_open_dir(AT_FDCWD, LOCK_DIR);
        if (fd == -ENOENT && (mkdir(LOCK_DIR, 0755) == 0 || errno == EEXIST))
                fd = file_open_dir(AT_FDCWD, LOCK_DIR);
        else if (fd == -ENOENT)
                fd = -errno;
        /* the sandbox of a unit, or a host whose /run is read-only */
        if (fd == -EROFS)
                return failure_set(f, STATUS_NOT_PERMITTED, fd, "cannot create " LOCK_DIR ": %s; "
                                   "run: systemd-tmpfiles --create mdev-tools.conf", failure_reason(fd));
        if (fd < 0)
                return failure_set(f, failure_status_from_errno(fd), fd, "cannot open " LOCK_DIR ": %s",
                                   file_reason(fd));
        return fd;
}

int lock_take(const char *uuid, unsigned timeout, Lock *ret, Failure *f) {
        _cleanup_close_ int dirfd = -EBADF;
        char path[LOCK_PATH_MAX];

        lock_path(uuid, path);
        dirfd = open_lock_dir(f);
        if (dirfd < 0)
                return dirfd;
        for (;;) {
                _cleanup_close_ int fd = -EBADF;
                int r;

                fd = openat(dirfd, uuid, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
                if (fd < 0) {
                        r = -errno;
                        return failure_set(f, failure_status_from_errno(r), r, "cannot open %s: %s", path,
                                           failure_reason(r));
                }
                r = flock_until(fd, timeout);
                if (r == -ETIMEDOUT)
                        return failure_set(f, STATUS_TIMED_OUT, r,
                                           "another helper has been working on this device for %u s "
                                           "(it holds %s)", timeout, path);
                if (r < 0)
                        return failure_set(f, STATUS_FAILURE, r, "cannot lock %s: %s", path, failure_reason(r));
                if (!is_current(fd, dirfd, uuid))
                        continue;
                *ret = (Lock) { .fd = steal_fd(&fd) };
                (void) snprintf(ret->uuid, sizeof(ret->uuid), "%s", uuid);
                return 0;
        }
}

bool lock_is_held(const char *uuid) {
        _cleanup_close_ int fd = -EBADF;
        char path[LOCK_PATH_MAX];

        lock_path(uuid, path);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

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

/* udev keeps properties that begin with a dot to itself. */
#define RECORD_FORMAT ".MDEV_RECORD=%s\n.MDEV_UNIT=%s\n.MDEV_INODE=%" PRIu64 "\n"
#define RECORD_SIZE 80

static void parse_record(int fd, Record *ret) {
        char buf[RECORD_SIZE + 1], state[16], unit[16];
        Record record = {};
        ssize_t n;

        *ret = (Record) {};
        n = pread(fd, buf, sizeof(buf) - 1, 0);
        if (n <= 0)
                return;
        buf[n] = '\0';
        if (sscanf(buf, ".MDEV_RECORD=%15s .MDEV_UNIT=%15s .MDEV_INODE=%" SCNu64, state, unit, &record.inode) != 3)
                return;
        for (RecordState s = 0; s < ELEMENTSOF(state_names); s++)
                if (strcmp(state, state_names[s]) == 0)
                        record.state = s;
        for (RecordUnit u = 0; u < ELEMENTSOF(unit_names); u++)
                if (strcmp(unit, unit_names[u]) == 0)
                        record.unit = u;
        if (record.state != RECORD_NONE)
                *ret = record;
}

void record_read(int lock, Record *ret) {
        parse_record(lock, ret);
}

int record_write(int lock, const char *uuid, const Record *record, Failure *f) {
        char buf[RECORD_SIZE + 1];
        int n, r;

        /* one width, so that one pwrite(2) always replaces all of it; empty lines mean nothing */
        n = snprintf(buf, sizeof(buf), RECORD_FORMAT, state_names[record->state], unit_names[record->unit], record->inode);
        memset(buf + n, '\n', RECORD_SIZE - (size_t) n);
        errno = ENOSPC; /* for a short write */
        if (pwrite(lock, buf, RECORD_SIZE, 0) == RECORD_SIZE)
                return 0;
        r = -errno;
        return failure_set(f, failure_status_from_errno(r), r, "cannot write " LOCK_DIR "/%s: %s", uuid,
                           failure_reason(r));
}

int record_peek(const char *uuid, Record *ret) {
        _cleanup_close_ int fd = -EBADF;
        char path[LOCK_PATH_MAX];

        lock_path(uuid, path);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return -errno;
        parse_record(fd, ret);
        return 0;
}

bool record_is_of_unit(const Record *record, int device) {
        uint64_t inode;

        return record->state != RECORD_NONE && record->unit != RECORD_UNIT_NONE &&
                sysfs_device_inode(device, &inode) >= 0 && record->inode == inode;
}

void record_clear(int lock) {
        /* an empty file is no record, and one that could not be emptied is of a device that is gone */
        (void) !ftruncate(lock, 0);
}

void record_removed(int lock) {
        Record record;

        record_read(lock, &record);
        if (record.state != RECORD_HERE)
                record_clear(lock);
}

void record_clear_note(int lock) {
        Record record;

        record_read(lock, &record);
        if (record.state == RECORD_HERE)
                record_clear(lock);
}

void record_clear_if_gone(int lock, const char *uuid) {
        _cleanup_close_ int device = sysfs_open_device(uuid);

        if (device == -ENODEV)
                record_clear(lock);
}

/* mdev-device-removed cannot forget a device that goes while somebody has the lock. Were the record to stay, udev's rules would take
 * the next device with this UUID for the one that is recorded. */
static bool is_outdated(const char *uuid, const Record *record) {
        _cleanup_close_ int device = record->state == RECORD_READY ? sysfs_open_device(uuid) : -EBADF;

        return device == -ENODEV;
}

void lock_done(Lock *lock) {
        char path[LOCK_PATH_MAX];
        Record record;

        if (lock->fd < 0)
                return;
        record_read(lock->fd, &record);
        lock_path(lock->uuid, path);
        if (record.state == RECORD_NONE || is_outdated(lock->uuid, &record))
                (void) unlink(path);
        close(lock->fd);
        lock->fd = -EBADF;
}

void record_settled(const char *uuid) {
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        Record record = {};
        Failure ignored;

        if (record_peek(uuid, &record) >= 0 && record.state == RECORD_HERE && lock_take(uuid, 0, &lock, &ignored) >= 0)
                record_clear_if_gone(lock.fd, uuid);
}
