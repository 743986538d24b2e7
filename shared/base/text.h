/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* Text that comes from elsewhere: files, their names, sysfs, other processes. A terminal takes some of it for
 * commands: C0 and C1 control characters, in UTF-8 or as single bytes. */

/* What is wrong with n bytes at s, in words for people, or NULL: a NUL byte, a control character that is not one
 * of allowed, bytes that are not UTF-8. */
const char *text_error(const char *s, size_t n, const char *allowed) _nonnull_(1, 3);

/* The length of the character at s if it can be shown; 0 for a control character or what is not UTF-8. n > 0. */
size_t text_printable(const char *s, size_t n) _nonnull_(1);

/* Writes s; a byte that cannot be shown as \xNN, so that it can neither move the cursor nor begin a line. */
void text_print(FILE *f, const char *s) _nonnull_(1, 2);
