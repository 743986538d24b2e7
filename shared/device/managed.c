/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/managed.h"

#include <string.h>

#include "systemd/autostart.h"
#include "device/callout.h"
#include "device/device.h"
#include "device/lock.h"
#include "device/parent.h"
#include "device/node-owner.h"
#include "base/signals.h"
#include "definition/store.h"
#include "kernel/sysfs.h"

#define ROLLBACK_TIMEOUT 20U /* seconds */
/* A parent that comes and goes all the time is not worth more than this. */
#define ATTEMPTS_MAX 20U

int managed_invalid(const Definition *d, Failure *f) {
        _cleanup_free_ char *error = definition_first_error(d);

        return failure_set(f, STATUS_INVALID, -EBADMSG, "definition is invalid: %s", error ? error : d->path);
}

static int vanished(Failure *f) {
        return failure_set(f, STATUS_FAILURE, -ENODEV, "the device was made and is gone again: its parent was "
                           "unregistered, or somebody removed it");
}

static bool device_is_live(const char *uuid) {
        _cleanup_close_ int device = sysfs_open_device(uuid);

        return device >= 0 && sysfs_device_is_complete(device);
}

/* Lets go of the lock and waits for udev, which the device's unit may be part of. mdev-device-removed leaves alone what is
 * locked, so the last look at the device is here. result: Created, or an error. Returns that, or DEVICE_VANISHED. */
static int unlock_and_settle(const char *uuid, Lock *lock, const Settling *settling, int result) {
        _cleanup_close_ int device = -EBADF;
        Failure ignored;
        int r;

        if (result < 0 || result == DEVICE_VANISHED)
                record_clear_if_gone(lock->fd, uuid);
        lock_done(lock);
        /* of one that was taken back; there is another failure to tell of */
        if (result < 0)
                (void) !device_settle_gone(uuid, settling, &ignored);
        if (result < 0 || result == DEVICE_VANISHED)
                return result;
        r = device_settle(uuid, settling);
        if (r != DEVICE_MADE)
                return r;
        device = sysfs_open_device(uuid);
        return device == -ENODEV ? DEVICE_VANISHED : result;
}

/* True if this start was asked for by mdev-device-added, for a device that others made, and that is gone again: then nobody
 * wants one, even if there is a definition. */
static bool is_obsolete(const char *uuid, int lock) {
        Record record;

        record_read(lock, &record);
        return record.state == RECORD_HERE && !device_is_live(uuid);
}

/* Makes the device of d, or takes it as it is. Scripts are asked only about one that is to be made, and once its
 * parent is there: what they lock is not ours alone. Returns Created, or a negative errno with *f. */
static int make(Definition *d, int lock, CreateFlags flags, unsigned wait, Settling *settling, Failure *f) {
        bool live = device_is_live(d->uuid);
        Callout callout;
        Record record;
        int r = 0;

        record_read(lock, &record);
        if (live && record.state != RECORD_CREATING)
                return device_create(d, lock, flags, wait, settling, f);
        if (wait > 0)
                r = device_wait_type(d, wait, f);
        if (r >= 0)
                r = callout_begin(CALLOUT_START, d, (flags & CREATE_AHEAD) || mode_of(d) == MODE_PERSISTENT,
                                  &callout, f);
        if (r < 0)
                return r;
        r = device_create(d, lock, flags, wait, settling, f);
        callout_end(&callout, r == DEVICE_MADE || r == DEVICE_THERE);
        return r;
}

/* What was left of an older device with this UUID is not to say who may open this one. */
static int adopt_undefined(const char *uuid, int lock, CreateFlags flags, Settling *settling, Failure *f) {
        Record record;
        uint64_t old;
        int r;

        record_read(lock, &record);
        old = record.state == RECORD_READY ? record.inode : 0;
        r = device_adopt(uuid, lock, flags, settling, f);
        if (r < 0)
                return r;
        record_read(lock, &record);
        return record.inode == old ? r : node_owner_reset(uuid, f);
}

/* Returns Created, or a negative errno with *f. */
static int start_locked(const char *uuid, int lock, CreateFlags flags, int wait, unsigned default_wait, Settling *settling,
                        Failure *f) {
        _cleanup_(definition_freep) Definition *d = NULL;
        int r;

        r = store_load(uuid, &d, f);
        if (r < 0 && r != -ENOENT)
                return r;
        if (d)
                failure_about(f, d->parent, d->type);
        if (is_obsolete(uuid, lock))
                return failure_set(f, STATUS_NOT_FOUND, -ENOENT, "the device that others had made is gone again");
        if (d && !d->invalid)
                return make(d, lock, flags, wait >= 0 ? (unsigned) wait : definition_wait(d, default_wait), settling, f);
        if (device_is_live(uuid)) /* needs no definition to be taken as it is */
                return adopt_undefined(uuid, lock, flags, settling, f);
        return d ? managed_invalid(d, f)
                 : failure_set(f, STATUS_NOT_FOUND, -ENOENT, "no such device, and no definition of it "
                               "(/etc/mdev-tools/devices/%s.conf or the like)", uuid);
}

