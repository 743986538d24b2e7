/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Adopts unmanaged devices, switches modes, edits definitions, imports mdevctl's definitions and exports to them. */

#include "cli/program.h"
#include "definition/defaults.h"
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

static int run(int argc, char *argv[]) {
        Defaults defaults;
        int status;

        if (arg_import && arg_export) {
                program_error(NULL, "--import or --export-mdevctl, not both");
                return STATUS_USAGE;
        }
        if ((arg_import || arg_export) && arg_mode != _MODE_INVALID) {
                program_error(NULL, "--%s keeps each device's mode; change it afterwards",
                              arg_import ? "import" : "export-mdevctl");
                return STATUS_USAGE;
        }
        if (arg_import)
                return manage_import(argv);
        if (arg_export)
                return manage_export(argv);
        if (argc == 0) {
                program_error(NULL, "which device? Give a UUID (mdev-query lists them; --help)");
                return STATUS_USAGE;
        }
        if (defaults_load(&defaults) < 0)
                return STATUS_FAILURE;
        program_notes(defaults.notes, false);
        status = manage_device(argv[0], argv + 1, (Mode) arg_mode, defaults.mode);
        defaults_done(&defaults);
        return status;
}

DEFINE_MAIN_FUNCTION(.help = help, .options = options, .run = run)
