/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Removes devices: the live device, its definition, or both. */

#include <getopt.h>
#include <string.h>

#include "device/device.h"
#include "device/lock.h"
#include "device/managed.h"
#include "cli/program.h"
#include "definition/store.h"
#include "kernel/sysfs.h"

static bool arg_active = true;
static bool arg_definition = true;
static RemoveFlags arg_flags = 0;
static unsigned arg_timeout = 20;

static int help(void) {
        printf("Usage: %s [OPTION]... UUID...\n"
               "Remove mediated devices, live device and definition.\n\n"
               "  --active       only the live device: the definition stays\n"
               "  --definition   only the definition: a live device stays, unmanaged\n"
               "  --force        also a device that is in use: the kernel condemns it at once,\n"
               "                 and it goes when its user lets go\n"
               "  --recorded     only the device that its unit has started (for mdev@.service)\n"
               "  --timeout=SEC  give up after so long (default: %u)\n"
               "  --help, --version\n\n"
               "Exit status: 0 removed or already gone, 10 no such device or definition,\n"
               "17 in use, 19 not permitted, 21 timed out; all in mdev-remove(8).\n",
               program_invocation_short_name, arg_timeout);
        return 0;
}

static int parse_argv(int argc, char *argv[]) {
        enum { ARG_ACTIVE = 256, ARG_DEFINITION, ARG_FORCE, ARG_RECORDED, ARG_TIMEOUT, ARG_VERSION };
        static const struct option options[] = {
                { "active", no_argument, NULL, ARG_ACTIVE },
                { "definition", no_argument, NULL, ARG_DEFINITION },
                { "force", no_argument, NULL, ARG_FORCE },
                { "recorded", no_argument, NULL, ARG_RECORDED },
                { "timeout", required_argument, NULL, ARG_TIMEOUT },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, ARG_VERSION },
                {},
        };
        bool active = false, definition = false;
        int c;

        while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0)
                switch (c) {
                case ARG_ACTIVE:
                        active = true;
                        break;
                case ARG_DEFINITION:
                        definition = true;
                        break;
                case ARG_FORCE:
                        arg_flags |= REMOVE_FORCE;
                        break;
                case ARG_RECORDED:
                        arg_flags |= REMOVE_RECORDED;
                        break;
                case ARG_TIMEOUT:
                        if (program_seconds("timeout", optarg, &arg_timeout) < 0)
                                return -EINVAL;
                        break;
                case 'h':
                        return help();
                case ARG_VERSION:
                        return program_version();
                default:
                        return -EINVAL;
                }
        if (active || definition) {
                arg_active = active;
                arg_definition = definition;
        }
        if (optind == argc) {
                program_error(NULL, "which device? Give a UUID (mdev-query lists them; --help)");
                return -EINVAL;
        }
        return 1;
}

typedef enum Removed {
        REMOVED_DEVICE = 1 << 0,
        REMOVED_DEFINITION = 1 << 1,
} Removed;

/* Returns what there was, as a set, or a negative errno with *f. */
static int remove_locked(const char *uuid, int lock, Settling *settling, Failure *f) {
        _cleanup_(definition_freep) Definition *d = NULL;
        int r, removed;

        r = store_load(uuid, &d, f);
        if (r < 0 && r != -ENOENT)
                return r;
        if (d)
                failure_about(f, d->parent, d->type);
        if (arg_definition && d && d->origin == ORIGIN_MDEVCTL)
                return failure_set(f, STATUS_NOT_PERMITTED, -EROFS, "its definition %s is mdevctl's, which alone writes it: "
                                   "use 'mdevctl undefine', or --active to remove just the device", d->path);
        r = arg_active ? managed_remove(uuid, lock, arg_flags, arg_timeout, settling, f) : 0;
        if (r > 0)
                record_removed(lock);
        else
                record_clear_if_gone(lock, uuid);
        if (r < 0)
                return r;
        removed = r > 0 ? REMOVED_DEVICE : 0;
        if (arg_definition && !d)
                store_remove_others(uuid, ORIGIN_NONE); /* a killed helper's temporary file */
        if (r == 0 && !d && !(arg_flags & REMOVE_RECORDED))
                return failure_set(f, STATUS_NOT_FOUND, -ENOENT, "no such %sdefinition",
                                   arg_active ? "device or " : "");
        if (arg_definition && d) {
                r = managed_undefine(d, f);
                removed |= REMOVED_DEFINITION;
        }
        return r < 0 ? r : removed;
}

/* Reports what there was (Removed), with the rest in f. */
static int done(const char *uuid, int removed, const Failure *f) {
        if (removed & REMOVED_DEVICE)
                return program_done(MESSAGE_REMOVED, uuid, f, "removed%s: %s on %s",
                                    removed & REMOVED_DEFINITION ? ", and its definition" : "", f->type, f->parent);
        if (removed & REMOVED_DEFINITION)
                return program_done(MESSAGE_UNDEFINED, uuid, f, "its definition is removed");
        return program_done(MESSAGE_GONE, uuid, f, "gone already");
}

static int remove_one(const char *arg) {
        _cleanup_(settling_done) Settling settling = SETTLING_NONE;
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        char uuid[UUID_LENGTH + 1];
        Failure f = {}, ignored;
        int r;

        if (uuid_parse(arg, uuid) < 0) {
                program_error(arg, "not a UUID (8-4-4-4-12 hex digits)");
                return STATUS_USAGE;
        }
        /* The unit's stop, and the device is gone: nothing to do. Without the lock, because who removed it may be at
         * work for long. */
        if (arg_flags & REMOVE_RECORDED) {
                _cleanup_close_ int device = sysfs_open_device(uuid);
                if (device == -ENODEV)
                        return done(uuid, 0, &f);
        }
        r = lock_take(uuid, arg_timeout, &lock, &f);
        if (r >= 0)
                r = remove_locked(uuid, lock.fd, &settling, &f);
        /* also after a failure: its unit is to be inactive */
        lock_done(&lock);
        if (device_settle_gone(uuid, &settling, r < 0 ? &ignored : &f) < 0)
                r = -ETIMEDOUT;
        record_settled(uuid);
        return r < 0 ? program_fail(uuid, &f) : done(uuid, r, &f);
}

int main(int argc, char *argv[]) {
        int status = STATUS_DONE, r;

        r = parse_argv(argc, argv);
        if (r <= 0)
                return r < 0 ? STATUS_USAGE : program_end(STATUS_DONE);
        for (int i = optind; i < argc; i++) {
                r = remove_one(argv[i]);
                if (r != STATUS_DONE)
                        status = r;
        }
        return program_end(status);
}