/* The unit is stopped while its start waits for udev: systemd does not run the command that stops it then. */
static int remove_stopped(const char *uuid, Failure *f) {
        _cleanup_(settling_done) Settling settling = SETTLING_NONE;
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        int r;

        r = lock_take(uuid, MANAGED_LOCK_TIMEOUT, &lock, f);
        if (r >= 0)
                r = managed_remove(uuid, lock.fd, REMOVE_RECORDED, ROLLBACK_TIMEOUT, &settling, f);
        return r < 0 ? r : failure_set(f, STATUS_FAILURE, -EINTR, "told to stop%s", r > 0 ? ": the device is removed" : "");
}

/* One attempt at managed_start(). Returns Created, or a negative errno with *f. */
static int start_once(const char *uuid, CreateFlags flags, int wait, unsigned default_wait, Failure *f) {
        _cleanup_(settling_done) Settling settling = SETTLING_NONE;
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        sigset_t unblocked;
        int r;

        r = lock_take(uuid, MANAGED_LOCK_TIMEOUT, &lock, f);
        if (r < 0)
                return r;
        if (flags & CREATE_UNIT)
                signals_block(&unblocked);
        r = start_locked(uuid, lock.fd, flags, wait, default_wait, &settling, f);
        if (r < 0 && flags & CREATE_UNIT)
                record_clear_note(lock.fd);
        r = unlock_and_settle(uuid, &lock, &settling, r);
        if (!(flags & CREATE_UNIT))
                return r;
        if ((r == DEVICE_MADE || r == DEVICE_THERE) && signals_pending())
                r = remove_stopped(uuid, f);
        /* who was told to stop says first what came of it */
        if (r >= 0)
                signals_restore(&unblocked);
        return r;
}

int managed_start(const char *uuid, CreateFlags flags, int wait, unsigned default_wait, Failure *f) {
        int r = DEVICE_VANISHED;

        /* its parent may be unregistered while we work, and come back */
        for (unsigned i = 0; r == DEVICE_VANISHED && i < ATTEMPTS_MAX; i++)
                r = start_once(uuid, flags, wait, default_wait, f);
        if (r == DEVICE_VANISHED)
                return vanished(f);
        return r < 0 ? r : r == DEVICE_MADE ? MANAGED_MADE : 0;
}

/* True if the unit of d does nothing before it makes the device. */
static bool is_plain(const Definition *d, const AutostartLinks *links) {
        return !definition_has_dependencies(d) && !autostart_is_customized(links, d->uuid);
}

int managed_start_ahead(const char *uuid, const AutostartLinks *links, Failure *f) {
        _cleanup_(settling_done) Settling settling = SETTLING_NONE;
        _cleanup_(definition_freep) Definition *d = NULL;
        _cleanup_(lock_done) Lock lock = LOCK_NONE;

        if (lock_take(uuid, 0, &lock, f) < 0 || store_load(uuid, &d, f) < 0 || d->invalid ||
            mode_of_linked(d, links) != MODE_PERSISTENT || !is_plain(d, links) || is_obsolete(uuid, lock.fd) ||
            device_is_live(uuid))
                return 0;
        failure_about(f, d->parent, d->type);
        if (make(d, lock.fd, CREATE_AHEAD, 0, &settling, f) == DEVICE_MADE)
                return MANAGED_MADE;
        record_clear_if_gone(lock.fd, uuid);
        return 0;
}

/* The text with start=auto in it or without any start=. */
static int set_start(const char *text, bool start_auto, char **ret, Failure *f) {
        const char *error;
        int r;

        r = definition_edit(text, strlen(text), start_auto ? "start=auto" : "start=", ret, &error);
        return r < 0 ? failure_set(f, STATUS_FAILURE, r, "out of memory") : 0;
}

