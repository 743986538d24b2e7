/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "systemd/pid1.h"

#include <poll.h>
#include <string.h>

#include "systemd/autostart.h"
#include "base/clock.h"
#include "systemd/libsystemd.h"

#define DESTINATION "org.freedesktop.systemd1"
#define OBJECT "/org/freedesktop/systemd1"
#define MANAGER "org.freedesktop.systemd1.Manager"
#define PRIVATE_SOCKET "unix:path=/run/systemd/private"

/* Set by open_bus(), which everything else depends on. */
static const Libsystemd *sd;

static void bus_closep(sd_bus **bus) {
        if (*bus)
                (void) sd->bus_flush_close_unref(*bus);
}

static void message_unrefp(sd_bus_message **m) {
        if (*m)
                (void) sd->bus_message_unref(*m);
}

/* A global, as sd-bus passes no data of the caller here; a program has one connection at a time. */
static unsigned jobs_removed;

static int on_job_removed(_unused_ sd_bus_message *m, _unused_ void *userdata, _unused_ sd_bus_error *e) {
        jobs_removed++;
        return 0;
}

static int open_private(sd_bus **ret) {
        _cleanup_(bus_closep) sd_bus *bus = NULL;
        int r;

        r = sd->bus_new(&bus);
        if (r >= 0)
                r = sd->bus_set_address(bus, PRIVATE_SOCKET);
        if (r >= 0)
                r = sd->bus_start(bus);
        if (r >= 0)
                *ret = STEAL_PTR(bus);
        return r;
}

static int open_bus(sd_bus **ret) {
        _cleanup_(bus_closep) sd_bus *bus = NULL;
        int r;

        r = libsystemd_load(&sd);
        if (r < 0)
                return r;
        r = open_private(&bus);
        if (r == -EACCES || r == -EPERM || r == -ENOENT)
                r = sd->bus_open_system(&bus);
        if (r >= 0)
                r = sd->bus_match_signal(bus, NULL, NULL, OBJECT, MANAGER, "JobRemoved", on_job_removed, NULL);
        if (r >= 0)
                *ret = STEAL_PTR(bus);
        return r;
}

/* True for the errors of a connection that PID 1 drops or does not accept while it re-executes itself. */
static bool is_reexecuting(int error) {
        return error == -ECONNRESET || error == -ENOTCONN || error == -ECONNREFUSED || error == -EPIPE ||
                error == -ENOENT;
}

int pid1_ask(int (*talk)(sd_bus *bus, void *userdata), void *userdata, uint64_t timeout) {
        uint64_t deadline = clock_now() + timeout;
        int r;

        if (!autostart_systemd_runs())
                return 0;
        do {
                _cleanup_(bus_closep) sd_bus *bus = NULL;

                r = open_bus(&bus);
                while (r >= 0 && (r = talk(bus, userdata)) > 0 && clock_now() < deadline)
                        ;
                /* PID 1 opens the socket again soon, and there is no event for that */
                if (is_reexecuting(r))
                        (void) poll(NULL, 0, 100);
        } while (is_reexecuting(r) && clock_now() < deadline);
        return r > 0 ? -ETIMEDOUT : r;
}

typedef struct UnitRow {
        const char *name, *active, *job_type;
} UnitRow;

/* Reads one row of a ListUnits reply. Returns 1, 0 at the end, or a negative errno. */
static int read_unit_row(sd_bus_message *reply, UnitRow *ret) {
        const char *ignored, *path, *job_path;
        uint32_t job;

        return sd->bus_message_read(reply, "(ssssssouso)", &ret->name, &ignored, &ignored, &ret->active, &ignored,
                                   &ignored, &path, &job, &ret->job_type, &job_path);
}

int pid1_unit_state(sd_bus *bus, const char *unit, UnitState *ret) {
        _cleanup_(message_unrefp) sd_bus_message *reply = NULL;
        UnitRow row;
        int r;

        r = sd->bus_call_method(bus, DESTINATION, OBJECT, MANAGER, "ListUnitsByNames", NULL, &reply, "as", 1, unit);
        if (r >= 0)
                r = sd->bus_message_enter_container(reply, 'a', "(ssssssouso)");
        if (r >= 0)
                r = read_unit_row(reply, &row);
        if (r < 0)
                return r;
        if (r == 0)
                row = (UnitRow) { .active = "inactive", .job_type = "" };
        (void) snprintf(ret->active, sizeof(ret->active), "%s", row.active);
        (void) snprintf(ret->job_type, sizeof(ret->job_type), "%s", row.job_type);
        return 0;
}

