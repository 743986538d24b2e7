/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-diagnose: checks what systemd knows of a device and its parent. */

#include <string.h>

#include "cli/failure-text.h"
#include "systemd/libsystemd.h"
#include "systemd/pid1.h"
#include "diagnose.h"
#include "systemd/unitname.h"

/* How long systemd may take to answer, in milliseconds. */
#define ASK_TIMEOUT 2000U

/* Returns the last error that a helper logged for the device since the given time (microseconds of
 * CLOCK_MONOTONIC), or NULL; the caller frees it. Only entries of root count, because any user can log entries with
 * this field. */
static char *last_error(const char *uuid, uint64_t since) {
        char match[sizeof("MDEV_UUID=") + UUID_LENGTH];
        const char *const matches[] = { match, "_UID=0", "PRIORITY=3", "SYSLOG_IDENTIFIER=mdev-start",
                                        "SYSLOG_IDENTIFIER=mdev-remove" };
        char key[sizeof("MESSAGE=: ") + UUID_LENGTH];
        const char *data;
        const Libsystemd *sd;
        char *text = NULL;
        sd_journal *j;
        uint64_t when;
        size_t n;

        if (libsystemd_load(&sd) < 0 || sd->journal_open(&j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM) < 0)
                return NULL;
        (void) snprintf(match, sizeof(match), "MDEV_UUID=%s", uuid);
        (void) snprintf(key, sizeof(key), "MESSAGE=%s: ", uuid);
        for (size_t i = 0; i < ELEMENTSOF(matches); i++)
                if (sd->journal_add_match(j, matches[i], 0) < 0)
                        goto end;
        if (sd->journal_seek_tail(j) >= 0 && sd->journal_previous(j) > 0 &&
            sd->journal_get_monotonic_usec(j, &when, NULL) >= 0 && when >= since &&
            sd->journal_get_data(j, "MESSAGE", (const void **) &data, &n) >= 0 && n > strlen(key) &&
            memcmp(data, key, strlen(key)) == 0)
                text = strndup(data + strlen(key), n - strlen(key));
end:
        sd->journal_close(j);
        return text;
}

/* Returns the exit status of the start that failed, if it is one of ours. systemd does not keep that of a stop. */
static Status failed_status(const UnitResult *result, bool used) {
        if (result->status >= STATUS_NOT_FOUND && result->status <= STATUS_TIMED_OUT)
                return (Status) result->status;
        return used ? STATUS_IN_USE : STATUS_FAILURE;
}

/* What systemd answers, over one connection. */
typedef struct Asked {
        char *device, *service, *unit; /* names; NULL: do not ask */
        UnitState device_state, service_state, unit_state;
        UnitResult result; /* of a unit that has failed */
        char *target;      /* whether mdev.target is enabled; NULL: not known */
} Asked;

static void asked_done(Asked *a) {
        free(a->device);
        free(a->service);
        free(a->unit);
        free(a->target);
}

static int ask_states(sd_bus *bus, void *userdata) {
        Asked *a = userdata;
        int r = 0;

        if (a->device)
                r = pid1_unit_state(bus, a->device, &a->device_state);
        if (r >= 0 && a->service)
                r = pid1_unit_state(bus, a->service, &a->service_state);
        if (r < 0 || !a->unit)
                return r;
        r = pid1_unit_state(bus, a->unit, &a->unit_state);
        /* the rest is worth reporting without it */
        if (r >= 0 && strcmp(a->unit_state.active, "failed") == 0 && pid1_unit_result(bus, a->unit, &a->result) < 0)
                a->result = (UnitResult) {};
        if (r >= 0)
                (void) !pid1_unit_enabled(bus, "mdev.target", &a->target);
        return r;
}

static void diagnose_parent_units(Chain *c, const Asked *a, bool registered) {
        if (!registered)
                chain_skipped(c, "announced", "not before the parent is registered");
        else if (strcmp(a->device_state.active, "active") == 0)
                chain_ok(c, "announced", "systemd knows the parent: %s", a->device);
        else {
                chain_failed(c, "announced", STATUS_FAILURE, "udev has not told systemd of the parent: %s is %s", a->device,
                             a->device_state.active);
                chain_next(c, "udevadm trigger --settle");
        }
        /* a successful run leaves nothing to report, and each device's unit can do the work itself */
        if (strcmp(a->service_state.active, "failed") == 0) {
                chain_failed(c, "service", STATUS_FAILURE, "%s has failed", a->service);
                chain_next(c, "journalctl -u '%s'; systemctl start '%s'", a->service, a->service);
        }
}

