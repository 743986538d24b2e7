/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/definition.h"

/* Which of the registered parents a definition means. */

/* Sets d->parent to the kernel name of what d->selector selects; to be asked again when a parent has registered.
 * While there is none, d->parent is the selector's text, which no parent is called. Does nothing without a selector.
 * Returns 0; -ENODEV if it selects none of the registered ones, or -ENOTUNIQ if several; or -ENOMEM. */
int parent_resolve(Definition *d) _nonnull_(1);

/* True if it takes udev to know: then it is udev's word that a parent has come that counts, not the kernel's. */
bool parent_needs_udev(const Definition *d) _nonnull_(1);
