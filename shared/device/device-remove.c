/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "device/device.h"
#include "kernel/vfio-users.h"
#include "device/lock.h"
#include "device/node-owner.h"
#include "kernel/sysfs.h"

/* How long somebody who cannot be seen must have the device open to be its user, in milliseconds. */
#define GUARD_TIMEOUT 2000U

/* Notes who has the device open. */
static int in_use(const char *uuid, int group, const VfioUser *h, Failure *f) {
        if (h)
                failure_set(f, STATUS_IN_USE, 0, "in use by %s (PID %d), which has /dev/vfio/%s open", h->comm,
                            (int) h->pid, h->node);
        else
                failure_set(f, STATUS_IN_USE, 0, "in use: " SYSFS_DEVICE_FORMAT " (/dev/vfio/%d) is held open, "
                            "by a process that cannot be seen from here", uuid, group);
        return -EBUSY;
}

static const VfioUser *find_holder(VfioUserList *holders, int device, int group) {
        char vfio[32];

        vfio_user_list_done(holders);
        if (vfio_user_list(holders) < 0)
                return NULL;
        return vfio_user_search(holders, group, sysfs_device_vfio(device, vfio) >= 0 ? vfio : NULL);
}

/* Makes sure that nobody uses the device and, where the kernel lets us, that nobody begins to. Returns an fd to
 * keep until it is removed, -ENOENT if there is nothing to hold, or -EBUSY with *f. */
static int guard(const char *uuid, int device, RemoveFlags flags, uint64_t deadline, Failure *f) {
        uint64_t patience = clock_now() + GUARD_TIMEOUT;
        _cleanup_(vfio_user_list_done) VfioUserList holders = {};
        const VfioUser *h;
        int group, fd;
        bool is_user;

        for (;;) {
                group = sysfs_device_group(device);
                fd = group < 0 ? -ENOENT : vfio_guard(group);
                /* our device went meanwhile, and another one was given the number of its group */
                if (fd >= 0 && sysfs_device_group(device) != group) {
                        close(fd);
                        return -ENOENT;
                }
                if (fd >= 0)
                        return fd;
                h = find_holder(&holders, device, group);
                if (fd != -EBUSY)
                        break;
                if ((flags & REMOVE_CALLER) && vfio_user_is_guard(&holders, group, getppid()))
                        return -ENOENT;
                /* Who is gone already, or is a helper that came too late for the last device with this group
                 * number, is no user of this one. */
                is_user = h ? strncmp(h->comm, "mdev", 4) != 0 : clock_now() >= patience;
                if (is_user || clock_now() >= deadline)
                        return in_use(uuid, group, h, f);
                (void) poll(NULL, 0, 10);
        }
        /* no group node (no udev, a container, CONFIG_VFIO_GROUP=n): who has what open is all there is */
        return h ? in_use(uuid, group, h, f) : -ENOENT;
}

/* Writes to "remove" in a child: the write may block in the kernel for as long as somebody has the device open,
 * and then not even SIGKILL ends it. Returns 0, a negative errno of the write, or -ETIMEDOUT. */
static int remove_in_child(const char *uuid, int lock, uint64_t deadline) {
        _cleanup_close_ int pidfd = -EBADF;
        struct pollfd p = { .events = POLLIN };
        int status = 0, r;
        pid_t pid;

        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                /* a child that stays must not keep other helpers out: they get the kernel's answer */
                if (lock >= 0)
                        close(lock);
                _exit(-sysfs_remove(uuid));
        }
        p.fd = pidfd = pidfd_open(pid, 0);
        if (pidfd < 0)
                return -errno;
        do {
                uint64_t now = clock_now();
                r = poll(&p, 1, now < deadline ? (int) (deadline - now) : 0);
        } while (r < 0 && errno == EINTR);
        if (r < 0)
                return -errno;
        if (r == 0)
                return -ETIMEDOUT;
        if (waitpid(pid, &status, 0) < 0)
                return -errno;
        return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

/* Nothing tells of that moment (the last event comes before it), and it lasts microseconds once the driver is done, so
 * look a few times. */
int device_wait_complete(const char *uuid, int device, uint64_t deadline, Failure *f) {
        while (!sysfs_device_is_complete(device)) {
                _cleanup_close_ int again = sysfs_open_device(uuid);

                if (again == -ENODEV)
                        return -ENODEV;
                if (clock_now() >= deadline)
                        return failure_set(f, STATUS_TIMED_OUT, -ETIMEDOUT, SYSFS_DEVICE_FORMAT " is still being "
                                           "made; the kernel cannot remove it before that is finished", uuid);
                (void) poll(NULL, 0, 10);
        }
        return 0;
}

/* udev need not ask PID 1 to stop the unit. A note only: without it that is done in vain. */
static void note_stop(const char *uuid, int lock, Record record) {
        Failure ignored;

        record.unit = RECORD_UNIT_STOPPING;
        (void) !record_write(lock, uuid, &record, &ignored);
}

