/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/signals.h"
#include "device/device.h"
#include "device/node-owner.h"
#include "device/parent.h"
#include "device/record.h"
#include "device/refusal.h"
#include "kernel/sysfs.h"

/* How long a device that somebody else creates may take to be complete, in milliseconds. */
#define COMPLETE_TIMEOUT 10000U
/* How long a UUID may stay reserved without a visible device before we report it as in use, and how often to look,
 * because no event tells of the end of it; in milliseconds. */
#define HIDDEN_TIMEOUT 2000U
#define LOOK_AGAIN 10

/* Removes what a helper left that was killed between creation and the last attribute: which ones are set is not
 * known. udev is waited for, so that the events of this device are not taken for those of the next;
 * mdev-device-added sees by the record that it must not wait for us. */
static int remove_half_made(Operation *op) {
        int r = device_remove(op, 0, ROLLBACK_TIMEOUT);

        op->failure.half_made = r < 0;
        if (r < 0)
                return r;
        (void) device_settle_gone(op, NULL);
        operation_forget_events(op);
        return 0;
}

/* Looks at what has this UUID now. Returns 1 if it is the device of d and whole, 0 if there is none, or a
 * negative errno with op->failure. A half made one of ours is removed. */
static int check_live(Operation *op, const Definition *d) {
        char parent[256], type[256];
        _cleanup_close_ int device = sysfs_open_device(d->uuid);
        int r;

        if (device == -ENODEV)
                return 0;
        if (device < 0)
                return failure_at(&op->failure, STATUS_FAILURE, device, FAILURE_OPEN, SYSFS_DEVICE_FORMAT, d->uuid);
        r = device_wait_complete(d->uuid, device, clock_now() + COMPLETE_TIMEOUT, &op->failure);
        if (r < 0)
                return r == -ENODEV ? 0 : r;
        r = sysfs_device_identity(d->uuid, device, parent, type);
        if (r == -ENODEV)
                return 0;
        if (r < 0)
                return failure_at(&op->failure, STATUS_FAILURE, r, FAILURE_READ, SYSFS_DEVICE_FORMAT "/mdev_type",
                                  d->uuid);
        if (strcmp(parent, d->parent) != 0 || strcmp(type, d->type) != 0)
                return failure_set(&op->failure, STATUS_EXISTS, -EEXIST, FAILURE_OTHER_DEVICE, .other_parent = parent,
                                   .other_type = type, .name = definition_parent(d), .type = d->type);
        return record_read(&op->lock).state == RECORD_CREATING ? remove_half_made(op) : 1;
}

typedef struct Waiter {
        EventMonitor *monitor;
        uint64_t deadline;
        uint64_t hidden_until; /* 0: the UUID was not hidden yet */
} Waiter;

/* Waits until it is worth looking for a parent again. Returns 0, -ETIMEDOUT, or a negative errno. */
static int wait_registration(Waiter *w, const Definition *d) {
        if (clock_now() >= w->deadline)
                return -ETIMEDOUT;
        /* the parent may have registered before we listened */
        if (!w->monitor)
                return event_monitor_all(parent_needs_udev(d), &w->monitor);
        return event_wait_registered(w->monitor, w->deadline);
}

/* The kernel has the UUID, but shows no device: somebody else's write to create or remove is in progress, which
 * takes a moment. Returns 0, or -ETIMEDOUT if it took longer. */
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

