/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/start.h"

#include <string.h>

#include "base/signals.h"
#include "definition/store.h"
#include "device/define.h"
#include "device/node-owner.h"
#include "device/record.h"
#include "kernel/sysfs.h"
#include "systemd/autostart.h"

/* How often a start is tried again because the parent came and went in the meantime. */
#define ATTEMPTS_MAX 20U

/* mdev-device-removed does not touch a device whose lock is held, so the last look at the device is here. */
int start_settle(Operation *op, int result) {
        _cleanup_close_ int device = -EBADF;

        if (result < 0 || result == DEVICE_DISAPPEARED)
                record_clear_if_gone(&op->lock);
        lock_done(&op->lock);
        if (result < 0)
                /* of a device that was removed again; another failure is to be reported */
                (void) device_settle_gone(op, NULL);
        else if (result != DEVICE_DISAPPEARED) {
                device = device_settle(op) == DEVICE_DISAPPEARED ? -ENODEV : sysfs_open_device(op->lock.uuid);
                if (device == -ENODEV)
                        result = DEVICE_DISAPPEARED;
        }
        operation_forget_events(op);
        return result;
}

/* True if this start was requested by mdev-device-added, for a device that somebody else created, and that device has
 * disappeared: then nobody wants one, even if there is a definition. */
static bool is_obsolete(const Lock *lock) {
        return record_read(lock).state == RECORD_HERE && !device_is_live(lock->uuid);
}

int start_definition(Operation *op, Definition *d, CreateFlags flags, unsigned wait) {
        Callout callout = { .hooks = &op->callouts, .action = CALLOUT_START, .definition = d };
        int r = 0;

        if (device_is_live(d->uuid) && record_read(&op->lock).state != RECORD_CREATING)
                return device_create(op, d, flags, wait);
        /* once the parent is there, because scripts may lock something that others need, too */
        if (wait > 0)
                r = device_wait_type(d, wait, &op->failure);
        callout.start_auto = (flags & CREATE_AHEAD) || mode_of(d) == MODE_PERSISTENT;
        if (r >= 0)
                r = callout_begin(&callout, &op->failure);
        if (r < 0)
                return r;
        r = device_create(op, d, flags, wait);
        callout_end(&callout, r == DEVICE_CREATED || r == DEVICE_EXISTS);
        return r;
}

/* The device does not inherit the owner of its nodes from an earlier one with this UUID. */
static int adopt_undefined(Operation *op, CreateFlags flags) {
        Record old = record_read(&op->lock);
        int r = device_adopt(op, flags);

        if (r < 0 || (old.state == RECORD_READY && old.inode == record_read(&op->lock).inode))
                return r;
        return node_owner_reset(op->lock.uuid, &op->failure);
}

/* Returns Created, or a negative errno with op->failure. */
static int start_locked(Operation *op, CreateFlags flags, int wait, unsigned default_wait) {
        _cleanup_(definition_freep) Definition *d = NULL;
        const char *uuid = op->lock.uuid;
        int r;

        r = store_load(uuid, &d, &op->failure);
        if (r < 0 && r != -ENOENT)
                return r;
        if (d)
                failure_about(&op->failure, d->parent, d->type);
        if (is_obsolete(&op->lock))
                return failure_set(&op->failure, STATUS_NOT_FOUND, -ENOENT, FAILURE_OBSOLETE);
        if (d && !d->invalid)
                return start_definition(op, d, flags, wait >= 0 ? (unsigned) wait : definition_wait(d, default_wait));
        if (device_is_live(uuid)) /* needs no definition to be adopted */
                return adopt_undefined(op, flags);
        return d ? define_note_invalid(d, &op->failure)
                 : failure_at(&op->failure, STATUS_NOT_FOUND, -ENOENT, FAILURE_NOT_DEFINED,
                              "/etc/mdev-tools/devices/%s.conf", uuid);
}

