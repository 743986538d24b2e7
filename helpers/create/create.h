/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/defaults.h"
#include "base/failure.h"

/* The parts of mdev-create: each speaks for itself, and returns an exit status. */

typedef struct Create {
        Defaults defaults;
        Mode mode;          /* _MODE_INVALID: that of the definition, or the default */
        int wait;           /* seconds, for parent and type; < 0: as the definition or the defaults say */
        const char *file;   /* with the definition, or NULL */
        char *parent;       /* --auto: only of this parent, or NULL */
        bool no_start, dry_run;
        bool unit; /* for a unit of systemd */
} Create;

/* A new device, by n arguments: [UUID] PARENT TYPE [NAME=VALUE]..., or [UUID] for the definition of a file. */
int create_by_arguments(const Create *c, char *args[], int n) _nonnull_(1, 2);
int create_by_file(const Create *c, const char *uuid) _nonnull_(1);

/* Starts a defined device, or takes a live one as it is. */
int create_start(const Create *c, const char *arg) _nonnull_(1, 2);

/* Starts all persistent devices. */
int create_persistent(const Create *c) _nonnull_(1);

/* Makes the persistent devices of a parent, for mdev-parent@.service. */
int create_ahead(const Create *c) _nonnull_(1);

/* Reports what was done (ManagedDone), with the rest in *f. */
int create_done(const Create *c, const char *uuid, int what, const Failure *f) _nonnull_(1, 2, 4);
