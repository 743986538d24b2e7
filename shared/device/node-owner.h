/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "definition/definition.h"
#include "kernel/event.h"
#include "base/failure.h"

/* The owner and mode of a device's nodes, /dev/vfio/N and /dev/vfio/devices/vfioN, by node_user=, node_group= and
 * node_mode= of its definition. Only udev sets them, each time it processes a node (60-mdev.rules), from a record
 * that is in /run/mdev-tools/node as long as the device exists. The caller holds the lock of the UUID (lock.h). */

typedef struct NodeOwner {
        uid_t uid; /* root's, unless the definition says otherwise */
        gid_t gid;
        mode_t mode;
        bool said; /* by the definition; else nothing is done, unless an earlier definition said something */
} NodeOwner;

/* Looks up names in the user database of this host. Returns 0, or -EINVAL with *f for one that it does not have. */
int node_owner_resolve(const Definition *d, NodeOwner *ret, Failure *f) _nonnull_(1, 2) _must_check_;

/* Writes the record of a live device and, if that changed it, has udev process the nodes again: notes in *awaited
 * which events to wait for. Returns 0, or a negative errno with *f. */
int node_owner_set(const char *uuid, int device, const NodeOwner *owner, Awaited *awaited, Failure *f)
        _nonnull_(1, 3, 4) _must_check_;

/* True if there is a record, of a device that exists or existed. */
bool node_owner_is_recorded(const char *uuid) _nonnull_(1);

/* If there is a record, gives the nodes of the live device back to root, without waiting for udev. Returns 0, or a
 * negative errno with *f. */
int node_owner_reset(const char *uuid, Failure *f) _nonnull_(1) _must_check_;

/* Removes the record of a device that is gone, if there is one. */
void node_owner_forget(const char *uuid) _nonnull_(1);
