/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Makes one device, transient, saved or persistent; starts a defined one; or starts all persistent ones. */

#include <getopt.h>

#include "create.h"
#include "cli/program.h"

static bool arg_auto = false;
static Create arg_create = { .mode = _MODE_INVALID, .wait = -1 };

static int help(void) {
        const char *p = program_invocation_short_name;

        printf("Usage: %s [OPTION]... [UUID] PARENT TYPE [NAME=VALUE[,VALUE]...]...\n"
               "       %s [OPTION]... --file=FILE [UUID]\n"
               "       %s [--wait=SEC] UUID\n"
               "       %s --auto [--parent=PARENT] [--wait=SEC]\n"
               "Make a mediated device, start a defined one, or start all persistent ones.\n\n"
               "  --transient     gone at reboot\n"
               "  --saved         defined for good, started by hand\n"
               "  --persistent    defined for good, started automatically\n"
               "  --no-start      only write the definition\n"
               "  --file=FILE     take the definition from FILE, '-' is standard input\n"
               "  --auto          start every persistent device\n"
               "  --parent=NAME   with --auto: only those of this parent\n"
               "  --unit          a unit runs it: see mdev-units(8)\n"
               "  --wait=SEC      wait so long for parent and type to appear\n"
               "  --dry-run       say what would be done, and do nothing\n"
               "  --help, --version\n\n"
               "NAME is an attribute of the device, or a key of mdev-definition(5). A UUID that is not\n"
               "given is generated and printed. Exit status: 0 done or already so, 10 no such\n"
               "definition, 11 no parent, 12 no type, 13 none left, 14 exists but differs,\n"
               "15 attribute refused, 18 definition invalid; all in mdev-create(8).\n",
               p, p, p, p);
        return 0;
}

static int parse_argv(int argc, char *argv[]) {
        enum { ARG_MODE = 256, ARG_NO_START = ARG_MODE + _MODE_MAX, ARG_DRY_RUN, ARG_AUTO, ARG_WAIT, ARG_FILE,
               ARG_PARENT, ARG_UNIT, ARG_VERSION };
        static const struct option options[] = {
                { "transient", no_argument, NULL, ARG_MODE + MODE_TRANSIENT },
                { "saved", no_argument, NULL, ARG_MODE + MODE_SAVED },
                { "persistent", no_argument, NULL, ARG_MODE + MODE_PERSISTENT },
                { "no-start", no_argument, NULL, ARG_NO_START },
                { "dry-run", no_argument, NULL, ARG_DRY_RUN },
                { "auto", no_argument, NULL, ARG_AUTO },
                { "wait", required_argument, NULL, ARG_WAIT },
                { "file", required_argument, NULL, ARG_FILE },
                { "parent", required_argument, NULL, ARG_PARENT },
                { "unit", no_argument, NULL, ARG_UNIT },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, ARG_VERSION },
                {},
        };
        unsigned wait;
        int c;

        while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0)
                switch (c) {
                case ARG_MODE + MODE_TRANSIENT:
                case ARG_MODE + MODE_SAVED:
                case ARG_MODE + MODE_PERSISTENT:
                        arg_create.mode = (Mode) (c - ARG_MODE);
                        break;
                case ARG_NO_START:
                        arg_create.no_start = true;
                        break;
                case ARG_DRY_RUN:
                        arg_create.dry_run = true;
                        break;
                case ARG_AUTO:
                        arg_auto = true;
                        break;
                case ARG_WAIT:
                        if (program_seconds("wait", optarg, &wait) < 0)
                                return -EINVAL;
                        arg_create.wait = (int) wait;
                        break;
                case ARG_FILE:
                        arg_create.file = optarg;
                        break;
                case ARG_PARENT:
                        arg_create.parent = optarg;
                        break;
                case ARG_UNIT:
                        arg_create.unit = true;
                        break;
                case 'h':
                        return help();
                case ARG_VERSION:
                        return program_version();
                default:
                        return -EINVAL;
                }
        if (arg_create.parent && !arg_auto) {
                program_error(NULL, "--parent goes with --auto; to make a device, the parent is an argument");
                return -EINVAL;
        }
        return 1;
}

static int run(int argc, char *argv[]) {
        const Create *c = &arg_create;

        if (arg_auto) {
                if (argc > 0 || c->file || c->mode != _MODE_INVALID || c->dry_run || c->no_start) {
                        program_error(NULL, "--auto takes only --parent and --wait");
                        return STATUS_USAGE;
                }
                return c->unit ? create_ahead(c) : create_persistent(c);
        }
        if (c->file && argc > 1) {
                program_error(NULL, "with --file, parent, type and attributes come from the file");
                return STATUS_USAGE;
        }
        if (c->file)
                return create_by_file(c, argv[0]);
        return argc == 1 ? create_start(c, argv[0]) : create_by_arguments(c, argv, argc);
}

int main(int argc, char *argv[]) {
        int r;

        r = parse_argv(argc, argv);
        if (r <= 0)
                return r < 0 ? STATUS_USAGE : program_end(STATUS_DONE);
        if (defaults_load(&arg_create.defaults) < 0)
                return STATUS_FAILURE;
        program_notes(arg_create.defaults.notes, false);
        r = run(argc - optind, argv + optind);
        defaults_done(&arg_create.defaults);
        return program_end(r);
}
