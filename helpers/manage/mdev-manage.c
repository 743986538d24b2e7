/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Adopts unmanaged devices, switches modes, edits definitions, imports mdevctl's definitions and exports to them. */

#include <string.h>

#include "cli/failure-text.h"
#include "cli/program.h"
#include "definition/defaults.h"
#include "definition/store.h"
#include "device/define.h"
#include "device/node-owner.h"
#include "device/record.h"
#include "kernel/sysfs.h"
#include "manage.h"

static int arg_mode = _MODE_INVALID, arg_import, arg_export;

static const char help[] =
        "Usage: mdev-manage [OPTION]... UUID [NAME=VALUE | NAME+=VALUE | NAME=]...\n"
        "       mdev-manage --import [PARENT/UUID]...\n"
        "       mdev-manage --export-mdevctl [UUID]...\n"
        "Adopt an unmanaged device, switch the mode of a device, edit its definition.\n\n"
        "      --transient        keep the definition until the next boot\n"
        "      --saved            keep the definition, start the device by hand\n"
        "      --persistent       keep the definition, start the device automatically\n"
        "      --import           convert mdevctl's definitions into native ones\n"
        "      --export-mdevctl   convert native definitions into mdevctl's\n"
        "  -h, --help             print this help\n"
        "  -V, --version          print the version\n\n"
        "NAME is an attribute of the device or a key of mdev-definition(5): NAME=VALUE\n"
        "replaces its value, NAME+=VALUE appends one, NAME= removes it. A change takes\n"
        "effect at the next start of the device; only the ownership of its node changes\n"
        "immediately. See mdev-manage(8) for details.\n";

static const struct option options[] = {
        { "transient", no_argument, &arg_mode, MODE_TRANSIENT },
        { "saved", no_argument, &arg_mode, MODE_SAVED },
        { "persistent", no_argument, &arg_mode, MODE_PERSISTENT },
        { "import", no_argument, &arg_import, true },
        { "export-mdevctl", no_argument, &arg_export, true },
        PROGRAM_OPTIONS
};

/* Applies the assignments to *text and parses the result into edited, which is new. Returns 0, or a negative errno
 * with *f. */
static int edit_text(Definition *edited, char **assignments, char **text, Failure *f) {
        NodeOwner owner;
        int r;

        for (; *assignments; assignments++) {
                const char *error = NULL;
                char *next;

                r = definition_edit(*text, strlen(*text), *assignments, &next, &error);
                if (r < 0)
                        return failure_set_text(f, STATUS_USAGE, r, "'%s': %s", *assignments,
                                                error ? error : "out of memory");
                free(*text);
                *text = next;
        }
        r = definition_parse(edited, *text, strlen(*text));
        program_notes(edited, false);
        return r < 0 ? define_note_invalid(edited, f) : node_owner_resolve(edited, &owner, f);
}

static int define_live(Operation *op, char **assignments, Mode mode) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        const char *uuid = op->lock.uuid;
        _cleanup_close_ int device = sysfs_open_device(uuid);
        _cleanup_free_ char *text = NULL;
        char parent[256], type[256];
        int r;

        r = device < 0 ? device : sysfs_device_identity(uuid, device, parent, type);
        if (r < 0)
                return failure_set_text(&op->failure, STATUS_NOT_FOUND, r, "no such device or definition");
        if (!d || asprintf(&text, "parent=%s\ntype=%s\n", parent, type) < 0)
                return -ENOMEM;
        strcpy(d->uuid, uuid);
        r = edit_text(d, assignments, &text, &op->failure);
        if (r >= 0)
                r = define_device(op, d, text, mode);
        return r < 0 ? r : device_set_owner(op, d);
}

static int edit_defined(Operation *op, const Definition *d, char **assignments) {
        _cleanup_(definition_freep) Definition *edited = definition_new();
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (d->origin == ORIGIN_MDEVCTL)
                return failure_set_text(&op->failure, STATUS_NOT_PERMITTED, -EROFS,
                                        "its definition %s belongs to mdevctl, which alone writes it: use 'mdevctl "
                                        "modify', or --import it first", d->path);
        if (arg_mode == _MODE_INVALID && !*assignments)
                return failure_set_text(&op->failure, STATUS_USAGE, -EINVAL,
                                        "%s defines it already, as %s: say what to change (--help)", d->path,
                                        mode_to_string(mode_of(d)));
        r = store_read(d, &text, &size, &op->failure);
        if (r >= 0 && strlen(text) != size)
                r = define_note_invalid(d, &op->failure);
        if (!edited || !(edited->path = strdup(d->path)))
                return -ENOMEM;
        if (r >= 0)
                r = edit_text(edited, assignments, &text, &op->failure);
        if (r >= 0)
                r = redefine_device(op, d, text, (Mode) arg_mode);
        strcpy(edited->uuid, d->uuid);
        return r < 0 ? r : device_set_owner(op, edited);
}

static int manage_device(const char *arg, char *assignments[], Mode default_mode) {
        _cleanup_(operation_done) Operation op = OPERATION_NEW(program_forward);
        _cleanup_(definition_freep) Definition *d = NULL;
        char uuid[UUID_LENGTH + 1];
        int r;

        if (program_uuid(arg, uuid) < 0)
                return STATUS_USAGE;
        if (lock_take(uuid, LOCK_TIMEOUT, &op.lock, &op.failure) < 0)
                return program_fail(uuid, &op.failure);
        r = store_load(uuid, &d, &op.failure);
        if (r == -ENOENT) {
                r = define_live(&op, assignments, arg_mode != _MODE_INVALID ? (Mode) arg_mode : default_mode);
                if (op.failure.status == STATUS_NOT_FOUND)
                        record_clear(&op.lock);
        } else if (r >= 0)
                r = edit_defined(&op, d, assignments);
        lock_done(&op.lock);
        if (r < 0)
                return program_fail(uuid, &op.failure);
        (void) !device_settle(&op);
        return STATUS_DONE;
}

static int run(int argc, char *argv[]) {
        _cleanup_(defaults_done) Defaults defaults = {};

        if (arg_import && arg_export)
                return program_error_as(STATUS_USAGE, NULL, "--import or --export-mdevctl, not both");
        if ((arg_import || arg_export) && arg_mode != _MODE_INVALID)
                return program_error_as(STATUS_USAGE, NULL, "--%s keeps each device's mode; change it afterwards",
                                        arg_import ? "import" : "export-mdevctl");
        if (arg_import)
                return manage_import(argv);
        if (arg_export)
                return manage_export(argv);
        if (argc == 0)
                return program_error_as(STATUS_USAGE, NULL,
                                        "which device? Give a UUID (mdev-query lists them; --help)");
        if (defaults_load(&defaults) < 0)
                return STATUS_FAILURE;
        program_notes(defaults.notes, false);
        return manage_device(argv[0], argv + 1, defaults.mode);
}

DEFINE_MAIN_FUNCTION(.help = help, .options = options, .run = run)
