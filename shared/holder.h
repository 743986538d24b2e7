/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "macro.h"

/* Who has a device open. */

typedef struct Holder {
        char node[80]; /* below /dev/vfio: "N" or "devices/vfioN" */
        pid_t pid;
        char comm[64];
        bool uses_device; /* it has also opened some device, by its group */
} Holder;

typedef struct HolderList {
        Holder *items;
        size_t n;
} HolderList;

void holder_list_done(HolderList *list);

/* Every process with something below /dev/vfio open, from one walk over /proc. Processes that vanish or that
 * may not be looked into are left out. Returns 0 or a negative errno. */
int holder_list(HolderList *ret) _nonnull_(1) _must_check_;

/* The first holder of group (-1: none) or of the character device vfio (NULL: none); NULL if nobody. */
const Holder *holder_search(const HolderList *list, int group, const char *vfio) _nonnull_(1);

/* Whether process pid has the group open only to keep others away, as holder_guard() does: neither it nor anybody who
 * shares that has a device open. */
bool holder_guards(const HolderList *list, int group, pid_t pid) _nonnull_(1);

/* Opens /dev/vfio/GROUP, which only one process can (vfio/group.c: the group is exclusive, and counts as open
 * while its device is bound through the character device): as long as the fd is held, nobody can begin to use
 * the device. Returns an fd; -EBUSY if somebody has it; -ENOENT or another negative errno if that cannot be
 * known from here. */
int holder_guard(int group) _must_check_;
