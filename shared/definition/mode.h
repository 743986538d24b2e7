/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "systemd/autostart.h"
#include "definition/definition.h"

/* Where and how long a device lives. */
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

/* The mode of what d defines; NULL is unmanaged. Persistent is what systemd starts by itself: its unit is
 * enabled, or the definition says start=auto, and the unit is not masked. */
Mode mode_of(const Definition *d);

/* The same where many are asked for. */
Mode mode_of_linked(const Definition *d, const AutostartLinks *links);
