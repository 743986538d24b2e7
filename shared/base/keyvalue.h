/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* Largest file of key=value lines that is read, in bytes. */
#define KEYVALUE_SIZE_MAX (64U * 1024U)

/* Reads text line by line: "key=value", without the blanks around both. Comments ('#') and empty lines are skipped.
 * The first '=' ends the key. The text need not end with a newline or a NUL. */
typedef struct KeyValue {
        const char *text;
        size_t size;
        size_t next;       /* offset of the next line */
        unsigned line;     /* number of the current line, from 1 */
        char *key, *value; /* of the current line, owned by this structure */
} KeyValue;

void keyvalue_done(KeyValue *kv);

/* Returns 1 with key and value set; 0 at the end; -EBADMSG for a line that does not have this form, with a message in
 * *ret_error, and the next call continues with the next line; -ENOMEM. */
int keyvalue_next(KeyValue *kv, const char **ret_error) _nonnull_(1, 2) _must_check_;

/* Leaves out the blanks (spaces and tabs) around the n bytes at *p. */
void keyvalue_trim(const char **p, size_t *n) _nonnull_(1, 2);

/* Reads a whole number from 0 to max, digits only. Returns 0, -EINVAL or -ERANGE. */
int keyvalue_parse_number(const char *s, unsigned max, unsigned *ret) _nonnull_(1, 3) _must_check_;
