/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Run by 60-mdev.rules when the kernel has removed a device: lets its unit go, unless somebody is at work on
 * it. It returns only when the unit is inactive, and udev handles a parent's next event only after this has
 * returned: so a registration never finds units that still look active. */

#include <string.h>

#include "base/clock.h"
#include "device/lock.h"
#include "device/node-owner.h"
#include "systemd/pid1.h"
#include "cli/program.h"
#include "kernel/sysfs.h"
#include "systemd/unitname.h"

/* Milliseconds. udev kills what takes 180 s; PID 1 answers at once unless the host is overwhelmed. */
#define TIMEOUT 60000U
/* A helper may take its lock, or the device come back, without a job ending: so look again after this. */
#define LOOK_AGAIN 200U

/* True while the device that is recorded is there. */
static bool device_is_there(const char *uuid) {
        _cleanup_close_ int device = sysfs_open_device(uuid);
        uint64_t inode;
        Record record;

        if (device < 0)
                return false;
        if (record_peek(uuid, &record) < 0 || record.inode == 0)
                return true;
        return sysfs_device_inode(device, &inode) < 0 || inode == record.inode;
}

/* What is recorded of a device that is no more. Were it to stay, mdev-device-added's note would stop somebody else's start, and
 * that of a unit's start would be taken for a start of the next device. Nor does anybody need to know whose nodes the device
 * had. Who holds the lock sees to both. */
static void forget(const char *uuid) {
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        _cleanup_close_ int device = -EBADF;
        Record record = {};
        Failure f;

        if (record_peek(uuid, &record) < 0 && !node_owner_is_recorded(uuid))
                return;
        if (lock_take(uuid, 0, &lock, &f) < 0 || device_is_there(uuid))
                return;
        if (record.state != RECORD_NONE)
                record_clear(lock.fd);
        /* One that is there again may have the old nodes' owners by now: its own start, which comes after this event,
         * takes that back if it finds the record. */
        device = sysfs_open_device(uuid);
        if (device < 0)
                node_owner_forget(uuid);
}

/* True while the device that the unit stands for is there: one that its start has seen, or is making. Another one has an
 * event of its own, which comes after this. */
static bool is_of_unit(const char *uuid) {
        _cleanup_close_ int device = sysfs_open_device(uuid);
        Record record;

        if (device < 0 || record_peek(uuid, &record) < 0)
                return false;
        return record_is_of_unit(&record, device) ||
                (record.state == RECORD_CREATING && record.unit == RECORD_UNIT_STARTING);
}

typedef struct Gone {
        const char *uuid, *unit;
        bool stopped;
} Gone;

/* One look at the unit. Returns 0 when there is nothing (more) to do, 1 to look again, or a negative errno. */
static int follow(sd_bus *bus, void *userdata) {
        Gone *gone = userdata;
        UnitState s;
        int r;

        if (is_of_unit(gone->uuid))
                return 0;
        r = pid1_unit_state(bus, gone->unit, &s);
        if (r < 0)
                return r;
        if (strcmp(s.active, "inactive") == 0 || strcmp(s.active, "failed") == 0)
                return 0;
        if (strcmp(s.active, "active") == 0 && s.job_type[0] == '\0') {
                r = pid1_stop(bus, gone->unit, "fail");
                if (r < 0)
                        return r;
                gone->stopped = true;
        } else if (!gone->stopped && lock_is_held(gone->uuid))
                /* a helper at work sees for itself that the device is gone, and may be waiting for us; not so the
                 * one that our stop starts */
                return 0;
        r = pid1_wait_job(bus, clock_now() + LOOK_AGAIN);
        return r < 0 && r != -ETIMEDOUT ? r : 1;
}

int main(int argc, char *argv[]) {
        _cleanup_free_ char *unit = NULL;
        Gone gone = {};
        Failure f = {};
        int r;

        program_run_by_udev();
        if (argc != 2 || !uuid_is_canonical(argv[1])) {
                program_error(NULL, "takes one UUID in lower case; udev runs it, see mdev-units(8)");
                return STATUS_USAGE;
        }
        unit = unitname_device(argv[1]);
        gone.uuid = argv[1];
        gone.unit = unit;
        r = unit ? pid1_ask(follow, &gone, TIMEOUT) : -ENOMEM;
        forget(argv[1]);
        if (r < 0) {
                failure_set(&f, STATUS_FAILURE, 0, "cannot stop its unit: %s", pid1_reason(r));
                return program_fail_as(MESSAGE_NOT_FOLLOWED, argv[1], &f);
        }
        if (gone.stopped)
                return program_done(MESSAGE_UNIT_STOPPED, argv[1], &f, "gone: its unit is stopped");
        return STATUS_DONE;
}
