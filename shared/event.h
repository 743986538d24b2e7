/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "macro.h"

/* Waiting for the kernel and udev, on events (libudev monitor), never by looking again and again. Times are
 * those of clock_now(). */

typedef struct EventMonitor EventMonitor;

EventMonitor *event_monitor_free(EventMonitor *m);
static inline void event_monitor_freep(EventMonitor **m) {
        event_monitor_free(*m);
}

/* Listens to what udev has finished with, for devices. To be called before what causes the events. *ret is NULL
 * where udev does not run: nobody will announce anything. Returns 0 or a negative errno. */
int event_monitor_udev(EventMonitor **ret) _nonnull_(1);

/* Listens to the kernel, for parents. Returns 0 or a negative errno. */
int event_monitor_kernel(EventMonitor **ret) _nonnull_(1) _must_check_;

/* Waits until udev has finished a new device and, if group >= 0, its node /dev/vfio/GROUP. m may be NULL.
 * Returns 0, -ENODEV if the device went meanwhile, -ETIMEDOUT, or a negative errno. */
int event_wait_made(EventMonitor *m, const char *uuid, int group, uint64_t deadline) _nonnull_(2) _must_check_;

/* Waits until udev has announced that the device is gone. m may be NULL. Returns 0, -ETIMEDOUT, ... */
int event_wait_gone(EventMonitor *m, const char *uuid, uint64_t deadline) _nonnull_(2) _must_check_;

/* Waits until some parent has registered, so that it is worth looking again. Returns 0, -ETIMEDOUT, ... */
int event_wait_registered(EventMonitor *m, uint64_t deadline) _nonnull_(1) _must_check_;
