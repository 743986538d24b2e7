/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* start, stop, start-parent-mdevs. */
#include "commands.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "device/create.h"
#include "device/define.h"
#include "device/record.h"
#include "device/refusal.h"
#include "kernel/sysfs.h"

#define STOP_TIMEOUT 20U /* seconds */

/* ---- start --------------------------------------------------------------------------------------------------- */

static int no_parent(const char *parent) {
        _cleanup_(string_list_done) StringList parents = {};

        if (sysfs_list_parents(&parents) >= 0)
                for (size_t i = 0; i < parents.n; i++)
                        if (strcasecmp(parents.names[i], parent) == 0 && strcmp(parents.names[i], parent) != 0)
                                return fail(NULL, "Unable to find parent device '%s'. Did you mean '%s'?", parent,
                                            parents.names[i]);
        return fail(NULL, "Unable to find parent device '%s'", parent);
}

/* What mdevctl looks at before it begins, in its order. Returns 0, or 1 after a message. */
static int check_startable(const Definition *d) {
        _cleanup_close_ int parent = -EBADF, type = -EBADF;
        char path[PATH_MAX], available[32];
        _cleanup_(failure_done) Failure full = {};
        Live live;

        if (find_live(d->uuid, &live)) {
                if (strcmp(live.parent, d->parent) != 0)
                        return fail(NULL, "Device exists under different parent");
                if (strcmp(live.type, d->type) != 0)
                        return fail(NULL, "Device exists with different type");
                return fail(NULL, "Device already exists");
        }
        (void) snprintf(path, sizeof(path), SYSFS_PARENT_FORMAT, d->parent);
        if (access(path, F_OK) < 0)
                return no_parent(d->parent);
        parent = sysfs_open_parent(d->parent);
        if (parent < 0)
                return fail(NULL, "Parent %s is not currently registered for mdev support", d->parent);
        type = sysfs_open_type(d->parent, d->type);
        if (type < 0)
                return fail(NULL, "Parent %s does not support mdev type %s", d->parent, d->type);
        if (sysfs_read(type, SYSFS_TYPE_AVAILABLE, available, sizeof(available)) < 0 || strcmp(available, "0") != 0)
                return 0;
        return fail(refusal_explain_full(d->parent, d->type, &full) ? reason(&full) : NULL,
                    "No available instances of %s on %s", d->type, d->parent);
}

/* mdevctl's sentence on what failed, and ours on why. */
static int start_failed(const Definition *d, const Failure *f) {
        if (f->status == STATUS_CALLOUT)
                return fail(NULL, "%s", reason(f));
        if (f->kind == FAILURE_ATTRIBUTE && f->error == -ENOENT)
                return fail(reason(f), "Invalid attribute '%s'", f->name);
        if (f->kind == FAILURE_ATTRIBUTE)
                return fail(reason(f), "Failed to write %s to attribute %s", f->value, f->name);
        return fail(reason(f), "Failed to create mdev %s, type %s on %s", d->uuid, d->type, d->parent);
}

/* A definition that is also the one of its unit is started as the unit does it; everything else is a transient device. */
static int start_unit_or_transient(Operation *op, Definition *d) {
        CreateRequest request = { .definition = d, .mode = MODE_TRANSIENT, .mode_is_default = true, .start = true,
                                  .supersede = true };
        _cleanup_free_ char *text = NULL;
        bool effective;
        int r;

        r = lock_take(d->uuid, LOCK_TIMEOUT, &op->lock, &op->failure);
        if (r < 0)
                return r;
        effective = d->origin == ORIGIN_MDEVCTL && is_effective(d);
        lock_done(&op->lock);
        if (effective)
                return start_device(op, d->uuid, 0, 0, 0);
        d->start_auto = false;
        if (definition_format(d, &text) < 0)
                return -ENOMEM;
        request.text = text;
        return create_device(op, &request);
}

static int start_one(Definition *d) {
        _cleanup_(operation_done) Operation op = MDEVCTL_OPERATION;
        int r;

        r = check_startable(d);
        if (r != 0)
                return r;
        return start_unit_or_transient(&op, d) < 0 ? start_failed(d, &op.failure) : STATUS_DONE;
}

/* Of several definitions of one UUID, the only one that can be started now; or NULL. */
static Definition *only_possible(const DefinitionList *list) {
        Definition *found = NULL;

        for (size_t i = 0; i < list->n; i++) {
                _cleanup_close_ int parent = sysfs_open_parent(list->items[i]->parent);

                if (parent >= 0 && found)
                        return NULL;
                if (parent >= 0)
                        found = list->items[i];
        }
        return found;
}

