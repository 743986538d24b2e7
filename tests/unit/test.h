/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* For unit tests; include it first. A test is a program: it ends with 0, or aborts and says where and on which
 * row of its table. */

#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

#include "base/macro.h"

_unused_ static void test_fail(const char *file, int line, const char *row) {
        fprintf(stderr, "%s:%d: row '%s'\n", file, line, row);
        abort();
}

/* Compares two strings, either of which may be NULL. */
#define expect_string(row, got, want) expect_string_at(__FILE__, __LINE__, row, got, want)
_unused_ static void expect_string_at(const char *file, int line, const char *row, const char *got, const char *want) {
        if (got == want || (got && want && strcmp(got, want) == 0))
                return;
        fprintf(stderr, "got:    «%s»\nwanted: «%s»\n", got ? got : "(null)", want ? want : "(null)");
        test_fail(file, line, row);
}

/* Compares two numbers. */
#define expect_number(row, got, want) expect_number_at(__FILE__, __LINE__, row, (long long) (got), (long long) (want))
_unused_ static void expect_number_at(const char *file, int line, const char *row, long long got, long long want) {
        if (got == want)
                return;
        fprintf(stderr, "got:    %lld\nwanted: %lld\n", got, want);
        test_fail(file, line, row);
}

#define expect_true(row, condition)                                \
        do {                                                       \
                if (!(condition)) {                                \
                        fprintf(stderr, "not so: %s\n", #condition); \
                        test_fail(__FILE__, __LINE__, row);        \
                }                                                  \
        } while (0)

/* A fresh directory; returns its fd, and its path for test_dir_remove(). */
_unused_ static int test_dir(char ret_path[static 64]) {
        int fd;

        strcpy(ret_path, "/tmp/mdev-test.XXXXXX");
        assert(mkdtemp(ret_path));
        fd = open(ret_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert(fd >= 0);
        return fd;
}

static int test_dir_remove_entry(const char *path, _unused_ const struct stat *st, _unused_ int type,
                                 _unused_ struct FTW *ftw) {
        return remove(path);
}

_unused_ static void test_dir_remove(int fd, const char *path) {
        close(fd);
        assert(nftw(path, test_dir_remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

/* Writes a file, with plain system calls. */
_unused_ static void test_file(int dirfd, const char *name, const char *data, size_t size, mode_t mode) {
        int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        assert(fd >= 0);
        assert(write(fd, data, size) == (ssize_t) size);
        assert(fchmod(fd, mode) == 0);
        assert(close(fd) == 0);
}

#define test_text(dirfd, name, text) test_file(dirfd, name, text, strlen(text), 0644)
