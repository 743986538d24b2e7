/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/event.h"

#include <libudev.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "kernel/sysfs.h"

/* Holds the events of a thousand devices that appear while the program is busy. */
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

static int open_monitor(const char *source, const char *const *subsystems, EventMonitor **ret) {
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
        /* requires a privilege that a sandbox may withhold; the default buffer holds a few hundred events */
        (void) udev_monitor_set_receive_buffer_size(m->monitor, RECEIVE_BUFFER_SIZE);
        r = udev_monitor_enable_receiving(m->monitor);
        if (r < 0)
                return r;
        *ret = STEAL_PTR(m);
        return 0;
}

bool event_udev_runs(void) {
        return access("/run/udev/control", F_OK) == 0;
}

int event_monitor_udev(bool vfio_again, EventMonitor **ret) {
        const char *const subsystems[] = { "mdev", "vfio", vfio_again ? "vfio-dev" : NULL, NULL };

        *ret = NULL;
        if (!event_udev_runs())
                return 0;
        return open_monitor("udev", subsystems, ret);
}

int event_monitor_all(bool udev, EventMonitor **ret) {
        /* a parent can belong to any subsystem */
        static const char *const subsystems[] = { NULL };

        return open_monitor(udev && event_udev_runs() ? "udev" : "kernel", subsystems, ret);
}

int event_fd(EventMonitor *m) {
        return udev_monitor_get_fd(m->monitor);
}

/* Copies the last component of the first n characters of path. Returns its offset. */
static size_t last_component(const char *path, size_t n, char ret[static 256]) {
        size_t start = n;

        while (start > 0 && path[start - 1] != '/')
                start--;
        (void) snprintf(ret, 256, "%.*s", (int) (n - start), path + start);
        return start;
}

/* Returns true if the event is one of EventKind. */
static bool describe_event(struct udev_device *d, Event *ret) {
        const char *path = udev_device_get_devpath(d), *subsystem = udev_device_get_subsystem(d),
                   *action = udev_device_get_action(d), *state = udev_device_get_property_value(d, "MDEV_STATE");
        size_t n = path ? strlen(path) : 0;

        *ret = (Event) {};
        if (n == 0 || !action)
                return false;
        if (subsystem && strcmp(subsystem, "mdev") == 0) {
                n = last_component(path, n, ret->uuid);
                if (n > 0)
                        (void) last_component(path, n - 1, ret->parent);
                /* the driver finishes after "add" and before "bind" */
                ret->kind = strcmp(action, "bind") == 0 ? EVENT_CREATED : EVENT_REMOVED;
                return ret->kind == EVENT_CREATED || strcmp(action, "remove") == 0;
        }
        (void) last_component(path, n, ret->parent);
        ret->kind = state && strcmp(state, "registered") == 0 ? EVENT_REGISTERED : EVENT_UNREGISTERED;
        /* udev keeps properties, so MDEV_STATE in an event other than "change" is old */
        return strcmp(action, "change") == 0 && state &&
                (ret->kind == EVENT_REGISTERED || strcmp(state, "unregistered") == 0);
}

int event_next(EventMonitor *m, Event *ret) {
        for (;;) {
                struct udev_device *d;
                bool relevant;

                errno = 0;
                d = udev_monitor_receive_device(m->monitor);
                if (!d && errno == ENOBUFS) {
                        *ret = (Event) { .kind = EVENT_LOST };
                        return 1;
                }
                if (!d)
                        return errno == 0 || errno == EAGAIN || errno == EINTR ? 0 : -errno;
                relevant = describe_event(d, ret);
                udev_device_unref(d);
                if (relevant)
                        return 1;
        }
}

/* Waits for the next event. Returns 1 with *ret; 0 if events were lost, so that the caller has to check the state
 * itself; or a negative errno. */
