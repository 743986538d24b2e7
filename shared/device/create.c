/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/create.h"

#include <string.h>

#include "base/signals.h"
#include "definition/store.h"
#include "device/define.h"
#include "device/node-owner.h"
#include "device/parent.h"
#include "device/record.h"

/* Compares what is wanted with the existing definition. Returns 0 if that will do. */
static int compare_defined(const CreateRequest *request, Definition *existing, Failure *f) {
        const Definition *d = request->definition;
        Mode mode = mode_of(existing);

        if (existing->invalid)
                return define_note_invalid(existing, f);
        /* one may name the parent, and the other select it */
        (void) parent_resolve(existing);
        if (strcmp(d->parent, existing->parent) != 0 || strcmp(d->type, existing->type) != 0)
                return failure_set(f, STATUS_EXISTS, -EEXIST, FAILURE_DEFINED_DEVICE, .path = existing->path,
                                   .other_parent = definition_parent(existing), .other_type = existing->type,
                                   .name = definition_parent(d), .type = d->type);
        if (d->n_attributes > 0 && !definition_same_device(d, existing))
                return failure_set(f, STATUS_EXISTS, -EEXIST, FAILURE_DEFINED_ATTRIBUTES, .path = existing->path);
        if (definition_names_owner(d) && !definition_same_owner(d, existing))
                return failure_set(f, STATUS_EXISTS, -EEXIST, FAILURE_DEFINED_OWNER, .path = existing->path);
        if (!request->mode_is_default && mode != request->mode)
                return failure_set(f, STATUS_EXISTS, -EEXIST, FAILURE_DEFINED_MODE, .path = existing->path,
                                   .other_type = mode_to_string(mode), .value = mode_to_string(request->mode),
                                   .name = d->uuid);
        return 0;
}

/* The attributes of an unmanaged device cannot be known. */
static int compare_live(const CreateRequest *request, Failure *f) {
        const Definition *d = request->definition;
        int r;

        r = define_check_masked(d->uuid, request->mode, f);
        if (r < 0 || d->n_attributes == 0 || !device_is_live(d->uuid))
                return r;
        return failure_set(f, STATUS_EXISTS, -EEXIST, FAILURE_UNMANAGED, .name = d->uuid);
}

/* Rolls back what create_new() did before it failed. */
static void roll_back(Operation *op, bool created) {
        const char *uuid = op->lock.uuid;
        Failure why = {};

        if (created)
                device_remove_again(op);
        /* as it was before there was a definition */
        else if (device_is_live(uuid) && node_owner_reset(uuid, &why) < 0)
                failure_add_undo(&op->failure, FAILURE_UNDO_OWNER, &why);
        define_undo(op, uuid);
}

/* The unit is enabled last: that takes the longest, and is rarely what fails. */
static int create_new(Operation *op, const CreateRequest *request) {
        Definition *d = request->definition;
        int r, created = DEVICE_EXISTS;

        r = define_write(op, d, request->text, request->mode);
        if (r < 0)
                return r;
        if (request->start)
                r = created = start_definition(op, d, 0, 0);
        if (r == DEVICE_DISAPPEARED)
                r = failure_set(&op->failure, STATUS_FAILURE, -ENODEV, FAILURE_DISAPPEARED);
        if (r >= 0)
                r = define_enable(op, d, request->supersede ? _MODE_INVALID : request->mode);
        if (r < 0)
                roll_back(op, created == DEVICE_CREATED);
        return r < 0 ? r : created;
}

/* Removes the definition of a device that disappeared after its creation; unless a device exists by now, which is
 * another helper's work, and so is its definition. */
static void undefine_disappeared(Operation *op, const char *uuid) {
        if (lock_take(uuid, LOCK_TIMEOUT, &op->lock, NULL) >= 0 && !device_is_live(uuid)) {
                define_undo(op, uuid);
                record_clear_if_gone(&op->lock);
        }
        lock_done(&op->lock);
}

/* For mdevctl's front end, which ignores the definitions of mdevctl and the record of a device that is gone. */
static int supersede(Definition **existing, Failure *f) {
        Definition *d = *existing;
        int r = 0;

        if (!d || (d->origin != ORIGIN_MDEVCTL && (d->origin != ORIGIN_RUN || device_is_live(d->uuid))))
                return 0;
        if (d->origin == ORIGIN_RUN)
                r = store_remove(d, f);
        *existing = definition_free(d);
        return r;
}

/* Finds the existing definition, if there is one, and checks whether the request can be carried out. */
static int check_request(Operation *op, const CreateRequest *request, Definition **ret_existing) {
        Definition *d = request->definition;
        NodeOwner owner;
        int r;

        r = node_owner_resolve(d, &owner, &op->failure);
        /* before anything is written: a user who interrupts this leaves nothing behind */
        if (r >= 0 && request->start && !device_is_live(d->uuid))
                r = device_wait_type(d, request->wait, &op->failure);
        if (r >= 0 && !request->dry_run)
                r = lock_take(d->uuid, LOCK_TIMEOUT, &op->lock, &op->failure);
        if (r < 0)
                return r;
        r = store_load(d->uuid, ret_existing, &op->failure);
        if (r == -ENOENT)
                r = 0;
        if (r >= 0 && request->supersede)
                r = supersede(ret_existing, &op->failure);
        if (r < 0)
                return r;
        return *ret_existing ? compare_defined(request, *ret_existing, &op->failure)
                             : compare_live(request, &op->failure);
}

int create_device(Operation *op, const CreateRequest *request) {
        _cleanup_(definition_freep) Definition *existing = NULL;
        Definition *d = request->definition;
        sigset_t unblocked;
        int r;

        (void) parent_resolve(d);
        failure_about(&op->failure, d->parent, d->type);
        r = check_request(op, request, &existing);
        if (r < 0 || request->dry_run)
                return r < 0 ? r : existing ? 0 : DONE_DEFINED;

        /* from here on it is all or nothing, and signals wait until that is decided */
        signals_block(&unblocked);
        if (!existing)
                r = create_new(op, request);
        else if (request->start)
                r = start_definition(op, existing, 0, 0);
        if (r < 0 || request->start)
                r = start_settle(op, r);
        if (r == DEVICE_DISAPPEARED) {
                r = failure_set(&op->failure, STATUS_FAILURE, -ENODEV, FAILURE_DISAPPEARED);
                if (!existing)
                        undefine_disappeared(op, d->uuid);
        }
        signals_restore(&unblocked);
        if (r < 0)
                return r;
        return (existing ? 0 : (int) DONE_DEFINED) | (r == DEVICE_CREATED ? (int) DONE_CREATED : 0);
}
