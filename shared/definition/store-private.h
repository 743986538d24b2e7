/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/store.h"

/* What the files of the store share. */

/* The directory of native definitions: origin is ORIGIN_ETC or ORIGIN_RUN. */
const char *store_native_dir(Origin origin);

/* True if name ends in ".conf"; *ret_stem is the length of what is before that. */
bool store_has_suffix(const char *name, size_t *ret_stem) _nonnull_(1, 2);

/* Opens a directory of definitions, which lies in a directory of ours or mdevctl's: both have to be trusted, as
 * whoever can write to the upper one can replace the lower one. With make, creates what is missing.
 * Returns an fd, -ENOENT, or another negative errno with *f. */
int store_open_dir(const char *path, bool make, Failure *f) _nonnull_(1) _must_check_;

/* Reads and parses dirfd/name. path is where the directory is; parent is set for mdevctl's, which are below
 * path/parent. Returns 0 (the definition may be invalid), -ENOENT or -ENOMEM. */
int store_load_file(Origin origin, int dirfd, const char *path, const char *name, const char *parent, Definition **ret)
        _nonnull_(3, 4, 6) _must_check_;

/* Adds all definitions of a directory to list, which is not sorted after that. The rest is as above. */
int store_list_dir(DefinitionList *list, Origin origin, int dirfd, const char *path, const char *parent)
        _nonnull_(1, 4) _must_check_;

/* Adds *d to the end of list and takes it. Returns 0 or -ENOMEM. */
int store_list_append(DefinitionList *list, Definition **d) _nonnull_(1, 2) _must_check_;

/* Adds mdevctl's definitions of uuid and parent (NULL: all) to list, unsorted. A directory that cannot be read is
 * noted in *f and the rest is added. Returns 0, or the negative errno of that directory. */
int store_append_mdevctl(const char *uuid, const char *parent, DefinitionList *list, Failure *f)
        _nonnull_(3) _must_check_;
