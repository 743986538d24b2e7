/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "base/macro.h"

/* as in systemd/sd-bus.h, which few callers need */
typedef struct sd_bus sd_bus;

/* Calls systemd's D-Bus interface for units (org.freedesktop.systemd1(5)) over its private socket, which root may use
 * at any time of boot and without a D-Bus daemon, or else over the system bus. */

typedef struct UnitState {
        char active[16];   /* ActiveState */
        char job_type[32]; /* of the queued or running job, or empty */
} UnitState;

/* Connects and calls talk until that does not return 1, for at most timeout milliseconds, and connects again if PID 1
 * re-executes itself. Returns 0, also if PID 1 is not systemd; or a negative errno. */
int pid1_ask(int (*talk)(sd_bus *bus, void *userdata), void *userdata, uint64_t timeout) _nonnull_(1) _must_check_;

/* The state of one unit; one that is not loaded is inactive. Returns 0 or a negative errno. */
int pid1_unit_state(sd_bus *bus, const char *unit, UnitState *ret) _nonnull_(1, 2, 3) _must_check_;

/* How the last start or stop of a service went. */
typedef struct UnitResult {
        char result[32]; /* Result (systemd.service(5), $SERVICE_RESULT) */
        int status;      /* ExecMainStatus: of its start */
        uint64_t since;  /* when that began, in microseconds of CLOCK_MONOTONIC, or 0 */
} UnitResult;

/* Returns 0 or a negative errno. */
int pid1_unit_result(sd_bus *bus, const char *unit, UnitResult *ret) _nonnull_(1, 2, 3) _must_check_;

/* Whether the unit is enabled, in the words of "systemctl is-enabled"; empty if there is no such unit. The caller owns
 * *ret. Returns 0 or a negative errno. */
int pid1_unit_enabled(sd_bus *bus, const char *unit, char **ret) _nonnull_(1, 2, 3) _must_check_;

/* Queues a job and does not wait for it. method is StartUnit or StopUnit; for mode, see --job-mode= in systemctl(1).
 * Returns 0 or a negative errno. */
int pid1_queue(sd_bus *bus, const char *method, const char *unit, const char *mode) _nonnull_(1, 2, 3, 4) _must_check_;

/* Resets the failed state of the unit if its main process ended with this status. Returns 0 or a negative errno. */
int pid1_forget(sd_bus *bus, const char *unit, int status) _nonnull_(1, 2) _must_check_;

/* Waits until a job has ended since the program connected, or since the last call of this function, but for at most
 * timeout milliseconds. Returns 1, as talk does to be called again, or a negative errno. */
int pid1_wait_job(sd_bus *bus, uint64_t timeout) _nonnull_(1) _must_check_;

/* Connects and calls visit for every loaded unit whose name matches the shell pattern. Returns 0 or a negative
 * errno. */
int pid1_each_unit(const char *pattern, int (*visit)(const char *unit, const char *active, void *userdata),
                   void *userdata) _nonnull_(1, 2) _must_check_;
