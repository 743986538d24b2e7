/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Takes over an unmanaged device, switches modes, edits definitions, imports mdevctl's and exports to it. */

#include <getopt.h>
#include <string.h>

#include "autostart.h"
#include "callout.h"
#include "defaults.h"
#include "lock.h"
#include "managed.h"
#include "mdevctl.h"
#include "permissions.h"
#include "program.h"
#include "store.h"
#include "sysfs.h"

static Mode arg_mode = _MODE_INVALID;
static bool arg_import = false;
static bool arg_export = false;

static int help(void) {
        printf("Usage: %s [OPTION]... UUID [NAME=VALUE | NAME+=VALUE | NAME=]...\n"
               "       %s --import [PARENT/UUID]...\n"
               "       %s --export-mdevctl [UUID]...\n"
               "Take over an unmanaged device, switch the mode of a device, edit its definition.\n\n"
               "  --transient        gone at reboot\n"
               "  --saved            defined for good, started by hand\n"
               "  --persistent       defined for good, started automatically\n"
               "  --import           make mdevctl's definitions (all, or those given) native\n"
               "  --export-mdevctl   make native definitions (all, or those given) mdevctl's\n"
               "  --help, --version\n\n"
               "NAME is an attribute of the device or a key of mdev.conf(5): = replaces a value,\n"
               "+= appends one, NAME= removes it. A live device is left as it is: a change takes\n"
               "effect when it is started next, but user=, group= and mode= do at once.\n"
               "Exit status: 0 done, 10 no such device or definition, 18 invalid; all in\n"
               "mdev-manage(8).\n",
               program_invocation_short_name, program_invocation_short_name, program_invocation_short_name);
        return 0;
}

static int parse_argv(int argc, char *argv[]) {
        enum { ARG_MODE = 256, ARG_IMPORT = ARG_MODE + _MODE_MAX, ARG_EXPORT, ARG_VERSION };
        static const struct option options[] = {
                { "transient", no_argument, NULL, ARG_MODE + MODE_TRANSIENT },
                { "saved", no_argument, NULL, ARG_MODE + MODE_SAVED },
                { "persistent", no_argument, NULL, ARG_MODE + MODE_PERSISTENT },
                { "import", no_argument, NULL, ARG_IMPORT },
                { "export-mdevctl", no_argument, NULL, ARG_EXPORT },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, ARG_VERSION },
                {},
        };
        int c;

        while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0)
                switch (c) {
                case ARG_MODE + MODE_TRANSIENT:
                case ARG_MODE + MODE_SAVED:
                case ARG_MODE + MODE_PERSISTENT:
                        arg_mode = (Mode) (c - ARG_MODE);
                        break;
                case ARG_IMPORT:
                        arg_import = true;
                        break;
                case ARG_EXPORT:
                        arg_export = true;
                        break;
                case 'h':
                        return help();
                case ARG_VERSION:
                        return program_version();
                default:
                        return -EINVAL;
                }
        if ((arg_import || arg_export) && arg_mode != _MODE_INVALID) {
                program_error(NULL, "--%s keeps each device's mode; change it afterwards",
                              arg_import ? "import" : "export-mdevctl");
                return -EINVAL;
        }
        if (arg_import && arg_export) {
                program_error(NULL, "--import or --export-mdevctl, not both");
                return -EINVAL;
        }
        if (!arg_import && !arg_export && optind == argc) {
                program_error(NULL, "which device? Give a UUID (mdev-query lists them; --help)");
                return -EINVAL;
        }
        return 1;
}

/* Applies the assignments to text, and checks the result: edited, which is fresh. Returns 0 or a negative errno
 * with *f. */
static int edit(Definition *edited, char **assignments, char **text, Failure *f) {
        Permissions p;
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
        return r < 0 ? managed_invalid(edited, f) : permissions_resolve(edited, &p, f);
}

/* A definition of a live device that has none. */
static int adopt(const char *uuid, char **assignments, Mode mode, Failure *f) {
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
        return r < 0 ? r : device_permit(d, f);
}

