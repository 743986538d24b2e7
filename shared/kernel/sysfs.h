/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "base/string-list.h"

/* The kernel's mdev interface (Documentation/ABI/testing/sysfs-bus-vfio-mdev). Every sysfs name of the suite is
 * in sysfs.c. Directory fds that are returned are O_PATH, O_CLOEXEC and belong to the caller. */

/* /sys/class/mdev_bus/PARENT. Returns an fd, -ENODEV if no such parent is registered, or a negative errno. */
int sysfs_open_parent(const char *parent) _nonnull_(1) _must_check_;

/* Opens the device with this kernel name on any bus, whether it is a parent or not. Returns an fd, -ENODEV if there is
 * none, or a negative errno. */
int sysfs_open_bus_device(const char *name, char ret_bus[static 64]) _nonnull_(1, 2) _must_check_;

/* PARENT/mdev_supported_types/TYPE. Returns an fd, -ENODEV without the parent, -ENOENT without the type. */
int sysfs_open_type(const char *parent, const char *type) _nonnull_(1, 2) _must_check_;

/* /sys/bus/mdev/devices/UUID. Returns an fd, or -ENODEV if there is no such device, or a negative errno. */
int sysfs_open_device(const char *uuid) _nonnull_(1) _must_check_;

/* Paths that messages name. */
#define SYSFS_CREATE_FORMAT "/sys/class/mdev_bus/%s/mdev_supported_types/%s/create"
#define SYSFS_DEVICE_FORMAT "/sys/bus/mdev/devices/%s"
#define SYSFS_PARENT_FORMAT "/sys/class/mdev_bus/%s"
#define SYSFS_BUS_DEVICE_FORMAT "/sys/bus/%s/devices/%s"

/* Reads a small text attribute, without the newline at its end. Returns its length, -ENOSPC if it does not
 * fit, or a negative errno. */
ssize_t sysfs_read(int dirfd, const char *name, char *ret, size_t size) _nonnull_(2, 3) _must_check_;

/* One open and one write(2), all bytes or an error: sysfs handles each write on its own, so a short one is not
 * resumed but -EIO. name is trusted, and may be a path. */
int sysfs_write(int dirfd, const char *name, const char *data, size_t size) _nonnull_(2, 3) _must_check_;

/* The same for an attribute whose name comes from a definition. The name is confined to the device (openat2(2),
 * RESOLVE_BENEATH, no symlink, no mount), and has to be a regular file. -ENOENT: no such attribute. */
int sysfs_write_attribute(int device, const char *name, const char *value) _nonnull_(2, 3) _must_check_;

/* The last component of what a link points to. Returns 0, -ENOENT without the link, or a negative errno. */
int sysfs_read_link(int dirfd, const char *name, char *ret, size_t size) _nonnull_(2, 3) _must_check_;

/* Writes the UUID to the type's create. Returns 0 once the device is complete, or the kernel's negative errno;
 * what these mean: mdev_core.c:mdev_device_create, and the driver's probe. */
int sysfs_create(const char *parent, const char *type, const char *uuid) _nonnull_(1, 2, 3) _must_check_;

/* Writes to the device's remove. Blocks in state D while a process has the device open, so call it in a child process
 * if that is possible. Only for a device whose creation has finished (sysfs_device_is_complete()): else the kernel
 * deletes the file "remove", and the device can never be removed (mdev_sysfs.c:remove_store). */
int sysfs_remove(const char *uuid) _nonnull_(1) _must_check_;

/* True once the kernel has created the whole device: the link mdev_type is its last part. */
bool sysfs_device_is_complete(int device);

/* The parent's kernel name and the type of a live device. Returns 0, -ENODEV if it vanished or is not complete
 * or is being removed, or a negative errno. */
int sysfs_device_identity(const char *uuid, int device, char ret_parent[static 256], char ret_type[static 256])
        _nonnull_(1, 3, 4) _must_check_;

/* Reads two links of a device without opening it: the path of its parent, as sysfs_parent_path(), with
 * size <= PATH_MAX; and its type, which is empty while the device is being created or removed.
 * Returns 0, -ENODEV if there is no such device, or a negative errno. */
int sysfs_device_links(const char *uuid, char *ret_parent_path, size_t size, char ret_type[static 256])
        _nonnull_(1, 2, 4) _must_check_;

/* The path of a parent below /sys/devices. Returns 0, -ENODEV if there is no such parent, or a negative errno. */
int sysfs_parent_path(const char *parent, char *ret, size_t size) _nonnull_(1, 2) _must_check_;

/* The kernel name of a PCI function's virtual function, index from 0 (drivers/pci/iov.c: virtfnN). Returns 0, -ENOENT
 * if there is none, or a negative errno. */
int sysfs_vf(const char *function, unsigned index, char ret[static 256]) _nonnull_(1, 3) _must_check_;

/* The reverse, for a parent. Returns 0, -ENOENT if it is no virtual function, or a negative errno. */
int sysfs_parent_vf(const char *parent, char ret_function[static 256], unsigned *ret_index)
        _nonnull_(1, 2, 3) _must_check_;

/* A number that tells a device from a later one with the same UUID: the inode of its directory (fs/kernfs counts up
 * and does not reuse a number soon). Returns 0 or a negative errno. */
int sysfs_device_inode(int device, uint64_t *ret) _nonnull_(2) _must_check_;

/* The IOMMU group of the device, N of /dev/vfio/N. Returns N, -ENOENT if it has none, or a negative errno. */
int sysfs_device_group(int device) _must_check_;

/* The name of the device's VFIO character device below /dev/vfio/devices (Linux 6.6 and later create the node;
 * the name exists before). Returns 0, -ENOENT, or a negative errno. */
int sysfs_device_vfio(int device, char ret[static 32]) _nonnull_(2) _must_check_;

/* Makes the kernel repeat the "add" event of a device's group or VFIO character device, with SYNTH_UUID=uuid
 * (Documentation/ABI/testing/sysfs-uevent). Returns 0, -ENOENT if there is no such node, or a negative errno. */
int sysfs_announce_group(int group, const char *uuid) _nonnull_(2) _must_check_;
int sysfs_announce_vfio(int device, const char *uuid) _nonnull_(2) _must_check_;

/* Each returns 0, with an empty list where the directory is absent (the module is not loaded), or a negative
 * errno. */
int sysfs_list_parents(StringList *ret) _nonnull_(1) _must_check_;
int sysfs_list_devices(StringList *ret) _nonnull_(1) _must_check_;
int sysfs_list_types(const char *parent, StringList *ret) _nonnull_(1, 2) _must_check_;
int sysfs_list_type_devices(int type, StringList *ret) _nonnull_(2) _must_check_;

/* The available instances of a type, as its driver says, and the number of its devices. Returns 0 or a negative
 * errno. */
int sysfs_type_numbers(int type, long *ret_available, size_t *ret_used) _nonnull_(2, 3) _must_check_;

/* Names of what a type directory holds. */
#define SYSFS_TYPE_NAME "name"
#define SYSFS_TYPE_API "device_api"
#define SYSFS_TYPE_DESCRIPTION "description"
#define SYSFS_TYPE_AVAILABLE "available_instances"
#define SYSFS_DEVICE_TYPE "mdev_type"
#define SYSFS_DRIVER "driver"
