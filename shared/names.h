/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* A list of names, such as those in a directory, sorted: files, links and directories alike, hidden ones left out. */
typedef struct NameList {
        char **names;
        size_t n;
} NameList;

void name_list_done(NameList *list);

/* Reads the directory dirfd/path. Returns 0, with an empty list where it is absent, or a negative errno. */
int name_list_read(int dirfd, const char *path, NameList *ret) _nonnull_(2, 3) _must_check_;

/* Adds a copy of name at the end, which the caller has to keep sorted if it wants to search. */
int name_list_add(NameList *list, const char *name) _nonnull_(1, 2) _must_check_;

/* True if name is in the list. */
bool name_list_has(const NameList *list, const char *name) _nonnull_(1, 2);
