/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/store.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/keyvalue.h"
#include "definition/mdevctl-json.h"
#include "base/selector.h"

#define SUFFIX ".conf"
#define MDEVCTL_DIR "/etc/mdevctl.d"

static const char *const native_dirs[] = {
        [ORIGIN_ETC] = "/etc/mdev-tools/devices",
        [ORIGIN_RUN] = "/run/mdev-tools/devices",
};

/* The directories above these. */
static const char *const suite_dirs[] = {
        [ORIGIN_ETC] = "/etc/mdev-tools",
        [ORIGIN_RUN] = "/run/mdev-tools",
};
static const char *const top_dirs[] = {
        [ORIGIN_ETC] = "/etc",
        [ORIGIN_RUN] = "/run",
};

static void closedirp(DIR **d) {
        if (*d)
                closedir(*d);
}

void definition_list_done(DefinitionList *list) {
        for (size_t i = 0; i < list->n; i++)
                definition_free(list->items[i]);
        free(list->items);
        *list = (DefinitionList) {};
}

char *store_path(Origin origin, const char *uuid) {
        char *path;

        return asprintf(&path, "%s/%s" SUFFIX, native_dirs[origin], uuid) < 0 ? NULL : path;
}

/* Reads and parses one file: dirfd/name, with parent for mdevctl's. Returns 0, -ENOENT or -ENOMEM. */
static int load_file(Origin origin, int dirfd, const char *dir, const char *name, const char *parent,
                     Definition **ret) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (!d)
                return -ENOMEM;
        d->origin = origin;
        if (asprintf(&d->path, "%s/%s%s%s", dir, parent ? parent : "", parent ? "/" : "", name) < 0) {
                d->path = NULL;
                return -ENOMEM;
        }
        r = file_read_at(dirfd, name, KEYVALUE_SIZE_MAX, &text, &size);
        if (r == -ENOENT)
                return r;
        if (r < 0)
                r = definition_note(d, 0, true, "%s", file_reason(r));
        else
                r = parent ? mdevctl_parse(d, parent, text, size) : definition_parse(d, text, size);
        if (r < 0 && r != -EBADMSG)
                return r;
        *ret = STEAL_PTR(d);
        return 0;
}

static int load_native(Origin origin, const char *uuid, Definition **ret, Failure *f) {
        _cleanup_close_ int dirfd = -EBADF;
        _cleanup_free_ char *name = NULL;

        dirfd = file_open_dir(AT_FDCWD, native_dirs[origin]);
        if (dirfd == -ENOENT)
                return -ENOENT;
        if (dirfd < 0)
                return failure_set(f, failure_status_from_errno(dirfd), dirfd, "%s: %s", native_dirs[origin],
                                   file_reason(dirfd));
        if (asprintf(&name, "%s" SUFFIX, uuid) < 0)
                return -ENOMEM;
        return load_file(origin, dirfd, native_dirs[origin], name, NULL, ret);
}

static bool is_parent_name(const char *name) {
        /* scripts.d holds mdevctl's callouts */
        return definition_name_is_valid(name) && !selector_is_meant(name) && strcmp(name, "scripts.d") != 0;
}

static int is_parent_dir(const struct dirent *e) {
        return is_parent_name(e->d_name);
}

/* Calls visit for each parent's directory of mdevctl, sorted by name, until one returns other than -ENOENT. dirfd is
 * a negative errno if the directory cannot be opened or is not trusted. */
static int each_mdevctl_dir(int (*visit)(int dirfd, int top, const char *parent, void *userdata), void *userdata,
                            Failure *f) {
        _cleanup_close_ int top = -EBADF;
        struct dirent **entries = NULL;
        int n, r = -ENOENT;

        top = file_open_dir(AT_FDCWD, MDEVCTL_DIR);
        if (top == -ENOENT)
                return -ENOENT;
        if (top < 0)
                return failure_set(f, failure_status_from_errno(top), top, MDEVCTL_DIR ": %s", file_reason(top));
        n = scandirat(top, ".", &entries, is_parent_dir, alphasort);
        for (int i = 0; i < n; i++) {
                _cleanup_close_ int fd = -ENOENT;

                if (r == -ENOENT)
                        fd = file_open_dir(top, entries[i]->d_name);
                /* a file, or gone since */
                if (fd != -ENOTDIR && fd != -ENOENT)
                        r = visit(fd, top, entries[i]->d_name, userdata);
                free(entries[i]);
        }
        free(entries);
        return n < 0 ? -ENOMEM : r;
}

