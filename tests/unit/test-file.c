/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <dirent.h>
#include <sys/resource.h>
#include <signal.h>

#include "base/file.h"

#define MAX 100U

static size_t count_entries(int dirfd) {
        DIR *dir = fdopendir(openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        size_t n = 0;

        assert(dir);
        for (struct dirent *e; (e = readdir(dir));)
                n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
        closedir(dir);
        return n;
}

static void expect_content(int dirfd, const char *name, const char *want) {
        _cleanup_free_ char *text = NULL;
        size_t size;

        expect_number(name, file_read_at(dirfd, name, MAX, &text, &size), 0);
        expect_number(name, size, strlen(want));
        expect_string(name, text, want);
}

static void test_read(void) {
        static const char big[MAX + 1] = "x";
        char path[64];
        int dirfd = test_dir(path);
        static const struct {
                const char *name;
                int result;
        } rows[] = {
                { "good", 0 },           { "empty", 0 },       { "private", 0 },   { "largest", 0 },
                { "nul", 0 },            { "absent", -ENOENT }, { "too-big", -EFBIG }, { "symlink", -ELOOP },
                { "dangling", -ELOOP },  { "directory", -EISDIR }, { "fifo", -EINVAL }, { "world-writable", -EPERM },
                { "group-writable", -EPERM }, { "good/x", -ENOTDIR },
                { "directory/../good", -EXDEV }, { "..", -EXDEV }, { "../good", -EXDEV }, { "directory/..", -EXDEV },
                { "..good", -ENOENT },   { "directory/x..", -ENOENT },
        };

        test_text(dirfd, "good", "text");
        test_text(dirfd, "empty", "");
        test_file(dirfd, "nul", "a\0b", 3, 0644);
        test_file(dirfd, "private", "x", 1, 0600);
        test_file(dirfd, "largest", big, MAX, 0644);
        test_file(dirfd, "too-big", big, MAX + 1, 0644);
        test_file(dirfd, "world-writable", "x", 1, 0646);
        test_file(dirfd, "group-writable", "x", 1, 0664);
        assert(symlinkat("good", dirfd, "symlink") == 0);
        assert(symlinkat("nowhere", dirfd, "dangling") == 0);
        assert(mkdirat(dirfd, "directory", 0755) == 0);
        assert(mkfifoat(dirfd, "fifo", 0644) == 0);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *text = NULL;
                size_t size = 77;

                expect_number(rows[i].name, file_read_at(dirfd, rows[i].name, MAX, &text, &size), rows[i].result);
                if (rows[i].result < 0) {
                        expect_true(rows[i].name, !text && size == 77);
                        expect_true(rows[i].name, strlen(file_reason(rows[i].result)) > 5);
                } else
                        expect_true(rows[i].name, text[size] == '\0');
        }
        expect_content(dirfd, "good", "text");
        expect_content(dirfd, "empty", "");

        /* others than root and us: only root can make such a file */
        if (geteuid() == 0) {
                _cleanup_free_ char *text = NULL;
                size_t size;

                assert(fchownat(dirfd, "good", 65534, 65534, 0) == 0);
                assert(file_read_at(dirfd, "good", MAX, &text, &size) == -EPERM);
        }
        test_dir_remove(dirfd, path);
}

static void test_read_stream(void) {
        static const struct {
                size_t size;
                int result;
        } rows[] = { { 0, 0 }, { 1, 0 }, { 4096, 0 }, { 9999, 0 }, { 10000, 0 }, { 10001, -EFBIG }, { 20000, -EFBIG } };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *data = calloc(1, 20000), *text = NULL;
                size_t size = 77;
                int fds[2];

                assert(data && pipe2(fds, O_CLOEXEC) == 0);
                assert(write(fds[1], data, rows[i].size) == (ssize_t) rows[i].size);
                close(fds[1]);
                expect_number("stream", file_read_stream(fds[0], 10000, &text, &size), rows[i].result);
                expect_number("stream", size, rows[i].result == 0 ? rows[i].size : 77);
                close(fds[0]);
        }
}

