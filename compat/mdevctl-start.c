/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* start, stop, start-parent-mdevs. */
#include "mdevctl.h"

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

static int report_missing_parent(const char *parent) {
        _cleanup_(string_list_done) StringList parents = {};

        if (sysfs_list_parents(&parents) >= 0)
                for (size_t i = 0; i < parents.n; i++)
                        if (strcasecmp(parents.names[i], parent) == 0 && strcmp(parents.names[i], parent) != 0)
                                return report_error("Unable to find parent device '%s'. Did you mean '%s'?", parent,
                                                            parents.names[i]);
        return report_error("Unable to find parent device '%s'", parent);
}

/* Checks what mdevctl checks before it starts a device, in its order. Returns 0, or 1 after a message. */
static int check_startable(const Definition *d) {
        _cleanup_close_ int parent = -EBADF, type = -EBADF;
        _cleanup_(failure_done) Failure full = {};
        char path[PATH_MAX], available[32];
        LiveDevice live;

        if (read_live_device(d->uuid, &live)) {
                if (strcmp(live.parent, d->parent) != 0)
                        return report_error("Device exists under different parent");
                if (strcmp(live.type, d->type) != 0)
                        return report_error("Device exists with different type");
                return report_error("Device already exists");
        }
        (void) snprintf(path, sizeof(path), SYSFS_PARENT_FORMAT, d->parent);
        if (access(path, F_OK) < 0)
                return report_missing_parent(d->parent);
        parent = sysfs_open_parent(d->parent);
        if (parent < 0)
                return report_error("Parent %s is not currently registered for mdev support", d->parent);
        type = sysfs_open_type(d->parent, d->type);
        if (type < 0)
                return report_error("Parent %s does not support mdev type %s", d->parent, d->type);
        if (sysfs_read(type, SYSFS_TYPE_AVAILABLE, available, sizeof(available)) < 0 || strcmp(available, "0") != 0)
                return 0;
        return report_error_with_cause(refusal_explain_full(d->parent, d->type, &full) ? failure_words(&full) : NULL,
                                       "No available instances of %s on %s", d->type, d->parent);
}

/* Says what failed in mdevctl's words, and why in ours. */
static int report_start_failure(const Definition *d, const Failure *f) {
        const char *why = failure_words(f);

        if (f->status == STATUS_CALLOUT)
                return report_error("%s", why);
        if (f->kind == FAILURE_ATTRIBUTE && f->error == -ENOENT)
                return report_error_with_cause(why, "Invalid attribute '%s'", f->name);
        if (f->kind == FAILURE_ATTRIBUTE)
                return report_error_with_cause(why, "Failed to write %s to attribute %s", f->value, f->name);
        return report_error_with_cause(why, "Failed to create mdev %s, type %s on %s", d->uuid, d->type, d->parent);
}

/* Starts the device as its unit would, if the unit uses this definition; otherwise as a transient device. */
static int start_unit_or_transient(Operation *op, Definition *d) {
        CreateRequest request = { .definition = d, .mode = MODE_TRANSIENT, .mode_is_default = true, .start = true,
                                  .supersede = true };
        _cleanup_free_ char *text = NULL;
        bool used_by_unit;
        int r;

        r = lock_take(d->uuid, LOCK_TIMEOUT, &op->lock, &op->failure);
        if (r < 0)
                return r;
        used_by_unit = d->origin == ORIGIN_MDEVCTL && is_definition_of_unit(d);
        lock_done(&op->lock);
        if (used_by_unit)
                return start_device(op, d->uuid, 0, 0, 0);
        d->start_auto = false;
        if (definition_format(d, &text) < 0)
                return -ENOMEM;
        request.text = text;
        return create_device(op, &request);
}

static int check_and_start(Definition *d) {
        _cleanup_(operation_done) Operation op = MDEVCTL_OPERATION;
        int r;

        r = check_startable(d);
        if (r != 0)
                return r;
        return start_unit_or_transient(&op, d) < 0 ? report_start_failure(d, &op.failure) : STATUS_DONE;
}

