/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Run by 60-mdev.rules when the kernel has removed a device: stops mdev@UUID.service, unless another helper is at
 * work on the device. It returns only when the unit is inactive. Because udev handles the parent's next event after
 * that, a parent that registers again never finds units that still look active. */

#include <string.h>

#include "cli/failure-text.h"
#include "cli/program.h"
#include "device/node-owner.h"
#include "device/record.h"
#include "kernel/sysfs.h"
#include "systemd/pid1.h"
#include "systemd/unitname.h"

/* Milliseconds. udev kills a program after 180 s; PID 1 answers at once unless the host is overloaded. */
#define TIMEOUT 60000U
/* Milliseconds between two looks: a helper may take the lock, or the device come back, while no job ends. */
#define LOOK_AGAIN 200U

static const char help[] =
        "Usage: mdev-device-removed UUID\n"
        "Stop the unit of a mediated device that was removed. Run by udev.\n\n"
        "  -h, --help      print this help\n"
        "  -V, --version   print the version\n\n"
        "See mdev-device-removed(8) for details.\n";

/* Drops the records of a device that is gone; otherwise they would be applied to the next device with this UUID:
 * its start would be taken for finished, its node would get the owner of the old one. Whoever holds the lock takes
 * care of that. */
static void drop_records(const char *uuid) {
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        _cleanup_close_ int device = -EBADF;
        Record record = {};
        uint64_t inode;

        if (record_peek(uuid, &record) < 0 && !node_owner_is_recorded(uuid))
                return;
        if (lock_take(uuid, 0, &lock, NULL) < 0)
                return;
        record = record_read(&lock);
        device = sysfs_open_device(uuid);
        if (device >= 0 && (record.inode == 0 || sysfs_device_inode(device, &inode) < 0 || inode == record.inode))
                return;
        record_clear(&lock);
        /* The owner of the old node may be set on a device that came back already. Its start, which comes after this
         * event, undoes that if it finds the record. */
        if (device < 0)
                node_owner_forget(uuid);
}

/* True if the live device belongs to the unit: its start has adopted it, or is creating it. Any other device with this
 * UUID has an event of its own, which comes later. */
static bool is_of_unit(const char *uuid) {
        _cleanup_close_ int device = sysfs_open_device(uuid);
        Record record;

        if (device < 0 || record_peek(uuid, &record) < 0)
                return false;
        return record_is_of_unit(&record, device) ||
                (record.state == RECORD_CREATING && record.unit == RECORD_UNIT_STARTING);
}

typedef struct Removed {
        const char *uuid, *unit;
        bool stopped;
} Removed;

/* Looks at the unit once. Returns 0 when there is nothing more to do, 1 to be called again, or a negative errno. */
static int follow_unit(sd_bus *bus, void *userdata) {
        Removed *removed = userdata;
        UnitState s;
        int r;

        if (is_of_unit(removed->uuid))
                return 0;
        r = pid1_unit_state(bus, removed->unit, &s);
        if (r < 0)
                return r;
        if (strcmp(s.active, "inactive") == 0 || strcmp(s.active, "failed") == 0)
                return 0;
        if (strcmp(s.active, "active") == 0 && s.job_type[0] == '\0') {
                r = pid1_queue(bus, "StopUnit", removed->unit, "fail");
                if (r < 0)
                        return r;
                removed->stopped = true;
        } else if (!removed->stopped && lock_is_held(removed->uuid))
                /* the helper that holds the lock sees that the device is gone, and may wait for us; but not the one
                 * that our own stop has started */
                return 0;
        return pid1_wait_job(bus, LOOK_AGAIN);
}

static int run(int argc, char *argv[]) {
        _cleanup_free_ char *unit = NULL;
        Removed removed = {};
        _cleanup_(failure_done) Failure f = {};
        int r;

        if (argc != 1 || !uuid_is_canonical(argv[0]))
                return program_error_as(STATUS_USAGE, NULL, "takes one UUID in lower case (--help)");
        unit = unitname_device(argv[0]);
        removed.uuid = argv[0];
        removed.unit = unit;
        r = unit ? pid1_ask(follow_unit, &removed, TIMEOUT) : -ENOMEM;
        drop_records(argv[0]);
        if (r < 0) {
                failure_set_text(&f, STATUS_FAILURE, r, "cannot stop its unit: %s", failure_text_pid1(r));
                return program_fail_as(MESSAGE_NOT_FOLLOWED, argv[0], &f);
        }
        if (removed.stopped)
                return program_done(MESSAGE_UNIT_STOPPED, argv[0], &f, "device removed: its unit is stopped");
        return STATUS_DONE;
}

DEFINE_MAIN_FUNCTION(.help = help, .run = run, .run_by_udev = true)
