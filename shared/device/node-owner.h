/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "definition/definition.h"
#include "kernel/event.h"
#include "base/failure.h"

/* Who may open the nodes of a device, /dev/vfio/N and /dev/vfio/devices/vfioN: node_user=, node_group= and node_mode= of its
 * definition. udev alone sets them, each time it has to do with the node (60-mdev.rules), from a record that lies in
 * /run/mdev-tools/node as long as the device is there. The caller holds the lock of the UUID (lock.h). */

typedef struct NodeOwner {
        uid_t uid; /* root's, where the definition does not say it */
        gid_t gid;
        mode_t mode;
        bool said; /* by the definition; else nothing is done, unless it said something before */
} NodeOwner;

/* Looks up names in the user database of this host. Returns 0, or -EINVAL with *f when there is no such user or
 * group. */
int node_owner_resolve(const Definition *d, NodeOwner *ret, Failure *f) _nonnull_(1, 2, 3) _must_check_;

/* Writes the record of a live device, and if that was a change, has udev told of the nodes: notes in *awaited what is to
 * be waited for. Returns 0, or a negative errno with *f. */
int node_owner_set(const char *uuid, int device, const NodeOwner *p, Awaited *awaited, Failure *f)
        _nonnull_(1, 3, 4, 5) _must_check_;

/* True if there is a record, of a device that is there or was. */
bool node_owner_is_recorded(const char *uuid) _nonnull_(1);

/* Gives the nodes of a live device back to root if there is a record, and does not wait for it. Returns 0, or a negative
 * errno with *f. */
int node_owner_reset(const char *uuid, Failure *f) _nonnull_(1, 2) _must_check_;

/* Removes the record of a device that is gone, if there is one. */
void node_owner_forget(const char *uuid) _nonnull_(1);
