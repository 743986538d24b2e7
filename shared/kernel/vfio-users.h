/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "base/macro.h"

/* Finds the processes that use a VFIO device. */

typedef struct VfioUser {
        char node[80]; /* below /dev/vfio: "N" or "devices/vfioN" */
        pid_t pid;
        char comm[64];
        bool uses_device; /* the process has also opened a device through a group */
} VfioUser;

typedef struct VfioUserList {
        VfioUser *items;
        size_t n;
} VfioUserList;

void vfio_user_list_done(VfioUserList *list);

/* Lists every process that has a node below /dev/vfio open, in one pass over /proc. Processes that exit meanwhile or
 * that may not be examined are left out. Returns 0 or a negative errno. */
int vfio_user_list(VfioUserList *ret) _nonnull_(1) _must_check_;

/* The first process that has the group (-1: none) or the character device vfio (NULL: none) open, or NULL. */
const VfioUser *vfio_user_search(const VfioUserList *list, int group, const char *vfio) _nonnull_(1);

/* True if process pid has the group open only to keep others away, as vfio_guard() does: neither it nor a process that
 * shares the group has a device open. */
bool vfio_user_is_guard(const VfioUserList *list, int group, pid_t pid) _nonnull_(1);

/* Opens /dev/vfio/GROUP, so that no other process can start to use the device while the fd is open: a group can be
 * opened once, and counts as open while its device is bound through the character device (vfio/group.c). Returns an
 * fd; -EBUSY if the group is in use; -ENOENT or another negative errno if that cannot be found out. */
int vfio_guard(int group) _must_check_;
