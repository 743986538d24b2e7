/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/uuid.h"

/* Follows native definitions with inotify(7). Directories that may not be read are left out. */
typedef struct StoreWatch {
        int fd; /* readable (poll(2)) when there may be a next one */
        _Alignas(8) char buf[4096];
        size_t start, end; /* what is unread in buf */
} StoreWatch;

#define STORE_WATCH_INIT ((StoreWatch) { .fd = -EBADF })

int store_watch(StoreWatch *ret) _nonnull_(1) _must_check_;
void store_watch_done(StoreWatch *w);

/* The UUID of the next definition that was written or removed. Does not wait. Returns 1; 0 if there is none; -ENOBUFS
 * if the caller has to look at all of them, as events were lost or a directory was replaced; or another negative
 * errno. */
int store_watch_next(StoreWatch *w, char ret_uuid[static UUID_LENGTH + 1]) _nonnull_(1, 2) _must_check_;
