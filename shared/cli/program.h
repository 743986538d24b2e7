/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/definition.h"
#include "cli/message.h"

/* How every program of the suite speaks: one line on stderr, "PROGRAM: OBJECT: TEXT". Where stderr is the journal,
 * what has come of its work is one entry with fields instead: MESSAGE_ID=, MDEV_UUID=, MDEV_PARENT=, MDEV_TYPE=. */

void program_error(const char *object, const char *format, ...) _printf_(2, 3) _nonnull_(2);

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

/* For what udev's rules run: udev keeps to itself what they write to stderr, so they always speak to the journal. Run
 * by hand, they speak like all others. */
void program_run_by_udev(void);

/* Prints the warnings (and, with errors, the errors) on a definition. */
void program_notes(const Definition *d, bool errors) _nonnull_(1);

/* Prints "PROGRAM (mdev-tools) VERSION" on stdout and returns 0, for --version. */
int program_version(void);

/* Reads a number of seconds from an option's value. Returns 0 or, after a message, -EINVAL. */
int program_seconds(const char *option, const char *value, unsigned *ret) _nonnull_(1, 2, 3) _must_check_;

/* Ends a program: what was printed must have arrived (a full disk, a closed pipe). */
int program_end(int status);
