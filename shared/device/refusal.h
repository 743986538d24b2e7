/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/definition.h"

/* Why a device cannot be made, in words: which parents and types there are instead, and who has the instances. */

/* Notes why the kernel refused, by what the write to "create" (mdev_sysfs.c: create_store()) or the way there gave: error, a
 * negative errno, after waiting so many seconds. Returns error. */
int refusal_create(const Definition *d, int error, unsigned wait, Failure *f) _nonnull_(1, 4);

/* Notes that the parent of d is several. Returns -ENOTUNIQ. */
int refusal_ambiguous(const Definition *d, Failure *f) _nonnull_(1, 2);

/* The sentence on why a type has no instance left: how many there are and which devices use them. */
void refusal_explain_full(const char *parent, const char *type, Failure *f) _nonnull_(1, 2, 3);
