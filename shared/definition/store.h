/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/definition.h"

/* Where definitions are: /etc/mdev-tools/devices, /run/mdev-tools/devices, /etc/mdevctl.d, in this order. For one UUID
 * the first wins. */

typedef struct DefinitionList {
        Definition **items; /* sorted by UUID; a stray file is an invalid definition with an empty UUID */
        size_t n;
} DefinitionList;

void definition_list_done(DefinitionList *list);

/* The definition of uuid (canonical). An unreadable or wrong file gives an invalid definition with notes.
 * Returns 0, -ENOENT, or another negative errno with *f. */
int store_load(const char *uuid, Definition **ret, Failure *f) _nonnull_(1, 2) _must_check_;

/* All definitions. A second one for the same UUID becomes a warning on the first.
 * Directories that do not exist count as empty; one that cannot be read is noted in *f and the rest is listed.
 * Returns 0, -EIO if *f has been set, or -ENOMEM. */
int store_list(DefinitionList *ret, Failure *f) _nonnull_(1) _must_check_;

/* Looks a UUID up in a list. */
Definition *store_search(const DefinitionList *list, const char *uuid) _nonnull_(1, 2);

/* The path of a native definition; the caller owns it, NULL if out of memory. */
char *store_path(Origin origin, const char *uuid) _nonnull_(2) _must_check_;

/* The text of a definition, for editing. Returns 0 or a negative errno with *f. */
int store_read(const Definition *d, char **ret, size_t *ret_size, Failure *f) _nonnull_(1, 2, 3) _must_check_;

/* Writes a native definition atomically, and creates its directory if it is missing. The caller holds the lock of
 * uuid. Returns 0, -EEXIST unless replace, or another negative errno with *f. */
int store_write(Origin origin, const char *uuid, const char *text, bool replace, Failure *f)
        _nonnull_(2, 3) _must_check_;

/* Removes other native definitions of uuid than the one in keep, and temporary files, as a killed program may have
 * left. Ignores errors: a copy that stays is reported as a second definition. The caller holds the lock. */
void store_remove_others(const char *uuid, Origin keep) _nonnull_(1);

/* Removes the file of a definition. The caller holds the lock. Returns 0, also if it does not exist, or a negative
 * errno with *f. */
int store_remove(const Definition *d, Failure *f) _nonnull_(1) _must_check_;

/* mdevctl's definitions of uuid and parent (NULL: all), sorted by parent and UUID. For mdevctl, the same UUID with two
 * parents is two definitions. Returns as store_list(). */
int store_list_mdevctl(const char *uuid, const char *parent, DefinitionList *ret, Failure *f)
        _nonnull_(3) _must_check_;

/* Writes one of them, and creates its directory if it is missing, for the front end and mdev-manage
 * --export-mdevctl. The caller holds the lock of uuid. Returns 0, -EEXIST unless replace, or another
 * negative errno with *f. */
int store_write_mdevctl(const char *parent, const char *uuid, const char *text, bool replace, Failure *f)
        _nonnull_(1, 2, 3) _must_check_;
