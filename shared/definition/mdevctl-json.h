/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/definition.h"

/* mdevctl's definitions: /etc/mdevctl.d/PARENT/UUID, a JSON object {"mdev_type": TYPE, "start": "auto"|"manual",
 * "attrs": [{NAME: VALUE}, ...]} (mdevctl 1.4, src/mdev.rs). */

/* Reads one into d, which is fresh; the parent is in the path, not in the text.
 * Returns 0; -EBADMSG when there are errors (in d's notes); -ENOMEM. */
int mdevctl_parse(Definition *d, const char *parent, const char *text, size_t size)
        _nonnull_(1, 2, 3) _must_check_;

/* Adds the attributes that text, which is a JSON array as in "attrs", has. Nothing at all, or one empty object, as
 * s390-tools' ap-check prints it, stands for none. Returns as mdevctl_parse(). */
int mdevctl_parse_attributes(Definition *d, const char *text, size_t size) _nonnull_(1, 2) _must_check_;

/* Writes a string, quotes included, as mdevctl does (RFC 8259: only what has to be escaped is). */
void mdevctl_write_string(FILE *f, const char *s) _nonnull_(1, 2);

/* Writes d as mdevctl does: column is how far in it stands, or -1 for all of it in one line, without a blank. No
 * newline at the end, and none has mdevctl. */
void mdevctl_write(FILE *f, const Definition *d, bool start_auto, int column) _nonnull_(1, 2);

/* The same as a string, which the caller owns. Returns 0 or -ENOMEM. */
int mdevctl_format(const Definition *d, bool start_auto, int column, char **ret) _nonnull_(1, 4) _must_check_;
