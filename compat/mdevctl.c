/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdevctl and lsmdev: their commands, and which options each has. */
#include "mdevctl.h"

#include <string.h>

#include "cli/program.h"

#define LIST_OPTIONS (OPTION_DEFINED | OPTION_DUMPJSON | OPTION_VERBOSE | OPTION_UUID | OPTION_PARENT | OPTION_VERSION)

static const Command commands[] = {
        { .name = "define",
          .usage = "mdevctl define [OPTIONS]",
          .about = "Define a device: written to /etc/mdevctl.d, a live one is left as it is",
          .options = OPTION_UUID | OPTION_PARENT | OPTION_TYPE | OPTION_AUTO | OPTION_JSONFILE | OPTION_FORCE,
          .one_of = OPTION_UUID | OPTION_PARENT,
          .rules = { { OPTION_JSONFILE, 0, OPTION_TYPE | OPTION_AUTO } },
          .run = command_define },
        { .name = "list",
          .usage = "mdevctl list [OPTIONS]",
          .about = "List live devices, or definitions",
          .options = LIST_OPTIONS,
          .run = command_list },
        { .name = "modify",
          .usage = "mdevctl modify [OPTIONS] --uuid <UUID>",
          .about = "Change a definition, or with --live a live device",
          .options = OPTION_UUID | OPTION_PARENT | OPTION_TYPE | OPTION_ADDATTR | OPTION_VALUE | OPTION_DELATTR |
                  OPTION_INDEX | OPTION_AUTO | OPTION_MANUAL | OPTION_LIVE | OPTION_DEFINED | OPTION_JSONFILE |
                  OPTION_FORCE,
          .required = OPTION_UUID,
          .one_of = OPTION_AUTO | OPTION_MANUAL | OPTION_ADDATTR | OPTION_DELATTR | OPTION_JSONFILE,
          .exactly_one = true,
          .rules = { { OPTION_ADDATTR, OPTION_VALUE, 0 },
                     { OPTION_VALUE, OPTION_ADDATTR, OPTION_DELATTR },
                     { OPTION_AUTO, 0, OPTION_INDEX | OPTION_VALUE },
                     { OPTION_MANUAL, 0, OPTION_INDEX | OPTION_VALUE },
                     { OPTION_LIVE, OPTION_JSONFILE, OPTION_TYPE | OPTION_INDEX | OPTION_VALUE },
                     { OPTION_JSONFILE, 0, OPTION_TYPE | OPTION_INDEX | OPTION_VALUE } },
          .run = command_modify },
        { .name = "start",
          .usage = "mdevctl start [OPTIONS]",
          .about = "Start a defined device, or a transient one",
          .options = OPTION_UUID | OPTION_PARENT | OPTION_TYPE | OPTION_JSONFILE | OPTION_FORCE,
          .one_of = OPTION_UUID | OPTION_PARENT,
          .rules = { { OPTION_JSONFILE, 0, OPTION_TYPE } },
          .run = command_start },
        { .name = "start-parent-mdevs",
          .usage = "mdevctl start-parent-mdevs <PARENT>",
          .about = "Start the automatic devices of a parent",
          .operand = true,
          .run = command_start_parent },
        { .name = "stop",
          .usage = "mdevctl stop [OPTIONS] --uuid <UUID>",
          .about = "Stop a device",
          .options = OPTION_UUID | OPTION_FORCE,
          .required = OPTION_UUID,
          .run = command_stop },
        { .name = "types",
          .usage = "mdevctl types [OPTIONS]",
          .about = "List what can be made here",
          .options = OPTION_PARENT | OPTION_DUMPJSON,
          .run = command_types },
        { .name = "undefine",
          .usage = "mdevctl undefine [OPTIONS] --uuid <UUID>",
          .about = "Remove a definition, a live device is left as it is",
          .options = OPTION_UUID | OPTION_PARENT | OPTION_FORCE,
          .required = OPTION_UUID,
          .run = command_undefine },
};

/* The same program under another name. */
static const Command lsmdev = {
        .usage = "lsmdev [OPTIONS]",
        .about = "List live devices, or definitions",
        .options = LIST_OPTIONS,
        .run = command_list,
};

static int print_help(void) {
        puts("Mediated devices by mdevctl's command line, over mdev-tools\n\nUsage: mdevctl <COMMAND>\n\nCommands:");
        for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                if (!commands[i].operand)
                        printf("  %-9s %s\n", commands[i].name, commands[i].about);
        puts("  help      Print this, or the help of a command\n\n"
             "Options:\n  -h, --help     Print help\n  -V, --version  Print version\n\n"
             "Exit status: 0 done, 1 failed, 2 wrong usage. mdevctl(8) has all of it.");
        return 0;
}

/* Returns 1 with the command; 0 if there is nothing left to do; -EINVAL after a message. */
static int find_command(char *args[], const Command **ret) {
        const char *word = args[0];
        const Command *found = NULL;

        if (!word) {
                fputs("Mediated devices by mdevctl's command line: give a command, or --help\n\n"
                      "Usage: mdevctl <COMMAND>\n",
                      stderr);
                return -EINVAL;
        }
        if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0)
                return print_help();
        if (strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0)
                return print_version(&commands[0]);
        if (strcmp(word, "help") == 0) {
                if (!args[1])
                        return print_help();
                word = args[1];
        }
        for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                if (strcmp(commands[i].name, word) == 0)
                        found = &commands[i];
        if (!found && word[0] == '-')
                return report_usage_error(NULL, "unexpected argument '%s' found", word);
        if (!found)
                return report_usage_error(NULL, "unrecognized subcommand '%s'", word);
        if (word != args[0])
                return print_command_help(found);
        *ret = found;
        return 1;
}

CalloutHooks callout_hooks = { .print = program_forward };

static void warn_of_forced_operation(CalloutAction action, const Failure *f) {
        report_warning("Forcing operation '%s' despite callout failure. Error was: %s",
                       callout_action_to_string(action), failure_words(f));
}

static int run(int argc, char *argv[]) {
        size_t n = argc > 0 ? strlen(argv[0]) : 0;
        bool is_lsmdev = n >= strlen("lsmdev") && strcmp(argv[0] + n - strlen("lsmdev"), "lsmdev") == 0;
        const Command *c = &lsmdev;
        Options o = {};
        bool generate;
        int r = 1;

        if (!is_lsmdev && argc > 0) {
                argc--;
                argv++;
        }
        if (!is_lsmdev)
                r = find_command(argv, &c);
        if (r > 0)
                r = parse_command_line(c, argc, argv, &o);
        if (r <= 0)
                return r < 0 ? STATUS_USAGE : STATUS_DONE;
        if (o.given & OPTION_FORCE)
                callout_hooks.force = warn_of_forced_operation;
        generate = c->one_of & ~o.given & OPTION_UUID;
        r = generate ? uuid_generate(o.uuid) : 0;
        if (r < 0)
                return report_error("cannot generate a UUID: %s", failure_reason(r));
        r = c->run(&o);
        if (r == STATUS_DONE && generate)
                puts(o.uuid);
        return r;
}

DEFINE_MAIN_FUNCTION(.run = run)
