/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <getopt.h>

#include "cli/message.h"
#include "definition/definition.h"

/* What a program is made of. program_main() does what all of them need: it opens descriptors 0 to 2 where they are
 * closed, resets signals, reads the options, answers --help and --version, and checks that the output was written. */
typedef struct Program {
        const char *help;                   /* NULL: run() gets the whole command line, and reads its options itself */
        const struct option *options;       /* ends with PROGRAM_OPTIONS; NULL: there are no others */
        int (*parse_option)(int option);    /* takes one that is not a flag, value in optarg; 0, or -EINVAL and a message */
        int (*run)(int argc, char *argv[]); /* gets the arguments behind the options; returns the exit status */
        bool run_by_udev;                   /* udev discards stderr: when it runs us, messages go to the journal */
} Program;

#define PROGRAM_OPTIONS { "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' }, {}

int program_main(const Program *p, int argc, char *argv[]) _nonnull_(1, 3) _must_check_;

/* The main function of a program, from members of Program. */
#define DEFINE_MAIN_FUNCTION(...)                               \
        int main(int argc, char *argv[]) {                      \
                static const Program program = { __VA_ARGS__ }; \
                return program_main(&program, argc, argv);      \
        }

/* How every program of the suite speaks: one line on stderr, "PROGRAM: OBJECT: TEXT". Where stderr is the journal,
 * what has come of its work is one entry with fields instead: MESSAGE_ID=, MDEV_UUID=, MDEV_PARENT=, MDEV_TYPE=. */

void program_error(const char *object, const char *format, ...) _printf_(2, 3) _nonnull_(2);

/* The same, in the statement that returns a value: an exit status, or a negative errno. */
#define program_error_as(value, ...) (program_error(__VA_ARGS__), (value))

/* Passes on a line that another program (who) wrote to its stderr: "WHO: LINE". */
void program_forward(const char *who, const char *line) _nonnull_(1, 2);

/* Reports the failure and returns its exit status. object is the UUID, if it is about a device. */
int program_fail(const char *object, const Failure *f) _nonnull_(2);

/* The same, with a message (message.h) of its own. */
int program_fail_as(const char *message, const char *object, const Failure *f) _nonnull_(3);

/* Reports a success (message.h), to the journal only: who waits for the exit status has been told. f has the rest of
 * what is known of the device. Returns STATUS_DONE. */
int program_done(const char *message, const char *object, const Failure *f, const char *format, ...)
        _printf_(4, 5) _nonnull_(1, 2, 3, 4);

/* The same, for a device that was created, or else was there already. */
int program_started(const char *uuid, bool created, const Failure *f) _nonnull_(1, 3);

/* Calls one for each argument. Returns the last exit status that is not STATUS_DONE. */
int program_each(char *args[], int (*one)(const char *arg)) _nonnull_(1, 2);

/* Prints the warnings (and, with errors, the errors) on a definition. */
void program_notes(const Definition *d, bool errors) _nonnull_(1);

/* Reads a UUID argument, or the value of an option (optarg) that is a number of seconds. Returns 0, or after a
 * message -EINVAL. */
int program_uuid(const char *arg, char ret[static UUID_LENGTH + 1]) _nonnull_(1) _must_check_;
int program_seconds(const char *option, int *ret) _nonnull_(1, 2) _must_check_;
