/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "macro.h"

/* Talking to PID 1, systemd, about units (org.freedesktop.systemd1(5)): over its private socket, which root may
 * use at any time of boot and without a D-Bus daemon, or else the system bus. */

typedef struct UnitState {
        char active[16];   /* ActiveState */
        char job_type[32]; /* of the job that is queued or running; empty if there is none */
} UnitState;

/* Connects. Returns 0 or a negative errno. */
int pid1_open(sd_bus **ret) _nonnull_(1) _must_check_;

/* Connects and calls ask, again and again while that returns 1, for at most timeout milliseconds; with a new
 * connection where PID 1 drops the old one because it re-executes itself. Returns 0 or a negative errno. */
int pid1_ask(int (*ask)(sd_bus *bus, void *userdata), void *userdata, uint64_t timeout) _nonnull_(1) _must_check_;

/* The state of one unit; one that is not loaded is inactive. Returns 0 or a negative errno. */
int pid1_unit_state(sd_bus *bus, const char *unit, UnitState *ret) _nonnull_(1, 2, 3) _must_check_;

/* Queues a job in the given job mode (systemctl(1), --job-mode=) and does not wait for it. */
int pid1_start(sd_bus *bus, const char *unit, const char *mode) _nonnull_(1, 2, 3) _must_check_;
int pid1_stop(sd_bus *bus, const char *unit, const char *mode) _nonnull_(1, 2, 3) _must_check_;

/* Waits until some job has ended since pid1_open(), or since this was called last; deadline in milliseconds of
 * CLOCK_MONOTONIC. Returns 0, -ETIMEDOUT, or a negative errno. */
int pid1_wait_job(sd_bus *bus, uint64_t deadline) _nonnull_(1) _must_check_;

/* Calls visit for every loaded mdev@ unit. Returns 0 or a negative errno. */
int pid1_each_device_unit(sd_bus *bus, int (*visit)(const char *unit, const char *active, void *userdata),
                          void *userdata) _nonnull_(1, 2) _must_check_;
