/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* Exit statuses of all helpers, documented in each man page. 3 to 9 and 64 to 78 stay free: systemd's log
 * prints names of its own for them (systemd.exec(5), "Process Exit Codes"). */
typedef enum Status {
        STATUS_DONE = 0,
        STATUS_FAILURE = 1,
        STATUS_USAGE = 2,
        STATUS_NOT_FOUND = 10,
        STATUS_NO_PARENT = 11,
        STATUS_NO_TYPE = 12,
        STATUS_NO_INSTANCE = 13,
        STATUS_EXISTS = 14,
        STATUS_ATTRIBUTE = 15,
        STATUS_ATTRIBUTE_LEFT = 16,
        STATUS_IN_USE = 17,
        STATUS_INVALID = 18,
        STATUS_NOT_PERMITTED = 19,
        STATUS_CALLOUT = 20,
        STATUS_TIMED_OUT = 21,
} Status;

/* What went wrong, for the one line that the program prints: "OBJECT: TEXT". shared/ fills it in where the
 * facts are known and stays silent; the program speaks. */
typedef struct Failure {
        Status status;
        char text[1024];
        char parent[256], type[256]; /* of the device that it is about, as far as they are known; also on success */
} Failure;

/* Notes which device it is about, besides its UUID. Either may be NULL: not known. */
void failure_about(Failure *f, const char *parent, const char *type) _nonnull_(1);

/* Notes a failure and returns error, a negative errno, so that it can stand in a return statement. The text
 * should name what was tried, the path and the reason. errno is not read: pass %s and strerror(). */
int failure_set(Failure *f, Status status, int error, const char *format, ...) _printf_(4, 5) _nonnull_(1, 4);

/* Puts text, formatted, behind what is already noted. */
void failure_append(Failure *f, const char *format, ...) _printf_(2, 3) _nonnull_(1, 2);

/* The status for a plain system error (negative errno) that needs no better one. */
Status failure_status_from_errno(int error);

/* The kernel's reason, for a negative errno. */
const char *failure_reason(int error);
