/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/failure.h"

static bool is_trusted(const struct stat *st) {
        if (st->st_uid != 0 && st->st_uid != geteuid())
                return false;
        return (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

int file_open_dir(int dirfd, const char *path) {
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0) {
                int r = -errno;

                /* the kernel reports a symlink as ENOTDIR, too */
                if (r == -ENOTDIR && fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
                        return -ELOOP;
                return r;
        }
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!is_trusted(&st))
                return -EPERM;
        return steal_fd(&fd);
}

int file_read_stream(int fd, size_t max, char **ret, size_t *ret_size) {
        _cleanup_free_ char *buf = NULL;
        size_t size = 0, space = 0;

        for (;;) {
                ssize_t n;

                /* one byte more than allowed shows that the file is too large, and one is for the NUL */
                if (size == space) {
                        char *bigger;

                        space = space == 0 ? 4096 : space * 2;
                        if (space > max + 1)
                                space = max + 1;
                        bigger = realloc(buf, space + 1);
                        if (!bigger)
                                return -ENOMEM;
                        buf = bigger;
                }
                n = read(fd, buf + size, space - size);
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                size += (size_t) n;
                if (size > max)
                        return -EFBIG;
        }
        buf[size] = '\0';
        *ret = STEAL_PTR(buf);
        *ret_size = size;
        return 0;
}

static bool goes_up(const char *path) {
        for (const char *p = path; *p; p += *p == '/') {
                size_t n = strcspn(p, "/");

                if (n == 2 && memcmp(p, "..", 2) == 0)
                        return true;
                p += n;
        }
        return false;
}

int file_read_at(int dirfd, const char *name, size_t max, char **ret, size_t *ret_size) {
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        if (goes_up(name))
                return -EXDEV;
        /* O_NONBLOCK: a FIFO in place of the file must not block the open */
        fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        if (!is_trusted(&st))
                return -EPERM;
        if (st.st_size > (off_t) max)
                return -EFBIG;
        return file_read_stream(fd, max, ret, ret_size);
}

static int write_all(int fd, const char *data, size_t size) {
        while (size > 0) {
                ssize_t n = write(fd, data, size);
                if (n < 0)
                        return -errno;
                if (n == 0)
                        return -EIO;
                data += n;
                size -= (size_t) n;
        }
        return 0;
}

static int write_temporary(int dirfd, const char *tmp, const char *data, size_t size) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0)
                return -errno;
        r = write_all(fd, data, size);
        if (r < 0)
                return r;
        /* other programs may read definitions, whatever the umask is */
        if (fchmod(fd, 0644) < 0)
                return -errno;
        if (fsync(fd) < 0)
                return -errno;
        return 0;
}

char *file_temporary_name(const char *name) {
        char *s;

        return asprintf(&s, ".%s.tmp", name) < 0 ? NULL : s;
}

int file_write_at(int dirfd, const char *name, const char *data, size_t size, bool replace) {
        _cleanup_free_ char *tmp = NULL;
        int r;

        tmp = file_temporary_name(name);
        if (!tmp)
                return -ENOMEM;
        /* a killed writer may have left one */
        if (unlinkat(dirfd, tmp, 0) < 0 && errno != ENOENT)
                return -errno;
        r = write_temporary(dirfd, tmp, data, size);
        if (r >= 0 && renameat2(dirfd, tmp, dirfd, name, replace ? 0 : RENAME_NOREPLACE) < 0)
                r = -errno;
        if (r < 0) {
                (void) unlinkat(dirfd, tmp, 0);
                return r;
        }
        if (fsync(dirfd) < 0)
                return -errno;
        return 0;
}

int file_remove_at(int dirfd, const char *name) {
        if (unlinkat(dirfd, name, 0) < 0)
                return -errno;
        if (fsync(dirfd) < 0)
                return -errno;
        return 0;
}

const char *file_reason(int error) {
        switch (-error) {
        case ELOOP:
                return "is a symbolic link, which is not followed here";
        case EISDIR:
                return "is a directory, not a file";
        case EINVAL:
                return "is not a regular file";
        case EPERM:
                return "not trusted: others than root own it or can write to it";
        case EXDEV:
                return "has '..' in its path, which is not followed here";
        case EFBIG:
                return "is larger than 64 KiB";
        default:
                return failure_reason(error);
        }
}
