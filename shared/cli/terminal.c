/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/terminal.h"

#include <string.h>

bool terminal_has_colors(int fd) {
        const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

        return isatty(fd) == 1 && term && *term && strcmp(term, "dumb") != 0 && (!no_color || !*no_color);
}

const char *terminal_state_color(const char *state) {
        if (strcmp(state, "active") == 0)
                return "\033[32m";
        if (strcmp(state, "failed") == 0 || strcmp(state, "invalid") == 0)
                return "\033[1;31m";
        return NULL;
}
