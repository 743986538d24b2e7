/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/store-private.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/file.h"
#include "base/selector.h"
#include "base/string-list.h"

#define MDEVCTL_DIR "/etc/mdevctl.d"

static bool is_parent_name(const char *name) {
        /* scripts.d holds mdevctl's callouts */
        return definition_name_is_valid(name) && !selector_is_meant(name) && strcmp(name, "scripts.d") != 0;
}

static int append_uuid(const char *uuid, const char *parent, int dirfd, DefinitionList *list) {
        _cleanup_(definition_freep) Definition *d = NULL;
        int r;

        r = store_load_file(ORIGIN_MDEVCTL, dirfd, MDEVCTL_DIR, uuid, parent, &d);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        strcpy(d->uuid, uuid);
        return store_list_append(list, &d);
}

static int append_parent(const char *uuid, const char *parent, int top, DefinitionList *list, Failure *f) {
        _cleanup_close_ int dirfd = file_open_dir(top, parent);
        char path[PATH_MAX];
        int r = dirfd;

        /* a file, or removed meanwhile */
        if (dirfd == -ENOTDIR || dirfd == -ENOENT)
                return 0;
        if (dirfd < 0 && uuid) {
                /* an untrusted directory affects only the devices that it defines */
                (void) snprintf(path, sizeof(path), "%s/%s", parent, uuid);
                if (faccessat(top, path, F_OK, 0) < 0)
                        return 0;
        }
        if (dirfd >= 0)
                r = uuid ? append_uuid(uuid, parent, dirfd, list)
                         : store_list_dir(list, ORIGIN_MDEVCTL, dirfd, MDEVCTL_DIR, parent);
        if (r < 0 && r != -ENOMEM)
                return failure_at_file(f, failure_status_from_errno(r), r, FAILURE_READ, MDEVCTL_DIR "/%s", parent);
        return r;
}

int store_append_mdevctl(const char *uuid, const char *parent, DefinitionList *list, Failure *f) {
        _cleanup_close_ int top = file_open_dir(AT_FDCWD, MDEVCTL_DIR);
        _cleanup_(string_list_done) StringList names = {};
        int r, error = 0;

        if (top == -ENOENT)
                return 0;
        r = top < 0 ? top : string_list_read(top, ".", &names);
        if (r < 0)
                return failure_at_file(f, failure_status_from_errno(r), r, FAILURE_READ, MDEVCTL_DIR);
        for (size_t i = 0; i < names.n && error != -ENOMEM; i++) {
                if (!is_parent_name(names.names[i]) || (parent && strcmp(names.names[i], parent) != 0))
                        continue;
                r = append_parent(uuid, names.names[i], top, list, f);
                if (r < 0)
                        error = r;
        }
        return error;
}

/* The name of the directory that a definition of mdevctl's is in. */
static char *parent_of(const Definition *d) {
        const char *end = strrchr(d->path, '/'), *start = end;

        while (start[-1] != '/')
                start--;
        return strndup(start, (size_t) (end - start));
}

static int compare_parents(const void *a, const void *b) {
        const Definition *x = *(Definition *const *) a, *y = *(Definition *const *) b;
        int r = strcmp(x->parent, y->parent);

        return r != 0 ? r : strcmp(x->path, y->path);
}

int store_list_mdevctl(const char *uuid, const char *parent, DefinitionList *ret, Failure *f) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        int r;

        r = store_append_mdevctl(uuid, parent, &list, f);
        if (r == -ENOMEM)
                return r;
        for (size_t i = 0; i < list.n; i++)
                /* unreadable: the parent is still known from the directory */
                if (!list.items[i]->parent && !(list.items[i]->parent = parent_of(list.items[i])))
                        return -ENOMEM;
        if (list.n > 0)
                qsort(list.items, list.n, sizeof(*list.items), compare_parents);
        *ret = list;
        list = (DefinitionList) {};
        return r < 0 ? -EIO : 0;
}

int store_write_mdevctl(const char *parent, const char *uuid, const char *text, bool replace, Failure *f) {
        _cleanup_close_ int dirfd = -EBADF;
        char dir[PATH_MAX];
        int r;

        if (!is_parent_name(parent))
                return failure_set(f, STATUS_USAGE, -EINVAL, FAILURE_NO_PARENT_NAME, .name = parent);
        (void) snprintf(dir, sizeof(dir), MDEVCTL_DIR "/%s", parent);
        dirfd = store_open_dir(dir, true, f);
        if (dirfd < 0)
                return dirfd;
        r = file_write_at(dirfd, uuid, text, strlen(text), replace);
        if (r < 0)
                return failure_at(f, failure_status_from_errno(r), r, FAILURE_WRITE, "%s/%s", dir, uuid);
        return 0;
}