int device_wait_type(Definition *d, unsigned wait, Failure *f) {
        _cleanup_(waiter_done) Waiter w = { .deadline = clock_now() + (uint64_t) wait * 1000 };

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

/* Writes to create, as soon as parent and type exist. While it waits for them, or for somebody else who is creating or
 * removing this UUID, a signal (unblocked) may end it, unless the caller blocks it: a unit waits two seconds. Returns
 * DEVICE_CREATED, DEVICE_DISAPPEARED if a device has the UUID by now, or a negative errno with *f. */
static int write_create(Definition *d, unsigned wait, const sigset_t *unblocked, Failure *f) {
        _cleanup_(waiter_done) Waiter w = { .deadline = clock_now() + (uint64_t) wait * 1000 };

        for (;;) {
                _cleanup_close_ int fd = -EBADF;
                sigset_t old;
                int r, waited;

                if (parent_resolve(d) == -ENOTUNIQ)
                        return refusal_ambiguous(d, f);
                r = sysfs_create(d->parent, d->type, d->uuid);
                if (r >= 0)
                        return DEVICE_CREATED;
                if (r == -EEXIST) {
                        fd = sysfs_open_device(d->uuid);
                        if (fd >= 0)
                                return DEVICE_DISAPPEARED;
                }
                /* no parent or type, yet or any more (one that is unregistering says ENODEV), or the UUID is hidden */
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

/* Returns DEVICE_CREATED, DEVICE_DISAPPEARED, or a negative errno with *f. */
static int write_attributes(const Definition *d, int device, Failure *f) {
        for (size_t i = 0; i < d->n_attributes; i++) {
                const Attribute *a = &d->attributes[i];
                _cleanup_free_ char *path = NULL;
                int r = sysfs_write_attribute(device, a->name, a->value);

                if (r >= 0)
                        continue;
                if ((r == -ENOENT || r == -ENODEV) && !sysfs_device_is_complete(device))
                        return DEVICE_DISAPPEARED;
                if (asprintf(&path, SYSFS_DEVICE_FORMAT "/%s", d->uuid, a->name) < 0)
                        path = NULL;
                return failure_set(f, STATUS_ATTRIBUTE, r, FAILURE_ATTRIBUTE, .path = path, .name = a->name,
                                   .value = a->value);
        }
        return DEVICE_CREATED;
}

/* Rolls back a creation. udev leaves a device that its unit has created to the unit, and so it may be waited for
 * under the lock. */
static int roll_back(Operation *op, const Record *record, int error) {
        device_remove_again(op);
        if (record->unit == RECORD_UNIT_STARTING) {
                (void) device_settle_gone(op, NULL);
                op->gone_within = 0;
        }
        if (op->failure.undone)
                record_clear(&op->lock);
        else
                op->failure.status = STATUS_ATTRIBUTE_LEFT;
        return error;
}

/* The part of create_new() during which signals are blocked. */
static int create_blocked(Operation *op, Definition *d, const NodeOwner *owner, Record record, unsigned wait,
                          const sigset_t *unblocked) {
        _cleanup_close_ int device = -EBADF;
        int r;

        r = write_create(d, wait, unblocked, &op->failure);
        if (r != DEVICE_CREATED) {
                record_clear(&op->lock);
                return r;
        }
        device = sysfs_open_device(d->uuid);
        r = device < 0 ? device : sysfs_device_inode(device, &record.inode);
        if (r == -ENODEV)
                return DEVICE_DISAPPEARED;
        if (r < 0)
                r = failure_at(&op->failure, failure_status_from_errno(r), r, FAILURE_OPEN, SYSFS_DEVICE_FORMAT,
                               d->uuid);
        else
                r = write_attributes(d, device, &op->failure);
        if (r == DEVICE_DISAPPEARED)
                return r;
        if (r >= 0 && signals_pending())
                r = failure_set(&op->failure, STATUS_FAILURE, -EINTR, FAILURE_STOPPED);
        if (r >= 0)
                r = node_owner_set(d->uuid, device, owner, &op->awaited, &op->failure);
        if (r >= 0) {
                record.state = RECORD_READY;
                r = record_write(&op->lock, &record, &op->failure);
        }
        if (r < 0)
                return roll_back(op, &record, r);
        op->awaited.device = true;
        op->awaited.group = sysfs_device_group(device);
        return DEVICE_CREATED;
}

/* Returns DEVICE_CREATED, DEVICE_DISAPPEARED, or a negative errno with op->failure. */
static int create_new(Operation *op, Definition *d, const NodeOwner *owner, CreateFlags flags, unsigned wait) {
        const Record record = { .state = RECORD_CREATING, .unit = flags ? RECORD_UNIT_STARTING : RECORD_UNIT_NONE };
        sigset_t unblocked;
        int r;

        r = record_write(&op->lock, &record, &op->failure);
        if (r < 0)
                return r;
        /* of an earlier device that nobody saw disappear */
        node_owner_forget(d->uuid);
        /* before the write that causes the events; without the monitor nothing is lost but the wait */
        if (!(flags & CREATE_AHEAD))
                (void) event_monitor_udev(owner->said, &op->monitor);
        signals_block(&unblocked);
        r = create_blocked(op, d, owner, record, wait, &unblocked);
        signals_restore(&unblocked);
        return r;
}

/* For a live device. Returns 0, -ENODEV, or another negative errno with op->failure. */
static int set_owner(Operation *op, const NodeOwner *owner) {
        _cleanup_close_ int device = -EBADF;

        /* a monitor costs more than the rest of a start that needs none */
        if (owner->said && !op->monitor)
                (void) event_monitor_udev(true, &op->monitor);
        device = sysfs_open_device(op->lock.uuid);
        return device < 0 ? device : node_owner_set(op->lock.uuid, device, owner, &op->awaited, &op->failure);
}

/* Returns DEVICE_EXISTS, DEVICE_DISAPPEARED, or a negative errno with op->failure. */
static int adopt_defined(Operation *op, const NodeOwner *owner, CreateFlags flags) {
        int r;

        r = device_adopt(op, flags);
        /* the "add" that is requested then comes after that of the node */
        if (r >= 0 && owner->said)
                op->awaited.group = -1;
        if (r >= 0)
                r = set_owner(op, owner);
        /* If udev started us (mdev-device-added), it holds back the event of the character device until we have
         * ended, because that is a child of the device. The group's is not. */
        op->awaited.vfio_again = false;
        return r == -ENODEV ? DEVICE_DISAPPEARED : r < 0 ? r : DEVICE_EXISTS;
}

int device_create(Operation *op, Definition *d, CreateFlags flags, unsigned wait) {
        NodeOwner owner;
        int r;

        if (parent_resolve(d) == -ENOTUNIQ)
                return refusal_ambiguous(d, &op->failure);
        r = node_owner_resolve(d, &owner, &op->failure);
        if (r >= 0)
                r = check_live(op, d);
        if (r > 0)
                r = adopt_defined(op, &owner, flags);
        else if (r == 0)
                r = create_new(op, d, &owner, flags, wait);
        return r;
}

int device_adopt(Operation *op, CreateFlags flags) {
        Record record = { .state = RECORD_READY }, old = record_read(&op->lock);
        const char *uuid = op->lock.uuid;
        _cleanup_close_ int device = sysfs_open_device(uuid);
        char parent[256], type[256];
        int r;

        r = device < 0 ? device : sysfs_device_inode(device, &record.inode);
        if (r < 0)
                return failure_at(&op->failure, STATUS_NOT_FOUND, r, FAILURE_NO_DEVICE, SYSFS_DEVICE_FORMAT, uuid);
        op->awaited.group = sysfs_device_group(device);
        /* the definition, if there is one, may say something else */
        if (sysfs_device_identity(uuid, device, parent, type) >= 0)
                failure_about(&op->failure, parent, type);
        if ((flags & CREATE_UNIT) || record_is_of_unit(&old, device))
                record.unit = RECORD_UNIT_STARTING;
        return record_write(&op->lock, &record, &op->failure);
}

int device_set_owner(Operation *op, const Definition *d) {
        NodeOwner owner;
        int r;

        r = node_owner_resolve(d, &owner, &op->failure);
        (void) event_monitor_udev(true, &op->monitor);
        if (r >= 0)
                r = set_owner(op, &owner);
        return r == -ENODEV ? 0 : r;
}
