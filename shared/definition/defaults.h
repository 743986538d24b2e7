/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/mode.h"

/* Global defaults: /etc/mdev-tools/mdev-tools.conf, then the files in mdev-tools.conf.d beside it in the order of
 * their names; later files win. */
typedef struct Defaults {
        Mode mode;                /* of mdev-create */
        unsigned wait;            /* seconds to wait for a parent and its type */
        unsigned callout_timeout; /* seconds */
        Definition *notes;        /* holds only notes: the errors in these files, with their paths */
} Defaults;

/* Reads the defaults. An error in a file becomes a note, and the rest is used; the files need not exist.
 * Returns 0, or -ENOMEM. */
int defaults_load(Defaults *ret) _nonnull_(1) _must_check_;
void defaults_done(Defaults *c);
