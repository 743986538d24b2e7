/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/device.h"

#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "device/lock.h"
#include "device/parent.h"
#include "device/node-owner.h"
#include "device/refusal.h"
#include "base/signals.h"
#include "kernel/sysfs.h"

/* How long udev may take with one device before we go on without it, in milliseconds. */
#define UDEV_TIMEOUT 10000U
/* How long taking back a device may take, in seconds. */
#define ROLLBACK_TIMEOUT 20U
/* Milliseconds. So long the kernel may have a UUID that it shows no device of, before somebody is taken to have that
 * open. Nothing tells of the end of it: look again after so many. */
#define HIDDEN_TIMEOUT 2000U
#define LOOK_AGAIN 10

/* Looks at what lives under this UUID. Returns 1 if it is the device of d and whole, 0 if there is none, or a
 * negative errno with *f. A half made one of ours is removed. */
static int check_live(const Definition *d, int lock, Failure *f) {
        _cleanup_(settling_done) Settling settling = SETTLING_NONE;
        char parent[256], type[256];
        _cleanup_close_ int device = -EBADF;
        Failure ignored;
        Record record;
        int r;

        device = sysfs_open_device(d->uuid);
        if (device == -ENODEV)
                return 0;
        if (device < 0)
                return failure_set(f, STATUS_FAILURE, device, "cannot open " SYSFS_DEVICE_FORMAT ": %s", d->uuid,
                                   failure_reason(device));
        r = device_wait_complete(d->uuid, device, clock_now() + UDEV_TIMEOUT, f);
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
         * events are not to be taken for this one's, so udev is waited for; mdev-device-added knows by the record not to wait
         * for us. */
        r = device_remove(d->uuid, lock, 0, ROLLBACK_TIMEOUT, &settling, f);
        if (r < 0) {
                failure_append(f, " (an earlier start did not finish it, so it must be made again)");
                return r;
        }
        (void) !device_settle_gone(d->uuid, &settling, &ignored);
        return 0;
}

typedef struct Waiter {
        EventMonitor *monitor;
        uint64_t deadline;
        uint64_t hidden_until; /* 0: it was not hidden yet */
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

/* The kernel has the UUID, and shows no device: somebody else's write to create or remove is at work, which takes a moment.
 * Returns 0, or -ETIMEDOUT if it took longer. */
static int wait_hidden(Waiter *w) {
        uint64_t now = clock_now();

        if (w->hidden_until == 0)
                w->hidden_until = now + HIDDEN_TIMEOUT;
        if (now >= w->hidden_until)
                return -ETIMEDOUT;
        (void) poll(NULL, 0, LOOK_AGAIN);
        return 0;
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
                        return refusal_ambiguous(d, f);
                type = sysfs_open_type(d->parent, d->type);
                if (type >= 0)
                        return 0;
                if (wait_registration(&w, d) < 0)
                        return refusal_create(d, type, wait, f);
        }
}

/* Writes to create, as soon as parent and type are there. While it waits for them, or for somebody else who is making or
 * removing this UUID, a signal (unblocked) may end it, unless the caller blocks it: a unit waits two seconds. Returns
 * DEVICE_MADE, DEVICE_VANISHED if something lives there by now, or a negative errno with *f. */
