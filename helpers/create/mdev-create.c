/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Defines and creates one device: transient, saved or persistent. */

#include "create.h"

static int arg_mode = _MODE_INVALID, arg_no_start, arg_dry_run;
static Create arg_create = { .wait = -1 };

static const char help[] =
        "Usage: mdev-create [OPTION]... [UUID] PARENT TYPE [NAME=VALUE[,VALUE]...]...\n"
        "       mdev-create [OPTION]... --file=FILE [UUID]\n"
        "Define and create a mediated device.\n\n"
        "      --transient    keep the definition until the next boot\n"
        "      --saved        keep the definition, start the device by hand\n"
        "      --persistent   keep the definition, start the device automatically\n"
        "      --no-start     write the definition, do not create the device\n"
        "      --file=FILE    read the definition from FILE, or standard input ('-')\n"
        "      --wait=SEC     wait up to SEC seconds for parent and type to appear\n"
        "      --dry-run      print what would be done, change nothing\n"
        "  -h, --help         print this help\n"
        "  -V, --version      print the version\n\n"
        "NAME is an attribute of the device, or a key of mdev-definition(5). If no UUID\n"
        "is given, one is generated and printed. See mdev-create(8) for details.\n";

static const struct option options[] = {
        { "transient", no_argument, &arg_mode, MODE_TRANSIENT },
        { "saved", no_argument, &arg_mode, MODE_SAVED },
        { "persistent", no_argument, &arg_mode, MODE_PERSISTENT },
        { "no-start", no_argument, &arg_no_start, true },
        { "dry-run", no_argument, &arg_dry_run, true },
        { "file", required_argument, NULL, 'f' },
        { "wait", required_argument, NULL, 'w' },
        PROGRAM_OPTIONS
};

static int parse_option(int option) {
        if (option == 'w')
                return program_seconds("wait", &arg_create.wait);
        arg_create.file = optarg;
        return 0;
}

static int run(int argc, char *argv[]) {
        Create *c = &arg_create;
        int status;

        if (c->file && argc > 1) {
                program_error(NULL, "with --file, parent, type and attributes come from the file");
                return STATUS_USAGE;
        }
        if (defaults_load(&c->defaults) < 0)
                return STATUS_FAILURE;
        program_notes(c->defaults.notes, false);
        c->mode = (Mode) arg_mode;
        c->no_start = arg_no_start;
        c->dry_run = arg_dry_run;
        status = c->file ? create_by_file(c, argv[0]) : create_by_arguments(c, argv, argc);
        defaults_done(&c->defaults);
        return status;
}

DEFINE_MAIN_FUNCTION(.help = help, .options = options, .parse_option = parse_option, .run = run)
