/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/vfio-users.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#define VFIO_DIR "/dev/vfio/"
/* What VFIO_GROUP_GET_DEVICE_FD returns. The link does not say which device it is. */
#define VFIO_DEVICE "anon_inode:[vfio-device]"

void vfio_user_list_done(VfioUserList *list) {
        free(list->items);
        *list = (VfioUserList) {};
}

static void read_comm(int process, char *ret, size_t size) {
        _cleanup_close_ int fd = openat(process, "comm", O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? 0 : read(fd, ret, size - 1);

        if (n <= 0) {
                strcpy(ret, "?");
                return;
        }
        ret[n] = '\0';
        ret[strcspn(ret, "\n")] = '\0';
}

static int add_user(VfioUserList *list, int process, pid_t pid, const char *node) {
        VfioUser *items, *user;

        for (size_t i = 0; i < list->n; i++)
                if (list->items[i].pid == pid && strcmp(list->items[i].node, node) == 0)
                        return 0;
        items = reallocarray(list->items, list->n + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        list->items = items;
        user = &items[list->n++];
        *user = (VfioUser) {};
        user->pid = pid;
        (void) snprintf(user->node, sizeof(user->node), "%s", node);
        read_comm(process, user->comm, sizeof(user->comm));
        return 0;
}

static int add_users_of_process(VfioUserList *list, int process, pid_t pid) {
        size_t first = list->n;
        bool uses_device = false;
        DIR *dir;
        int fd, r = 0;

        fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir) {
                closep(&fd);
                return 0;
        }
        for (struct dirent *e; r >= 0 && (e = readdir(dir));) {
                char target[sizeof(VFIO_DIR) + 64];
                ssize_t n = readlinkat(fd, e->d_name, target, sizeof(target) - 1);

                if (n <= (ssize_t) strlen(VFIO_DIR))
                        continue;
                target[n] = '\0';
                uses_device = uses_device || strcmp(target, VFIO_DEVICE) == 0;
                if (strncmp(target, VFIO_DIR, strlen(VFIO_DIR)) != 0)
                        continue;
                r = add_user(list, process, pid, target + strlen(VFIO_DIR));
        }
        closedir(dir);
        for (size_t i = first; i < list->n; i++)
                list->items[i].uses_device = uses_device;
        return r;
}

int vfio_user_list(VfioUserList *ret) {
        _cleanup_(vfio_user_list_done) VfioUserList list = {};
        pid_t self = getpid();
        DIR *proc;
        int r = 0;

        proc = opendir("/proc");
        if (!proc)
                return -errno;
        for (struct dirent *e; r >= 0 && (e = readdir(proc));) {
                _cleanup_close_ int process = -EBADF;
                pid_t pid = (pid_t) strtol(e->d_name, NULL, 10);

                if (pid <= 0 || pid == self)
                        continue;
                process = openat(dirfd(proc), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (process >= 0)
                        r = add_users_of_process(&list, process, pid);
        }
        closedir(proc);
        if (r < 0)
                return r;
        *ret = list;
        list = (VfioUserList) {};
        return 0;
}

const VfioUser *vfio_user_search(const VfioUserList *list, int group, const char *vfio) {
        char a[16], b[64] = "";

        (void) snprintf(a, sizeof(a), "%d", group);
        if (vfio)
                (void) snprintf(b, sizeof(b), "devices/%s", vfio);
        for (size_t i = 0; i < list->n; i++)
                if (strcmp(list->items[i].node, a) == 0 || (vfio && strcmp(list->items[i].node, b) == 0))
                        return &list->items[i];
        return NULL;
}

bool vfio_user_is_guard(const VfioUserList *list, int group, pid_t pid) {
        bool guards = false;
        char node[16];

        (void) snprintf(node, sizeof(node), "%d", group);
        for (size_t i = 0; i < list->n; i++) {
                const VfioUser *user = &list->items[i];

                if (strcmp(user->node, node) != 0)
                        continue;
                if (user->uses_device)
                        return false;
                guards = guards || user->pid == pid;
        }
        return guards;
}

int vfio_guard(int group) {
        char path[sizeof(VFIO_DIR) + 16];
        int fd;

        (void) snprintf(path, sizeof(path), VFIO_DIR "%d", group);
        fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        return fd < 0 ? -errno : fd;
}
