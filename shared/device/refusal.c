/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/refusal.h"

#include "kernel/sysfs.h"

/* Notes which devices use the instances of a type, and how many are left; if that cannot be read, just the failure.
 * Returns true if it could be read. */
static bool note_instances(const char *parent, const char *type, int error, FailureKind kind, Failure *f) {
        _cleanup_(string_list_done) StringList devices = {};
        _cleanup_close_ int fd = sysfs_open_type(parent, type);
        char available[32] = "0";
        bool counted = fd >= 0 && sysfs_list_type_devices(fd, &devices) >= 0 &&
                sysfs_read(fd, SYSFS_TYPE_AVAILABLE, available, sizeof(available)) >= 0;

        (void) failure_set(f, STATUS_NO_INSTANCE, error, kind, .parent = parent, .type = type, .names = devices,
                           .counted = counted, .left = counted ? strtoul(available, NULL, 10) : 0);
        return counted;
}

bool refusal_explain_full(const char *parent, const char *type, Failure *f) {
        return note_instances(parent, type, 0, FAILURE_FULL, f);
}

/* A parent or type that was missing a moment ago exists now. */
static int note_changing(const Definition *d, int error, Failure *f) {
        return failure_at(f, STATUS_NO_PARENT, error, FAILURE_PARENT_CHANGING, SYSFS_PARENT_FORMAT, d->parent);
}

static int note_no_parent(const Definition *d, int error, unsigned wait, Failure *f) {
        _cleanup_(string_list_done) StringList parents = {};
        _cleanup_free_ char *path = NULL;

        (void) !sysfs_list_parents(&parents);
        if (string_list_has(&parents, d->parent))
                return note_changing(d, error, f);
        if (d->selector)
                return failure_set(f, STATUS_NO_PARENT, error, FAILURE_NO_MATCH, .name = d->selector, .names = parents,
                                   .seconds = wait);
        if (asprintf(&path, SYSFS_PARENT_FORMAT, d->parent) < 0)
                path = NULL;
        return failure_set(f, STATUS_NO_PARENT, error, FAILURE_NO_PARENT, .path = path, .names = parents,
                           .seconds = wait);
}

static int note_no_type(const Definition *d, int error, Failure *f) {
        _cleanup_(string_list_done) StringList types = {};
        bool listed = sysfs_list_types(d->parent, &types) >= 0;

        if ((listed && types.n == 0) || string_list_has(&types, d->type))
                return note_changing(d, error, f);
        return failure_set(f, STATUS_NO_TYPE, error, FAILURE_NO_TYPE, .parent = d->parent, .type = d->type,
                           .names = types);
}

int refusal_ambiguous(const Definition *d, Failure *f) {
        return failure_set(f, STATUS_NO_PARENT, -ENOTUNIQ, FAILURE_PARENT_AMBIGUOUS, .name = d->selector);
}

int refusal_create(const Definition *d, int error, unsigned wait, Failure *f) {
        switch (-error) {
        case ENODEV:
                return note_no_parent(d, error, wait, f);
        case ENOENT:
                return note_no_type(d, error, f);
        case EUSERS: /* the core's count */
        case ENOSPC: /* the driver's */
                (void) note_instances(d->parent, d->type, error, FAILURE_NO_INSTANCE, f);
                return error;
        case EEXIST:
                return failure_set(f, STATUS_IN_USE, error, FAILURE_UUID_TAKEN);
        default:
                return failure_at(f, failure_status_from_errno(error), error, FAILURE_CREATE, SYSFS_CREATE_FORMAT,
                                  d->parent, d->type);
        }
}