static int wait_for_event(EventMonitor *m, uint64_t deadline, struct udev_device **ret) {
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

typedef enum NodeState {
        NODE_ABSENT,
        NODE_PENDING, /* udev has not processed it yet */
        NODE_INITIALIZED,
} NodeState;

static NodeState node_state(struct udev *udev, const char *subsystem, const char *name) {
        struct udev_device *d = udev_device_new_from_subsystem_sysname(udev, subsystem, name);
        NodeState state = !d ? NODE_ABSENT : udev_device_get_is_initialized(d) ? NODE_INITIALIZED : NODE_PENDING;

        udev_device_unref(d);
        return state;
}

static bool event_is(struct udev_device *d, const char *subsystem, const char *name, const char *action) {
        const char *s = udev_device_get_subsystem(d), *n = udev_device_get_sysname(d),
                   *a = udev_device_get_action(d);

        return s && n && a && strcmp(s, subsystem) == 0 && strcmp(n, name) == 0 && strcmp(a, action) == 0;
}

/* True for the event that sysfs_announce_group() or sysfs_announce_vfio() requested. */
static bool is_announced(struct udev_device *d, const char *subsystem, const char *uuid) {
        const char *s = udev_device_get_subsystem(d), *u = udev_device_get_property_value(d, "SYNTH_UUID");

        return s && u && strcmp(s, subsystem) == 0 && strcmp(u, uuid) == 0;
}

int event_wait_made(EventMonitor *m, const char *uuid, Awaited a, uint64_t deadline) {
        char node[16];

        (void) snprintf(node, sizeof(node), "%d", a.group);
        while (m && (a.device || a.group >= 0 || a.group_again || a.vfio_again)) {
                struct udev_device *d;
                int r;

                r = wait_for_event(m, deadline, &d);
                if (r < 0)
                        return r;
                if (r == 0) {
                        a.device = a.device && node_state(m->udev, "mdev", uuid) != NODE_INITIALIZED;
                        a.group = node_state(m->udev, "vfio", node) == NODE_INITIALIZED ? -1 : a.group;
                        continue;
                }
                /* the event may also be about an earlier device with this UUID */
                if (event_is(d, "mdev", uuid, "remove") && node_state(m->udev, "mdev", uuid) == NODE_ABSENT)
                        r = -ENODEV;
                /* the driver finishes after "add" and before "bind" */
                a.device = a.device && !event_is(d, "mdev", uuid, "bind");
                a.group = event_is(d, "vfio", node, "add") ? -1 : a.group;
                a.group_again = a.group_again && !is_announced(d, "vfio", uuid);
                a.vfio_again = a.vfio_again && !is_announced(d, "vfio-dev", uuid);
                udev_device_unref(d);
                if (r < 0)
                        return r;
        }
        return 0;
}

int event_wait_node(int group, uint64_t deadline) {
        _cleanup_(event_monitor_freep) EventMonitor *m = NULL;
        struct udev *udev;
        NodeState state;
        char name[16];
        int r;

        if (group < 0)
                return 0;
        (void) snprintf(name, sizeof(name), "%d", group);
        udev = udev_new();
        if (!udev)
                return -ENOMEM;
        /* udev has usually finished, and checking is cheaper than opening a monitor */
        state = node_state(udev, "vfio", name);
        udev_unref(udev);
        r = state == NODE_PENDING ? event_monitor_udev(false, &m) : 0;
        if (r < 0 || !m)
                return r;
        while (node_state(m->udev, "vfio", name) == NODE_PENDING) {
                struct udev_device *d = NULL;

                r = wait_for_event(m, deadline, &d);
                if (r < 0)
                        return r;
                udev_device_unref(d);
        }
        return 0;
}

int event_wait_gone(EventMonitor *m, const char *uuid, uint64_t deadline) {
        for (bool gone = !m; !gone;) {
                struct udev_device *d;
                int r;

                r = wait_for_event(m, deadline, &d);
                if (r < 0)
                        return r;
                if (r == 0) {
                        gone = node_state(m->udev, "mdev", uuid) != NODE_INITIALIZED;
                        continue;
                }
                gone = event_is(d, "mdev", uuid, "remove");
                udev_device_unref(d);
        }
        return 0;
}

/* True if this event can make a selector match: a parent registered, or udev has added properties to one. */
static bool may_match_selector(struct udev_device *d) {
        static const char *const known[] = { "ID_PATH", "ID_SERIAL", "ID_SERIAL_SHORT" };
        const char *state = udev_device_get_property_value(d, "MDEV_STATE");

        for (size_t i = 0; i < ELEMENTSOF(known); i++)
                if (udev_device_get_property_value(d, known[i]))
                        return true;
        return state && strcmp(state, "registered") == 0;
}

int event_wait_registered(EventMonitor *m, uint64_t deadline) {
        for (bool registered = false; !registered;) {
                struct udev_device *d;
                int r;

                r = wait_for_event(m, deadline, &d);
                if (r <= 0)
                        return r;
                registered = may_match_selector(d);
                udev_device_unref(d);
        }
        return 0;
}
