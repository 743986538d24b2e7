/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "base/macro.h"

/* as in systemd/sd-bus.h, which only those who talk need */
typedef struct sd_bus sd_bus;

/* Talking to PID 1, systemd, about units (org.freedesktop.systemd1(5)): over its private socket, which root may
 * use at any time of boot and without a D-Bus daemon, or else the system bus. */

typedef struct UnitState {
        char active[16];   /* ActiveState */
        char job_type[32]; /* of the job that is queued or running; empty if there is none */
} UnitState;

/* Connects and calls ask, again and again while that returns 1, for at most timeout milliseconds; with a new
 * connection where PID 1 drops the old one because it re-executes itself. Returns 0, also where PID 1 is not systemd
 * and there is nobody to tell; or a negative errno. */
int pid1_ask(int (*ask)(sd_bus *bus, void *userdata), void *userdata, uint64_t timeout) _nonnull_(1) _must_check_;

/* The words that explain an error of pid1_ask() to a person. */
const char *pid1_reason(int error);

/* The state of one unit; one that is not loaded is inactive. Returns 0 or a negative errno. */
int pid1_unit_state(sd_bus *bus, const char *unit, UnitState *ret) _nonnull_(1, 2, 3) _must_check_;

/* How the last start or stop of a service went. */
typedef struct UnitResult {
        char result[32]; /* Result (systemd.service(5), $SERVICE_RESULT) */
        int status;      /* ExecMainStatus: of its start */
        uint64_t since;  /* when that began, in microseconds of CLOCK_MONOTONIC; 0: never */
} UnitResult;

/* Returns 0 or a negative errno. */
int pid1_unit_result(sd_bus *bus, const char *unit, UnitResult *ret) _nonnull_(1, 2, 3) _must_check_;

/* Queues a job in the given job mode (systemctl(1), --job-mode=) and does not wait for it. */
int pid1_start(sd_bus *bus, const char *unit, const char *mode) _nonnull_(1, 2, 3) _must_check_;
int pid1_stop(sd_bus *bus, const char *unit, const char *mode) _nonnull_(1, 2, 3) _must_check_;

/* Has PID 1 forget that the unit failed, if its main process ended with the status. Returns 0 or a negative errno. */
int pid1_forget(sd_bus *bus, const char *unit, int status) _nonnull_(1, 2) _must_check_;

/* Waits until some job has ended since the connection, or since this was called last; deadline in milliseconds of
 * CLOCK_MONOTONIC. Returns 0, -ETIMEDOUT, or a negative errno. */
int pid1_wait_job(sd_bus *bus, uint64_t deadline) _nonnull_(1) _must_check_;

/* Connects, and calls visit for every loaded unit whose name fits the pattern, as of a shell. Returns 0 or a negative
 * errno. */
int pid1_each_unit(const char *pattern, int (*visit)(const char *unit, const char *active, void *userdata),
                   void *userdata) _nonnull_(1, 2) _must_check_;