static int create_when_ready(Definition *d, unsigned wait, const sigset_t *unblocked, Failure *f) {
        _cleanup_(waiter_done) Waiter w = waiter_new(wait);

        for (;;) {
                _cleanup_close_ int fd = -EBADF;
                sigset_t old;
                int r, waited;

                if (parent_resolve(d) == -ENOTUNIQ)
                        return refusal_ambiguous(d, f);
                r = sysfs_create(d->parent, d->type, d->uuid);
                if (r >= 0)
                        return DEVICE_MADE;
                if (r == -EEXIST) {
                        fd = sysfs_open_device(d->uuid);
                        if (fd >= 0)
                                return DEVICE_VANISHED;
                }
                /* parent or type not there, yet or any more (one that is unregistering says ENODEV), or the UUID hidden */
                waited = -ETIMEDOUT;
                if (r == -ENOENT || r == -ENODEV || r == -EEXIST) {
                        signals_restore(unblocked);
                        waited = r == -EEXIST ? wait_hidden(&w) : wait_registration(&w, d);
                        signals_block(&old);
                }
                if (waited < 0) {
                        fd = sysfs_open_type(d->parent, d->type);
                        return refusal_create(d, fd < 0 && (r == -ENOENT || r == -ENODEV) ? fd : r, wait, f);
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
        Failure why = {}, ignored;
        int r;

        r = device_remove(d->uuid, lock, 0, ROLLBACK_TIMEOUT, settling, &why);
        if (record->unit == RECORD_UNIT_STARTING) {
                (void) !device_settle_gone(d->uuid, settling, &ignored);
                settling->gone_within = 0;
        }
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
static int create_whole(Definition *d, const NodeOwner *p, int lock, Record record, unsigned wait,
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
        if (r >= 0 && signals_pending())
                r = failure_set(f, STATUS_FAILURE, -EINTR, "told to stop while the device was being made");
        if (r >= 0)
                r = node_owner_set(d->uuid, device, p, &settling->awaited, f);
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
static int create_new(Definition *d, const NodeOwner *p, int lock, CreateFlags flags, unsigned wait, Settling *settling,
                      Failure *f) {
        const Record record = { .state = RECORD_CREATING, .unit = flags ? RECORD_UNIT_STARTING : RECORD_UNIT_NONE };
        sigset_t unblocked;
        int r;

        r = record_write(lock, d->uuid, &record, f);
        if (r < 0)
                return r;
        /* of a device that went when nobody looked */
        node_owner_forget(d->uuid);
        /* before the write that causes the events; without the monitor nothing is lost but the wait */
        if (!(flags & CREATE_AHEAD))
                (void) event_monitor_udev(p->said, &settling->monitor);
        signals_block(&unblocked);
        r = create_whole(d, p, lock, record, wait, &unblocked, settling, f);
        signals_restore(&unblocked);
        return r;
}

/* For a live device. Returns 0, -ENODEV, or another negative errno with *f. */
static int permit(const Definition *d, const NodeOwner *p, Settling *settling, Failure *f) {
        _cleanup_close_ int device = -EBADF;

        /* that of a start is not to cost more than it has to */
        if (p->said && !settling->monitor)
                (void) event_monitor_udev(true, &settling->monitor);
        device = sysfs_open_device(d->uuid);
        return device < 0 ? device : node_owner_set(d->uuid, device, p, &settling->awaited, f);
}

/* Returns DEVICE_THERE, DEVICE_VANISHED, or a negative errno with *f. */
static int adopt(const Definition *d, const NodeOwner *p, int lock, CreateFlags flags, Settling *settling,
                 Failure *f) {
        int r;

        r = device_adopt(d->uuid, lock, flags, settling, f);
        /* the "add" that is asked for then comes after that of the node */
        if (r >= 0 && p->said)
                settling->awaited.group = -1;
        if (r >= 0)
                r = permit(d, p, settling, f);
        /* If udev started us (mdev-device-added), it holds back the event of the character device till we are done: it is a
         * child of the device. Not so the group's. */
        settling->awaited.vfio_again = false;
        return r == -ENODEV ? DEVICE_VANISHED : r < 0 ? r : DEVICE_THERE;
}

int device_create(Definition *d, int lock, CreateFlags flags, unsigned wait, Settling *settling, Failure *f) {
        NodeOwner p;
        int r;

        if (parent_resolve(d) == -ENOTUNIQ)
                return refusal_ambiguous(d, f);
        r = node_owner_resolve(d, &p, f);
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

int device_permit(const Definition *d, Settling *settling, Failure *f) {
        NodeOwner p;
        int r;

        r = node_owner_resolve(d, &p, f);
        (void) event_monitor_udev(true, &settling->monitor);
        if (r >= 0)
                r = permit(d, &p, settling, f);
        return r == -ENODEV ? 0 : r;
}