/* Starts what is defined. Returns -1 if nothing is. */
static int start_defined(const Options *o) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        Definition *d;

        if (find_defined(o->uuid, o->parent, &list) < 0)
                return fail(NULL, "out of memory");
        if (list.n == 0)
                return -1;
        d = list.n == 1 ? list.items[0] : only_possible(&list);
        if (!d)
                return fail(NULL, "Multiple definitions found for device %s. Please specify a parent.", o->uuid);
        if (d->invalid)
                return fail_invalid(d);
        if (o->type && strcmp(o->type, d->type) != 0)
                return fail(NULL, "Device %s already exists on parent %s with type %s", d->uuid, d->parent, d->type);
        return start_one(d);
}

static int start_by_options(const Options *o, const char *uuid) {
        _cleanup_(definition_freep) Definition *d = definition_new();

        if (o->type && !o->parent)
                return fail(NULL, "can't provide type without parent");
        if (!o->type || !o->parent)
                return fail(NULL, "Device is insufficiently specified");
        /* it could not be written down, nor be there */
        if (!definition_name_is_valid(o->parent))
                return no_parent(o->parent);
        if (!definition_name_is_valid(o->type))
                return fail(NULL, "Parent %s does not support mdev type %s", o->parent, o->type);
        if (!d || !(d->parent = strdup(o->parent)) || !(d->type = strdup(o->type)))
                return fail(NULL, "out of memory");
        strcpy(d->uuid, uuid);
        return start_one(d);
}

static int start_by_file(const Options *o, const char *uuid) {
        _cleanup_(definition_freep) Definition *d = NULL;
        int r;

        if (!o->parent)
                return fail(NULL, "Parent device required to start device via json file");
        r = read_jsonfile("jsonfile", o->jsonfile, uuid, o->parent, &d);
        return r != 0 ? r : start_one(d);
}

int command_start(const Options *o) {
        char uuid[UUID_LENGTH + 1];
        int r = -1;

        strcpy(uuid, o->uuid);
        if (!(o->given & OPTION_UUID) && (r = uuid_generate(uuid)) < 0)
                return fail(NULL, "cannot generate a UUID: %s", failure_reason(r));
        if (o->jsonfile)
                r = start_by_file(o, uuid);
        else {
                r = o->given & OPTION_UUID ? start_defined(o) : -1;
                if (r < 0)
                        r = start_by_options(o, uuid);
        }
        if (r == 0 && !(o->given & OPTION_UUID))
                puts(uuid);
        return r;
}

/* ---- stop ---------------------------------------------------------------------------------------------------- */

static int stop_locked(Operation *op) {
        _cleanup_(definition_freep) Definition *d = NULL;
        const char *uuid = op->lock.uuid;
        int r;

        /* libvirt opens the group to see if the device is in use, and has it open until we return */
        r = stop_device(op, REMOVE_CALLER, STOP_TIMEOUT);
        if (r < 0 && op->failure.status == STATUS_CALLOUT)
                return fail(NULL, "%s", reason(&op->failure));
        if (r < 0)
                return fail(reason(&op->failure), "Error removing device %s", uuid);
        record_clear_removed(&op->lock);
        /* a transient device leaves nothing */
        if (store_load(uuid, &d, NULL) >= 0 && d->origin == ORIGIN_RUN && undefine_device(op, d) < 0)
                warn("%s", reason(&op->failure));
        return STATUS_DONE;
}

int command_stop(const Options *o) {
        _cleanup_(operation_done) Operation op = MDEVCTL_OPERATION;
        Live live;
        int status;

        if (!find_live(o->uuid, &live))
                return fail(NULL, "Mediated device %s is not active", o->uuid);
        if (lock_take(o->uuid, LOCK_TIMEOUT, &op.lock, &op.failure) < 0)
                return fail(NULL, "%s", reason(&op.failure));
        status = stop_locked(&op);
        lock_done(&op.lock);
        if (device_settle_gone(&op, &op.failure) < 0 && status == STATUS_DONE)
                return fail(reason(&op.failure), "Error removing device %s", o->uuid);
        record_clear_settled(o->uuid);
        return status;
}

/* ---- start-parent-mdevs -------------------------------------------------------------------------------------- */

int command_start_parent(const Options *o) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        int status = STATUS_DONE;

        if (find_defined(NULL, o->parent, &list) < 0)
                return fail(NULL, "out of memory");
        for (size_t i = 0; i < list.n; i++) {
                Definition *d = list.items[i];
                Live live;

                if (d->invalid && d->uuid[0]) {
                        status = STATUS_FAILURE;
                        continue;
                }
                if (d->invalid || !d->start_auto)
                        continue;
                /* already so: whoever calls this may call it again */
                if (find_live(d->uuid, &live) && strcmp(live.parent, d->parent) == 0 && strcmp(live.type, d->type) == 0)
                        continue;
                if (start_one(d) != 0)
                        status = STATUS_FAILURE;
        }
        return status;
}
