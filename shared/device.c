/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device.h"

#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "clock.h"
#include "event.h"
#include "holder.h"
#include "lock.h"
#include "parent.h"
#include "permissions.h"
#include "stop.h"
#include "sysfs.h"

/* How long udev may take with one device before we go on without it, in milliseconds. */
#define UDEV_TIMEOUT 10000U
/* How long somebody who cannot be seen must have the device open to be its user, in milliseconds. */
#define GUARD_TIMEOUT 2000U
/* How long taking back a device may take, in seconds. */
#define ROLLBACK_TIMEOUT 20U

/* Lists names for a message, as many as fit. */
static void append_names(Failure *f, const NameList *list) {
        for (size_t i = 0; i < list->n; i++) {
                if (i == 8) {
                        failure_append(f, ", … (%zu in all)", list->n);
                        return;
                }
                failure_append(f, "%s%s", i > 0 ? ", " : "", list->names[i]);
        }
}

void device_explain_full(const char *parent, const char *type, Failure *f) {
        _cleanup_(name_list_done) NameList devices = {};
        _cleanup_close_ int fd = sysfs_open_type(parent, type);
        char available[32] = "0";
        unsigned long left;

        if (fd < 0)
                return;
        if (sysfs_list_type_devices(fd, &devices) < 0 ||
            sysfs_read(fd, SYSFS_TYPE_AVAILABLE, available, sizeof(available)) < 0)
                return;
        left = strtoul(available, NULL, 10);
        if (devices.n > 0) {
                failure_append(f, ": %zu of %lu in use by ", devices.n, devices.n + left);
                append_names(f, &devices);
        } else if (left == 0)
                failure_append(f, ": none in use by this type, so other types of %s use what it shares with them",
                               parent);
        else
                failure_append(f, ", although it says that %lu are", left);
}

/* What was missing a moment ago is there now. */
static int in_flux(const Definition *d, int error, Failure *f) {
        return failure_set(f, STATUS_NO_PARENT, error, "parent " SYSFS_PARENT_FORMAT " is being unregistered, or "
                           "registered: try again", d->parent);
}

static int no_parent(const Definition *d, int error, unsigned wait, Failure *f) {
        _cleanup_(name_list_done) NameList parents = {};
        bool listed = sysfs_list_parents(&parents) >= 0 && parents.n > 0;

        for (size_t i = 0; listed && i < parents.n; i++)
                if (strcmp(parents.names[i], d->parent) == 0)
                        return in_flux(d, error, f);
        if (d->selector)
                failure_set(f, STATUS_NO_PARENT, error, "no parent is registered that is %s", d->selector);
        else
                failure_set(f, STATUS_NO_PARENT, error, "no parent " SYSFS_PARENT_FORMAT " is registered", d->parent);
        if (wait > 0)
                failure_append(f, " (waited %u s)", wait);
        if (listed) {
                failure_append(f, "; there are: ");
                append_names(f, &parents);
        } else
                failure_append(f, ", nor any other: is the driver loaded?");
        return error;
}

static int ambiguous(const Definition *d, Failure *f) {
        return failure_set(f, STATUS_NO_PARENT, -ENOTUNIQ, "parent=%s is true of several registered parents: say it by "
                           "another selector, or the kernel name", d->selector);
}

static int no_type(const Definition *d, int error, Failure *f) {
        _cleanup_(name_list_done) NameList types = {};
        bool listed = sysfs_list_types(d->parent, &types) >= 0;

        if (listed && types.n == 0)
                return in_flux(d, error, f);
        for (size_t i = 0; i < types.n; i++)
                if (strcmp(types.names[i], d->type) == 0)
                        return in_flux(d, error, f);
        failure_set(f, STATUS_NO_TYPE, error, "parent %s has no type %s", d->parent, d->type);
        if (listed) {
                failure_append(f, "; it has: ");
                append_names(f, &types);
        }
        return error;
}