/* Removes a definition that was just written. */
static void undefine(const char *uuid, Failure *f) {
        _cleanup_(definition_freep) Definition *d = NULL;
        Failure why = {}, ignored;
        Callout callout = {};
        int r;

        if (store_load(uuid, &d, &why) < 0 || d->origin == ORIGIN_MDEVCTL)
                return;
        /* nobody may refuse that */
        if (d->origin != ORIGIN_RUN)
                (void) !callout_begin(CALLOUT_UNDEFINE, d, mode_of(d) == MODE_PERSISTENT, &callout, &ignored);
        r = store_remove(d, &why);
        if (r < 0)
                failure_append(f, "; and %s", why.text);
        callout_end(&callout, r >= 0);
}

/* Writes the definition, without enabling it. Scripts hear of those that last: a transient one is a record. */
static int write_new(const Definition *d, const char *text, Mode mode, Failure *f) {
        _cleanup_free_ char *written = NULL;
        Callout callout = {};
        int r;

        /* one switch, for systemctl enable and disable; start=auto is for hosts that do not have them */
        r = set_start(text, mode == MODE_PERSISTENT && !autostart_available(), &written, f);
        if (r >= 0 && mode != MODE_TRANSIENT)
                r = callout_begin(CALLOUT_DEFINE, d, mode == MODE_PERSISTENT, &callout, f);
        if (r < 0)
                return r;
        store_remove_others(d->uuid, ORIGIN_NONE);
        r = store_write(mode == MODE_TRANSIENT ? ORIGIN_RUN : ORIGIN_ETC, d->uuid, written, false, f);
        callout_end(&callout, r >= 0);
        return r;
}

static int masked(const char *uuid, Failure *f) {
        return failure_set(f, STATUS_FAILURE, -EPERM, "its unit is masked, and so cannot be started automatically: "
                           "'systemctl unmask mdev@%s.service' first", uuid);
}

/* Enables or disables the unit of what was just written, and has systemd read what the generator makes of it. */
static int wire(const Definition *d, Mode mode, Failure *f) {
        int r;

        r = autostart_set(d->uuid, mode == MODE_PERSISTENT, f);
        if (r < 0 && r != -ENOENT)
                return r;
        return r > 0 || d->start_auto || d->after || d->requires || d->wants ? autostart_reload(f) : 0;
}

int managed_define(const Definition *d, const char *text, Mode mode, Failure *f) {
        int r;

        if (mode == MODE_PERSISTENT && autostart_is_masked(NULL, d->uuid))
                return masked(d->uuid, f);
        r = write_new(d, text, mode, f);
        if (r < 0)
                return r;
        r = wire(d, mode, f);
        if (r < 0)
                undefine(d->uuid, f);
        return r;
}

/* Has scripts asked before d becomes next. A transient one is a record: making it a definition, or the other way
 * round, is what they hear of. Returns 0, or a negative errno with *f. */
static int announce_change(const Definition *d, const Definition *next, Origin origin, Mode mode, Callout *ret,
                           Failure *f) {
        bool persistent = mode == _MODE_INVALID ? next->start_auto || autostart_is_enabled(NULL, d->uuid)
                                                : mode == MODE_PERSISTENT;
        CalloutAction action = d->origin == ORIGIN_RUN ? CALLOUT_DEFINE
                : origin == ORIGIN_RUN                 ? CALLOUT_UNDEFINE
                                                       : CALLOUT_MODIFY;

        *ret = (Callout) {};
        return d->origin == ORIGIN_RUN && origin == ORIGIN_RUN ? 0 : callout_begin(action, next, persistent, ret, f);
}

/* Writes the new text of d, in the place for the mode, and has scripts asked about that. */
static int rewrite(const Definition *d, const char *text, Mode mode, Failure *f) {
        Origin origin = mode == _MODE_INVALID ? d->origin : mode == MODE_TRANSIENT ? ORIGIN_RUN : ORIGIN_ETC;
        _cleanup_(definition_freep) Definition *next = definition_new();
        _cleanup_free_ char *written = NULL;
        Callout callout;
        int r;

        if (mode != _MODE_INVALID) {
                r = set_start(text, mode == MODE_PERSISTENT && !autostart_available(), &written, f);
                if (r < 0)
                        return r;
                text = written;
        }
        if (!next || definition_parse(next, text, strlen(text)) == -ENOMEM)
                return failure_set(f, STATUS_FAILURE, -ENOMEM, "out of memory");
        strcpy(next->uuid, d->uuid);
        r = announce_change(d, next, origin, mode, &callout, f);
        if (r < 0)
                return r;
        r = store_write(origin, d->uuid, text, origin == d->origin, f);
        if (r >= 0) {
                r = origin != d->origin ? store_remove(d, f) : 0;
                store_remove_others(d->uuid, r < 0 ? d->origin : origin);
        }
        callout_end(&callout, r >= 0);
        return r;
}

