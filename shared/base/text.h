/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* Checks and prints text from outside: files, their names, sysfs, other processes. A terminal treats C0 and C1 control
 * characters, in UTF-8 or as single bytes, as commands. */

/* Describes the first error in n bytes at s, or returns NULL: a NUL byte, a control character that is not in allowed,
 * bytes that are not UTF-8. */
const char *text_error(const char *s, size_t n, const char *allowed) _nonnull_(1, 3);

/* The length of the character at s; 0 for a control character and for bytes that are not UTF-8. n > 0. */
size_t text_printable(const char *s, size_t n) _nonnull_(1);

/* Writes s, with unprintable bytes as \xNN, so that s can neither move the cursor nor begin a line. */
void text_print(FILE *f, const char *s) _nonnull_(1, 2);
