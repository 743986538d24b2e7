/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/uuid.h"
#include "definition/store.h"
#include "device/device.h"

/* The command line of mdevctl 1.4, on top of what the other programs use. mdevctl(8), DIFFERENCES, has what it does
 * differently. */

/* ---- options: mdevctl-options.c -------------------------------------------------------------------------------- */

enum {
        OPTION_UUID = 1 << 0,
        OPTION_PARENT = 1 << 1,
        OPTION_TYPE = 1 << 2,
        OPTION_JSONFILE = 1 << 3,
        OPTION_AUTO = 1 << 4,
        OPTION_MANUAL = 1 << 5,
        OPTION_ADDATTR = 1 << 6,
        OPTION_VALUE = 1 << 7,
        OPTION_DELATTR = 1 << 8,
        OPTION_INDEX = 1 << 9,
        OPTION_LIVE = 1 << 10,
        OPTION_DEFINED = 1 << 11,
        OPTION_DUMPJSON = 1 << 12,
        OPTION_VERBOSE = 1 << 13,
        OPTION_FORCE = 1 << 14,
        OPTION_HELP = 1 << 15,
        OPTION_VERSION = 1 << 16,
};

typedef struct Options {
        unsigned given; /* OPTION_... */
        char uuid[UUID_LENGTH + 1]; /* also where none is given, for a command that takes either UUID or parent */
        const char *parent, *type, *jsonfile, *addattr, *value;
        unsigned index;
} Options;

/* An option of a command that needs another one, or cannot be combined with some. */
typedef struct Rule {
        unsigned option, needs, excludes;
} Rule;

typedef struct Command {
        const char *name, *usage, *about;
        unsigned options;  /* and --help, which all have */
        unsigned required; /* all of these */
        unsigned one_of;   /* at least one of these; for modify: exactly one */
        bool exactly_one;
        bool operand; /* takes a parent's name instead of options; for udev's rules: --help does not list it */
        Rule rules[6];
        int (*run)(const Options *o);
} Command;

/* Reads the arguments of a command, argv[0] is its name. --help and --version are answered. Returns 1 to go on, 0 if
 * there is nothing left to do, or after a message -EINVAL. */
int parse_command_line(const Command *c, int argc, char *argv[], Options *ret) _nonnull_(1, 3, 4) _must_check_;

/* These return 0. */
int print_command_help(const Command *c) _nonnull_(1);
int print_version(const Command *c) _nonnull_(1);

/* ---- messages: mdevctl-messages.c ------------------------------------------------------------------------------ */

/* The words for f, until the next call. */
const char *failure_words(const Failure *f) _nonnull_(1);

/* Prints head, the text, and "Caused by:" unless cause is NULL. Returns STATUS_FAILURE. */
int report_message(const char *head, const char *cause, const char *format, ...) _printf_(3, 4) _nonnull_(1, 3);
#define report_error_with_cause(cause, ...) report_message("Error: ", (cause), __VA_ARGS__)
#define report_error(...) report_error_with_cause(NULL, __VA_ARGS__)
#define report_failure(f) report_error("%s", failure_words(f))
#define report_no_memory() report_error("out of memory")
#define report_warning(...) (void) report_message("Warning: ", NULL, __VA_ARGS__)
#define report_failure_as_warning(f) report_warning("%s", failure_words(f))

/* The text, and how the command (NULL: any) is used. Returns -EINVAL. */
#define report_usage_error(c, ...) (report_message("error: ", NULL, __VA_ARGS__), print_usage(c))
int print_usage(const Command *c);

/* ---- devices and definitions: mdevctl-device.c ----------------------------------------------------------------- */

typedef struct LiveDevice {
        char parent[256], type[256];
} LiveDevice;

/* Returns true if the device is live and complete. */
bool read_live_device(const char *uuid, LiveDevice *ret) _nonnull_(1, 2);

/* The same, and it is the one that d defines. */
bool is_live(const Definition *d) _nonnull_(1);

/* Lists mdevctl's definitions, of any UUID or parent if that is NULL, and warns of those that cannot be read.
 * Returns 0 or -ENOMEM. */
int list_definitions(const char *uuid, const char *parent, DefinitionList *ret) _nonnull_(3) _must_check_;

/* Returns the only definition in list, which still owns it; or NULL after a message. */
Definition *get_single_definition(const DefinitionList *list, const char *uuid, const char *parent) _nonnull_(1, 2);

/* Reads the file of --jsonfile, which messages call "what". Returns 0, or 1 after a message. */
int read_jsonfile(const char *what, const char *path, const char *uuid, const char *parent, Definition **ret)
        _nonnull_(1, 2, 3, 4, 5) _must_check_;

/* True if the device's unit would use d, and not another definition of its UUID. The caller holds the lock. Removes
 * the record of a transient device that no longer exists. */
bool is_definition_of_unit(const Definition *d) _nonnull_(1);

/* Prints "  Attrs:" and a line for each attribute. */
void print_attributes(FILE *f, const Definition *d) _nonnull_(1, 2);

/* Reports "Invalid definition" and why. Returns STATUS_FAILURE. */
int report_invalid_definition(const Definition *d) _nonnull_(1);

/* How scripts are called; --force changes it. */
extern CalloutHooks callout_hooks;
#define MDEVCTL_OPERATION OPERATION_NEW(callout_hooks.print, .force = callout_hooks.force)

/* ---- commands -------------------------------------------------------------------------------------------------- */

/* Each returns the exit status: 0, or 1 after a message. */
int command_define(const Options *o) _nonnull_(1);
int command_undefine(const Options *o) _nonnull_(1);
int command_modify(const Options *o) _nonnull_(1);
int command_start(const Options *o) _nonnull_(1);
int command_stop(const Options *o) _nonnull_(1);
int command_start_parent(const Options *o) _nonnull_(1);
int command_list(const Options *o) _nonnull_(1);
int command_types(const Options *o) _nonnull_(1);
