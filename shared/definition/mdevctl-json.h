/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/definition.h"

/* mdevctl's definitions: /etc/mdevctl.d/PARENT/UUID, a JSON object {"mdev_type": TYPE, "start": "auto"|"manual",
 * "attrs": [{NAME: VALUE}, ...]} (mdevctl 1.4, src/mdev.rs). */

/* Reads one into d, which is new; the parent is in the path, not in the text.
 * Returns 0; -EBADMSG with errors in d's notes; -ENOMEM. */
int mdevctl_parse(Definition *d, const char *parent, const char *text, size_t size)
        _nonnull_(1, 2, 3) _must_check_;

/* Adds the attributes of text, a JSON array as in "attrs". Empty text, or one empty object as s390-tools' ap-check
 * prints it, adds none. Returns as mdevctl_parse(). */
int mdevctl_parse_attributes(Definition *d, const char *text, size_t size) _nonnull_(1, 2) _must_check_;

/* Writes a string with quotes as mdevctl does: it escapes only what RFC 8259 requires. */
void mdevctl_write_string(FILE *f, const char *s) _nonnull_(1, 2);

/* Writes d as mdevctl does, indented by column, or in one line without blanks if column is -1. Like mdevctl, it adds
 * no newline at the end. */
void mdevctl_write(FILE *f, const Definition *d, bool start_auto, int column) _nonnull_(1, 2);

/* The same as a string, which the caller owns. Returns 0 or -ENOMEM. */
int mdevctl_format(const Definition *d, bool start_auto, int column, char **ret) _nonnull_(1, 4) _must_check_;