static void test_write(void) {
        char path[64];
        int dirfd = test_dir(path), fd;
        struct stat before, after;
        char byte;

        umask(0077);
        assert(file_write_at(dirfd, "a", "one", 3, false) == 0);
        expect_content(dirfd, "a", "one");
        /* the mode does not depend on the umask: other programs read definitions */
        assert(fstatat(dirfd, "a", &before, 0) == 0);
        expect_number("mode", before.st_mode & 07777, 0644);

        assert(file_write_at(dirfd, "a", "two", 3, false) == -EEXIST);
        expect_content(dirfd, "a", "one");

        /* whoever has the old file open goes on reading the old one */
        fd = openat(dirfd, "a", O_RDONLY | O_CLOEXEC);
        assert(file_write_at(dirfd, "a", "three", 5, true) == 0);
        expect_content(dirfd, "a", "three");
        assert(fstatat(dirfd, "a", &after, 0) == 0);
        assert(before.st_ino != after.st_ino);
        assert(read(fd, &byte, 1) == 1 && byte == 'o');
        close(fd);

        /* an empty file is a file */
        assert(file_write_at(dirfd, "empty", "", 0, true) == 0);
        expect_content(dirfd, "empty", "");
        expect_number("no temporary file", count_entries(dirfd), 2);

        /* a symlink is replaced, its target left alone */
        assert(symlinkat("a", dirfd, "link") == 0);
        assert(file_write_at(dirfd, "link", "new", 3, false) == -EEXIST);
        assert(file_write_at(dirfd, "link", "new", 3, true) == 0);
        expect_content(dirfd, "link", "new");
        expect_content(dirfd, "a", "three");

        /* what a killed writer left, even a link put there to lead us elsewhere */
        test_text(dirfd, ".a.tmp", "half");
        assert(file_write_at(dirfd, "a", "four", 4, true) == 0);
        assert(symlinkat("link", dirfd, ".a.tmp") == 0);
        assert(file_write_at(dirfd, "a", "five", 4, true) == 0);
        expect_content(dirfd, "a", "five");
        expect_content(dirfd, "link", "new");

        /* a directory is not replaced */
        assert(mkdirat(dirfd, "dir", 0755) == 0);
        assert(file_write_at(dirfd, "dir", "x", 1, true) == -EISDIR);
        assert(file_write_at(dirfd, "dir", "x", 1, false) == -EEXIST);
        expect_number("no temporary file", count_entries(dirfd), 4);

        assert(file_remove_at(dirfd, "a") == 0);
        assert(file_remove_at(dirfd, "a") == -ENOENT);
        assert(file_remove_at(dirfd, "dir") == -EISDIR);
        test_dir_remove(dirfd, path);
}

/* A write that fails in the middle (here at the limit of a file's size; on a full disk it is the same place)
 * leaves the old file, and no other. */
static void test_write_fails(void) {
        struct rlimit old, limit;
        char path[64], data[200] = "x";
        int dirfd = test_dir(path);

        assert(file_write_at(dirfd, "a", "old", 3, true) == 0);
        signal(SIGXFSZ, SIG_IGN);
        assert(getrlimit(RLIMIT_FSIZE, &old) == 0);
        limit = old;
        limit.rlim_cur = 100;
        assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        assert(file_write_at(dirfd, "a", data, sizeof(data), true) == -EFBIG);
        assert(file_write_at(dirfd, "b", data, sizeof(data), false) == -EFBIG);
        assert(setrlimit(RLIMIT_FSIZE, &old) == 0);
        expect_content(dirfd, "a", "old");
        expect_number("nothing else", count_entries(dirfd), 1);
        test_dir_remove(dirfd, path);
}

static void test_open_dir(void) {
        char path[64], name[80];
        int dirfd = test_dir(path), fd;

        fd = file_open_dir(AT_FDCWD, path);
        assert(fd >= 0);
        close(fd);
        assert(fchmod(dirfd, 0777) == 0);
        assert(file_open_dir(AT_FDCWD, path) == -EPERM);
        assert(fchmod(dirfd, 0770) == 0);
        assert(file_open_dir(AT_FDCWD, path) == -EPERM);
        assert(fchmod(dirfd, 0755) == 0);
        test_text(dirfd, "file", "");
        (void) snprintf(name, sizeof(name), "%s/file", path);
        assert(file_open_dir(AT_FDCWD, name) == -ENOTDIR);
        (void) snprintf(name, sizeof(name), "%s/absent", path);
        assert(file_open_dir(AT_FDCWD, name) == -ENOENT);
        assert(symlinkat("nowhere", dirfd, "link") == 0);
        assert(file_open_dir(dirfd, "link") == -ELOOP);
        assert(unlinkat(dirfd, "link", 0) == 0);
        assert(symlinkat(".", dirfd, "link") == 0);
        assert(file_open_dir(dirfd, "link") == -ELOOP);
        test_dir_remove(dirfd, path);
}

int main(void) {
        test_read();
        test_read_stream();
        test_write();
        test_write_fails();
        test_open_dir();
        return 0;
}