/* Returns the only definition of several whose parent is there; else NULL. */
static Definition *get_only_startable(const DefinitionList *list) {
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

/* Returns -1 if no such device is defined. */
static int start_defined(const Options *o) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        Definition *d;

        if (list_definitions(o->uuid, o->parent, &list) < 0)
                return report_no_memory();
        if (list.n == 0)
                return -1;
        d = list.n == 1 ? list.items[0] : get_only_startable(&list);
        if (!d)
                return report_error("Multiple definitions found for device %s. Please specify a parent.", o->uuid);
        if (d->invalid)
                return report_invalid_definition(d);
        if (o->type && strcmp(o->type, d->type) != 0)
                return report_error("Device %s already exists on parent %s with type %s", d->uuid, d->parent, d->type);
        return check_and_start(d);
}

static int start_by_options(const Options *o) {
        _cleanup_(definition_freep) Definition *d = NULL;

        if (o->type && !o->parent)
                return report_error("can't provide type without parent");
        if (!o->type || !o->parent)
                return report_error("Device is insufficiently specified");
        /* neither could be recorded, and no kernel has a parent or type of such a name */
        if (!definition_name_is_valid(o->parent))
                return report_missing_parent(o->parent);
        if (!definition_name_is_valid(o->type))
                return report_error("Parent %s does not support mdev type %s", o->parent, o->type);
        d = definition_new_device(o->uuid, o->parent, o->type);
        return d ? check_and_start(d) : report_no_memory();
}

int command_start(const Options *o) {
        _cleanup_(definition_freep) Definition *d = NULL;
        int r = -1;

        if (o->jsonfile && !o->parent)
                return report_error("Parent device required to start device via json file");
        if (o->jsonfile) {
                r = read_jsonfile("jsonfile", o->jsonfile, o->uuid, o->parent, &d);
                return r != 0 ? r : check_and_start(d);
        }
        if (o->given & OPTION_UUID)
                r = start_defined(o);
        return r < 0 ? start_by_options(o) : r;
}

/* ---- stop ---------------------------------------------------------------------------------------------------- */

static int stop_locked(Operation *op) {
        _cleanup_(definition_freep) Definition *d = NULL;
        const char *uuid = op->lock.uuid;
        int r;

        /* libvirt keeps the group open until we return, to see that nobody else uses the device */
        r = stop_device(op, REMOVE_CALLER, STOP_TIMEOUT);
        if (r < 0 && op->failure.status == STATUS_CALLOUT)
                return report_failure(&op->failure);
        if (r < 0)
                return report_error_with_cause(failure_words(&op->failure), "Error removing device %s", uuid);
        record_clear_removed(&op->lock);
        /* the record of a transient device is removed with it */
        if (store_load(uuid, &d, NULL) >= 0 && d->origin == ORIGIN_RUN && undefine_device(op, d) < 0)
                report_failure_as_warning(&op->failure);
        return STATUS_DONE;
}

int command_stop(const Options *o) {
        _cleanup_(operation_done) Operation op = MDEVCTL_OPERATION;
        LiveDevice live;
        int status;

        if (!read_live_device(o->uuid, &live))
                return report_error("Mediated device %s is not active", o->uuid);
        if (lock_take(o->uuid, LOCK_TIMEOUT, &op.lock, &op.failure) < 0)
                return report_failure(&op.failure);
        status = stop_locked(&op);
        lock_done(&op.lock);
        if (device_settle_gone(&op, &op.failure) < 0 && status == STATUS_DONE)
                return report_error_with_cause(failure_words(&op.failure), "Error removing device %s", o->uuid);
        record_clear_settled(o->uuid);
        return status;
}

/* ---- start-parent-mdevs -------------------------------------------------------------------------------------- */

int command_start_parent(const Options *o) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        int status = STATUS_DONE;

        if (list_definitions(NULL, o->parent, &list) < 0)
                return report_no_memory();
        for (size_t i = 0; i < list.n; i++) {
                Definition *d = list.items[i];

                if (d->invalid && d->uuid[0])
                        status = STATUS_FAILURE;
                if (d->invalid || !d->start_auto)
                        continue;
                /* already started: no error, so that the command can be repeated */
                if (!is_live(d) && check_and_start(d) != 0)
                        status = STATUS_FAILURE;
        }
        return status;
}
