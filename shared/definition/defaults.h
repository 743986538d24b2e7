/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/mode.h"

/* Global defaults: /etc/mdev-tools/mdev-tools.conf, then what /etc/mdev-tools/mdev-tools.conf.d holds, in the order of their names, later ones win. */
typedef struct Defaults {
        Mode mode;                /* of mdev-create */
        unsigned wait;            /* seconds for a parent and its type to appear */
        unsigned callout_timeout; /* seconds */
        Definition *notes;        /* only its notes: what was wrong in these files, path included */
} Defaults;

/* Reads the defaults. What is wrong in a file becomes a note and the rest counts; absent files are normal.
 * Returns 0, or -ENOMEM. */
int defaults_load(Defaults *ret) _nonnull_(1) _must_check_;
void defaults_done(Defaults *c);
