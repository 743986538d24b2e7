/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manage.h"

#include <string.h>

#include "device/lock.h"
#include "device/managed.h"
#include "device/node-owner.h"
#include "cli/program.h"
#include "definition/store.h"
#include "kernel/sysfs.h"

/* A live device that gets a definition, and definitions that change. */

/* Applies the assignments to text, and checks the result: edited, which is fresh. Returns 0 or a negative errno
 * with *f. */
static int edit(Definition *edited, char **assignments, char **text, Failure *f) {
        NodeOwner p;
        int r;

        for (; *assignments; assignments++) {
                const char *error = NULL;
                char *next;

                r = definition_edit(*text, strlen(*text), *assignments, &next, &error);
                if (r < 0)
                        return failure_set(f, STATUS_USAGE, r, "'%s': %s", *assignments, error ? error : "out of memory");
                free(*text);
                *text = next;
        }
        r = definition_parse(edited, *text, strlen(*text));
        program_notes(edited, false);
        return r < 0 ? managed_invalid(edited, f) : node_owner_resolve(edited, &p, f);
}

/* A definition of a live device that has none. */
static int adopt(const char *uuid, char **assignments, Mode mode, Settling *settling, Failure *f) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        _cleanup_close_ int device = sysfs_open_device(uuid);
        _cleanup_free_ char *text = NULL;
        char parent[256], type[256];
        int r;

        r = device < 0 ? device : sysfs_device_identity(uuid, device, parent, type);
        if (r < 0)
                return failure_set(f, STATUS_NOT_FOUND, r, "no such device or definition");
        if (!d || asprintf(&text, "parent=%s\ntype=%s\n", parent, type) < 0)
                return -ENOMEM;
        strcpy(d->uuid, uuid);
        r = edit(d, assignments, &text, f);
        if (r >= 0)
                r = managed_define(d, text, mode, f);
        return r < 0 ? r : device_permit(d, settling, f);
}

static int change(const Definition *d, char **assignments, Mode mode, Settling *settling, Failure *f) {
        _cleanup_(definition_freep) Definition *edited = definition_new();
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (d->origin == ORIGIN_MDEVCTL)
                return failure_set(f, STATUS_NOT_PERMITTED, -EROFS, "its definition %s is mdevctl's, which alone writes it: "
                                   "use 'mdevctl modify', or --import it first", d->path);
        if (mode == _MODE_INVALID && !*assignments)
                return failure_set(f, STATUS_USAGE, -EINVAL, "%s defines it already, as %s: say what to change (--help)",
                                   d->path, mode_to_string(mode_of(d)));
        r = store_read(d, &text, &size, f);
        if (r >= 0 && strlen(text) != size)
                r = managed_invalid(d, f);
        if (!edited || !(edited->path = strdup(d->path)))
                return -ENOMEM;
        if (r >= 0)
                r = edit(edited, assignments, &text, f);
        if (r >= 0)
                r = managed_change(d, text, mode, f);
        strcpy(edited->uuid, d->uuid);
        return r < 0 ? r : device_permit(edited, settling, f);
}

int manage_device(const char *arg, char *assignments[], Mode mode, Mode default_mode) {
        _cleanup_(settling_done) Settling settling = SETTLING_NONE;
        _cleanup_(definition_freep) Definition *d = NULL;
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        char uuid[UUID_LENGTH + 1];
        Failure f = {};
        int r;

        if (program_uuid(arg, uuid) < 0)
                return STATUS_USAGE;
        if (lock_take(uuid, MANAGED_LOCK_TIMEOUT, &lock, &f) < 0)
                return program_fail(uuid, &f);
        r = store_load(uuid, &d, &f);
        if (r == -ENOENT) {
                r = adopt(uuid, assignments, mode != _MODE_INVALID ? mode : default_mode, &settling, &f);
                if (f.status == STATUS_NOT_FOUND)
                        record_clear(lock.fd);
        } else if (r >= 0)
                r = change(d, assignments, mode, &settling, &f);
        lock_done(&lock);
        if (r < 0)
                return program_fail(uuid, &f);
        (void) !device_settle(uuid, &settling);
        return STATUS_DONE;
}