static void diagnose_failed(Chain *c, const Asked *a, const DeviceRow *row, bool used) {
        _cleanup_free_ char *said = last_error(row->uuid, a->result.since);

        chain_failed(c, "unit", failed_status(&a->result, used), "%s has failed (%s)%s%s", a->unit,
                     a->result.result[0] ? a->result.result : "no result", said ? ": " : "", said ? said : "");
        chain_next(c, said ? "systemctl start %s" : "journalctl -u %s", a->unit);
}

static void diagnose_inactive(Chain *c, const DeviceRow *row, const char *unit) {
        if (row->live) {
                chain_failed(c, "unit", STATUS_FAILURE, "%s is inactive, though the device is there", unit);
                chain_next(c, "udevadm trigger --settle");
        } else if (c->failed)
                chain_skipped(c, "unit", "%s is inactive", unit);
        else {
                if (row->mode == MODE_PERSISTENT)
                        chain_failed(c, "unit", STATUS_FAILURE, "%s is inactive: it was stopped, or nothing has "
                                     "started it since it was defined", unit);
                else
                        chain_ok(c, "unit", "%s is inactive: it is started by hand", unit);
                chain_next(c, "systemctl start %s", unit);
        }
}

static void diagnose_unit(Chain *c, const Asked *a, const DeviceRow *row, bool used) {
        const char *unit = a->unit, *active = a->unit_state.active;

        if (autostart_is_masked(NULL, row->uuid)) {
                chain_failed(c, "unit", STATUS_FAILURE, "%s is masked: systemd never starts it", unit);
                chain_next(c, "systemctl unmask %s; systemctl start %s", unit, unit);
        } else if (a->unit_state.job_type[0]) {
                chain_skipped(c, "unit", "%s is %s, and its %s job is not done", unit, active, a->unit_state.job_type);
                chain_next(c, "systemctl list-jobs --before --after");
        } else if (strcmp(active, "failed") == 0)
                diagnose_failed(c, a, row, used);
        else if (strcmp(active, "inactive") == 0)
                diagnose_inactive(c, row, unit);
        else if (strcmp(active, "active") == 0 && !row->live) {
                chain_failed(c, "unit", STATUS_FAILURE, "%s is active, though the device is gone", unit);
                chain_next(c, "systemctl restart %s", unit);
        } else
                chain_ok(c, "unit", "%s is %s", unit, active);
}

/* Where it is part of the boot, there is nothing to report. */
static void diagnose_target(Chain *c, const char *enabled) {
        bool masked = strncmp(enabled, "masked", strlen("masked")) == 0; /* or masked-runtime */

        if (!masked && strcmp(enabled, "disabled") != 0)
                return;
        chain_failed(c, "target", STATUS_FAILURE, "mdev.target is %s: persistent devices are not part of the boot",
                     enabled);
        chain_next(c, "%ssystemctl enable mdev.target", masked ? "systemctl unmask mdev.target; " : "");
}

void diagnose_units(Chain *c, const char *parent, bool registered, const DeviceRow *row, bool used) {
        _cleanup_(asked_done) Asked a = {
                .device = parent ? unitname_parent_device(parent) : NULL,
                .service = parent ? unitname_parent_service(parent) : NULL,
                .unit = row ? unitname_device(row->uuid) : NULL,
        };
        int r;

        r = pid1_ask(ask_states, &a, ASK_TIMEOUT);
        if (r < 0) {
                chain_skipped(c, "unit", "systemd does not answer: %s", failure_text_pid1(r));
                return;
        }
        if (a.device && a.service)
                diagnose_parent_units(c, &a, registered);
        if (row && a.unit)
                diagnose_unit(c, &a, row, used);
        if (row && row->mode == MODE_PERSISTENT && a.target)
                diagnose_target(c, a.target);
}