static int change(const Definition *d, char **assignments, Failure *f) {
        _cleanup_(definition_freep) Definition *edited = definition_new();
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (d->origin == ORIGIN_MDEVCTL)
                return failure_set(f, STATUS_NOT_PERMITTED, -EROFS, "its definition %s is mdevctl's, which alone writes it: "
                                   "use 'mdevctl modify', or --import it first", d->path);
        if (arg_mode == _MODE_INVALID && !*assignments)
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
                r = managed_change(d, text, arg_mode, f);
        strcpy(edited->uuid, d->uuid);
        return r < 0 ? r : device_permit(edited, f);
}

static int manage(const char *arg, char **assignments, Mode default_mode) {
        _cleanup_(definition_freep) Definition *d = NULL;
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        char uuid[UUID_LENGTH + 1];
        Failure f = {};
        int r;

        if (uuid_parse(arg, uuid) < 0) {
                program_error(arg, "not a UUID (8-4-4-4-12 hex digits)");
                return STATUS_USAGE;
        }
        if (lock_take(uuid, MANAGED_LOCK_TIMEOUT, &lock, &f) < 0)
                return program_fail(uuid, &f);
        r = store_load(uuid, &d, &f);
        if (r == -ENOENT) {
                r = adopt(uuid, assignments, arg_mode != _MODE_INVALID ? arg_mode : default_mode, &f);
                if (f.status == STATUS_NOT_FOUND)
                        record_clear(lock.fd);
        } else if (r >= 0)
                r = change(d, assignments, &f);
        if (r < 0)
                return program_fail(uuid, &f);
        return STATUS_DONE;
}

/* True if d is what PARENT/UUID names, or if nothing is named. */
static bool is_named(const Definition *d, char **names) {
        if (!*names)
                return true;
        for (; *names; names++) {
                const char *slash = strrchr(*names, '/');

                if (slash && d->parent && strcmp(slash + 1, d->uuid) == 0 && strlen(d->parent) == (size_t) (slash - *names) &&
                    strncmp(*names, d->parent, strlen(d->parent)) == 0)
                        return true;
        }
        return false;
}

/* Writes the native one first: a crash leaves both, and then the native one counts. */
static int import_one(const Definition *d, Failure *f) {
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        _cleanup_free_ char *text = NULL;
        int r;

        if (d->invalid)
                return managed_invalid(d, f);
        r = lock_take(d->uuid, MANAGED_LOCK_TIMEOUT, &lock, f);
        if (r < 0)
                return r;
        r = definition_format(d, &text);
        if (r < 0)
                return r;
        r = managed_define(d, text, d->start_auto ? MODE_PERSISTENT : MODE_SAVED, f);
        return r < 0 ? r : store_remove(d, f);
}

static int import(char **names) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        int status = STATUS_DONE;
        bool found = false;
        Failure f = {};

        if (store_list(&list, &f) < 0)
                status = program_fail(NULL, &f);
        for (size_t i = 0; i < list.n; i++) {
                const Definition *d = list.items[i];

                if (d->origin != ORIGIN_MDEVCTL || !is_named(d, names))
                        continue;
                found = true;
                f = (Failure) {};
                if (d->uuid[0] == '\0') {
                        program_notes(d, true);
                        status = STATUS_INVALID;
                } else if (import_one(d, &f) < 0)
                        status = program_fail(d->uuid, &f);
                else
                        printf("%s\n", d->uuid);
        }
        if (*names && !found) {
                program_error(*names, "no such definition in /etc/mdevctl.d, or a native one exists");
                status = STATUS_NOT_FOUND;
        }
        return status;
}

/* What mdevctl's format has no key for. */
static int check_exportable(const Definition *d, Failure *f) {
        const struct {
                const char *key;
                bool set;
        } keys[] = { { "description", d->description }, { "after", d->after }, { "requires", d->requires },
                     { "wants", d->wants }, { "wait", d->wait >= 0 }, { "user", d->user },
                     { "group", d->group }, { "mode", d->node_mode >= 0 } };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (keys[i].set && r == 0)
                        r = failure_set(f, STATUS_FAILURE, -ENOTSUP, "mdevctl's format has no place for %s=", keys[i].key);
                else if (keys[i].set)
                        failure_append(f, ", %s=", keys[i].key);
        if (r < 0)
                failure_append(f, ": remove that first");
        else if (d->selector)
                r = failure_set(f, STATUS_FAILURE, -ENOTSUP, "mdevctl knows a parent only by its kernel name, not as %s: "
                                "change parent= first", d->selector);
        return r;
}

