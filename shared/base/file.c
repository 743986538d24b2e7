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

int file_make_dir(int dirfd, const char *path) {
        return mkdirat(dirfd, path, 0755) < 0 && errno != EEXIST ? -errno : file_open_dir(dirfd, path);
}

int file_read_stream(int fd, size_t max, char **ret, size_t *ret_size) {
        /* one byte more than allowed shows that the file is too large, and one is for the NUL */
        _cleanup_free_ char *buf = malloc(max + 2);
        size_t size = 0;

        if (!buf)
                return -ENOMEM;
        for (;;) {
                ssize_t n = read(fd, buf + size, max + 1 - size);

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
        for (const char *p = path; (p = strstr(p, "..")); p += 2)
                if ((p == path || p[-1] == '/') && (p[2] == '/' || p[2] == '\0'))
                        return true;
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

static int write_temporary(int dirfd, const char *tmp, const char *data, size_t size) {
        _cleanup_close_ int fd = -EBADF;

        fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0)
                return -errno;
        for (ssize_t n; size > 0; data += n, size -= (size_t) n) {
                n = write(fd, data, size);
                if (n < 0)
                        return -errno;
        }
        /* other programs may read definitions, whatever the umask is */
        if (fchmod(fd, 0644) < 0)
                return -errno;
        return fsync(fd) < 0 ? -errno : 0;
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
        return fsync(dirfd) < 0 ? -errno : 0;
}

int file_remove_at(int dirfd, const char *name) {
        if (unlinkat(dirfd, name, 0) < 0)
                return -errno;
        return fsync(dirfd) < 0 ? -errno : 0;
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
