/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/failure.h"

/* The words for a failure: what was tried, the path, the reason, and the next step. The caller owns the text; NULL if
 * there is no memory for it. */
char *failure_text(const Failure *f) _nonnull_(1) _must_check_;

/* The reason why PID 1 could not be asked (pid1.h), for a negative errno. */
const char *failure_text_pid1(int error);

/* Notes a failure that only the program knows, about its options for example, in words of its own. Returns error. */
int failure_set_text(Failure *f, Status status, int error, const char *format, ...) _printf_(4, 5) _nonnull_(1, 4);