int pid1_unit_result(sd_bus *bus, const char *unit, UnitResult *ret) {
        _cleanup_free_ char *path = NULL, *result = NULL;
        int32_t status;
        uint64_t since;
        int r;

        r = sd->bus_path_encode(OBJECT "/unit", unit, &path);
        if (r >= 0)
                r = sd->bus_get_property_string(bus, DESTINATION, path, DESTINATION ".Service", "Result", NULL,
                                                &result);
        if (r >= 0)
                r = sd->bus_get_property_trivial(bus, DESTINATION, path, DESTINATION ".Service", "ExecMainStatus", NULL,
                                                 'i', &status);
        if (r >= 0)
                r = sd->bus_get_property_trivial(bus, DESTINATION, path, DESTINATION ".Unit",
                                                 "InactiveExitTimestampMonotonic", NULL, 't', &since);
        if (r < 0)
                return r;
        *ret = (UnitResult) { .status = status, .since = since };
        (void) snprintf(ret->result, sizeof(ret->result), "%s", result);
        return 0;
}

int pid1_unit_enabled(sd_bus *bus, const char *unit, char **ret) {
        _cleanup_free_ char *path = NULL;
        int r;

        r = sd->bus_path_encode(OBJECT "/unit", unit, &path);
        if (r >= 0)
                r = sd->bus_get_property_string(bus, DESTINATION, path, DESTINATION ".Unit", "UnitFileState", NULL,
                                                ret);
        return r < 0 ? r : 0;
}

int pid1_queue(sd_bus *bus, const char *method, const char *unit, const char *mode) {
        int r = sd->bus_call_method(bus, DESTINATION, OBJECT, MANAGER, method, NULL, NULL, "ss", unit, mode);

        return r < 0 ? r : 0;
}

int pid1_forget(sd_bus *bus, const char *unit, int status) {
        _cleanup_free_ char *path = NULL;
        int32_t ended;
        int r;

        r = sd->bus_path_encode(OBJECT "/unit", unit, &path);
        if (r >= 0)
                r = sd->bus_get_property_trivial(bus, DESTINATION, path, DESTINATION ".Service", "ExecMainStatus", NULL,
                                                 'i', &ended);
        if (r >= 0 && ended == status)
                r = sd->bus_call_method(bus, DESTINATION, OBJECT, MANAGER, "ResetFailedUnit", NULL, NULL, "s", unit);
        return r < 0 ? r : 0;
}

int pid1_wait_job(sd_bus *bus, uint64_t timeout) {
        uint64_t deadline = clock_now() + timeout;

        while (jobs_removed == 0) {
                uint64_t now = clock_now();
                int r;

                r = sd->bus_process(bus, NULL);
                if (r < 0)
                        return r;
                if (r > 0)
                        continue;
                if (now >= deadline)
                        return 1;
                r = sd->bus_wait(bus, (deadline - now) * 1000);
                if (r < 0)
                        return r;
        }
        jobs_removed = 0;
        return 1;
}

int pid1_each_unit(const char *pattern, int (*visit)(const char *unit, const char *active, void *userdata),
                   void *userdata) {
        _cleanup_(message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(bus_closep) sd_bus *bus = NULL;
        UnitRow row;
        int r;

        r = open_bus(&bus);
        /* of all states */
        if (r >= 0)
                r = sd->bus_call_method(bus, DESTINATION, OBJECT, MANAGER, "ListUnitsByPatterns", NULL, &reply, "asas",
                                        0, 1, pattern);
        if (r >= 0)
                r = sd->bus_message_enter_container(reply, 'a', "(ssssssouso)");
        while (r >= 0 && (r = read_unit_row(reply, &row)) > 0)
                r = visit(row.name, row.active, userdata);
        return r;
}