typedef struct Search {
        const char *uuid;
        Definition *found;
        Failure *f;
} Search;

static int refuse_mdevctl_dir(const char *parent, int error, Failure *f) {
        return failure_set(f, failure_status_from_errno(error), error, MDEVCTL_DIR "/%s: %s", parent,
                           file_reason(error));
}

/* Of several the first that is automatic, as that is the one that mdevctl would start; or else the first. */
static int search_mdevctl(int dirfd, int top, const char *parent, void *userdata) {
        _cleanup_(definition_freep) Definition *d = NULL;
        Search *s = userdata;
        char path[PATH_MAX];
        int r;

        if (dirfd < 0) {
                if (s->found)
                        return -ENOENT;
                /* a bad directory hurts the devices that it defines, and no other */
                (void) snprintf(path, sizeof(path), "%s/%s", parent, s->uuid);
                return faccessat(top, path, F_OK, 0) < 0 ? -ENOENT : refuse_mdevctl_dir(parent, dirfd, s->f);
        }
        r = load_file(ORIGIN_MDEVCTL, dirfd, MDEVCTL_DIR, s->uuid, parent, &d);
        if (r < 0)
                return r;
        if (!s->found || d->start_auto) {
                definition_free(s->found);
                s->found = STEAL_PTR(d);
        }
        return s->found->start_auto ? 0 : -ENOENT;
}

int store_load(const char *uuid, Definition **ret, Failure *f) {
        Search s = { .uuid = uuid, .f = f };
        int r;

        r = load_native(ORIGIN_ETC, uuid, &s.found, f);
        if (r == -ENOENT)
                r = load_native(ORIGIN_RUN, uuid, &s.found, f);
        if (r == -ENOENT)
                r = each_mdevctl_dir(search_mdevctl, &s, f);
        if (r == -ENOENT && s.found)
                r = 0;
        if (r < 0) {
                definition_free(s.found);
                return r == -ENOMEM ? failure_set(f, STATUS_FAILURE, r, "out of memory") : r;
        }
        assert(s.found);
        strcpy(s.found->uuid, uuid);
        *ret = s.found;
        return 0;
}

/* Gives d its UUID from the name of its file. */
static int set_uuid(Definition *d, const char *name, size_t size) {
        char stem[UUID_LENGTH + 1] = "", uuid[UUID_LENGTH + 1];
        int r = 0;

        if (size == UUID_LENGTH)
                memcpy(stem, name, size);
        if (uuid_parse(stem, uuid) < 0)
                r = definition_note(d, 0, true, "file name is not UUID%s",
                                    d->origin == ORIGIN_MDEVCTL ? "" : SUFFIX);
        else if (strcmp(stem, uuid) != 0)
                r = definition_note(d, 0, true, "file name has upper-case letters, name it %s%s", uuid,
                                    d->origin == ORIGIN_MDEVCTL ? "" : SUFFIX);
        else
                strcpy(d->uuid, uuid);
        return r == -ENOMEM ? r : 0;
}

static int add(DefinitionList *list, Definition **d) {
        Definition **items = reallocarray(list->items, list->n + 1, sizeof(*items));

        if (!items)
                return -ENOMEM;
        list->items = items;
        list->items[list->n++] = STEAL_PTR(*d);
        return 0;
}

static bool has_suffix(const char *name, size_t *ret_stem) {
        size_t n = strlen(name), m = strlen(SUFFIX);

        *ret_stem = n > m ? n - m : 0;
        return n > m && strcmp(name + n - m, SUFFIX) == 0;
}