int managed_change(const Definition *d, const char *text, Mode mode, Failure *f) {
        Failure ignored;
        int r, enabled = 0;

        if (mode == MODE_PERSISTENT) {
                if (autostart_is_masked(NULL, d->uuid))
                        return masked(d->uuid, f);
                /* first, because it may fail and can be undone; the text may lose its start=auto */
                enabled = autostart_set(d->uuid, true, f);
                if (enabled < 0 && enabled != -ENOENT)
                        return enabled;
        }
        r = rewrite(d, text, mode, f);
        if (r < 0) {
                if (enabled > 0)
                        (void) !autostart_set(d->uuid, false, &ignored);
                return r;
        }
        if (mode == MODE_SAVED || mode == MODE_TRANSIENT) {
                r = autostart_set(d->uuid, false, f);
                if (r < 0 && r != -ENOENT)
                        return r;
        }
        /* whatever was changed may be wired: dependencies, description, the parent, start=auto */
        return autostart_reload(f);
}

int managed_undefine(const Definition *d, Failure *f) {
        Callout callout = {};
        int r = 0, disabled;

        if (d->origin != ORIGIN_RUN)
                r = callout_begin(CALLOUT_UNDEFINE, d, mode_of(d) == MODE_PERSISTENT, &callout, f);
        if (r < 0)
                return r;
        r = disabled = autostart_set(d->uuid, false, f);
        if (r >= 0 || r == -ENOENT)
                r = store_remove(d, f);
        callout_end(&callout, r >= 0);
        if (r < 0)
                return r;
        store_remove_others(d->uuid, ORIGIN_NONE);
        return disabled > 0 || d->start_auto ? autostart_reload(f) : 0;
}

int managed_remove(const char *uuid, int lock, RemoveFlags flags, unsigned timeout, Settling *settling, Failure *f) {
        _cleanup_(definition_freep) Definition *live = definition_new();
        _cleanup_close_ int device = sysfs_open_device(uuid);
        char parent[256], type[256];
        Callout callout;
        Record record;
        int r;

        record_read(lock, &record);
        /* there is nothing to ask about: no such device, or not a whole one, or not the one that is meant */
        if (device < 0 || sysfs_device_identity(uuid, device, parent, type) < 0 ||
            ((flags & REMOVE_RECORDED) && !record_is_of_unit(&record, device)))
                return device_remove(uuid, lock, flags, timeout, settling, f);
        failure_about(f, parent, type);
        if (!live || !(live->parent = strdup(parent)) || !(live->type = strdup(type)))
                return failure_set(f, STATUS_FAILURE, -ENOMEM, "out of memory");
        strcpy(live->uuid, uuid);
        r = callout_begin(CALLOUT_STOP, live, false, &callout, f);
        if (r < 0)
                return r;
        r = device_remove(uuid, lock, flags, timeout, settling, f);
        callout_end(&callout, r >= 0);
        return r;
}

/* Compares what is wanted with the definition that there is. Returns 0 if that will do. */
static int compare_defined(const CreateRequest *request, Definition *there, Failure *f) {
        const Definition *d = request->definition;
        Mode mode = mode_of(there);

        if (there->invalid)
                return managed_invalid(there, f);
        /* one may name it, and the other select it */
        (void) parent_resolve(there);
        if (strcmp(d->parent, there->parent) != 0 || strcmp(d->type, there->type) != 0)
                return failure_set(f, STATUS_EXISTS, -EEXIST, "%s defines it already, but with parent %s and type %s "
                                   "(wanted: %s, %s)", there->path, definition_parent(there), there->type,
                                   definition_parent(d), d->type);
        if (d->n_attributes > 0 && !definition_same_device(d, there))
                return failure_set(f, STATUS_EXISTS, -EEXIST, "%s defines it already, but with other attributes; "
                                   "mdev-manage changes them", there->path);
        if (definition_has_permissions(d) && !definition_same_permissions(d, there))
                return failure_set(f, STATUS_EXISTS, -EEXIST, "%s defines it already, but with other "
                                   "node_user=, node_group= or node_mode=; mdev-manage changes them", there->path);
        if (!request->mode_is_default && mode != request->mode)
                return failure_set(f, STATUS_EXISTS, -EEXIST, "%s defines it already, as %s; 'mdev-manage --%s %s' "
                                   "changes that", there->path, mode_to_string(mode), mode_to_string(request->mode),
                                   d->uuid);
        return 0;
}

