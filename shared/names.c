/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "names.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

int name_list_add(NameList *list, const char *name) {
        /* twice as long each time: there may be thousands */
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

static int read_names(DIR *dir, NameList *list) {
        int r = 0;

        for (struct dirent *e; r >= 0 && (e = readdir(dir));)
                if (e->d_name[0] != '.')
                        r = name_list_add(list, e->d_name);
        return r;
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

int name_list_read(int dirfd, const char *path, NameList *ret) {
        _cleanup_(name_list_done) NameList list = {};
        DIR *dir;
        int fd, r;

        *ret = (NameList) {};
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
        list = (NameList) {};
        return 0;
}

void name_list_done(NameList *list) {
        for (size_t i = 0; i < list->n; i++)
                free(list->names[i]);
        free(list->names);
        *list = (NameList) {};
}

static int compare_key(const void *key, const void *item) {
        return strcmp(key, *(char *const *) item);
}

bool name_list_has(const NameList *list, const char *name) {
        return list->n > 0 && bsearch(name, list->names, list->n, sizeof(*list->names), compare_key);
}
