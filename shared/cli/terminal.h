/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* What is behind an fd that people may look at. */

/* Its width in columns; 0 if it is no terminal, or does not say. */
size_t terminal_width(int fd);

/* True if it takes colours: it is a terminal, TERM is set and not "dumb", and NO_COLOR is not set to anything
 * (no-color.org). The strings are those of the environment, or NULL. */
bool terminal_takes_colors(bool is_terminal, const char *term, const char *no_color);
bool terminal_has_colors(int fd);

/* What begins the colour of a state of a device, or NULL for one that needs none; TERMINAL_RESET ends it. */
const char *terminal_state_color(const char *state) _nonnull_(1);
#define TERMINAL_RESET "\033[0m"
