/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "cli/terminal.h"

static void test_takes_colors(void) {
        static const struct {
                bool is_terminal;
                const char *term, *no_color;
                bool want;
        } rows[] = {
                { true, "xterm-256color", NULL, true }, { true, "linux", "", true },
                { false, "xterm", NULL, false },        { true, "dumb", NULL, false },
                { true, "", NULL, false },              { true, NULL, NULL, false },
                { true, "xterm", "1", false },          { true, "xterm", "0", false },
                { true, "dumber", NULL, true },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                expect_number(rows[i].term ? rows[i].term : "(unset)",
                              terminal_takes_colors(rows[i].is_terminal, rows[i].term, rows[i].no_color), rows[i].want);
}

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
        expect_number("/dev/null", terminal_width(fd), 0);
        assert(!terminal_has_colors(fd));
        close(fd);
}

int main(void) {
        test_takes_colors();
        test_states();
        test_no_terminal();
        return 0;
}
