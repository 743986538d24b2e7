/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/terminal.h"

#include <string.h>
#include <sys/ioctl.h>

size_t terminal_width(int fd) {
        struct winsize size;

        return ioctl(fd, TIOCGWINSZ, &size) < 0 ? 0 : size.ws_col;
}

bool terminal_takes_colors(bool is_terminal, const char *term, const char *no_color) {
        return is_terminal && term && *term && strcmp(term, "dumb") != 0 && (!no_color || !*no_color);
}

bool terminal_has_colors(int fd) {
        return terminal_takes_colors(isatty(fd) == 1, getenv("TERM"), getenv("NO_COLOR"));
}

const char *terminal_state_color(const char *state) {
        if (strcmp(state, "active") == 0)
                return "\033[32m";
        if (strcmp(state, "failed") == 0 || strcmp(state, "invalid") == 0)
                return "\033[1;31m";
        return NULL;
}
