/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/string-list.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

int string_list_add(StringList *list, const char *name) {
        /* doubles the size each time, as there may be thousands */
        if ((list->n & (list->n - 1)) == 0) {
                char **names = reallocarray(list->names, list->n > 0 ? 2 * list->n : 1, sizeof(*names));

                if (!names)
                        return -ENOMEM;
                list->names = names;
        }
        list->names[list->n] = strdup(name);
        if (!list->names[list->n])
                return -ENOMEM;
        list->n++;
        return 0;
}

static int read_names(DIR *dir, StringList *list) {
        for (;;) {
                struct dirent *e;
                int r;

                errno = 0;
                e = readdir(dir);
                if (!e)
                        return -errno; /* 0 at the end */
                r = e->d_name[0] != '.' ? string_list_add(list, e->d_name) : 0;
                if (r < 0)
                        return r;
        }
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

int string_list_read(int dirfd, const char *path, StringList *ret) {
        _cleanup_(string_list_done) StringList list = {};
        DIR *dir;
        int fd, r;

        *ret = (StringList) {};
        fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        dir = fdopendir(fd);
        if (!dir) {
                close(fd);
                return -ENOMEM;
        }
        r = read_names(dir, &list);
        closedir(dir);
        if (r < 0)
                return r;
        if (list.n > 0)
                qsort(list.names, list.n, sizeof(*list.names), compare_names);
        *ret = list;
        list = (StringList) {};
        return 0;
}

void string_list_done(StringList *list) {
        for (size_t i = 0; i < list->n; i++)
                free(list->names[i]);
        free(list->names);
        *list = (StringList) {};
}

static int compare_key(const void *key, const void *item) {
        return strcmp(key, *(char *const *) item);
}

bool string_list_has(const StringList *list, const char *name) {
        return list->n > 0 && bsearch(name, list->names, list->n, sizeof(*list->names), compare_key);
}
