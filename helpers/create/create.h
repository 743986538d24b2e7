/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/program.h"
#include "definition/defaults.h"

/* What mdev-create was asked for. */
typedef struct Create {
        Defaults defaults;
        Mode mode;        /* _MODE_INVALID: that of the definition, or the default */
        int wait;         /* seconds, for parent and type; < 0: as the definition or the defaults say */
        const char *file; /* has the definition, or NULL */
        bool no_start, dry_run;
} Create;

/* Creates a device from n arguments, [UUID] PARENT TYPE [NAME=VALUE]..., or from the definition in a file; uuid may be
 * NULL then. Both report what they did and return an exit status. */
int create_by_arguments(const Create *c, char *args[], int n) _nonnull_(1, 2);
int create_by_file(const Create *c, const char *uuid) _nonnull_(1);
