/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition.h"

/* How every program of the suite speaks: one line on stderr, "PROGRAM: OBJECT: TEXT". */

void program_error(const char *object, const char *format, ...) _printf_(2, 3) _nonnull_(2);

/* Passes on a line that another program (who) wrote to its stderr: "WHO: LINE". */
void program_forward(const char *who, const char *line) _nonnull_(1, 2);

/* Prints the failure and returns its exit status. */
int program_fail(const char *object, const Failure *f) _nonnull_(2);

/* Prints the warnings (and, with errors, the errors) on a definition. */
void program_notes(const Definition *d, bool errors) _nonnull_(1);

/* Prints "PROGRAM (mdev-tools) VERSION" on stdout and returns 0, for --version. */
int program_version(void);

/* Reads a number of seconds from an option's value. Returns 0 or, after a message, -EINVAL. */
int program_seconds(const char *option, const char *value, unsigned *ret) _nonnull_(1, 2, 3) _must_check_;

/* Ends a program: what was printed must have arrived (a full disk, a closed pipe). */
int program_end(int status);
