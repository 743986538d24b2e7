/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Takes over an unmanaged device, switches modes, edits definitions, imports mdevctl's and exports to it. */

#include <getopt.h>

#include "definition/defaults.h"
#include "manage.h"
#include "cli/program.h"

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
               "NAME is an attribute of the device or a key of mdev-definition(5): = replaces a value,\n"
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

int main(int argc, char *argv[]) {
        Defaults defaults;
        int r;

        r = parse_argv(argc, argv);
        if (r <= 0)
                return r < 0 ? STATUS_USAGE : program_end(STATUS_DONE);
        if (arg_import)
                return program_end(manage_import(argv + optind));
        if (arg_export)
                return program_end(manage_export(argv + optind));
        if (defaults_load(&defaults) < 0)
                return STATUS_FAILURE;
        program_notes(defaults.notes, false);
        r = manage_device(argv[optind], argv + optind + 1, arg_mode, defaults.mode);
        defaults_done(&defaults);
        return program_end(r);
}