/* True if another device has the UUID now, or none. */
static bool is_replaced(const char *uuid, int device) {
        _cleanup_close_ int now = sysfs_open_device(uuid);
        uint64_t a, b;

        return now == -ENODEV || sysfs_device_inode(device, &a) < 0 ||
                (now >= 0 && sysfs_device_inode(now, &b) >= 0 && a != b);
}

/* A removal is answered with ENODEV while the parent is being unregistered (mdev_core.c: unreg_sem), or another removal
 * is under way (kernfs_get_active()). Both take the device along, mostly in a moment. */
static void wait_going(const char *uuid, int device, uint64_t deadline) {
        while (!is_replaced(uuid, device) && clock_now() < deadline)
                (void) poll(NULL, 0, 10);
}

static int remove_failed(const char *uuid, int device, int error, unsigned timeout, Failure *f) {
        int group = sysfs_device_group(device);

        if (error == -ETIMEDOUT) {
                _cleanup_(vfio_user_list_done) VfioUserList holders = {};

                (void) in_use(uuid, group, find_holder(&holders, device, group), f);
                failure_append(f, "; not gone after %u s: it is condemned now, and goes when it is let go",
                               timeout);
                f->status = STATUS_TIMED_OUT;
                return error;
        }
        /* somebody else's removal, or its parent's going, came before ours */
        if (is_replaced(uuid, device))
                return 0;
        if (error == -ENODEV)
                return failure_set(f, STATUS_TIMED_OUT, error, SYSFS_DEVICE_FORMAT " is going, because its parent is "
                                   "being unregistered or by another removal, but is not gone after %u s: is it, or "
                                   "another device of its parent, in use?", uuid, timeout);
        if (error == -ENOENT)
                return failure_set(f, STATUS_FAILURE, error, "the kernel has no file 'remove' in " SYSFS_DEVICE_FORMAT
                                   " any more: somebody wrote to it before the device was complete; only its parent's "
                                   "going (unload the driver) removes it", uuid);
        return failure_set(f, failure_status_from_errno(error), error,
                           "cannot remove " SYSFS_DEVICE_FORMAT ": %s", uuid, failure_reason(error));
}

int device_remove(const char *uuid, int lock, RemoveFlags flags, unsigned timeout, Settling *settling, Failure *f) {
        uint64_t deadline = clock_now() + (uint64_t) timeout * 1000;
        _cleanup_close_ int device = -EBADF, guard_fd = -EBADF;
        uint64_t now;
        Record record;
        int r;

        device = sysfs_open_device(uuid);
        if (device >= 0) {
                /* Before the device that is looked at: it may go by itself, and udev's word of that must not be
                 * missed. Without the monitor nothing is lost but the wait. */
                if (!settling->monitor)
                        (void) event_monitor_udev(false, &settling->monitor);
                close(device);
                device = sysfs_open_device(uuid);
        }
        if (device == -ENODEV)
                return 0;
        if (device < 0)
                return failure_set(f, failure_status_from_errno(device), device,
                                   "cannot open " SYSFS_DEVICE_FORMAT ": %s", uuid, failure_reason(device));
        record_read(lock, &record);
        if ((flags & REMOVE_RECORDED) && !record_is_of_unit(&record, device))
                return 0;

        r = device_wait_complete(uuid, device, deadline, f);
        if (r == -ENODEV)
                return 0;
        if (r < 0)
                return r;
        if (!(flags & REMOVE_FORCE)) {
                guard_fd = guard(uuid, device, flags, deadline, f);
                if (guard_fd == -EBUSY)
                        return guard_fd;
        }
        if (flags & REMOVE_RECORDED)
                note_stop(uuid, lock, record);
        r = remove_in_child(uuid, lock, deadline);
        /* the number of its group is free for others now */
        closep(&guard_fd);
        guard_fd = -EBADF;
        if (r == -ENODEV)
                wait_going(uuid, device, deadline);
        if (r < 0) {
                r = remove_failed(uuid, device, r, timeout, f);
                if (r < 0)
                        return r;
        }
        node_owner_forget(uuid);
        now = clock_now();
        settling->gone_within = now < deadline ? deadline - now : 1;
        if (!(flags & REMOVE_RECORDED))
                return 1;
        /* The record is to say whose removal it is until udev has seen to it, and no start of the unit can be under way. */
        r = device_settle_gone(uuid, settling, f);
        settling->gone_within = 0;
        return r < 0 ? r : 1;
}

int device_settle_gone(const char *uuid, const Settling *s, Failure *f) {
        if (s->gone_within == 0 || event_wait_gone(s->monitor, uuid, clock_now() + s->gone_within) != -ETIMEDOUT)
                return 0;
        return failure_set(f, STATUS_TIMED_OUT, -ETIMEDOUT,
                           "the device is removed, but udev has not announced that in time: is udevd stopped, or does a unit "
                           "that is bound to mdev@%s.service take long to stop?", uuid);
}
