/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/store-private.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/keyvalue.h"
#include "base/string-list.h"
#include "definition/mdevctl-json.h"

#define SUFFIX ".conf"

void definition_list_done(DefinitionList *list) {
        for (size_t i = 0; i < list->n; i++)
                definition_free(list->items[i]);
        free(list->items);
        *list = (DefinitionList) {};
}

const char *store_native_dir(Origin origin) {
        return origin == ORIGIN_ETC ? "/etc/mdev-tools/devices" : "/run/mdev-tools/devices";
}

char *store_path(Origin origin, const char *uuid) {
        char *path;

        return asprintf(&path, "%s/%s" SUFFIX, store_native_dir(origin), uuid) < 0 ? NULL : path;
}

bool store_has_suffix(const char *name, size_t *ret_stem) {
        size_t n = strlen(name), m = strlen(SUFFIX);

        *ret_stem = n > m ? n - m : 0;
        return n > m && strcmp(name + n - m, SUFFIX) == 0;
}

int store_open_dir(const char *path, bool make, Failure *f) {
        const char *name = strrchr(path, '/') + 1;
        _cleanup_free_ char *upper = strndup(path, (size_t) (name - 1 - path));
        _cleanup_close_ int upper_fd = -EBADF;
        int fd;

        if (!upper)
                return -ENOMEM;
        upper_fd = make ? file_make_dir(AT_FDCWD, upper) : file_open_dir(AT_FDCWD, upper);
        fd = upper_fd < 0 ? upper_fd : make ? file_make_dir(upper_fd, name) : file_open_dir(upper_fd, name);
        if (fd >= 0 || (fd == -ENOENT && !make))
                return fd;
        return failure_at_file(f, failure_status_from_errno(fd), fd, FAILURE_OPEN, "%s", upper_fd < 0 ? upper : path);
}

int store_load_file(Origin origin, int dirfd, const char *path, const char *name, const char *parent,
                    Definition **ret) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (!d)
                return -ENOMEM;
        d->origin = origin;
        if (asprintf(&d->path, "%s/%s%s%s", path, parent ? parent : "", parent ? "/" : "", name) < 0) {
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
        _cleanup_close_ int dirfd = store_open_dir(store_native_dir(origin), false, f);
        _cleanup_free_ char *name = NULL;

        if (dirfd < 0)
                return dirfd;
        if (asprintf(&name, "%s" SUFFIX, uuid) < 0)
                return -ENOMEM;
        return store_load_file(origin, dirfd, store_native_dir(origin), name, NULL, ret);
}

/* If several parents' directories define uuid, takes the first automatic definition, as mdevctl starts that one, or
 * else the first. */
static int load_mdevctl(const char *uuid, Definition **ret, Failure *f) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        size_t i = 0;
        int r;

        r = store_append_mdevctl(uuid, NULL, &list, f);
        if (r == -ENOMEM)
                return r;
        if (list.n == 0)
                return r < 0 ? r : -ENOENT;
        while (i < list.n - 1 && !list.items[i]->start_auto)
                i++;
        if (!list.items[i]->start_auto)
                i = 0;
        *ret = STEAL_PTR(list.items[i]);
        return 0;
}

