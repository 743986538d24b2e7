/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "systemd/autostart.h"
#include "definition/definition.h"

/* Where a device is defined, and for how long. */
typedef enum Mode {
        MODE_UNMANAGED,  /* live, with neither definition nor record */
        MODE_TRANSIENT,  /* live, recorded in /run, gone at reboot */
        MODE_SAVED,      /* defined, started by hand */
        MODE_PERSISTENT, /* defined, started automatically */
        _MODE_MAX,
        _MODE_INVALID = -1,
} Mode;

const char *mode_to_string(Mode mode);
Mode mode_from_string(const char *s) _nonnull_(1);

/* The mode of a definition; NULL is unmanaged. A device is persistent if its unit is enabled or its definition says
 * start=auto, and the unit is not masked. */
Mode mode_of(const Definition *d);

/* The same, with a cached listing for many devices. */
Mode mode_of_linked(const Definition *d, const AutostartLinks *links);
