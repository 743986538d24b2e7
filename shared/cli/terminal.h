/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* Colours of a terminal. */

/* True if fd is a terminal that takes colours: TERM is set and not "dumb", and NO_COLOR is not set (no-color.org). */
bool terminal_has_colors(int fd);

/* What begins the colour of a device's state, or NULL for a state without one; TERMINAL_RESET ends it. */
const char *terminal_state_color(const char *state) _nonnull_(1);
#define TERMINAL_RESET "\033[0m"
