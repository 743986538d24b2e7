/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/store-watch.h"

#include <string.h>
#include <sys/inotify.h>

#include "definition/store-private.h"

/* Watches a directory of definitions and the two above it, which tell when a directory is created or replaced. From
 * the top, so that a directory that is created meanwhile is either found or announced. */
static int watch_levels(int fd, const char *path) {
        static const uint32_t events[] = {
                IN_CREATE | IN_MOVED_TO,
                IN_CREATE | IN_MOVED_TO | IN_MOVE_SELF,
                IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MOVE_SELF,
        };
        char prefix[64];
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(events); i++) {
                n += 1 + strcspn(path + n + 1, "/");
                (void) snprintf(prefix, sizeof(prefix), "%.*s", (int) n, path);
                /* one that is absent or unreadable is watched once its parent announces it */
                if (inotify_add_watch(fd, prefix, events[i] | IN_ONLYDIR) < 0 && errno != ENOENT && errno != EACCES &&
                    errno != ENOTDIR)
                        return -errno;
        }
        return 0;
}

static int watch_all(int fd) {
        int r = watch_levels(fd, store_native_dir(ORIGIN_ETC));

        return r < 0 ? r : watch_levels(fd, store_native_dir(ORIGIN_RUN));
}

int store_watch(StoreWatch *ret) {
        int r;

        *ret = (StoreWatch) { .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC) };
        if (ret->fd < 0)
                return -errno;
        r = watch_all(ret->fd);
        if (r < 0)
                store_watch_done(ret);
        return r;
}

void store_watch_done(StoreWatch *w) {
        closep(&w->fd);
        w->fd = -EBADF;
}

int store_watch_next(StoreWatch *w, char ret_uuid[static UUID_LENGTH + 1]) {
        for (;;) {
                const struct inotify_event *e = (const struct inotify_event *) (w->buf + w->start);
                ssize_t n;
                size_t stem;
                int r;

                if (w->start == w->end) {
                        n = read(w->fd, w->buf, sizeof(w->buf));
                        if (n <= 0)
                                return n == 0 || errno == EAGAIN || errno == EINTR ? 0 : -errno;
                        w->start = 0;
                        w->end = (size_t) n;
                        continue;
                }
                w->start += sizeof(*e) + e->len;
                if (e->mask & IN_Q_OVERFLOW)
                        return -ENOBUFS;
                if (e->mask & IN_MOVE_SELF) {
                        (void) inotify_rm_watch(w->fd, e->wd); /* which causes IN_IGNORED */
                        continue;
                }
                /* a watched directory is gone, or there is a new one: its files are not announced one by one */
                if ((e->mask & IN_IGNORED) ||
                    (e->len > 0 && (strcmp(e->name, "mdev-tools") == 0 || strcmp(e->name, "devices") == 0))) {
                        r = watch_all(w->fd);
                        return r < 0 ? r : -ENOBUFS;
                }
                if (e->len == 0 || (e->mask & IN_CREATE) || !store_has_suffix(e->name, &stem) || stem != UUID_LENGTH)
                        continue;
                memcpy(ret_uuid, e->name, stem);
                ret_uuid[stem] = '\0';
                if (uuid_is_canonical(ret_uuid))
                        return 1;
        }
}
