/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* Opens a directory whose files are trusted: it belongs to root or to the caller, nobody else can write to it, and it
 * is no symlink. Returns an fd, -ENOENT, -ELOOP for a symlink, -EPERM when others own it or can write there, or
 * another negative errno from open(2). */
int file_open_dir(int dirfd, const char *path) _nonnull_(2) _must_check_;

/* The same; creates the directory if it is absent. */
int file_make_dir(int dirfd, const char *path) _nonnull_(2) _must_check_;

/* Reads a whole regular file of at most max bytes. The last component is never followed as a symlink, and no component
 * is "..", so that a rule of sudo(8) for one directory is confined to it. On success the caller owns *ret, which ends
 * with a NUL after its *ret_size bytes. Returns 0; -ELOOP for a symlink; -EXDEV for ".."; -EISDIR, or -EINVAL for
 * another special file; -EPERM if others than root and the caller own it or can write to it; -EFBIG; or another
 * negative errno from open(2), read(2). */
int file_read_at(int dirfd, const char *name, size_t max, char **ret, size_t *ret_size)
        _nonnull_(2, 4, 5) _must_check_;

/* Reads a stream to its end, at most max bytes. Returns as file_read_at(). */
int file_read_stream(int fd, size_t max, char **ret, size_t *ret_size) _nonnull_(3, 4) _must_check_;

/* Writes a file so that a crash leaves either the old one or the new one: writes a temporary file beside it
 * (".NAME.tmp"; the caller holds the lock for the name), then fsync, rename, and fsync of the directory. With
 * replace=false an existing file is left alone (-EEXIST). Returns 0 or a negative errno; on failure it leaves no
 * temporary file. */
int file_write_at(int dirfd, const char *name, const char *data, size_t size, bool replace)
        _nonnull_(2, 3) _must_check_;

/* The name of the temporary file that file_write_at() uses for name; the caller owns it, NULL when out of memory. */
char *file_temporary_name(const char *name) _nonnull_(1) _must_check_;

/* Removes a file and syncs the directory. Returns 0, -ENOENT or another negative errno. */
int file_remove_at(int dirfd, const char *name) _nonnull_(2) _must_check_;

/* A message for the errors of file_read_at() and file_open_dir(); for other errors it is the kernel's. */
const char *file_reason(int error);
