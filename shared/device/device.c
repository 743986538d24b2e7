/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/device.h"

#include "base/clock.h"
#include "kernel/sysfs.h"

/* How long udev may take with one device before we go on without it, in milliseconds. */
#define UDEV_TIMEOUT 10000U

void operation_forget_events(Operation *op) {
        op->monitor = event_monitor_free(op->monitor);
        op->awaited = (Awaited) { .group = -1 };
        op->gone_within = 0;
}

void operation_done(Operation *op) {
        operation_forget_events(op);
        lock_done(&op->lock);
        failure_done(&op->failure);
}

bool device_is_live(const char *uuid) {
        _cleanup_close_ int device = sysfs_open_device(uuid);

        return device >= 0 && sysfs_device_is_complete(device);
}

int device_settle(const Operation *op) {
        uint64_t deadline = clock_now() + UDEV_TIMEOUT;
        int r = op->monitor ? event_wait_made(op->monitor, op->lock.uuid, op->awaited, deadline)
                            : event_wait_node(op->awaited.group, deadline);

        return r == -ENODEV ? DEVICE_DISAPPEARED : DEVICE_CREATED;
}

int device_settle_gone(const Operation *op, Failure *f) {
        if (op->gone_within == 0 ||
            event_wait_gone(op->monitor, op->lock.uuid, clock_now() + op->gone_within) != -ETIMEDOUT)
                return 0;
        return failure_set(f, STATUS_TIMED_OUT, -ETIMEDOUT, FAILURE_NOT_ANNOUNCED, .name = op->lock.uuid);
}
