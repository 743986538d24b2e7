/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "base/macro.h"

/* Who has a device open. */

typedef struct VfioUser {
        char node[80]; /* below /dev/vfio: "N" or "devices/vfioN" */
        pid_t pid;
        char comm[64];
        bool uses_device; /* it has also opened some device, by its group */
} VfioUser;

typedef struct VfioUserList {
        VfioUser *items;
        size_t n;
} VfioUserList;

void vfio_user_list_done(VfioUserList *list);

/* Every process with something below /dev/vfio open, from one walk over /proc. Processes that vanish or that
 * may not be looked into are left out. Returns 0 or a negative errno. */
int vfio_user_list(VfioUserList *ret) _nonnull_(1) _must_check_;

/* The first holder of group (-1: none) or of the character device vfio (NULL: none); NULL if nobody. */
const VfioUser *vfio_user_search(const VfioUserList *list, int group, const char *vfio) _nonnull_(1);

/* Whether process pid has the group open only to keep others away, as vfio_guard() does: neither it nor anybody who
 * shares that has a device open. */
bool vfio_user_is_guard(const VfioUserList *list, int group, pid_t pid) _nonnull_(1);

/* Opens /dev/vfio/GROUP, which only one process can (vfio/group.c: the group is exclusive, and counts as open
 * while its device is bound through the character device): as long as the fd is held, nobody can begin to use
 * the device. Returns an fd; -EBUSY if somebody has it; -ENOENT or another negative errno if that cannot be
 * known from here. */
int vfio_guard(int group) _must_check_;
