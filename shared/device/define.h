/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/mode.h"
#include "device/device.h"

/* Writing, changing and removing the definition of a device: the file, the link that enables its unit, and the
 * scripts that are asked before. The caller holds the lock. All return 0, or a negative errno with op->failure. */

/* Writes a definition of the given mode for the UUID of d, which has none, and enables its unit if it is persistent:
 * both, or nothing. d is what text says. */
int define_device(Operation *op, const Definition *d, const char *text, Mode mode) _nonnull_(1, 2, 3) _must_check_;

/* Replaces the text of d, which is native, and makes it what mode says: moves it between /etc and /run, enables
 * or disables its unit; _MODE_INVALID leaves all that as it is. */
int redefine_device(Operation *op, const Definition *d, const char *text, Mode mode) _nonnull_(1, 2, 3) _must_check_;

/* Disables the unit of d and removes its file. */
int undefine_device(Operation *op, const Definition *d) _nonnull_(1, 2) _must_check_;

/* The steps of define_device(). Writes the definition, without enabling its unit. Scripts are told of a definition
 * that lasts: a transient one is a record. */
int define_write(Operation *op, const Definition *d, const char *text, Mode mode) _nonnull_(1, 2, 3) _must_check_;

/* Enables or disables the unit of what was just written, and has systemd run the generator. */
int define_enable(Operation *op, const Definition *d, Mode mode) _nonnull_(1, 2) _must_check_;

/* Removes a definition that was just written, because a later step failed, which op->failure has: adds to it why
 * that could not be done. */
void define_undo(Operation *op, const char *uuid) _nonnull_(1, 2);

/* Notes that a definition is invalid, and why. Returns -EBADMSG. */
int define_note_invalid(const Definition *d, Failure *f) _nonnull_(1);

/* Returns 0, or -EPERM with *f if the unit is masked and the mode asks for an automatic start. */
int define_check_masked(const char *uuid, Mode mode, Failure *f) _nonnull_(1) _must_check_;