static int list_dir(DefinitionList *list, Origin origin, int dirfd, const char *path, const char *parent) {
        _cleanup_(closedirp) DIR *dir = NULL;
        int fd, r;

        fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        dir = fdopendir(fd);
        if (!dir) {
                close(fd);
                return -ENOMEM;
        }
        for (struct dirent *e; (e = readdir(dir));) {
                _cleanup_(definition_freep) Definition *d = NULL;
                size_t stem = strlen(e->d_name);

                /* hidden: ".", "..", and the temporary files of writers; other suffixes are other programs' */
                if (e->d_name[0] == '.' || (!parent && !has_suffix(e->d_name, &stem)))
                        continue;
                r = load_file(origin, dirfd, path, e->d_name, parent, &d);
                if (r == -ENOENT)
                        continue;
                if (r >= 0)
                        r = set_uuid(d, e->d_name, stem);
                if (r >= 0)
                        r = add(list, &d);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int list_native(DefinitionList *list, Origin origin, Failure *f) {
        _cleanup_close_ int dirfd = -EBADF;
        int r;

        dirfd = file_open_dir(AT_FDCWD, native_dirs[origin]);
        if (dirfd == -ENOENT)
                return 0;
        r = dirfd < 0 ? dirfd : list_dir(list, origin, dirfd, native_dirs[origin], NULL);
        if (r < 0 && r != -ENOMEM)
                return failure_set(f, failure_status_from_errno(r), -EIO, "%s: %s", native_dirs[origin], file_reason(r));
        return r;
}

typedef struct Listing {
        DefinitionList *list;
        int error;
        Failure *f;
} Listing;

static int list_mdevctl(int dirfd, _unused_ int top, const char *parent, void *userdata) {
        Listing *l = userdata;
        int r = dirfd < 0 ? dirfd : list_dir(l->list, ORIGIN_MDEVCTL, dirfd, MDEVCTL_DIR, parent);

        if (r == -ENOMEM)
                return r;
        if (r < 0)
                l->error = refuse_mdevctl_dir(parent, r, l->f);
        return -ENOENT;
}

/* UUID, then origin: the one that counts comes first. */
static int compare(const void *a, const void *b) {
        const Definition *x = *(Definition *const *) a, *y = *(Definition *const *) b;
        int r = strcmp(x->uuid, y->uuid);

        if (r == 0)
                r = (int) x->origin - (int) y->origin;
        if (r == 0 && x->origin == ORIGIN_MDEVCTL)
                r = (int) y->start_auto - (int) x->start_auto;
        return r != 0 ? r : strcmp(x->path, y->path);
}

static int merge_duplicates(DefinitionList *list) {
        size_t kept = 0;

        for (size_t i = 0; i < list->n; i++) {
                Definition *d = list->items[i], *last = kept > 0 ? list->items[kept - 1] : NULL;

                if (last && *d->uuid && strcmp(last->uuid, d->uuid) == 0) {
                        if (definition_note(last, 0, false, "%s defines the same UUID and is ignored", d->path) < 0)
                                return -ENOMEM;
                        list->items[i] = definition_free(d);
                } else {
                        list->items[i] = NULL;
                        list->items[kept++] = d;
                }
        }
        list->n = kept;
        return 0;
}

int store_list(DefinitionList *ret, Failure *f) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        Listing listing = { .list = &list, .f = f };
        int error = 0, r;

        for (Origin o = ORIGIN_ETC; o <= ORIGIN_RUN; o++) {
                r = list_native(&list, o, f);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        error = r;
        }
        r = each_mdevctl_dir(list_mdevctl, &listing, f);
        if (r == -ENOMEM)
                return r;
        if ((r < 0 && r != -ENOENT) || listing.error < 0)
                error = -EIO;
        if (list.n > 0)
                qsort(list.items, list.n, sizeof(*list.items), compare);
        r = merge_duplicates(&list);
        if (r < 0)
                return r;
        *ret = list;
        list = (DefinitionList) {};
        return error;
}

/* One that is not there, or not to be read, is watched as soon as it is. */
static int watch_dir(int fd, const char *path, uint32_t events) {
        if (inotify_add_watch(fd, path, events | IN_ONLYDIR) >= 0 || errno == ENOENT || errno == EACCES || errno == ENOTDIR)
                return 0;
        return -errno;
}

/* The directories above tell when one is made, or put in the place of another. */
static int watch_dirs(int fd) {
        int r = 0;

        for (Origin o = ORIGIN_ETC; o <= ORIGIN_RUN && r >= 0; o++) {
                r = watch_dir(fd, top_dirs[o], IN_CREATE | IN_MOVED_TO);
                if (r >= 0)
                        r = watch_dir(fd, suite_dirs[o], IN_CREATE | IN_MOVED_TO | IN_MOVE_SELF);
                if (r >= 0)
                        r = watch_dir(fd, native_dirs[o], IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                      IN_MOVE_SELF);
        }
        return r;
}

/* What has been written since to a directory that is new, and what is gone with an old one, is for the caller to see. */
static int watch_anew(int fd) {
        int r = watch_dirs(fd);

        return r < 0 ? r : -ENOBUFS;
}

int store_watch(StoreWatch *ret) {
        int r;

        *ret = (StoreWatch) { .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC) };
        if (ret->fd < 0)
                return -errno;
        r = watch_dirs(ret->fd);
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
                if (e->mask & IN_IGNORED)
                        return watch_anew(w->fd);
                if (e->mask & IN_MOVE_SELF) {
                        (void) inotify_rm_watch(w->fd, e->wd); /* IN_IGNORED comes of it */
                        continue;
                }
                if (e->len > 0 && (strcmp(e->name, "mdev-tools") == 0 || strcmp(e->name, "devices") == 0))
                        return watch_anew(w->fd);
                if (e->len == 0 || (e->mask & IN_CREATE) || !has_suffix(e->name, &stem) || stem != UUID_LENGTH)
                        continue;
                memcpy(ret_uuid, e->name, stem);
                ret_uuid[stem] = '\0';
                if (uuid_is_canonical(ret_uuid))
                        return 1;
        }
}

