/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/refusal.h"

#include <string.h>

#include "kernel/sysfs.h"

/* Lists names for a message, as many as fit. */
static void append_names(Failure *f, const StringList *list) {
        for (size_t i = 0; i < list->n; i++) {
                if (i == 8) {
                        failure_append(f, ", … (%zu in all)", list->n);
                        return;
                }
                failure_append(f, "%s%s", i > 0 ? ", " : "", list->names[i]);
        }
}

void refusal_explain_full(const char *parent, const char *type, Failure *f) {
        _cleanup_(string_list_done) StringList devices = {};
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
        _cleanup_(string_list_done) StringList parents = {};
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

int refusal_ambiguous(const Definition *d, Failure *f) {
        return failure_set(f, STATUS_NO_PARENT, -ENOTUNIQ, "parent=%s is true of several registered parents: say it by "
                           "another selector, or the kernel name", d->selector);
}

static int no_type(const Definition *d, int error, Failure *f) {
        _cleanup_(string_list_done) StringList types = {};
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

int refusal_create(const Definition *d, int error, unsigned wait, Failure *f) {
        const char *reason = failure_reason(error);

        switch (-error) {
        case ENODEV:
                return no_parent(d, error, wait, f);
        case ENOENT:
                return no_type(d, error, f);
        case EUSERS: /* the core's count */
        case ENOSPC: /* the driver's */
                failure_set(f, STATUS_NO_INSTANCE, 0, "no instance of %s left on %s", d->type, d->parent);
                refusal_explain_full(d->parent, d->type, f);
                return error;
        case EEXIST:
                return failure_set(f, STATUS_IN_USE, error, "the kernel has this UUID still (%s): a removal of "
                                   "the device has begun and waits for its user to let go", reason);
        default:
                return failure_set(f, failure_status_from_errno(error), error,
                                   "cannot create by " SYSFS_CREATE_FORMAT ": %s", d->parent, d->type, reason);
        }
}
