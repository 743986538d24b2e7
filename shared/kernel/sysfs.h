/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "base/string-list.h"

/* The kernel's mdev interface (Documentation/ABI/testing/sysfs-bus-vfio-mdev). Every sysfs name of the suite is
 * in sysfs.c. Directory fds that are returned are O_PATH, O_CLOEXEC and belong to the caller. */

/* /sys/class/mdev_bus/PARENT. Returns an fd, -ENODEV if no such parent is registered, or a negative errno. */
int sysfs_open_parent(const char *parent) _nonnull_(1) _must_check_;

/* A device of this kernel name on any bus, a parent or not. Returns an fd, -ENODEV if there is none, or a negative
 * errno. */
int sysfs_open_bus_device(const char *name, char ret_bus[static 64]) _nonnull_(1, 2) _must_check_;

/* PARENT/mdev_supported_types/TYPE. Returns an fd, -ENODEV without the parent, -ENOENT without the type. */
int sysfs_open_type(const char *parent, const char *type) _nonnull_(1, 2) _must_check_;

/* /sys/bus/mdev/devices/UUID. Returns an fd, or -ENODEV if there is no such device, or a negative errno. */
int sysfs_open_device(const char *uuid) _nonnull_(1) _must_check_;

/* The path that a message names for a device, a type's create, or a device's remove. */
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

/* The same for an attribute whose name comes from a definition: confined to the device (openat2(2),
 * RESOLVE_BENEATH, no symlink, no mount), a regular file. -ENOENT: no such attribute. */
int sysfs_write_attribute(int device, const char *name, const char *value) _nonnull_(2, 3) _must_check_;

/* The last component of what a link points to. Returns 0, -ENOENT without the link, or a negative errno. */
int sysfs_read_link(int dirfd, const char *name, char *ret, size_t size) _nonnull_(2, 3) _must_check_;

/* Writes the UUID to the type's create. Returns 0 once the device is complete, or the kernel's negative errno;
 * what these mean: mdev_core.c:mdev_device_create, and the driver's probe. */
int sysfs_create(const char *parent, const char *type, const char *uuid) _nonnull_(1, 2, 3) _must_check_;

/* Writes to the device's remove. Blocks as long as somebody has the device open, in state D: run it in a child
 * where that may be. Only for a device whose creation has finished (sysfs_device_is_complete): else the kernel
 * deletes the file "remove" and the device stays for good (mdev_sysfs.c:remove_store). */
int sysfs_remove(const char *uuid) _nonnull_(1) _must_check_;

/* True once the kernel has finished making the device: its mdev_type link is the last that it makes. */
bool sysfs_device_is_complete(int device);

/* The parent's kernel name and the type of a live device. Returns 0, -ENODEV if it vanished or is not complete
 * or is being removed, or a negative errno. */
int sysfs_device_identity(const char *uuid, int device, char ret_parent[static 256], char ret_type[static 256])
        _nonnull_(1, 3, 4) _must_check_;

/* What two links say of a device, which need not be opened for it: the path of its parent, as
 * sysfs_device_parent_path(), size <= PATH_MAX; and its type, empty while the device is being made or removed.
 * Returns 0, -ENODEV if there is no such device, or a negative errno. */
int sysfs_device_links(const char *uuid, char *ret_parent_path, size_t size, char ret_type[static 256])
        _nonnull_(1, 2, 4) _must_check_;

/* The path of the device that a device (or a parent by its name) is a child of, or is: below /sys/devices. */
int sysfs_device_parent_path(const char *uuid, char *ret, size_t size) _nonnull_(1, 2) _must_check_;
int sysfs_parent_path(const char *parent, char *ret, size_t size) _nonnull_(1, 2) _must_check_;

/* The kernel name of a PCI function's virtual function, index from 0 (drivers/pci/iov.c: virtfnN). Returns 0, -ENOENT
 * if there is no such one, or a negative errno. */
int sysfs_vf(const char *function, unsigned index, char ret[static 256]) _nonnull_(1, 3) _must_check_;

/* The reverse, for a parent. Returns 0, -ENOENT if it is no virtual function, or a negative errno. */
int sysfs_parent_vf(const char *parent, char ret_function[static 256], unsigned *ret_index)
        _nonnull_(1, 2, 3) _must_check_;

/* A number that differs between a device and one made again with the same UUID: the inode of its directory
 * (fs/kernfs: never used twice in short order, it counts up). Returns 0 or a negative errno. */
int sysfs_device_inode(int device, uint64_t *ret) _nonnull_(2) _must_check_;

/* The IOMMU group of the device, N of /dev/vfio/N. Returns N, -ENOENT if it has none, or a negative errno. */
int sysfs_device_group(int device) _must_check_;

/* The name of the device's VFIO character device below /dev/vfio/devices (Linux 6.6+ makes the node, the name
 * is there before). Returns 0, -ENOENT, or a negative errno. */
int sysfs_device_vfio(int device, char ret[static 32]) _nonnull_(2) _must_check_;

/* Has the kernel send the "add" of one of the device's nodes again, of the group's or of the VFIO character device's,
 * with SYNTH_UUID=uuid in it (Documentation/ABI/testing/sysfs-uevent). Returns 0, -ENOENT if there is no such node, or
 * a negative errno. */
int sysfs_announce_group(int group, const char *uuid) _nonnull_(2) _must_check_;
int sysfs_announce_vfio(int device, const char *uuid) _nonnull_(2) _must_check_;

/* Each returns 0, with an empty list where the directory is absent (the module is not loaded), or a negative
 * errno. */
int sysfs_list_parents(StringList *ret) _nonnull_(1) _must_check_;
int sysfs_list_devices(StringList *ret) _nonnull_(1) _must_check_;
int sysfs_list_types(const char *parent, StringList *ret) _nonnull_(1, 2) _must_check_;
int sysfs_list_type_devices(int type, StringList *ret) _nonnull_(2) _must_check_;

/* What is left of a type, as its driver says, and how many devices of it there are. Returns 0 or a negative errno. */
int sysfs_type_numbers(int type, long *ret_available, size_t *ret_used) _nonnull_(2, 3) _must_check_;

/* Names of what a type directory holds. */
#define SYSFS_TYPE_NAME "name"
#define SYSFS_TYPE_API "device_api"
#define SYSFS_TYPE_DESCRIPTION "description"
#define SYSFS_TYPE_AVAILABLE "available_instances"
#define SYSFS_DEVICE_TYPE "mdev_type"
#define SYSFS_DRIVER "driver"