Definition *store_search(const DefinitionList *list, const char *uuid) {
        size_t low = 0, high = list->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int r = strcmp(list->items[middle]->uuid, uuid);

                if (r == 0)
                        return list->items[middle];
                if (r < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

/* Opens the directory of a definition, which is checked again, and gives the name of the file in it. */
static int open_dir_of(const Definition *d, const char **ret_name) {
        const char *slash = strrchr(d->path, '/');
        _cleanup_free_ char *dir = strndup(d->path, (size_t) (slash - d->path));

        *ret_name = slash + 1;
        return dir ? file_open_dir(AT_FDCWD, dir) : -ENOMEM;
}

/* ---- mdevctl's, as its front end sees them: the parent is part of the name ------------------------------------ */

static char *parent_of(const Definition *d) {
        const char *end = strrchr(d->path, '/'), *start = end;

        while (start[-1] != '/')
                start--;
        return strndup(start, (size_t) (end - start));
}

typedef struct Selection {
        const char *uuid, *parent; /* NULL: all */
        Listing listing;
} Selection;

static int select_mdevctl(int dirfd, int top, const char *parent, void *userdata) {
        Selection *s = userdata;
        _cleanup_(definition_freep) Definition *d = NULL;
        int r;

        if (s->parent && strcmp(s->parent, parent) != 0)
                return -ENOENT;
        if (!s->uuid || dirfd < 0)
                return list_mdevctl(dirfd, top, parent, &s->listing);
        r = load_file(ORIGIN_MDEVCTL, dirfd, MDEVCTL_DIR, s->uuid, parent, &d);
        if (r < 0)
                return r;
        strcpy(d->uuid, s->uuid);
        r = add(s->listing.list, &d);
        return r < 0 ? r : -ENOENT;
}

/* Parent, then UUID. */
static int compare_mdevctl(const void *a, const void *b) {
        const Definition *x = *(Definition *const *) a, *y = *(Definition *const *) b;
        int r = strcmp(x->parent, y->parent);

        return r != 0 ? r : strcmp(x->path, y->path);
}

int store_list_mdevctl(const char *uuid, const char *parent, DefinitionList *ret, Failure *f) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        Selection s = { .uuid = uuid, .parent = parent, .listing = { .list = &list, .f = f } };
        int r;

        r = each_mdevctl_dir(select_mdevctl, &s, f);
        if (r == -ENOMEM)
                return r;
        for (size_t i = 0; i < list.n; i++)
                /* unreadable: the parent is still known from the directory */
                if (!list.items[i]->parent && !(list.items[i]->parent = parent_of(list.items[i])))
                        return -ENOMEM;
        if (list.n > 0)
                qsort(list.items, list.n, sizeof(*list.items), compare_mdevctl);
        *ret = list;
        list = (DefinitionList) {};
        return (r < 0 && r != -ENOENT) || s.listing.error < 0 ? -EIO : 0;
}

static int open_or_make(int dirfd, const char *name) {
        int fd = file_open_dir(dirfd, name);

        if (fd != -ENOENT)
                return fd;
        if (mkdirat(dirfd, name, 0755) < 0 && errno != EEXIST)
                return -errno;
        return file_open_dir(dirfd, name);
}

int store_write_mdevctl(const char *parent, const char *uuid, const char *text, bool replace, Failure *f) {
        _cleanup_close_ int top = -EBADF, dirfd = -EBADF;
        int r;

        if (!is_parent_name(parent))
                return failure_set(f, STATUS_USAGE, -EINVAL, "'%s' is not the name of a parent", parent);
        top = open_or_make(AT_FDCWD, MDEVCTL_DIR);
        dirfd = top < 0 ? top : open_or_make(top, parent);
        r = dirfd < 0 ? dirfd : file_write_at(dirfd, uuid, text, strlen(text), replace);
        if (r < 0)
                return failure_set(f, failure_status_from_errno(r), r, "cannot write " MDEVCTL_DIR "/%s/%s: %s", parent,
                                   uuid, dirfd < 0 ? file_reason(r) : failure_reason(r));
        return 0;
}

int store_read(const Definition *d, char **ret, size_t *ret_size, Failure *f) {
        _cleanup_close_ int dirfd = -EBADF;
        const char *name;
        int r;

        dirfd = open_dir_of(d, &name);
        r = dirfd < 0 ? dirfd : file_read_at(dirfd, name, KEYVALUE_SIZE_MAX, ret, ret_size);
        if (r < 0)
                return failure_set(f, r == -EACCES ? STATUS_NOT_PERMITTED : STATUS_INVALID, r, "cannot read %s: %s",
                                   d->path, file_reason(r));
        return 0;
}

static int make_dir(const char *path) {
        return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

int store_write(Origin origin, const char *uuid, const char *text, bool replace, Failure *f) {
        _cleanup_close_ int dirfd = -EBADF;
        _cleanup_free_ char *name = NULL;
        const char *dir = native_dirs[origin];
        int r = 0;

        if (asprintf(&name, "%s" SUFFIX, uuid) < 0)
                return failure_set(f, STATUS_FAILURE, -ENOMEM, "out of memory");
        dirfd = file_open_dir(AT_FDCWD, dir);
        if (dirfd == -ENOENT) {
                r = make_dir(suite_dirs[origin]);
                if (r >= 0)
                        r = make_dir(dir);
                if (r >= 0)
                        dirfd = file_open_dir(AT_FDCWD, dir);
        }
        if (r >= 0)
                r = dirfd < 0 ? dirfd : file_write_at(dirfd, name, text, strlen(text), replace);
        if (r < 0)
                return failure_set(f, failure_status_from_errno(r), r, "cannot write %s/%s: %s", dir, name,
                                   dirfd < 0 ? file_reason(r) : failure_reason(r));
        return 0;
}

int store_remove(const Definition *d, Failure *f) {
        _cleanup_close_ int dirfd = -EBADF;
        const char *name;
        int r;

        dirfd = open_dir_of(d, &name);
        r = dirfd < 0 ? dirfd : file_remove_at(dirfd, name);
        if (r < 0 && r != -ENOENT)
                return failure_set(f, failure_status_from_errno(r), r, "cannot remove %s: %s", d->path,
                                   dirfd < 0 ? file_reason(r) : failure_reason(r));
        return 0;
}

void store_remove_others(const char *uuid, Origin keep) {
        for (Origin o = ORIGIN_ETC; o <= ORIGIN_RUN; o++) {
                _cleanup_close_ int dirfd = file_open_dir(AT_FDCWD, native_dirs[o]);
                _cleanup_free_ char *name = NULL, *temporary = NULL;

                if (dirfd < 0 || asprintf(&name, "%s" SUFFIX, uuid) < 0)
                        continue;
                if (o != keep)
                        (void) !file_remove_at(dirfd, name);
                temporary = file_temporary_name(name);
                if (temporary)
                        (void) !file_remove_at(dirfd, temporary);
        }
}
