/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/parent.h"

#include <libudev.h>
#include <limits.h>
#include <string.h>

#include "base/selector.h"
#include "kernel/sysfs.h"

static bool has_property(struct udev_device *device, const char *key, const char *value) {
        const char *s = udev_device_get_property_value(device, key);

        return s && strcmp(s, value) == 0;
}

static bool is_selected(struct udev *udev, const Selector *s, const char *parent) {
        struct udev_device *device;
        char path[PATH_MAX];
        bool b;

        if (sysfs_parent_path(parent, path, sizeof(path)) < 0)
                return false;
        device = udev_device_new_from_syspath(udev, path);
        if (!device)
                return false;
        b = s->kind == SELECTOR_PATH
                ? has_property(device, "ID_PATH", s->value)
                : has_property(device, "ID_SERIAL", s->value) || has_property(device, "ID_SERIAL_SHORT", s->value);
        udev_device_unref(device);
        return b;
}

/* Returns 0 with ret, -ENODEV, -ENOTUNIQ, or -ENOMEM. */
static int find_by_property(const Selector *s, char ret[static 256]) {
        _cleanup_(string_list_done) StringList parents = {};
        struct udev *udev;
        int r = -ENODEV;

        if (sysfs_list_parents(&parents) < 0)
                return -ENODEV;
        udev = udev_new();
        if (!udev)
                return -ENOMEM;
        for (size_t i = 0; i < parents.n && r != -ENOTUNIQ; i++)
                if (is_selected(udev, s, parents.names[i])) {
                        (void) snprintf(ret, 256, "%s", parents.names[i]);
                        r = r == 0 ? -ENOTUNIQ : 0;
                }
        udev_unref(udev);
        return r;
}

/* The function's own link says which it is; whether that one has registered, its directory. */
static int find_vf(const Selector *s, char ret[static 256]) {
        _cleanup_close_ int fd = -EBADF;

        if (sysfs_vf(s->function, s->vf - 1, ret) < 0)
                return -ENODEV;
        fd = sysfs_open_parent(ret);
        return fd < 0 ? -ENODEV : 0;
}

int parent_resolve(Definition *d) {
        char name[256];
        Selector s;
        char *copy;
        int r;

        if (!d->selector)
                return 0;
        r = selector_parse(d->selector, &s);
        if (r >= 0)
                r = s.kind == SELECTOR_VF ? find_vf(&s, name) : find_by_property(&s, name);
        copy = strdup(r < 0 ? d->selector : name);
        if (!copy)
                return -ENOMEM;
        free(d->parent);
        d->parent = copy;
        return r;
}

bool parent_needs_udev(const Definition *d) {
        Selector s;

        return d->selector && selector_parse(d->selector, &s) >= 0 && s.kind != SELECTOR_VF;
}
