/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "base/string-list.h"

/* Each that is there is found, at any length, and none that is not. */
static void test_has(void) {
        _cleanup_(string_list_done) StringList list = {};

        assert(!string_list_has(&list, "00"));
        for (int i = 0; i < 40; i++) {
                char name[16];

                (void) snprintf(name, sizeof(name), "%02d", 2 * i);
                assert(string_list_add(&list, name) == 0);
                for (int j = 0; j < 80; j++) {
                        (void) snprintf(name, sizeof(name), "%02d", j);
                        expect_number(name, string_list_has(&list, name), j % 2 == 0 && j <= 2 * i);
                }
        }
        assert(list.n == 40);
}

static void test_read(void) {
        _cleanup_(string_list_done) StringList list = {};
        char path[64];
        int dirfd = test_dir(path);

        assert(string_list_read(dirfd, "absent", &list) == 0 && list.n == 0);
        test_text(dirfd, "b", "");
        test_text(dirfd, ".hidden", "");
        assert(symlinkat("nowhere", dirfd, "a") == 0);
        assert(mkdirat(dirfd, "c", 0755) == 0);
        assert(string_list_read(dirfd, "b", &list) == -ENOTDIR && list.n == 0);
        assert(string_list_read(dirfd, ".", &list) == 0 && list.n == 3);
        assert(string_list_has(&list, "a") && string_list_has(&list, "b") && string_list_has(&list, "c"));
        test_dir_remove(dirfd, path);
}

int main(void) {
        test_has();
        test_read();
        return 0;
}