/* Writes mdevctl's first: a crash leaves both, and then the native one still counts. */
static int export_locked(const Definition *d, Failure *f) {
        bool start_auto = mode_of(d) == MODE_PERSISTENT;
        _cleanup_free_ char *text = NULL;
        Callout callout;
        int r;

        r = check_exportable(d, f);
        if (r < 0)
                return r;
        if (mdevctl_format(d, start_auto, 0, &text) < 0)
                return -ENOMEM;
        /* scripts read mdevctl's directory, and now hear of it for the first time */
        r = callout_begin(CALLOUT_DEFINE, d, start_auto, &callout, f);
        if (r < 0)
                return r;
        r = store_write_mdevctl(d->parent, d->uuid, text, false, f);
        callout_end(&callout, r >= 0);
        if (r == -EEXIST)
                f->status = STATUS_EXISTS;
        if (r >= 0)
                r = store_remove(d, f);
        if (r >= 0)
                r = autostart_set(d->uuid, false, f);
        if (r < 0 && r != -ENOENT)
                return r;
        /* start=auto in the file, from now on */
        return start_auto ? autostart_reload(f) : 0;
}

static int export_one(const char *uuid, Failure *f) {
        _cleanup_(definition_freep) Definition *d = NULL;
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        int r;

        r = lock_take(uuid, MANAGED_LOCK_TIMEOUT, &lock, f);
        if (r < 0)
                return r;
        r = store_load(uuid, &d, f);
        if (r == -ENOENT)
                return failure_set(f, STATUS_NOT_FOUND, r, "no such definition");
        if (r < 0)
                return r;
        if (d->invalid)
                return managed_invalid(d, f);
        if (d->origin == ORIGIN_MDEVCTL)
                return 0;
        if (d->origin == ORIGIN_RUN)
                return failure_set(f, STATUS_EXISTS, -EINVAL, "it is transient: --saved or --persistent first");
        return export_locked(d, f);
}

static int export_named(const char *name) {
        char uuid[UUID_LENGTH + 1];
        Failure f = {};

        if (uuid_parse(name, uuid) < 0) {
                program_error(name, "not a UUID (8-4-4-4-12 hex digits)");
                return STATUS_USAGE;
        }
        if (export_one(uuid, &f) < 0)
                return program_fail(uuid, &f);
        printf("%s\n", uuid);
        return STATUS_DONE;
}

static int export(char **names) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        int status = STATUS_DONE, r;
        Failure f = {};

        for (char **name = names; *name; name++) {
                r = export_named(*name);
                status = r != STATUS_DONE ? r : status;
        }
        if (*names)
                return status;
        if (store_list(&list, &f) < 0)
                status = program_fail(NULL, &f);
        for (size_t i = 0; i < list.n; i++) {
                const Definition *d = list.items[i];

                if (d->origin != ORIGIN_ETC)
                        continue;
                if (d->uuid[0] == '\0') {
                        program_notes(d, true);
                        status = STATUS_INVALID;
                        continue;
                }
                r = export_named(d->uuid);
                status = r != STATUS_DONE ? r : status;
        }
        return status;
}

int main(int argc, char *argv[]) {
        Defaults defaults;
        int r;

        r = parse_argv(argc, argv);
        if (r <= 0)
                return r < 0 ? STATUS_USAGE : program_end(STATUS_DONE);
        if (arg_import)
                return program_end(import(argv + optind));
        if (arg_export)
                return program_end(export(argv + optind));
        if (defaults_load(&defaults) < 0)
                return STATUS_FAILURE;
        program_notes(defaults.notes, false);
        r = manage(argv[optind], argv + optind + 1, defaults.mode);
        defaults_done(&defaults);
        return program_end(r);
}
