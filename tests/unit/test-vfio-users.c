/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "kernel/vfio-users.h"

static void test_guards(void) {
        static const struct {
                const char *what;
                VfioUser holders[3];
                size_t n;
                bool guards;
        } rows[] = {
                { "nobody", {}, 0, false },
                { "the caller", { { .node = "7", .pid = 100 } }, 1, true },
                { "somebody else", { { .node = "7", .pid = 101 } }, 1, false },
                { "another group", { { .node = "70", .pid = 100 } }, 1, false },
                { "with a device", { { .node = "7", .pid = 100, .uses_device = true } }, 1, false },
                { "shared", { { .node = "7", .pid = 99 }, { .node = "7", .pid = 100 } }, 2, true },
                { "shared with a user",
                  { { .node = "7", .pid = 100 }, { .node = "7", .pid = 101, .uses_device = true } },
                  2,
                  false },
                { "a user of something else",
                  { { .node = "7", .pid = 100 }, { .node = "8", .pid = 101, .uses_device = true } },
                  2,
                  true },
                { "only by the other node", { { .node = "devices/vfio7", .pid = 100 } }, 1, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                VfioUser items[3];
                const VfioUserList list = { .items = items, .n = rows[i].n };

                memcpy(items, rows[i].holders, sizeof(items));
                expect_number(rows[i].what, vfio_user_is_guard(&list, 7, 100), rows[i].guards);
        }
}

int main(void) {
        test_guards();
        return 0;
}
