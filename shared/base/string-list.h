/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* A sorted list of strings, such as the names in a directory without the hidden ones. */
typedef struct StringList {
        char **names;
        size_t n;
} StringList;

void string_list_done(StringList *list);

/* Reads the directory dirfd/path. Returns 0, with an empty list where it is absent, or a negative errno. */
int string_list_read(int dirfd, const char *path, StringList *ret) _nonnull_(2, 3) _must_check_;

/* Adds a copy of name at the end, which the caller has to keep sorted if it wants to search. */
int string_list_add(StringList *list, const char *name) _nonnull_(1, 2) _must_check_;

/* True if name is in the list. */
bool string_list_has(const StringList *list, const char *name) _nonnull_(1, 2);
