/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "device/device.h"
#include "device/node-owner.h"
#include "device/record.h"
#include "kernel/sysfs.h"
#include "kernel/vfio-users.h"

/* Grace period before an opener we cannot identify counts as a user, in milliseconds. */
#define GUARD_TIMEOUT 2000U
/* No event tells of what is waited for here: look again after so many milliseconds. */
#define LOOK_AGAIN 10

/* Notes who has the device open. */
static int note_user(const char *uuid, int group, const VfioUser *user, Failure *f) {
        char path[128], node[16];

        (void) snprintf(path, sizeof(path), SYSFS_DEVICE_FORMAT, uuid);
        (void) snprintf(node, sizeof(node), "%d", group);
        if (user)
                return failure_set(f, STATUS_IN_USE, -EBUSY, FAILURE_IN_USE, .name = user->comm, .pid = user->pid,
                                   .value = user->node);
        return failure_set(f, STATUS_IN_USE, -EBUSY, FAILURE_IN_USE_UNSEEN, .path = path, .value = node);
}

static const VfioUser *find_user(VfioUserList *users, int device, int group) {
        char vfio[32];

        vfio_user_list_done(users);
        if (vfio_user_list(users) < 0)
                return NULL;
        return vfio_user_search(users, group, sysfs_device_vfio(device, vfio) >= 0 ? vfio : NULL);
}

/* Makes sure that nobody uses the device and, where the kernel allows that, that nobody begins to. Returns an fd to
 * keep until the device is removed, -ENOENT if there is nothing to hold, or -EBUSY with *f. */
static int guard_device(const char *uuid, int device, RemoveFlags flags, uint64_t deadline, Failure *f) {
        uint64_t patience = clock_now() + GUARD_TIMEOUT;
        _cleanup_(vfio_user_list_done) VfioUserList users = {};
        const VfioUser *user;
        int group, fd;
        bool is_user;

        for (;;) {
                group = sysfs_device_group(device);
                fd = group < 0 ? -ENOENT : vfio_guard(group);
                /* our device disappeared meanwhile, and another one was given its group number */
                if (fd >= 0 && sysfs_device_group(device) != group) {
                        close(fd);
                        return -ENOENT;
                }
                if (fd >= 0)
                        return fd;
                user = find_user(&users, device, group);
                if (fd != -EBUSY)
                        break;
                if ((flags & REMOVE_CALLER) && vfio_user_is_guard(&users, group, getppid()))
                        return -ENOENT;
                /* ignore processes that exited, and mdev-tools' own probes of a recycled group number */
                is_user = user ? strncmp(user->comm, "mdev", 4) != 0 : clock_now() >= patience;
                if (is_user || clock_now() >= deadline)
                        return note_user(uuid, group, user, f);
                (void) poll(NULL, 0, LOOK_AGAIN);
        }
        /* no group node (no udev, a container, CONFIG_VFIO_GROUP=n): the list of open files is all there is */
        return user ? note_user(uuid, group, user, f) : -ENOENT;
}

/* Writes to "remove" in a child: the write may block in the kernel for as long as somebody has the device open,
 * and then not even SIGKILL ends it. Returns 0, a negative errno of the write, or -ETIMEDOUT. */
static int write_remove_in_child(const Lock *lock, uint64_t deadline) {
        _cleanup_close_ int pidfd = -EBADF;
        struct pollfd p = { .events = POLLIN };
        int status = 0, r;
        pid_t pid;

        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                /* a child that stays must not keep other helpers out: they get the kernel's answer */
                if (lock->fd >= 0)
                        close(lock->fd);
                _exit(-sysfs_remove(lock->uuid));
        }
        p.fd = pidfd = pidfd_open(pid, 0);
        if (pidfd < 0)
                return -errno;
        do {
                uint64_t now = clock_now();
                r = poll(&p, 1, now < deadline ? (int) (deadline - now) : 0);
        } while (r < 0 && errno == EINTR);
        if (r == 0)
                return -ETIMEDOUT;
        if (r < 0 || waitpid(pid, &status, 0) < 0)
                return -errno;
        return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

/* No event tells of that moment (the last one comes before it), and it lasts microseconds once the driver is done. */
int device_wait_complete(const char *uuid, int device, uint64_t deadline, Failure *f) {
        while (!sysfs_device_is_complete(device)) {
                _cleanup_close_ int again = sysfs_open_device(uuid);

                if (again == -ENODEV)
                        return -ENODEV;
                if (clock_now() >= deadline)
                        return failure_at(f, STATUS_TIMED_OUT, -ETIMEDOUT, FAILURE_INCOMPLETE, SYSFS_DEVICE_FORMAT,
                                          uuid);
                (void) poll(NULL, 0, LOOK_AGAIN);
        }
        return 0;
}

