/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "base/macro.h"

/* Waits for events of the kernel and udev with a libudev monitor; nothing is polled. Times are those of
 * clock_now(). */

typedef struct EventMonitor EventMonitor;

EventMonitor *event_monitor_free(EventMonitor *m);
static inline void event_monitor_freep(EventMonitor **m) {
        event_monitor_free(*m);
}

/* The udev events that a caller waits for. */
typedef struct Awaited {
        bool device;                  /* of a new device */
        int group;                    /* of its node /dev/vfio/GROUP, or -1 */
        bool group_again, vfio_again; /* requested by sysfs_announce_group(), sysfs_announce_vfio() */
} Awaited;

/* Opens a monitor for devices and group nodes that udev has processed, and with vfio_again for VFIO character devices.
 * Call it before the action that causes the events. Where udev does not run there are no events, and *ret is NULL.
 * Returns 0 or a negative errno. */
int event_monitor_udev(bool vfio_again, EventMonitor **ret) _nonnull_(2);

/* True where udev runs. */
bool event_udev_runs(void);

/* Opens a monitor for all devices and parents. With udev, the events are udev's where it runs, else the kernel's.
 * Returns 0 or a negative errno. */
int event_monitor_all(bool udev, EventMonitor **ret) _nonnull_(2) _must_check_;

/* Is readable (poll(2)) when an event may be pending. */
int event_fd(EventMonitor *m) _nonnull_(1);

typedef enum EventKind {
        EVENT_CREATED, /* the driver has finished a device */
        EVENT_REMOVED,
        EVENT_REGISTERED, /* a parent */
        EVENT_UNREGISTERED,
        EVENT_LOST, /* the receive buffer was full, and events were dropped */
} EventKind;

typedef struct Event {
        EventKind kind;
        char uuid[256];   /* name of the device, which need not be a UUID */
        char parent[256]; /* kernel name of its parent, or of the parent itself */
} Event;

/* Reads the next pending event and does not wait. Returns 1; 0 if there is none; or a negative errno. */
int event_next(EventMonitor *m, Event *ret) _nonnull_(1, 2) _must_check_;

/* Waits until all awaited events of a device have arrived. m may be NULL. Returns 0, -ENODEV if the device was removed
 * meanwhile, -ETIMEDOUT, or another negative errno. */
int event_wait_made(EventMonitor *m, const char *uuid, Awaited awaited, uint64_t deadline) _nonnull_(2) _must_check_;

/* Waits until udev has processed the node /dev/vfio/GROUP of an existing device; group < 0 means that it has none.
 * Returns 0, also where udev does not run; -ETIMEDOUT, or another negative errno. */
int event_wait_node(int group, uint64_t deadline) _must_check_;

/* Waits until udev has announced the removal of the device. m may be NULL. Returns 0, -ETIMEDOUT, ... */
int event_wait_gone(EventMonitor *m, const char *uuid, uint64_t deadline) _nonnull_(2) _must_check_;

/* Waits until a parent has registered, or udev has added properties that a selector can match, so that the caller
 * should look for its parent again. Returns 0, -ETIMEDOUT, ... */
int event_wait_registered(EventMonitor *m, uint64_t deadline) _nonnull_(1) _must_check_;