/* Notes who has the device open. */
static int in_use(const char *uuid, int group, const Holder *h, Failure *f) {
        if (h)
                failure_set(f, STATUS_IN_USE, 0, "in use by %s (PID %d), which has /dev/vfio/%s open", h->comm,
                            (int) h->pid, h->node);
        else
                failure_set(f, STATUS_IN_USE, 0, "in use: " SYSFS_DEVICE_FORMAT " (/dev/vfio/%d) is held open, "
                            "by a process that cannot be seen from here", uuid, group);
        return -EBUSY;
}

static const Holder *find_holder(HolderList *holders, int device, int group) {
        char vfio[32];

        holder_list_done(holders);
        if (holder_list(holders) < 0)
                return NULL;
        return holder_search(holders, group, sysfs_device_vfio(device, vfio) >= 0 ? vfio : NULL);
}

/* Makes sure that nobody uses the device and, where the kernel lets us, that nobody begins to. Returns an fd to
 * keep until it is removed, -ENOENT if there is nothing to hold, or -EBUSY with *f. */
static int guard(const char *uuid, int device, RemoveFlags flags, uint64_t deadline, Failure *f) {
        uint64_t patience = clock_now() + GUARD_TIMEOUT;
        _cleanup_(holder_list_done) HolderList holders = {};
        const Holder *h;
        int group, fd;
        bool is_user;

        for (;;) {
                group = sysfs_device_group(device);
                fd = group < 0 ? -ENOENT : holder_guard(group);
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
                if ((flags & REMOVE_CALLER) && holder_guards(&holders, group, getppid()))
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

/* The kernel deletes "remove" if it is written before the device is complete. Nothing tells of that moment (the
 * last event comes before it), and it lasts microseconds once the driver is done, so look a few times. */
static int wait_complete(const char *uuid, int device, uint64_t deadline, Failure *f) {
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
                _cleanup_(holder_list_done) HolderList holders = {};

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
        _cleanup_(settling_done) Settling ours = SETTLING_NONE;
        _cleanup_close_ int device = -EBADF, guard_fd = -EBADF;
        Record record;
        int r;

        /* The record is to say whose removal it is until udev has seen to it, and no start of the unit can be under way. */
        if (flags & REMOVE_RECORDED || !settling)
                settling = &ours;
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

        r = wait_complete(uuid, device, deadline, f);
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
        permissions_forget(uuid);
        settling->gone_until = deadline;
        r = settling == &ours ? device_settle_gone(uuid, settling, f) : 0;
        return r < 0 ? r : 1;
}

int device_settle_gone(const char *uuid, const Settling *s, Failure *f) {
        if (s->gone_until == 0 || event_wait_gone(s->monitor, uuid, s->gone_until) != -ETIMEDOUT)
                return 0;
        return failure_set(f, STATUS_TIMED_OUT, -ETIMEDOUT,
                           "the device is removed, but udev has not announced that in time: is systemd-udevd stopped?");
}

/* Looks at what lives under this UUID. Returns 1 if it is the device of d and whole, 0 if there is none, or a
 * negative errno with *f. A half made one of ours is removed. */
static int check_live(const Definition *d, int lock, Failure *f) {
        char parent[256], type[256];
        _cleanup_close_ int device = -EBADF;
        Record record;
        int r;

        device = sysfs_open_device(d->uuid);
        if (device == -ENODEV)
                return 0;
        if (device < 0)
                return failure_set(f, STATUS_FAILURE, device, "cannot open " SYSFS_DEVICE_FORMAT ": %s", d->uuid,
                                   failure_reason(device));
        r = wait_complete(d->uuid, device, clock_now() + UDEV_TIMEOUT, f);
        if (r == -ENODEV)
                return 0;
        if (r < 0)
                return r;
        r = sysfs_device_identity(d->uuid, device, parent, type);
        if (r == -ENODEV)
                return 0;
        if (r < 0)
                return failure_set(f, STATUS_FAILURE, r, "cannot read " SYSFS_DEVICE_FORMAT "/mdev_type: %s",
                                   d->uuid, failure_reason(r));
        if (strcmp(parent, d->parent) != 0 || strcmp(type, d->type) != 0)
                return failure_set(f, STATUS_EXISTS, -EEXIST, "exists already, but with parent %s and type %s "
                                   "(wanted: %s, %s)", parent, type, definition_parent(d), d->type);
        record_read(lock, &record);
        if (record.state != RECORD_CREATING)
                return 1;

        /* A helper was killed between creation and the last attribute: which ones are set is not known. The next one's
         * events are not to be taken for this one's, so udev is waited for; mdev-here knows by the record not to wait
         * for us. */
        r = device_remove(d->uuid, lock, 0, ROLLBACK_TIMEOUT, NULL, f);
        if (r < 0)
                failure_append(f, " (an earlier start did not finish it, so it must be made again)");
        return r < 0 ? r : 0;
}

/* Notes why the kernel refused to create. */
static int create_failed(const Definition *d, int error, unsigned wait, Failure *f) {
        const char *reason = failure_reason(error);

        switch (-error) {
        case ENODEV:
                return no_parent(d, error, wait, f);
        case ENOENT:
                return no_type(d, error, f);
        case EUSERS: /* the core's count */
        case ENOSPC: /* the driver's */
                failure_set(f, STATUS_NO_INSTANCE, 0, "no instance of %s left on %s", d->type, d->parent);
                device_explain_full(d->parent, d->type, f);
                return error;
        case EEXIST:
                return failure_set(f, STATUS_IN_USE, error, "the kernel has this UUID still (%s): a removal of "
                                   "the device has begun and waits for its user to let go", reason);
        default:
                return failure_set(f, failure_status_from_errno(error), error,
                                   "cannot create by " SYSFS_CREATE_FORMAT ": %s", d->parent, d->type, reason);
        }
}

typedef struct Waiter {
        EventMonitor *monitor;
        uint64_t deadline;
} Waiter;

/* Waits until it is worth looking for a parent again. Returns 0, -ETIMEDOUT, or a negative errno. */
static int wait_registration(Waiter *w, const Definition *d) {
        if (clock_now() >= w->deadline)
                return -ETIMEDOUT;
        /* the parent may have come before we listened */
        if (!w->monitor)
                return event_monitor_all(parent_needs_udev(d), &w->monitor);
        return event_wait_registered(w->monitor, w->deadline);
}

static void waiter_done(Waiter *w) {
        event_monitor_free(w->monitor);
}

static Waiter waiter_new(unsigned seconds) {
        return (Waiter) { .deadline = clock_now() + (uint64_t) seconds * 1000 };
}

int device_wait_type(Definition *d, unsigned wait, Failure *f) {
        _cleanup_(waiter_done) Waiter w = waiter_new(wait);

        for (;;) {
                _cleanup_close_ int type = -EBADF;

                if (parent_resolve(d) == -ENOTUNIQ)
                        return ambiguous(d, f);
                type = sysfs_open_type(d->parent, d->type);
                if (type >= 0)
                        return 0;
                if (wait_registration(&w, d) < 0)
                        return create_failed(d, type, wait, f);
        }
}

/* Writes to create, as soon as parent and type are there; only while it waits for them may a signal (unblocked) end
 * it. Returns DEVICE_MADE, DEVICE_VANISHED if something lives there by now, or a negative errno with *f. */
static int create_when_ready(Definition *d, unsigned wait, const sigset_t *unblocked, Failure *f) {
        _cleanup_(waiter_done) Waiter w = waiter_new(wait);

        for (;;) {
                _cleanup_close_ int fd = -EBADF;
                sigset_t old;
                int r, waited;

                if (parent_resolve(d) == -ENOTUNIQ)
                        return ambiguous(d, f);
                r = sysfs_create(d->parent, d->type, d->uuid);
                if (r >= 0)
                        return DEVICE_MADE;
                if (r == -EEXIST) {
                        fd = sysfs_open_device(d->uuid);
                        return fd >= 0 ? DEVICE_VANISHED : create_failed(d, r, wait, f);
                }
                /* parent or type not there, yet or any more; a parent that is unregistering says ENODEV */
                waited = -ETIMEDOUT;
                if (r == -ENOENT || r == -ENODEV) {
                        stop_restore(unblocked);
                        waited = wait_registration(&w, d);
                        stop_block(&old);
                }
                if (waited < 0) {
                        fd = sysfs_open_type(d->parent, d->type);
                        return create_failed(d, fd < 0 && (r == -ENOENT || r == -ENODEV) ? fd : r, wait, f);
                }
        }
}

/* Returns DEVICE_MADE, DEVICE_VANISHED, or a negative errno with *f. */
static int write_attributes(const Definition *d, int device, Failure *f) {
        for (size_t i = 0; i < d->n_attributes; i++) {
                const Attribute *a = &d->attributes[i];
                int r = sysfs_write_attribute(device, a->name, a->value);

                if (r >= 0)
                        continue;
                if ((r == -ENOENT || r == -ENODEV) && !sysfs_device_is_complete(device))
                        return DEVICE_VANISHED;
                return failure_set(f, STATUS_ATTRIBUTE, r, "attribute %s: value '%s' refused: %s ("
                                   SYSFS_DEVICE_FORMAT "/%s)", a->name, a->value,
                                   r == -ENOENT ? "the device has no such attribute" : failure_reason(r), d->uuid,
                                   a->name);
        }
        return DEVICE_MADE;
}

/* udev leaves what a unit has made to the unit, and so that may be waited for under the lock. */
static int take_back(const Definition *d, int lock, const Record *record, int error, Settling *settling, Failure *f) {
        Failure why = {};
        int r;

        r = device_remove(d->uuid, lock, 0, ROLLBACK_TIMEOUT, record->unit == RECORD_UNIT_STARTING ? NULL : settling,
                          &why);
        if (r >= 0) {
                record_clear(lock);
                failure_append(f, "; the device is taken back");
        } else {
                failure_append(f, "; and the device cannot be taken back: %s", why.text);
                f->status = STATUS_ATTRIBUTE_LEFT;
        }
        return error;
}

/* The part of create_new() that signals wait for. */
static int create_whole(Definition *d, const Permissions *p, int lock, Record record, unsigned wait,
                        const sigset_t *unblocked, Settling *settling, Failure *f) {
        _cleanup_close_ int device = -EBADF;
        int r;

        r = create_when_ready(d, wait, unblocked, f);
        if (r != DEVICE_MADE) {
                record_clear(lock);
                return r;
        }
        device = sysfs_open_device(d->uuid);
        if (device < 0 || sysfs_device_inode(device, &record.inode) < 0)
                return DEVICE_VANISHED;
        r = write_attributes(d, device, f);
        if (r == DEVICE_VANISHED)
                return r;
        if (r >= 0 && stop_is_pending())
                r = failure_set(f, STATUS_FAILURE, -EINTR, "told to stop while the device was being made");
        if (r >= 0)
                r = permissions_set(d->uuid, device, p, &settling->awaited, f);
        if (r >= 0) {
                record.state = RECORD_READY;
                r = record_write(lock, d->uuid, &record, f);
        }
        if (r < 0)
                return take_back(d, lock, &record, r, settling, f);
        settling->awaited.device = true;
        settling->awaited.group = sysfs_device_group(device);
        return DEVICE_MADE;
}

/* Returns DEVICE_MADE, DEVICE_VANISHED, or a negative errno with *f. */
static int create_new(Definition *d, const Permissions *p, int lock, CreateFlags flags, unsigned wait, Settling *settling,
                      Failure *f) {
        const Record record = { .state = RECORD_CREATING, .unit = flags ? RECORD_UNIT_STARTING : RECORD_UNIT_NONE };
        sigset_t unblocked;
        int r;

        r = record_write(lock, d->uuid, &record, f);
        if (r < 0)
                return r;
        /* of a device that went when nobody looked */
        permissions_forget(d->uuid);
        /* before the write that causes the events; without the monitor nothing is lost but the wait */
        if (!(flags & CREATE_AHEAD))
                (void) event_monitor_udev(p->said, &settling->monitor);
        stop_block(&unblocked);
        r = create_whole(d, p, lock, record, wait, &unblocked, settling, f);
        stop_restore(&unblocked);
        return r;
}

/* For a live device. Returns 0, -ENODEV, or another negative errno with *f. */
static int permit(const Definition *d, const Permissions *p, Settling *settling, Failure *f) {
        _cleanup_close_ int device = -EBADF;

        /* that of a start is not to cost more than it has to */
        if (p->said && !settling->monitor)
                (void) event_monitor_udev(true, &settling->monitor);
        device = sysfs_open_device(d->uuid);
        return device < 0 ? device : permissions_set(d->uuid, device, p, &settling->awaited, f);
}

/* Returns DEVICE_THERE, DEVICE_VANISHED, or a negative errno with *f. */
static int adopt(const Definition *d, const Permissions *p, int lock, CreateFlags flags, Settling *settling,
                 Failure *f) {
        int r;

        r = device_adopt(d->uuid, lock, flags, settling, f);
        /* the "add" that is asked for then comes after that of the node */
        if (r >= 0 && p->said)
                settling->awaited.group = -1;
        if (r >= 0)
                r = permit(d, p, settling, f);
        /* If udev started us (mdev-here), it holds back the event of the character device till we are done: it is a
         * child of the device. Not so the group's. */
        settling->awaited.vfio_again = false;
        return r == -ENODEV ? DEVICE_VANISHED : r < 0 ? r : DEVICE_THERE;
}

int device_create(Definition *d, int lock, CreateFlags flags, unsigned wait, Settling *settling, Failure *f) {
        Permissions p;
        int r;

        (void) parent_resolve(d);
        r = permissions_resolve(d, &p, f);
        if (r >= 0)
                r = check_live(d, lock, f);
        if (r > 0)
                r = adopt(d, &p, lock, flags, settling, f);
        else if (r == 0)
                r = create_new(d, &p, lock, flags, wait, settling, f);
        return r;
}

void settling_done(Settling *s) {
        s->monitor = event_monitor_free(s->monitor);
}

int device_settle(const char *uuid, const Settling *s) {
        uint64_t deadline = clock_now() + UDEV_TIMEOUT;
        int r = s->monitor ? event_wait_made(s->monitor, uuid, s->awaited, deadline)
                           : event_wait_node(s->awaited.group, deadline);

        return r == -ENODEV ? DEVICE_VANISHED : DEVICE_MADE;
}

int device_adopt(const char *uuid, int lock, CreateFlags flags, Settling *settling, Failure *f) {
        _cleanup_close_ int device = -EBADF;
        Record record = { .state = RECORD_READY }, old;
        char parent[256], type[256];
        int r;

        device = sysfs_open_device(uuid);
        r = device < 0 ? device : sysfs_device_inode(device, &record.inode);
        if (r < 0)
                return failure_set(f, STATUS_NOT_FOUND, r, "no device " SYSFS_DEVICE_FORMAT, uuid);
        settling->awaited.group = sysfs_device_group(device);
        /* the definition, if there is one, may say something else */
        if (sysfs_device_identity(uuid, device, parent, type) >= 0)
                failure_about(f, parent, type);
        record_read(lock, &old);
        if ((flags & CREATE_UNIT) || record_is_of_unit(&old, device))
                record.unit = RECORD_UNIT_STARTING;
        return record_write(lock, uuid, &record, f);
}

int device_permit(const Definition *d, Failure *f) {
        _cleanup_(settling_done) Settling settling = SETTLING_NONE;
        Permissions p;
        int r;

        r = permissions_resolve(d, &p, f);
        (void) event_monitor_udev(true, &settling.monitor);
        if (r >= 0)
                r = permit(d, &p, &settling, f);
        if (r == -ENODEV)
                return 0;
        if (r >= 0)
                r = device_settle(d->uuid, &settling);
        return r < 0 ? r : 0;
}