/* The unit is stopped while its start waits for udev: systemd does not run the unit's stop command then. */
static int remove_stopped(Operation *op) {
        char uuid[UUID_LENGTH + 1];
        int r;

        strcpy(uuid, op->lock.uuid);
        r = lock_take(uuid, LOCK_TIMEOUT, &op->lock, &op->failure);
        if (r >= 0)
                r = stop_device(op, REMOVE_RECORDED, ROLLBACK_TIMEOUT);
        lock_done(&op->lock);
        return r < 0 ? r : failure_set(&op->failure, STATUS_FAILURE, -EINTR, FAILURE_STOPPED, .undone = r > 0);
}

/* One attempt at start_device(). Returns Created, or a negative errno with op->failure. */
static int start_once(Operation *op, const char *uuid, CreateFlags flags, int wait, unsigned default_wait) {
        sigset_t unblocked;
        int r;

        r = lock_take(uuid, LOCK_TIMEOUT, &op->lock, &op->failure);
        if (r < 0)
                return r;
        if (flags & CREATE_UNIT)
                signals_block(&unblocked);
        r = start_locked(op, flags, wait, default_wait);
        /* this was the start that was to adopt the device */
        if (r < 0 && (flags & CREATE_UNIT) && record_read(&op->lock).state == RECORD_HERE)
                record_clear(&op->lock);
        r = start_settle(op, r);
        if (!(flags & CREATE_UNIT))
                return r;
        if ((r == DEVICE_CREATED || r == DEVICE_EXISTS) && signals_pending())
                r = remove_stopped(op);
        /* a program that was told to stop reports first how that went */
        if (r >= 0)
                signals_restore(&unblocked);
        return r;
}

int start_device(Operation *op, const char *uuid, CreateFlags flags, int wait, unsigned default_wait) {
        int r = DEVICE_DISAPPEARED;

        /* its parent may be unregistered meanwhile, and come back */
        for (unsigned i = 0; r == DEVICE_DISAPPEARED && i < ATTEMPTS_MAX; i++)
                r = start_once(op, uuid, flags, wait, default_wait);
        if (r == DEVICE_DISAPPEARED)
                return failure_set(&op->failure, STATUS_FAILURE, -ENODEV, FAILURE_DISAPPEARED);
        return r < 0 ? r : r == DEVICE_CREATED ? DONE_CREATED : 0;
}

int start_device_ahead(Operation *op, const char *uuid, const AutostartLinks *links) {
        _cleanup_(definition_freep) Definition *d = NULL;

        if (lock_take(uuid, 0, &op->lock, NULL) < 0 || store_load(uuid, &d, NULL) < 0 || d->invalid ||
            mode_of_linked(d, links) != MODE_PERSISTENT || is_obsolete(&op->lock) || device_is_live(uuid))
                return 0;
        /* the unit does something before it creates the device */
        if (definition_has_dependencies(d) || autostart_is_customized(links, uuid))
                return 0;
        failure_about(&op->failure, d->parent, d->type);
        if (start_definition(op, d, CREATE_AHEAD, 0) == DEVICE_CREATED)
                return DONE_CREATED;
        record_clear_if_gone(&op->lock);
        return 0;
}

int stop_device(Operation *op, RemoveFlags flags, unsigned timeout) {
        const char *uuid = op->lock.uuid;
        _cleanup_close_ int device = sysfs_open_device(uuid);
        _cleanup_(definition_freep) Definition *live = NULL;
        Callout callout = { .hooks = &op->callouts, .action = CALLOUT_STOP };
        Record record = record_read(&op->lock);
        char parent[256], type[256];
        int r;

        /* nothing to ask about: no such device, or not a complete one, or not the one that is meant */
        if (device < 0 || sysfs_device_identity(uuid, device, parent, type) < 0 ||
            ((flags & REMOVE_RECORDED) && !record_is_of_unit(&record, device)))
                return device_remove(op, flags, timeout);
        failure_about(&op->failure, parent, type);
        callout.definition = live = definition_new_device(uuid, parent, type);
        r = live ? callout_begin(&callout, &op->failure) : -ENOMEM;
        if (r < 0)
                return r;
        r = device_remove(op, flags, timeout);
        callout_end(&callout, r >= 0);
        return r;
}
