/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-diagnose: checks a parent and its types. */

#include "diagnose.h"

#include <string.h>

#include "cli/failure-text.h"
#include "device/refusal.h"

/* Returns the module that registers a parent of this name, or NULL if the name does not tell. */
static const char *module_of(const char *parent) {
        static const char *const known[][2] = { { "matrix", "vfio_ap" }, { "mtty", "mtty" }, { "mdpy", "mdpy" },
                                                { "mbochs", "mbochs" } };
        unsigned a, b, d;
        char end;

        for (size_t i = 0; i < ELEMENTSOF(known); i++)
                if (strcmp(parent, known[i][0]) == 0)
                        return known[i][1];
        return sscanf(parent, "%1x.%1x.%4x%c", &a, &b, &d, &end) == 3 ? "vfio_ccw" : NULL;
}

/* Checks that the parent's device exists and has a driver; true if it has one. */
static bool diagnose_driver(Chain *c, const char *parent, bool registered) {
        const char *module = module_of(parent);
        _cleanup_close_ int fd = -EBADF;
        char bus[64], driver[256];

        fd = sysfs_open_bus_device(parent, bus);
        if (fd >= 0 && sysfs_read_link(fd, SYSFS_DRIVER, driver, sizeof(driver)) >= 0) {
                chain_ok(c, "driver", "%s drives " SYSFS_BUS_DEVICE_FORMAT, driver, bus, parent);
                return true;
        }
        if (registered)
                chain_ok(c, "driver", "none needed: %s has registered", parent);
        else if (fd < 0)
                chain_skipped(c, "driver", "no device of the name %s is in /sys/bus", parent);
        else {
                chain_failed(c, "driver", STATUS_NO_PARENT, "no driver is bound to " SYSFS_BUS_DEVICE_FORMAT, bus, parent);
                if (module)
                        chain_next(c, "modprobe %s; mdev-query --parents", module);
                else
                        chain_next(c, "modprobe \"$(cat " SYSFS_BUS_DEVICE_FORMAT "/modalias)\"; mdev-query --parents",
                                   bus, parent);
        }
        return registered;
}

bool diagnose_parent(Chain *c, const char *parent, const char *selector) {
        _cleanup_close_ int fd = -EBADF;
        bool driven;

        if (selector && strcmp(parent, selector) == 0) {
                chain_failed(c, "parent", STATUS_NO_PARENT, "no parent is registered that is %s, or more than one",
                             selector);
                chain_next(c, "mdev-query --parents; udevadm info /sys/class/mdev_bus/*");
                return false;
        }
        fd = sysfs_open_parent(parent);
        driven = diagnose_driver(c, parent, fd >= 0);
        if (fd >= 0)
                chain_ok(c, "parent", SYSFS_PARENT_FORMAT " is registered%s%s", parent, selector ? ": " : "",
                         selector ? selector : "");
        else if (c->failed && strcmp(c->failed, "driver") == 0)
                chain_skipped(c, "parent", "not before it has a driver");
        else {
                chain_failed(c, "parent", STATUS_NO_PARENT, "no parent " SYSFS_PARENT_FORMAT " is registered", parent);
                if (driven)
                        chain_next(c, "journalctl --dmesg; mdev-query --parents");
                else
                        chain_next(c, "modprobe %s; mdev-query --parents", module_of(parent) ? module_of(parent) : "DRIVER");
        }
        return fd >= 0;
}

/* Checks the available instances of a type, whose directory is fd. */
static void diagnose_instance(Chain *c, int fd, const DeviceRow *row) {
        const char *parent = row->parent, *type = row->type;
        _cleanup_(failure_done) Failure full = {};
        _cleanup_free_ char *why = NULL;
        long available;
        size_t used;

        if (row->live)
                chain_ok(c, "instance", "the device has one");
        else if (sysfs_type_numbers(fd, &available, &used) < 0)
                chain_skipped(c, "instance", "%s vanished meanwhile", type);
        else if (available > 0)
                chain_ok(c, "instance", "%ld of %s left, %zu used", available, type, used);
        else {
                why = refusal_explain_full(parent, type, &full) ? failure_text(&full) : NULL;
                chain_failed(c, "instance", STATUS_NO_INSTANCE, "no instance of %s left on %s%s%s", type, parent,
                             why ? ": " : "", why ? why : "");
                chain_next(c, "mdev-query --types %s; mdev-query --parent=%s", parent, parent);
        }
}

void diagnose_type(Chain *c, const DeviceRow *row) {
        _cleanup_(string_list_done) StringList types = {};
        _cleanup_close_ int fd = sysfs_open_type(row->parent, row->type);
        _cleanup_free_ char *list = NULL;
        size_t size;
        FILE *f;

        if (fd >= 0) {
                chain_ok(c, "type", "%s is offered", row->type);
                diagnose_instance(c, fd, row);
                return;
        }
        (void) !sysfs_list_types(row->parent, &types);
        f = open_memstream(&list, &size);
        for (size_t i = 0; f && i < types.n; i++)
                fprintf(f, "%s%s", i > 0 ? ", " : "", types.names[i]);
        if (!f || fclose(f) != 0)
                list = NULL;
        chain_failed(c, "type", STATUS_NO_TYPE, "parent %s has no type %s; it has: %s", row->parent, row->type,
                     list && list[0] ? list : "none");
        chain_next(c, "mdev-query --types %s; mdev-manage %s type=TYPE", row->parent, row->uuid);
        chain_skipped(c, "instance", "not without its type");
}
