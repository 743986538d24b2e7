/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/node-owner.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/file.h"
#include "kernel/sysfs.h"

/* KEY=value lines, for IMPORT{file}. There are two names for one record, because udev's event of the group has only
 * its number, and that of the character device only the UUID. */
#define NODE_DIR "/run/mdev-tools/node"
#define RECORD_SIZE_MAX 512U
#define GROUP_KEY ".MDEV_IOMMU_GROUP="
#define NAME_SIZE 16

/* A number in decimal, as udev takes it; what is not one is a name. */
static bool parse_id(const char *s, uint32_t *ret) {
        unsigned long n;
        char *end;

        if (strspn(s, "0123456789") != strlen(s))
                return false;
        errno = 0;
        n = strtoul(s, &end, 10);
        /* -1 is "leave it as it is" (chown(2)), and so was the same in 16 bits */
        if (errno != 0 || n >= UINT32_MAX || n == UINT16_MAX)
                return false;
        *ret = (uint32_t) n;
        return true;
}

int node_owner_resolve(const Definition *d, NodeOwner *ret, Failure *f) {
        NodeOwner p = { .said = definition_has_permissions(d) };

        if (d->node_user && !parse_id(d->node_user, &p.uid)) {
                const struct passwd *user = getpwnam(d->node_user);

                if (!user)
                        return failure_set(f, STATUS_INVALID, -EINVAL, "node_user=%s: this host has no such user", d->node_user);
                p.uid = user->pw_uid;
        }
        if (d->node_group && !parse_id(d->node_group, &p.gid)) {
                const struct group *group = getgrnam(d->node_group);

                if (!group)
                        return failure_set(f, STATUS_INVALID, -EINVAL, "node_group=%s: this host has no such group",
                                           d->node_group);
                p.gid = group->gr_gid;
        }
        /* as udev does it for any node (udev(7), GROUP) */
        p.mode = d->node_mode >= 0 ? (mode_t) d->node_mode : p.gid > 0 ? 0660 : 0600;
        *ret = p;
        return 0;
}

static int format(const char *uuid, int group, const NodeOwner *p, char **ret) {
        /* a name that begins with a dot stays out of udev's database */
        int n = asprintf(ret, ".MDEV_UUID=%s\n" GROUP_KEY "%d\n.MDEV_USER=%u\n.MDEV_GROUP=%u\n.MDEV_MODE=%04o\n", uuid,
                         group, p->uid, p->gid, p->mode);

        return n < 0 ? -ENOMEM : 0;
}

/* Opens the directory, and keeps others out: the number of a group is given to the next device. Returns an fd,
 * -ENOENT if there is none and it is not to be made, or a negative errno. */
static int open_dir(bool make) {
        _cleanup_close_ int fd = file_open_dir(AT_FDCWD, NODE_DIR);

        if (fd == -ENOENT && make) {
                if (mkdir(NODE_DIR, 0755) < 0 && errno != EEXIST)
                        return -errno;
                fd = file_open_dir(AT_FDCWD, NODE_DIR);
        }
        if (fd >= 0 && flock(fd, LOCK_EX) < 0)
                return -errno;
        return fd < 0 ? fd : steal_fd(&fd);
}

/* Removes the record of a device under both names; the group's only if it is not another device's by now. Returns 0,
 * -ENOENT if there is none, or a negative errno. */
static int remove_record(int dirfd, const char *uuid) {
        _cleanup_free_ char *text = NULL, *other = NULL;
        char group[NAME_SIZE] = "";
        const char *line;
        size_t size;
        int r;

        r = file_read_at(dirfd, uuid, RECORD_SIZE_MAX, &text, &size);
        if (r < 0)
                return r;
        line = strstr(text, GROUP_KEY);
        if (line && sscanf(line, GROUP_KEY "%15[0-9]", group) == 1 &&
            file_read_at(dirfd, group, RECORD_SIZE_MAX, &other, &size) >= 0 && strcmp(text, other) == 0)
                (void) unlinkat(dirfd, group, 0);
        return unlinkat(dirfd, uuid, 0) < 0 ? -errno : 0;
}

/* Returns 1 if that was a change, 0 if it was so already, or a negative errno. */
static int update_record(const char *uuid, int group, const NodeOwner *p) {
        _cleanup_free_ char *text = NULL, *old = NULL;
        _cleanup_close_ int dirfd = -EBADF;
        char name[NAME_SIZE];
        size_t size;
        int r;

        dirfd = open_dir(p->said);
        if (dirfd == -ENOENT && !p->said)
                return 0;
        if (dirfd < 0)
                return dirfd;
        r = file_read_at(dirfd, uuid, RECORD_SIZE_MAX, &old, &size);
        if (r == -ENOENT && !p->said)
                return 0;
        if (format(uuid, group, p, &text) < 0)
                return -ENOMEM;
        if (r >= 0 && strcmp(old, text) == 0)
                return 0;
        (void) snprintf(name, sizeof(name), "%d", group);
        r = group >= 0 ? file_write_at(dirfd, name, text, strlen(text), true) : 0;
        /* the one that is compared is the last */
        if (r >= 0)
                r = file_write_at(dirfd, uuid, text, strlen(text), true);
        return r < 0 ? r : 1;
}

int node_owner_set(const char *uuid, int device, const NodeOwner *p, Awaited *awaited, Failure *f) {
        int group = sysfs_device_group(device), group_r = -ENOENT, vfio_r = -ENOENT, r;

        r = update_record(uuid, group, p);
        if (r < 0)
                return failure_set(f, failure_status_from_errno(r), r, "cannot write " NODE_DIR "/%s: %s", uuid,
                                   file_reason(r));
        if (r > 0) {
                group_r = group >= 0 ? sysfs_announce_group(group, uuid) : -ENOENT;
                vfio_r = sysfs_announce_vfio(device, uuid);
        }
        r = group_r < 0 && group_r != -ENOENT ? group_r : vfio_r < 0 && vfio_r != -ENOENT ? vfio_r : 0;
        if (r < 0)
                return failure_set(f, failure_status_from_errno(r), r, "cannot ask udev to set the permissions of "
                                   "/dev/vfio/%d: %s", group, failure_reason(r));
        awaited->group_again = group_r >= 0;
        awaited->vfio_again = vfio_r >= 0;
        return 0;
}

bool node_owner_is_recorded(const char *uuid) {
        char path[sizeof(NODE_DIR) + 64];

        (void) snprintf(path, sizeof(path), NODE_DIR "/%s", uuid);
        return access(path, F_OK) == 0;
}

int node_owner_reset(const char *uuid, Failure *f) {
        _cleanup_close_ int device = -EBADF;
        const NodeOwner p = { .mode = 0600 };
        Awaited ignored;

        if (!node_owner_is_recorded(uuid))
                return 0;
        device = sysfs_open_device(uuid);
        return device < 0 ? 0 : node_owner_set(uuid, device, &p, &ignored, f);
}

void node_owner_forget(const char *uuid) {
        _cleanup_close_ int dirfd = open_dir(false);

        if (dirfd >= 0)
                (void) !remove_record(dirfd, uuid);
}
