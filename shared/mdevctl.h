/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition.h"

/* mdevctl's definitions: /etc/mdevctl.d/PARENT/UUID, a JSON object {"mdev_type": TYPE, "start": "auto"|"manual",
 * "attrs": [{NAME: VALUE}, ...]} (mdevctl 1.4, src/mdev.rs). */

/* Reads one into d, which is fresh; the parent is in the path, not in the text.
 * Returns 0; -EBADMSG when there are errors (in d's notes); -ENOMEM. */
int mdevctl_parse(Definition *d, const char *parent, const char *text, size_t size)
        _nonnull_(1, 2, 3) _must_check_;
