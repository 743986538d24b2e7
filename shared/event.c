/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "event.h"

#include <libudev.h>
#include <poll.h>
#include <string.h>

#include "clock.h"
#include "sysfs.h"

/* Enough for the events of a thousand devices that appear while we do something else. */
#define RECEIVE_BUFFER_SIZE (4 * 1024 * 1024)

struct EventMonitor {
        struct udev *udev;
        struct udev_monitor *monitor;
};

EventMonitor *event_monitor_free(EventMonitor *m) {
        if (!m)
                return NULL;
        udev_monitor_unref(m->monitor);
        udev_unref(m->udev);
        free(m);
        return NULL;
}

static int monitor_new(const char *source, const char *const *subsystems, EventMonitor **ret) {
        _cleanup_(event_monitor_freep) EventMonitor *m = calloc(1, sizeof(*m));
        int r;

        if (!m)
                return -ENOMEM;
        m->udev = udev_new();
        if (!m->udev)
                return -ENOMEM;
        m->monitor = udev_monitor_new_from_netlink(m->udev, source);
        if (!m->monitor)
                return errno > 0 ? -errno : -ENOMEM;
        for (; *subsystems; subsystems++) {
                r = udev_monitor_filter_add_match_subsystem_devtype(m->monitor, *subsystems, NULL);
                if (r < 0)
                        return r;
        }
        /* needs a privilege that a sandbox may withhold; the default is good for some hundred events */
        (void) udev_monitor_set_receive_buffer_size(m->monitor, RECEIVE_BUFFER_SIZE);
        r = udev_monitor_enable_receiving(m->monitor);
        if (r < 0)
                return r;
        *ret = STEAL_PTR(m);
        return 0;
}

int event_monitor_udev(EventMonitor **ret) {
        static const char *const subsystems[] = { "mdev", "vfio", NULL };

        *ret = NULL;
        if (access("/run/udev/control", F_OK) < 0)
                return 0;
        return monitor_new("udev", subsystems, ret);
}

int event_monitor_kernel(EventMonitor **ret) {
        /* a parent may be of any subsystem */
        static const char *const subsystems[] = { NULL };

        return monitor_new("kernel", subsystems, ret);
}

/* Waits for the next event. Returns 1 with *ret; 0 when some were lost: look again; or a negative errno. */
static int receive(EventMonitor *m, uint64_t deadline, struct udev_device **ret) {
        struct pollfd p = { .fd = udev_monitor_get_fd(m->monitor), .events = POLLIN };

        for (;;) {
                uint64_t now = clock_now();
                int r;

                errno = 0;
                *ret = udev_monitor_receive_device(m->monitor);
                if (*ret)
                        return 1;
                if (errno == ENOBUFS)
                        return 0;
                if (now >= deadline)
                        return -ETIMEDOUT;
                r = poll(&p, 1, deadline - now > INT32_MAX ? INT32_MAX : (int) (deadline - now));
                if (r < 0 && errno != EINTR)
                        return -errno;
        }
}

static bool is_initialized(EventMonitor *m, const char *subsystem, const char *name) {
        struct udev_device *d = udev_device_new_from_subsystem_sysname(m->udev, subsystem, name);
        bool b = d && udev_device_get_is_initialized(d);

        udev_device_unref(d);
        return b;
}

static bool event_is(struct udev_device *d, const char *subsystem, const char *name, const char *action) {
        const char *s = udev_device_get_subsystem(d), *n = udev_device_get_sysname(d),
                   *a = udev_device_get_action(d);

        return s && n && a && strcmp(s, subsystem) == 0 && strcmp(n, name) == 0 && strcmp(a, action) == 0;
}

int event_wait_made(EventMonitor *m, const char *uuid, int group, uint64_t deadline) {
        bool have_device = !m, have_node = !m || group < 0;
        char node[16];

        (void) snprintf(node, sizeof(node), "%d", group);
        while (!have_device || !have_node) {
                struct udev_device *d;
                int r;

                r = receive(m, deadline, &d);
                if (r < 0)
                        return r;
                if (r == 0) {
                        have_device = have_device || is_initialized(m, "mdev", uuid);
                        have_node = have_node || is_initialized(m, "vfio", node);
                        continue;
                }
                if (event_is(d, "mdev", uuid, "remove"))
                        r = -ENODEV;
                /* "add" comes before the driver has finished, "bind" after */
                have_device = have_device || event_is(d, "mdev", uuid, "bind");
                have_node = have_node || event_is(d, "vfio", node, "add");
                udev_device_unref(d);
                if (r < 0)
                        return r;
        }
        return 0;
}

int event_wait_gone(EventMonitor *m, const char *uuid, uint64_t deadline) {
        for (bool gone = !m; !gone;) {
                struct udev_device *d;
                int r;

                r = receive(m, deadline, &d);
                if (r < 0)
                        return r;
                if (r == 0) {
                        gone = !is_initialized(m, "mdev", uuid);
                        continue;
                }
                gone = event_is(d, "mdev", uuid, "remove");
                udev_device_unref(d);
        }
        return 0;
}

int event_wait_registered(EventMonitor *m, uint64_t deadline) {
        for (bool registered = false; !registered;) {
                struct udev_device *d;
                const char *state;
                int r;

                r = receive(m, deadline, &d);
                if (r <= 0)
                        return r;
                state = udev_device_get_property_value(d, "MDEV_STATE");
                registered = state && strcmp(state, "registered") == 0;
                udev_device_unref(d);
        }
        return 0;
}
