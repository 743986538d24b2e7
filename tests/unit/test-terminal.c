/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "cli/terminal.h"

static void test_states(void) {
        expect_string("inactive", terminal_state_color("inactive"), NULL);
        assert(terminal_state_color("active"));
        assert(terminal_state_color("failed"));
        expect_string("invalid", terminal_state_color("invalid"), terminal_state_color("failed"));
        assert(strcmp(terminal_state_color("active"), terminal_state_color("failed")) != 0);
}

static void test_no_terminal(void) {
        int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

        assert(fd >= 0);
        assert(setenv("TERM", "xterm", 1) == 0 && unsetenv("NO_COLOR") == 0);
        assert(!terminal_has_colors(fd));
        close(fd);
}

int main(void) {
        test_states();
        test_no_terminal();
        return 0;
}
