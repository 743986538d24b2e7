/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/file.h"
#include "device/record.h"

#define LOCK_PATH_MAX (sizeof(LOCK_DIR) + 64)

static void lock_path(const char *uuid, char ret[static LOCK_PATH_MAX]) {
        (void) snprintf(ret, LOCK_PATH_MAX, LOCK_DIR "/%s", uuid);
}

static void on_alarm(_unused_ int sig) {
}

/* flock(2) with a time limit: an alarm interrupts it, and repeats because the first one may come just before the
 * call. */
static int flock_until(int fd, unsigned timeout) {
        const struct itimerval tick = { .it_value.tv_sec = 1, .it_interval.tv_usec = 100000 }, off = {};
        struct sigaction sa = { .sa_handler = on_alarm }, old;
        uint64_t deadline = clock_now() + (uint64_t) timeout * 1000;
        int r;

        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
                return 0;
        if (errno != EWOULDBLOCK)
                return -errno;
        if (timeout == 0)
                return -ETIMEDOUT;

        (void) sigaction(SIGALRM, &sa, &old);
        (void) setitimer(ITIMER_REAL, &tick, NULL);
        do
                r = flock(fd, LOCK_EX) < 0 ? -errno : 0;
        while (r == -EINTR && clock_now() < deadline);
        (void) setitimer(ITIMER_REAL, &off, NULL);
        (void) sigaction(SIGALRM, &old, NULL);
        return r == -EINTR ? -ETIMEDOUT : r;
}

/* True if the file that was locked is still the one with that name: its last holder may have removed it. */
static bool is_current(int fd, int dirfd, const char *uuid) {
        struct stat a, b;

        return fstat(fd, &a) == 0 && fstatat(dirfd, uuid, &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_ino == b.st_ino &&
                a.st_dev == b.st_dev;
}

/* A record decides what is removed, so nobody else may write it. */
static int open_lock_dir(Failure *f) {
        int fd = file_make_dir(AT_FDCWD, LOCK_DIR);

        /* the sandbox of a unit, or a host whose /run is read-only */
        if (fd == -EROFS)
                return failure_at(f, STATUS_NOT_PERMITTED, fd, FAILURE_NO_LOCK_DIR, LOCK_DIR);
        if (fd < 0)
                return failure_at_file(f, failure_status_from_errno(fd), fd, FAILURE_OPEN, LOCK_DIR);
        return fd;
}

int lock_take(const char *uuid, unsigned timeout, Lock *ret, Failure *f) {
        _cleanup_close_ int dirfd = open_lock_dir(f);
        char path[LOCK_PATH_MAX];

        lock_path(uuid, path);
        if (dirfd < 0)
                return dirfd;
        for (;;) {
                _cleanup_close_ int fd = -EBADF;
                int r;

                fd = openat(dirfd, uuid, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
                if (fd < 0) {
                        r = -errno;
                        return failure_at(f, failure_status_from_errno(r), r, FAILURE_OPEN, "%s", path);
                }
                r = flock_until(fd, timeout);
                if (r == -ETIMEDOUT)
                        return failure_set(f, STATUS_TIMED_OUT, r, FAILURE_LOCKED, .path = path, .seconds = timeout);
                if (r < 0)
                        return failure_at(f, STATUS_FAILURE, r, FAILURE_LOCK, "%s", path);
                if (!is_current(fd, dirfd, uuid))
                        continue;
                *ret = (Lock) { .fd = steal_fd(&fd) };
                (void) snprintf(ret->uuid, sizeof(ret->uuid), "%s", uuid);
                return 0;
        }
}

void lock_done(Lock *lock) {
        char path[LOCK_PATH_MAX];

        if (lock->fd < 0)
                return;
        lock_path(lock->uuid, path);
        if (!record_is_current(lock))
                (void) unlink(path);
        close(lock->fd);
        lock->fd = -EBADF;
}

int lock_open(const char *uuid) {
        char path[LOCK_PATH_MAX];
        int fd;

        lock_path(uuid, path);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        return fd < 0 ? -errno : fd;
}

bool lock_is_held(const char *uuid) {
        _cleanup_close_ int fd = lock_open(uuid);

        return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}