/* True if another device has the UUID now, or none. */
static bool is_replaced(const char *uuid, int device) {
        _cleanup_close_ int now = sysfs_open_device(uuid);
        uint64_t a, b;

        return now == -ENODEV || sysfs_device_inode(device, &a) < 0 ||
                (now >= 0 && sysfs_device_inode(now, &b) >= 0 && a != b);
}

/* Notes why the write to "remove" failed. Returns error, or 0 if the device is gone nevertheless. */
static int note_refused_removal(const char *uuid, int device, int error, unsigned timeout, Failure *f) {
        char path[128];

        (void) snprintf(path, sizeof(path), SYSFS_DEVICE_FORMAT, uuid);
        if (error == -ETIMEDOUT) {
                _cleanup_(vfio_user_list_done) VfioUserList users = {};
                int group = sysfs_device_group(device);

                (void) note_user(uuid, group, find_user(&users, device, group), f);
                if (f) {
                        f->status = STATUS_TIMED_OUT;
                        f->seconds = timeout;
                }
                return error;
        }
        /* somebody else's removal, or its parent's unregistration, came first */
        if (is_replaced(uuid, device))
                return 0;
        if (error == -ENODEV)
                return failure_set(f, STATUS_TIMED_OUT, error, FAILURE_GOING, .path = path, .seconds = timeout);
        return failure_set(f, failure_status_from_errno(error), error,
                           error == -ENOENT ? FAILURE_NO_REMOVE : FAILURE_REMOVE, .path = path);
}

/* Removes the device, an fd of its directory, by the deadline. Returns 0, or a negative errno with op->failure. */
static int remove_by_deadline(Operation *op, int device, Record record, RemoveFlags flags, unsigned timeout,
                              uint64_t deadline) {
        _cleanup_close_ int guard_fd = -EBADF;
        const char *uuid = op->lock.uuid;
        int r;

        if (!(flags & REMOVE_FORCE)) {
                guard_fd = guard_device(uuid, device, flags, deadline, &op->failure);
                if (guard_fd == -EBUSY)
                        return guard_fd;
        }
        /* udev need not ask PID 1 to stop the unit; without this note it does, in vain */
        record.unit = RECORD_UNIT_STOPPING;
        if (flags & REMOVE_RECORDED)
                (void) !record_write(&op->lock, &record, NULL);
        r = write_remove_in_child(&op->lock, deadline);
        /* its group number is free for others now */
        closep(&guard_fd);
        guard_fd = -EBADF;
        /* the parent is being unregistered (mdev_core.c: unreg_sem), or another removal is in progress
         * (kernfs_get_active()); both remove the device, mostly in a moment */
        while (r == -ENODEV && !is_replaced(uuid, device) && clock_now() < deadline)
                (void) poll(NULL, 0, LOOK_AGAIN);
        return r < 0 ? note_refused_removal(uuid, device, r, timeout, &op->failure) : 0;
}

int device_remove(Operation *op, RemoveFlags flags, unsigned timeout) {
        uint64_t deadline = clock_now() + (uint64_t) timeout * 1000, now;
        const char *uuid = op->lock.uuid;
        _cleanup_close_ int device = -EBADF;
        Record record = record_read(&op->lock);
        int r;

        device = sysfs_open_device(uuid);
        if (device >= 0) {
                /* Listen before the device is looked at: it may disappear by itself, and udev's announcement of
                 * that must not be missed. Without the monitor nothing is lost but the wait. */
                if (!op->monitor)
                        (void) event_monitor_udev(false, &op->monitor);
                close(device);
                device = sysfs_open_device(uuid);
        }
        if (device == -ENODEV)
                return 0;
        if (device < 0)
                return failure_at(&op->failure, failure_status_from_errno(device), device, FAILURE_OPEN,
                                  SYSFS_DEVICE_FORMAT, uuid);
        if ((flags & REMOVE_RECORDED) && !record_is_of_unit(&record, device))
                return 0;
        r = device_wait_complete(uuid, device, deadline, &op->failure);
        if (r == -ENODEV)
                return 0;
        if (r >= 0)
                r = remove_by_deadline(op, device, record, flags, timeout, deadline);
        if (r < 0)
                return r;
        node_owner_forget(uuid);
        now = clock_now();
        op->gone_within = now < deadline ? deadline - now : 1;
        if (!(flags & REMOVE_RECORDED))
                return 1;
        /* The record has to say whose removal this is until udev has processed it, and no start of the unit can be in
         * progress. */
        r = device_settle_gone(op, &op->failure);
        op->gone_within = 0;
        return r < 0 ? r : 1;
}

void device_remove_again(Operation *op) {
        Failure why = op->failure;

        op->failure = (Failure) {};
        why.undone = device_remove(op, 0, ROLLBACK_TIMEOUT) >= 0;
        if (!why.undone)
                failure_add_undo(&why, FAILURE_UNDO_DEVICE, &op->failure);
        failure_done(&op->failure);
        op->failure = why;
}
