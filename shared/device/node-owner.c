/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/node-owner.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/file.h>

#include "base/file.h"
#include "base/keyvalue.h"
#include "kernel/sysfs.h"

/* KEY=value lines, for IMPORT{file}. One record has two names, because udev's event for the group carries only the
 * group's number, and the event for the character device only the UUID. */
#define NODE_DIR "/run/mdev-tools/node"
#define RECORD_SIZE_MAX 512U
#define GROUP_KEY ".MDEV_IOMMU_GROUP="
#define NAME_SIZE 16

/* A decimal number, as udev accepts it; anything else is a name. -1 means "leave it unchanged" (chown(2)), and so did
 * the same value in 16 bits. */
static bool parse_id(const char *s, uint32_t *ret) {
        return keyvalue_parse_number(s, UINT32_MAX - 1, ret) >= 0 && *ret != UINT16_MAX;
}

int node_owner_resolve(const Definition *d, NodeOwner *ret, Failure *f) {
        NodeOwner owner = { .said = definition_names_owner(d) };

        if (d->node_user && !parse_id(d->node_user, &owner.uid)) {
                const struct passwd *user = getpwnam(d->node_user);

                if (!user)
                        return failure_set(f, STATUS_INVALID, -EINVAL, FAILURE_NO_USER, .name = d->node_user);
                owner.uid = user->pw_uid;
        }
        if (d->node_group && !parse_id(d->node_group, &owner.gid)) {
                const struct group *group = getgrnam(d->node_group);

                if (!group)
                        return failure_set(f, STATUS_INVALID, -EINVAL, FAILURE_NO_GROUP, .name = d->node_group);
                owner.gid = group->gr_gid;
        }
        /* udev's own default (udev(7), GROUP) */
        owner.mode = d->node_mode >= 0 ? (mode_t) d->node_mode : owner.gid > 0 ? 0660 : 0600;
        *ret = owner;
        return 0;
}

/* Opens the directory and locks it, because a group's number is reused by the next device. Returns an fd, -ENOENT
 * if there is none and create is false, or another negative errno. */
static int open_dir(bool create) {
        _cleanup_close_ int fd = create ? file_make_dir(AT_FDCWD, NODE_DIR) : file_open_dir(AT_FDCWD, NODE_DIR);

        if (fd >= 0 && flock(fd, LOCK_EX) < 0)
                return -errno;
        return fd < 0 ? fd : steal_fd(&fd);
}

/* Returns 1 if the record was changed, 0 if it was so already, or a negative errno. */
static int update_record(const char *uuid, int group, const NodeOwner *owner) {
        _cleanup_close_ int dirfd = open_dir(owner->said);
        _cleanup_free_ char *text = NULL, *old = NULL;
        char name[NAME_SIZE];
        size_t size;
        int r;

        if (dirfd == -ENOENT && !owner->said)
                return 0;
        if (dirfd < 0)
                return dirfd;
        r = file_read_at(dirfd, uuid, RECORD_SIZE_MAX, &old, &size);
        if (r == -ENOENT && !owner->said)
                return 0;
        /* a name that begins with a dot stays out of udev's database */
        if (asprintf(&text, ".MDEV_UUID=%s\n" GROUP_KEY "%d\n.MDEV_USER=%u\n.MDEV_GROUP=%u\n.MDEV_MODE=%04o\n", uuid,
                     group, owner->uid, owner->gid, owner->mode) < 0)
                return -ENOMEM;
        if (r >= 0 && strcmp(old, text) == 0)
                return 0;
        (void) snprintf(name, sizeof(name), "%d", group);
        r = group >= 0 ? file_write_at(dirfd, name, text, strlen(text), true) : 0;
        /* last, because this is the one that is compared */
        if (r >= 0)
                r = file_write_at(dirfd, uuid, text, strlen(text), true);
        return r < 0 ? r : 1;
}

int node_owner_set(const char *uuid, int device, const NodeOwner *owner, Awaited *awaited, Failure *f) {
        int group = sysfs_device_group(device), group_r = -ENOENT, vfio_r = -ENOENT, r;

        r = update_record(uuid, group, owner);
        if (r < 0)
                return failure_at_file(f, failure_status_from_errno(r), r, FAILURE_WRITE, NODE_DIR "/%s", uuid);
        if (r > 0) {
                group_r = group >= 0 ? sysfs_announce_group(group, uuid) : -ENOENT;
                vfio_r = sysfs_announce_vfio(device, uuid);
        }
        r = group_r < 0 && group_r != -ENOENT ? group_r : vfio_r < 0 && vfio_r != -ENOENT ? vfio_r : 0;
        if (r < 0)
                return failure_at(f, failure_status_from_errno(r), r, FAILURE_ANNOUNCE, "/dev/vfio/%d", group);
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
        const NodeOwner owner = { .mode = 0600 };
        Awaited ignored;

        if (!node_owner_is_recorded(uuid))
                return 0;
        device = sysfs_open_device(uuid);
        return device < 0 ? 0 : node_owner_set(uuid, device, &owner, &ignored, f);
}

void node_owner_forget(const char *uuid) {
        _cleanup_free_ char *text = NULL, *other = NULL;
        _cleanup_close_ int dirfd = open_dir(false);
        char group[NAME_SIZE];
        const char *line;
        size_t size;

        if (dirfd < 0 || file_read_at(dirfd, uuid, RECORD_SIZE_MAX, &text, &size) < 0)
                return;
        line = strstr(text, GROUP_KEY);
        /* the group may be another device's by now */
        if (line && sscanf(line, GROUP_KEY "%15[0-9]", group) == 1 &&
            file_read_at(dirfd, group, RECORD_SIZE_MAX, &other, &size) >= 0 && strcmp(text, other) == 0)
                (void) unlinkat(dirfd, group, 0);
        (void) unlinkat(dirfd, uuid, 0);
}
