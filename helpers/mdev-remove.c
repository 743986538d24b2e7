/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Removes devices: the live device, its definition, or both. */

#include "cli/failure-text.h"
#include "cli/program.h"
#include "definition/store.h"
#include "device/define.h"
#include "device/record.h"
#include "device/start.h"
#include "kernel/sysfs.h"

static int arg_active, arg_definition, arg_force, arg_recorded;
static int arg_timeout = 20;

static const char help[] =
        "Usage: mdev-remove [OPTION]... UUID...\n"
        "Remove mediated devices: the live device and its definition.\n\n"
        "      --active        remove only the live device, keep the definition\n"
        "      --definition    remove only the definition, keep the live device\n"
        "      --force         remove devices in use, too: removal is pending until they\n"
        "                      are closed\n"
        "      --recorded      remove only the device that its unit has started; used by\n"
        "                      mdev@.service\n"
        "      --timeout=SEC   give up after SEC seconds (default: 20)\n"
        "  -h, --help          print this help\n"
        "  -V, --version       print the version\n\n"
        "See mdev-remove(8) for details.\n";

static const struct option options[] = {
        { "active", no_argument, &arg_active, true },
        { "definition", no_argument, &arg_definition, true },
        { "force", no_argument, &arg_force, REMOVE_FORCE },
        { "recorded", no_argument, &arg_recorded, REMOVE_RECORDED },
        { "timeout", required_argument, NULL, 't' },
        PROGRAM_OPTIONS
};

static int parse_option(_unused_ int option) {
        return program_seconds("timeout", &arg_timeout);
}

typedef enum Removed {
        REMOVED_DEVICE = 1 << 0,
        REMOVED_DEFINITION = 1 << 1,
} Removed;

/* Returns what was removed, as a set, or a negative errno with op->failure. */
static int remove_locked(Operation *op) {
        _cleanup_(definition_freep) Definition *d = NULL;
        const char *uuid = op->lock.uuid;
        int r, removed;

        r = store_load(uuid, &d, &op->failure);
        if (r < 0 && r != -ENOENT)
                return r;
        if (d)
                failure_about(&op->failure, d->parent, d->type);
        if (arg_definition && d && d->origin == ORIGIN_MDEVCTL)
                return failure_set_text(&op->failure, STATUS_NOT_PERMITTED, -EROFS,
                                        "its definition %s belongs to mdevctl, which alone writes it: use 'mdevctl "
                                        "undefine', or --active to remove just the device", d->path);
        r = arg_active ? stop_device(op, (RemoveFlags) (arg_force | arg_recorded), (unsigned) arg_timeout) : 0;
        if (r > 0)
                record_clear_removed(&op->lock);
        else
                record_clear_if_gone(&op->lock);
        if (r < 0)
                return r;
        removed = r > 0 ? REMOVED_DEVICE : 0;
        if (arg_definition && !d)
                store_remove_others(uuid, ORIGIN_NONE); /* a killed helper's temporary file */
        if (r == 0 && !d && !arg_recorded)
                return failure_set_text(&op->failure, STATUS_NOT_FOUND, -ENOENT, "no such %sdefinition",
                                        arg_active ? "device or " : "");
        if (arg_definition && d) {
                r = undefine_device(op, d);
                removed |= REMOVED_DEFINITION;
        }
        return r < 0 ? r : removed;
}

/* Reports what was removed (Removed); f has parent and type. */
static int report_removed(const char *uuid, int removed, const Failure *f) {
        if (removed & REMOVED_DEVICE)
                return program_done(MESSAGE_REMOVED, uuid, f, "removed%s: %s on %s",
                                    removed & REMOVED_DEFINITION ? ", and its definition" : "",
                                    f->type ? f->type : "?", f->parent ? f->parent : "?");
        if (removed & REMOVED_DEFINITION)
                return program_done(MESSAGE_UNDEFINED, uuid, f, "its definition is removed");
        return program_done(MESSAGE_GONE, uuid, f, "gone already");
}

static int remove_one(const char *arg) {
        _cleanup_(operation_done) Operation op = OPERATION_NEW(program_forward);
        char uuid[UUID_LENGTH + 1];
        int r;

        if (program_uuid(arg, uuid) < 0)
                return STATUS_USAGE;
        /* If the unit stops because the device is gone, there is nothing to do. The lock is not needed to see that,
         * and whoever removed the device may hold it for long. */
        if (arg_recorded) {
                _cleanup_close_ int device = sysfs_open_device(uuid);
                if (device == -ENODEV)
                        return report_removed(uuid, 0, &op.failure);
        }
        r = lock_take(uuid, (unsigned) arg_timeout, &op.lock, &op.failure);
        if (r >= 0)
                r = remove_locked(&op);
        /* also after a failure, because its unit must become inactive */
        lock_done(&op.lock);
        if (device_settle_gone(&op, r < 0 ? NULL : &op.failure) < 0)
                r = -ETIMEDOUT;
        record_clear_settled(uuid);
        return r < 0 ? program_fail(uuid, &op.failure) : report_removed(uuid, r, &op.failure);
}

static int run(int argc, char *argv[]) {
        if (argc == 0)
                return program_error_as(STATUS_USAGE, NULL,
                                        "which device? Give a UUID (mdev-query lists them; --help)");
        if (!arg_active && !arg_definition)
                arg_active = arg_definition = true;
        return program_each(argv, remove_one);
}

DEFINE_MAIN_FUNCTION(.help = help, .options = options, .parse_option = parse_option, .run = run)