int store_load(const char *uuid, Definition **ret, Failure *f) {
        _cleanup_(definition_freep) Definition *d = NULL;
        int r;

        r = load_native(ORIGIN_ETC, uuid, &d, f);
        if (r == -ENOENT)
                r = load_native(ORIGIN_RUN, uuid, &d, f);
        if (r == -ENOENT)
                r = load_mdevctl(uuid, &d, f);
        if (r < 0)
                return r;
        assert(d);
        strcpy(d->uuid, uuid);
        *ret = STEAL_PTR(d);
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

int store_list_append(DefinitionList *list, Definition **d) {
        Definition **items = reallocarray(list->items, list->n + 1, sizeof(*items));

        if (!items)
                return -ENOMEM;
        list->items = items;
        list->items[list->n++] = STEAL_PTR(*d);
        return 0;
}

int store_list_dir(DefinitionList *list, Origin origin, int dirfd, const char *path, const char *parent) {
        _cleanup_(string_list_done) StringList names = {};
        int r;

        r = string_list_read(dirfd, ".", &names);
        for (size_t i = 0; i < names.n && r >= 0; i++) {
                _cleanup_(definition_freep) Definition *d = NULL;
                size_t stem = strlen(names.names[i]);

                /* skips the files of other programs; the temporary ones of writers are hidden, and not in the list */
                if (!parent && !store_has_suffix(names.names[i], &stem))
                        continue;
                r = store_load_file(origin, dirfd, path, names.names[i], parent, &d);
                if (r >= 0)
                        r = set_uuid(d, names.names[i], stem);
                if (r >= 0)
                        r = store_list_append(list, &d);
                else if (r == -ENOENT)
                        r = 0;
        }
        return r;
}

static int list_native(DefinitionList *list, Origin origin, Failure *f) {
        const char *path = store_native_dir(origin);
        _cleanup_close_ int dirfd = store_open_dir(path, false, f);
        int r;

        if (dirfd < 0)
                return dirfd == -ENOENT ? 0 : dirfd;
        r = store_list_dir(list, origin, dirfd, path, NULL);
        if (r < 0 && r != -ENOMEM)
                return failure_at(f, failure_status_from_errno(r), r, FAILURE_READ, "%s", path);
        return r;
}

/* Sorts by UUID, then puts the definition that counts first. */
static int compare_definitions(const void *a, const void *b) {
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
        int error = 0, r;

        for (Origin o = ORIGIN_ETC; o <= ORIGIN_MDEVCTL; o++) {
                r = o == ORIGIN_MDEVCTL ? store_append_mdevctl(NULL, NULL, &list, f) : list_native(&list, o, f);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        error = -EIO;
        }
        if (list.n > 0)
                qsort(list.items, list.n, sizeof(*list.items), compare_definitions);
        r = merge_duplicates(&list);
        if (r < 0)
                return r;
        *ret = list;
        list = (DefinitionList) {};
        return error;
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

/* Opens the directory of a definition, and gives the name of the file in it. */
static int open_dir_of(const Definition *d, const char **ret_name, Failure *f) {
        const char *slash = strrchr(d->path, '/');
        _cleanup_free_ char *dir = strndup(d->path, (size_t) (slash - d->path));

        *ret_name = slash + 1;
        return dir ? store_open_dir(dir, false, f) : -ENOMEM;
}

int store_read(const Definition *d, char **ret, size_t *ret_size, Failure *f) {
        const char *name;
        _cleanup_close_ int dirfd = open_dir_of(d, &name, f);
        int r;

        if (dirfd < 0 && dirfd != -ENOENT)
                return dirfd;
        r = dirfd < 0 ? dirfd : file_read_at(dirfd, name, KEYVALUE_SIZE_MAX, ret, ret_size);
        if (r < 0)
                return failure_at_file(f, r == -EACCES ? STATUS_NOT_PERMITTED : STATUS_INVALID, r, FAILURE_READ, "%s",
                                       d->path);
        return 0;
}

int store_write(Origin origin, const char *uuid, const char *text, bool replace, Failure *f) {
        _cleanup_close_ int dirfd = store_open_dir(store_native_dir(origin), true, f);
        _cleanup_free_ char *name = NULL;
        int r;

        if (dirfd < 0)
                return dirfd;
        if (asprintf(&name, "%s" SUFFIX, uuid) < 0)
                return -ENOMEM;
        r = file_write_at(dirfd, name, text, strlen(text), replace);
        if (r < 0)
                return failure_at(f, failure_status_from_errno(r), r, FAILURE_WRITE, "%s/%s", store_native_dir(origin),
                                  name);
        return 0;
}

int store_remove(const Definition *d, Failure *f) {
        const char *name;
        _cleanup_close_ int dirfd = open_dir_of(d, &name, f);
        int r;

        if (dirfd < 0)
                return dirfd == -ENOENT ? 0 : dirfd;
        r = file_remove_at(dirfd, name);
        if (r < 0 && r != -ENOENT)
                return failure_at(f, failure_status_from_errno(r), r, FAILURE_REMOVE, "%s", d->path);
        return 0;
}

void store_remove_others(const char *uuid, Origin keep) {
        for (Origin o = ORIGIN_ETC; o <= ORIGIN_RUN; o++) {
                _cleanup_close_ int dirfd = store_open_dir(store_native_dir(o), false, NULL);
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