/* What attributes an unmanaged device has got cannot be known. */
static int compare_live(const CreateRequest *request, Failure *f) {
        const Definition *d = request->definition;

        if (request->mode == MODE_PERSISTENT && autostart_is_masked(NULL, d->uuid))
                return masked(d->uuid, f);
        if (d->n_attributes == 0 || !device_is_live(d->uuid))
                return 0;
        return failure_set(f, STATUS_EXISTS, -EEXIST, "lives already, unmanaged, so its attributes cannot be set as "
                           "part of its creation; 'mdev-manage %s' takes it over", d->uuid);
}

/* Takes back what create_new() did before it failed. */
static void undo(const char *uuid, int lock, bool made, Settling *settling, Failure *f) {
        Failure why = {};

        if (made && device_remove(uuid, lock, 0, ROLLBACK_TIMEOUT, settling, &why) < 0)
                failure_append(f, "; and the device cannot be taken back: %s", why.text);
        /* whose it was before there was a definition */
        if (!made && device_is_live(uuid) && node_owner_reset(uuid, &why) < 0)
                failure_append(f, "; and %s", why.text);
        undefine(uuid, f);
}

/* The unit is enabled last: that takes the longest, and is rarely what fails. */
static int create_new(const CreateRequest *request, int lock, Settling *settling, Failure *f) {
        Definition *d = request->definition;
        int r, created = DEVICE_THERE;

        r = write_new(d, request->text, request->mode, f);
        if (r < 0)
                return r;
        if (request->start)
                r = created = make(d, lock, 0, 0, settling, f);
        if (r == DEVICE_VANISHED)
                r = vanished(f);
        if (r >= 0)
                r = wire(d, request->supersede ? _MODE_INVALID : request->mode, f);
        if (r < 0)
                undo(d->uuid, lock, created == DEVICE_MADE, settling, f);
        return r < 0 ? r : created;
}

/* Takes back the definition of a device that went after it was made: unless it lives by now, which is another helper's
 * work, and so is its definition. */
static void undefine_vanished(const char *uuid, Failure *f) {
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        Failure ignored;

        if (lock_take(uuid, MANAGED_LOCK_TIMEOUT, &lock, &ignored) < 0 || device_is_live(uuid))
                return;
        undefine(uuid, f);
        record_clear_if_gone(lock.fd, uuid);
}

int managed_create(const CreateRequest *request, Failure *f) {
        _cleanup_(definition_freep) Definition *there = NULL;
        _cleanup_(settling_done) Settling settling = SETTLING_NONE;
        Definition *d = request->definition;
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        NodeOwner permissions;
        sigset_t unblocked;
        int r;

        (void) parent_resolve(d);
        failure_about(f, d->parent, d->type);
        r = node_owner_resolve(d, &permissions, f);
        if (r < 0)
                return r;
        /* before anything is written: whoever loses patience leaves nothing behind */
        if (request->start && !device_is_live(d->uuid)) {
                r = device_wait_type(d, request->wait, f);
                if (r < 0)
                        return r;
        }
        if (!request->dry_run) {
                r = lock_take(d->uuid, MANAGED_LOCK_TIMEOUT, &lock, f);
                if (r < 0)
                        return r;
        }
        r = store_load(d->uuid, &there, f);
        if (r < 0 && r != -ENOENT)
                return r;
        if (there && request->supersede &&
            (there->origin == ORIGIN_MDEVCTL || (there->origin == ORIGIN_RUN && !device_is_live(d->uuid)))) {
                r = there->origin == ORIGIN_RUN ? store_remove(there, f) : 0;
                there = definition_free(there);
                if (r < 0)
                        return r;
        }
        r = there ? compare_defined(request, there, f) : compare_live(request, f);
        if (r < 0 || request->dry_run)
                return r < 0 ? r : there ? 0 : MANAGED_DEFINED;

        /* from here on it is all or nothing, and Ctrl-C waits for the end of it */
        signals_block(&unblocked);
        if (!there)
                r = create_new(request, lock.fd, &settling, f);
        else if (request->start)
                r = make(there, lock.fd, 0, 0, &settling, f);
        if (r < 0 || request->start)
                r = unlock_and_settle(d->uuid, &lock, &settling, r);
        if (r == DEVICE_VANISHED) {
                r = vanished(f);
                if (!there)
                        undefine_vanished(d->uuid, f);
        }
        signals_restore(&unblocked);
        if (r < 0)
                return r;
        return (there ? 0 : (int) MANAGED_DEFINED) | (r == DEVICE_MADE ? (int) MANAGED_MADE : 0);
}
