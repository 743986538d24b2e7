/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/definition.h"

/* Why a device cannot be created: which parents and types there are instead, and which devices use the instances. */

/* Notes why the kernel refused, by the error (a negative errno) of the write to "create" (mdev_sysfs.c:
 * create_store()), or of finding that file, after waiting so many seconds. Returns error. */
int refusal_create(const Definition *d, int error, unsigned wait, Failure *f) _nonnull_(1);

/* Notes that the parent= of d matches several parents. Returns -ENOTUNIQ. */
int refusal_ambiguous(const Definition *d, Failure *f) _nonnull_(1);

/* Notes why a type has no instance left (FAILURE_FULL): how many there are and which devices use them. Returns
 * false if that cannot be read. */
bool refusal_explain_full(const char *parent, const char *type, Failure *f) _nonnull_(1, 2, 3);
