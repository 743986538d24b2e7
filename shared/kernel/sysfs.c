/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/sysfs.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/keyvalue.h"
#include "base/uuid.h"

#define PARENTS_DIR "/sys/class/mdev_bus"
#define BUSES_DIR "/sys/bus"
#define DEVICES_DIR "/sys/bus/mdev/devices"
#define TYPES "mdev_supported_types"

static int open_dir(const char *path) {
        int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return errno == ENOENT ? -ENODEV : -errno;
        return fd;
}

int sysfs_open_parent(const char *parent) {
        char path[PATH_MAX];
        int fd;

        if (snprintf(path, sizeof(path), SYSFS_PARENT_FORMAT "/" TYPES, parent) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        /* a directory without types is not a parent's */
        fd = open_dir(path);
        if (fd < 0)
                return fd;
        close(fd);
        *strrchr(path, '/') = '\0';
        return open_dir(path);
}

int sysfs_open_bus_device(const char *name, char ret_bus[static 64]) {
        _cleanup_(string_list_done) StringList buses = {};
        int r;

        r = string_list_read(AT_FDCWD, BUSES_DIR, &buses);
        if (r < 0)
                return r;
        for (size_t i = 0; i < buses.n; i++) {
                char path[PATH_MAX];
                int fd;

                if (snprintf(path, sizeof(path), SYSFS_BUS_DEVICE_FORMAT, buses.names[i], name) >= (int) sizeof(path) ||
                    strlen(buses.names[i]) >= 64)
                        continue;
                fd = open_dir(path);
                if (fd == -ENODEV)
                        continue;
                if (fd >= 0)
                        strcpy(ret_bus, buses.names[i]);
                return fd;
        }
        return -ENODEV;
}

int sysfs_open_type(const char *parent, const char *type) {
        _cleanup_close_ int dirfd = -EBADF;
        char path[PATH_MAX];
        int fd;

        if (snprintf(path, sizeof(path), SYSFS_PARENT_FORMAT "/" TYPES "/%s", parent, type) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd >= 0)
                return fd;
        /* finds out which of the two is missing */
        dirfd = sysfs_open_parent(parent);
        if (dirfd < 0)
                return dirfd;
        (void) snprintf(path, sizeof(path), TYPES "/%s", type);
        fd = openat(dirfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        return fd < 0 ? -errno : fd;
}

int sysfs_open_device(const char *uuid) {
        char path[PATH_MAX];

        if (snprintf(path, sizeof(path), SYSFS_DEVICE_FORMAT, uuid) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        return open_dir(path);
}

ssize_t sysfs_read(int dirfd, const char *name, char *ret, size_t size) {
        _cleanup_close_ int fd = -EBADF;
        size_t used = 0;

        fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return -errno;
        while (used < size) {
                ssize_t n = read(fd, ret + used, size - used);
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                used += (size_t) n;
        }
        if (used == size)
                return -ENOSPC;
        if (used > 0 && ret[used - 1] == '\n')
                used--;
        ret[used] = '\0';
        return (ssize_t) used;
}

static int write_fd(int fd, const char *data, size_t size) {
        ssize_t n = write(fd, data, size);

        if (n < 0)
                return -errno;
        return (size_t) n == size ? 0 : -EIO;
}

int sysfs_write(int dirfd, const char *name, const char *data, size_t size) {
        _cleanup_close_ int fd = -EBADF;

        fd = openat(dirfd, name, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        return write_fd(fd, data, size);
}

int sysfs_write_attribute(int device, const char *name, const char *value) {
        _cleanup_close_ int fd = -EBADF;
        struct open_how how = {
                /* O_NONBLOCK: a file that is no attribute must not block the open */
                .flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
        };
        struct stat st;

        fd = (int) syscall(SYS_openat2, device, name, &how, sizeof(how));
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        return write_fd(fd, value, strlen(value));
}

static int copy_last_component(const char *path, char *ret, size_t size) {
        const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;

        if (strlen(last) >= size)
                return -ENAMETOOLONG;
        strcpy(ret, last);
        return 0;
}

int sysfs_read_link(int dirfd, const char *name, char *ret, size_t size) {
        char target[PATH_MAX];
        ssize_t n;

        n = readlinkat(dirfd, name, target, sizeof(target));
        if (n < 0)
                return -errno;
        if (n == (ssize_t) sizeof(target))
                return -ENAMETOOLONG;
        target[n] = '\0';
        return copy_last_component(target, ret, size);
}

int sysfs_create(const char *parent, const char *type, const char *uuid) {
        char path[PATH_MAX];

        if (snprintf(path, sizeof(path), SYSFS_CREATE_FORMAT, parent, type) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        return sysfs_write(AT_FDCWD, path, uuid, UUID_LENGTH);
}

int sysfs_remove(const char *uuid) {
        char path[PATH_MAX];

        if (snprintf(path, sizeof(path), SYSFS_DEVICE_FORMAT "/remove", uuid) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        return sysfs_write(AT_FDCWD, path, "1", 1);
}

bool sysfs_device_is_complete(int device) {
        return faccessat(device, SYSFS_DEVICE_TYPE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Reads a link in one of the flat directories ("../../../devices/...") and makes it a path from the root. */
static int resolve_link(const char *dir, const char *name, char *ret, size_t size) {
        char link[PATH_MAX], target[PATH_MAX];
        const char *p = target;
        ssize_t n;

        if (snprintf(link, sizeof(link), "%s/%s", dir, name) >= (int) sizeof(link))
                return -ENAMETOOLONG;
        n = readlink(link, target, sizeof(target) - 1);
        if (n < 0)
                return errno == ENOENT ? -ENODEV : -errno;
        target[n] = '\0';
        while (strncmp(p, "../", 3) == 0)
                p += 3;
        if (snprintf(ret, size, "/sys/%s", p) >= (int) size)
                return -ENAMETOOLONG;
        return 0;
}

int sysfs_device_links(const char *uuid, char *ret_parent_path, size_t size, char ret_type[static 256]) {
        static const char type[] = "/" SYSFS_DEVICE_TYPE;
        char path[PATH_MAX + sizeof(type)];
        char *end;
        int r;

        r = resolve_link(DEVICES_DIR, uuid, ret_parent_path, size);
        if (r < 0)
                return r;
        end = stpcpy(path, ret_parent_path);
        /* the device is a child of its parent: .../PARENT/UUID */
        *strrchr(ret_parent_path, '/') = '\0';
        /* uses the resolved path, which contains no links */
        strcpy(end, type);
        r = sysfs_read_link(AT_FDCWD, path, ret_type, 256);
        if (r != -ENOENT)
                return r;
        *end = '\0';
        ret_type[0] = '\0';
        return access(path, F_OK) < 0 ? -ENODEV : 0;
}

int sysfs_parent_path(const char *parent, char *ret, size_t size) {
        return resolve_link(PARENTS_DIR, parent, ret, size);
}

int sysfs_device_identity(const char *uuid, int device, char ret_parent[static 256], char ret_type[static 256]) {
        char path[PATH_MAX];
        int r;

        r = sysfs_read_link(device, SYSFS_DEVICE_TYPE, ret_type, 256);
        if (r < 0)
                return r == -ENOENT ? -ENODEV : r;
        r = resolve_link(DEVICES_DIR, uuid, path, sizeof(path));
        if (r < 0)
                return r;
        *strrchr(path, '/') = '\0';
        return copy_last_component(path, ret_parent, 256);
}

int sysfs_device_inode(int device, uint64_t *ret) {
        struct stat st;

        if (fstat(device, &st) < 0)
                return -errno;
        *ret = st.st_ino;
        return 0;
}

int sysfs_device_group(int device) {
        char name[32];
        unsigned n;
        int r;

        r = sysfs_read_link(device, "iommu_group", name, sizeof(name));
        if (r >= 0)
                r = keyvalue_parse_number(name, INT_MAX, &n);
        return r < 0 ? r : (int) n;
}

int sysfs_device_vfio(int device, char ret[static 32]) {
        _cleanup_(string_list_done) StringList list = {};
        int r;

        r = string_list_read(device, "vfio-dev", &list);
        if (r < 0)
                return r;
        if (list.n == 0 || strlen(list.names[0]) >= 32)
                return -ENOENT;
        strcpy(ret, list.names[0]);
        return 0;
}

static int request_add_event(int dirfd, const char *dir, const char *uuid) {
        char path[128], text[64];

        (void) snprintf(text, sizeof(text), "add %s", uuid);
        (void) snprintf(path, sizeof(path), "%s/uevent", dir);
        return sysfs_write(dirfd, path, text, strlen(text));
}

int sysfs_announce_group(int group, const char *uuid) {
        char dir[64];

        (void) snprintf(dir, sizeof(dir), "/sys/class/vfio/%d", group);
        return request_add_event(AT_FDCWD, dir, uuid);
}

int sysfs_announce_vfio(int device, const char *uuid) {
        char name[32], path[64];
        int r;

        r = sysfs_device_vfio(device, name);
        if (r < 0)
                return r;
        /* a device without a number has no node */
        (void) snprintf(path, sizeof(path), "vfio-dev/%s/dev", name);
        if (faccessat(device, path, F_OK, 0) < 0)
                return -errno;
        *strrchr(path, '/') = '\0';
        return request_add_event(device, path, uuid);
}

int sysfs_vf(const char *function, unsigned index, char ret[static 256]) {
        char path[128];

        if (snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/virtfn%u", function, index) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        return sysfs_read_link(AT_FDCWD, path, ret, 256);
}

int sysfs_parent_vf(const char *parent, char ret_function[static 256], unsigned *ret_index) {
        _cleanup_(string_list_done) StringList names = {};
        _cleanup_close_ int fd = sysfs_open_parent(parent);
        int r;

        if (fd < 0)
                return fd;
        r = sysfs_read_link(fd, "physfn", ret_function, 256);
        if (r >= 0)
                r = string_list_read(fd, "physfn", &names);
        if (r < 0)
                return r;
        for (size_t i = 0; i < names.n; i++) {
                char path[PATH_MAX], name[256];
                unsigned index;

                if (sscanf(names.names[i], "virtfn%u", &index) != 1)
                        continue;
                (void) snprintf(path, sizeof(path), "physfn/%s", names.names[i]);
                if (sysfs_read_link(fd, path, name, sizeof(name)) >= 0 && strcmp(name, parent) == 0) {
                        *ret_index = index;
                        return 0;
                }
        }
        return -ENOENT;
}

int sysfs_list_parents(StringList *ret) {
        return string_list_read(AT_FDCWD, PARENTS_DIR, ret);
}

int sysfs_list_devices(StringList *ret) {
        return string_list_read(AT_FDCWD, DEVICES_DIR, ret);
}

int sysfs_list_types(const char *parent, StringList *ret) {
        char path[PATH_MAX];

        if (snprintf(path, sizeof(path), SYSFS_PARENT_FORMAT "/" TYPES, parent) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        return string_list_read(AT_FDCWD, path, ret);
}

int sysfs_list_type_devices(int type, StringList *ret) {
        return string_list_read(type, "devices", ret);
}

int sysfs_type_numbers(int type, long *ret_available, size_t *ret_used) {
        _cleanup_(string_list_done) StringList devices = {};
        char text[32];
        ssize_t n;
        int r;

        n = sysfs_read(type, SYSFS_TYPE_AVAILABLE, text, sizeof(text));
        if (n < 0)
                return (int) n;
        r = sysfs_list_type_devices(type, &devices);
        if (r < 0)
                return r;
        *ret_available = strtol(text, NULL, 10);
        *ret_used = devices.n;
        return 0;
}
