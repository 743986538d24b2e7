/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "base/macro.h"

/* Waiting for the kernel and udev, on events (libudev monitor), never by looking again and again. Times are
 * those of clock_now(). */

typedef struct EventMonitor EventMonitor;

EventMonitor *event_monitor_free(EventMonitor *m);
static inline void event_monitor_freep(EventMonitor **m) {
        event_monitor_free(*m);
}

/* What udev is to finish. */
typedef struct Awaited {
        bool device;                  /* a new device */
        int group;                    /* and its node /dev/vfio/GROUP, or -1 */
        bool group_again, vfio_again; /* what sysfs_announce_group(), sysfs_announce_vfio() asked for */
} Awaited;

/* Listens to what udev has finished with, for devices and the nodes of groups; vfio_again: for those of VFIO character
 * devices, too. To be called before what causes the events. *ret is NULL
 * where udev does not run: nobody will announce anything. Returns 0 or a negative errno. */
int event_monitor_udev(bool vfio_again, EventMonitor **ret) _nonnull_(2);

/* True where udev runs. */
bool event_udev_runs(void);

/* Listens for all devices and parents: to the kernel, or (udev), where udev runs, to what udev knows of them by then.
 * Returns 0 or a negative errno. */
int event_monitor_all(bool udev, EventMonitor **ret) _nonnull_(2) _must_check_;

/* Readable (poll(2)) when there may be a next event. */
int event_fd(EventMonitor *m) _nonnull_(1);

typedef enum EventKind {
        EVENT_CREATED, /* a device is complete */
        EVENT_REMOVED,
        EVENT_REGISTERED, /* a parent */
        EVENT_UNREGISTERED,
        EVENT_LOST, /* the kernel had no room: some have not arrived */
} EventKind;

typedef struct Event {
        EventKind kind;
        char uuid[256];   /* of a device, which may be named anything */
        char parent[256]; /* its parent, or the parent itself; kernel name */
} Event;

/* The next of these that has arrived. Does not wait. Returns 1; 0 if there is none; or a negative errno. */
int event_next(EventMonitor *m, Event *ret) _nonnull_(1, 2) _must_check_;

/* Waits until udev has finished all that is awaited for a device. m may be NULL. Returns 0, -ENODEV if the device went
 * meanwhile, -ETIMEDOUT, or a negative errno. */
int event_wait_made(EventMonitor *m, const char *uuid, Awaited awaited, uint64_t deadline) _nonnull_(2) _must_check_;

/* Waits until udev has finished the node of the IOMMU group (/dev/vfio/N) of a device that is there; group < 0: there is
 * none. Returns 0, also where udev does not run; -ETIMEDOUT, or another negative errno. */
int event_wait_node(int group, uint64_t deadline) _must_check_;

/* Waits until udev has announced that the device is gone. m may be NULL. Returns 0, -ETIMEDOUT, ... */
int event_wait_gone(EventMonitor *m, const char *uuid, uint64_t deadline) _nonnull_(2) _must_check_;

/* Waits until some parent has registered, or udev tells by what a selector may mean one, so that it is worth looking
 * again. Returns 0, -ETIMEDOUT, ... */
int event_wait_registered(EventMonitor *m, uint64_t deadline) _nonnull_(1) _must_check_;
