/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Run by 60-mdev.rules when a device appears: starts mdev@UUID.service, which adopts the device, and waits for it.
 * So the unit is active before udev announces the device, and whoever waits for the announcement cannot remove the
 * device while its unit is still starting. A start that is already in progress created the device, waits for us,
 * and is left alone. */

#include <string.h>

#include "base/clock.h"
#include "cli/failure-text.h"
#include "cli/program.h"
#include "device/record.h"
#include "kernel/sysfs.h"
#include "systemd/pid1.h"
#include "systemd/unitname.h"

/* Milliseconds. A unit may have to wait for others (after=), but udev must go on. */
#define PATIENCE 8000U
/* Milliseconds. A start of a device that is gone ends soon. */
#define TIMEOUT 60000U
/* Milliseconds between two looks at the device, which may go while no job ends. */
#define LOOK_AGAIN 100U
/* Seconds. Whoever holds the lock may remove the device again, so it is waited for; but see is_being_recreated(). */
#define HELPER_TIMEOUT 1U

static const char help[] =
        "Usage: mdev-device-added UUID\n"
        "Start the unit of a mediated device that has appeared. Run by udev.\n\n"
        "  -h, --help      print this help\n"
        "  -V, --version   print the version\n\n"
        "See mdev-device-added(8) for details.\n";

typedef struct Added {
        const char *uuid, *unit;
        uint64_t inode;    /* of the device that the event is about */
        uint64_t patience; /* clock_now() when to stop waiting: for the lock first, then for the start */
        bool started;
} Added;

/* Returns the inode of the live device with this UUID, or 0 if there is none. */
static uint64_t live_inode(const char *uuid) {
        _cleanup_close_ int device = sysfs_open_device(uuid);
        uint64_t inode;

        return device >= 0 && sysfs_device_inode(device, &inode) >= 0 ? inode : 0;
}

/* Records which device the start is for. Returns 0, or -ETIMEDOUT if another helper holds the lock. */
static int note_device(const Added *added) {
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        Record record;
        int r;

        /* a device that a helper created is recorded */
        if (record_peek(added->uuid, &record) >= 0 && record.state == RECORD_READY && record.inode == added->inode)
                return 0;
        r = lock_take(added->uuid, HELPER_TIMEOUT, &lock, NULL);
        if (r < 0)
                return r == -ETIMEDOUT ? r : 0;
        record = record_read(&lock);
        /* recorded meanwhile; or a start failed half-way, and the next one creates the device again */
        if (record.state == RECORD_CREATING || (record.state == RECORD_READY && record.inode == added->inode))
                return 0;
        record = (Record) { .state = RECORD_HERE, .inode = added->inode };
        if (live_inode(added->uuid) == added->inode)
                (void) !record_write(&lock, &record, NULL);
        return 0;
}

/* True while a helper creates the device again, after a start that failed half-way; it holds the lock and waits for
 * us. */
static bool is_being_recreated(const char *uuid) {
        Record record;

        return record_peek(uuid, &record) >= 0 && record.state == RECORD_CREATING && lock_is_held(uuid);
}

/* Queues the start of the unit. Returns as follow_unit() does. */
static int start_unit(sd_bus *bus, Added *added) {
        int r;

        r = note_device(added);
        if (r < 0 && clock_now() < added->patience)
                return 1;
        /* the device may have gone while we waited for the lock */
        if (live_inode(added->uuid) != added->inode)
                return 0;
        r = pid1_queue(bus, "StartUnit", added->unit, "fail");
        if (r < 0)
                return r;
        added->started = true;
        added->patience = clock_now() + PATIENCE;
        return pid1_wait_job(bus, LOOK_AGAIN);
}

/* Looks at the unit once. Returns 0 when there is nothing more to do, 1 to be called again, or a negative errno. */
static int follow_unit(sd_bus *bus, void *userdata) {
        Added *added = userdata;
        uint64_t inode = live_inode(added->uuid);
        UnitState s;
        int r;

        /* another device with this UUID has an event of its own */
        if (inode != added->inode && (inode != 0 || !added->started || is_being_recreated(added->uuid)))
                return 0;
        r = pid1_unit_state(bus, added->unit, &s);
        if (r < 0)
                return r;
        if (strcmp(s.active, "active") == 0)
                return 0;
        /* The device was removed before its unit could adopt it: reset this failed state. Other failures are kept. */
        if (inode == 0 && strcmp(s.active, "failed") == 0)
                return pid1_forget(bus, added->unit, STATUS_NOT_FOUND);
        if (strcmp(s.active, "deactivating") == 0)
                /* a stop of this device, or of an older one with this UUID: the helper that does it handles the
                 * rest */
                return lock_is_held(added->uuid) || clock_now() >= added->patience ? 0
                                                                                   : pid1_wait_job(bus, LOOK_AGAIN);
        if (!added->started && strcmp(s.active, "activating") != 0)
                return start_unit(bus, added);
        if (!added->started || s.job_type[0] == '\0')
                return 0; /* not started by us, or failed */
        if (clock_now() >= added->patience && (inode != 0 || strcmp(s.active, "activating") != 0))
                return 0;
        return pid1_wait_job(bus, LOOK_AGAIN);
}

static int run(int argc, char *argv[]) {
        Added added = { .patience = clock_now() + PATIENCE };
        _cleanup_free_ char *unit = NULL;
        _cleanup_(failure_done) Failure f = {};
        int r;

        if (argc != 1 || !uuid_is_canonical(argv[0]))
                return program_error_as(STATUS_USAGE, NULL, "takes one UUID in lower case (--help)");
        added.inode = live_inode(argv[0]);
        if (added.inode == 0)
                return STATUS_DONE;
        unit = unitname_device(argv[0]);
        added.uuid = argv[0];
        added.unit = unit;
        r = unit ? pid1_ask(follow_unit, &added, TIMEOUT) : -ENOMEM;
        if (r < 0 && r != -ETIMEDOUT) {
                failure_set_text(&f, STATUS_FAILURE, r, "cannot start its unit: %s", failure_text_pid1(r));
                return program_fail_as(MESSAGE_NOT_FOLLOWED, argv[0], &f);
        }
        if (added.started)
                return program_done(MESSAGE_UNIT_STARTED, argv[0], &f, "device appeared: its unit is started");
        return STATUS_DONE;
}

DEFINE_MAIN_FUNCTION(.help = help, .run = run, .run_by_udev = true)
