/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Run by 60-mdev.rules when a device has been made, by whomever: starts its unit, which takes the device as it
 * is, and waits for that. So the device and its unit are both there when udev announces the device, and whoever
 * made it and waited for that does not remove it under the hands of its unit. A start at work already is left alone:
 * it made the device, and waits for us. */

#include <string.h>

#include "clock.h"
#include "lock.h"
#include "pid1.h"
#include "program.h"
#include "sysfs.h"
#include "unitname.h"

/* Milliseconds. A unit may have to wait for others (after=); udev must not. */
#define TIMEOUT 8000U
/* The device may go again without a job ending: so look again after this. */
#define LOOK_AGAIN 100U

typedef struct Here {
        const char *uuid, *unit;
        bool started;
} Here;

/* Notes what the start is for. A helper that holds the lock made the device, and its definition, itself. */
static void note_device(const char *uuid, int device) {
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        uint64_t inode;
        Record record;
        Failure f;

        if (lock_take(uuid, 0, &lock, &f) < 0)
                return;
        record_read(lock.fd, &record);
        /* one that a start did not finish is made anew by the next; one that a helper made is no news */
        if (record.state == RECORD_CREATING || sysfs_device_inode(device, &inode) < 0 ||
            (record.state == RECORD_READY && record.inode == inode))
                return;
        record = (Record) { .state = RECORD_HERE, .inode = inode };
        (void) !record_write(lock.fd, uuid, &record, &f);
}

static int wait_a_moment(sd_bus *bus) {
        int r = pid1_wait_job(bus, clock_now() + LOOK_AGAIN);

        return r < 0 && r != -ETIMEDOUT ? r : 1;
}

/* One look at the unit. Returns 0 when there is nothing (more) to do, 1 to look again, or a negative errno. */
static int follow(sd_bus *bus, void *userdata) {
        Here *here = userdata;
        _cleanup_close_ int device = sysfs_open_device(here->uuid);
        UnitState s;
        int r;

        if (device < 0 && !here->started)
                return 0;
        r = pid1_unit_state(bus, here->unit, &s);
        if (r < 0)
                return r;
        if (strcmp(s.active, "active") == 0)
                return 0;
        /* The device was removed before its unit had a look: such a failure stands for nothing. Every other one stays
         * to be seen. */
        if (device < 0 && strcmp(s.active, "failed") == 0)
                return pid1_forget(bus, here->unit, STATUS_NOT_FOUND);
        if (strcmp(s.active, "deactivating") == 0)
                /* the stop of an older device with this UUID, or of this one: its helper knows */
                return lock_is_held(here->uuid) ? 0 : wait_a_moment(bus);
        if (!here->started && strcmp(s.active, "activating") != 0) {
                note_device(here->uuid, device);
                r = pid1_start(bus, here->unit, "fail");
                if (r < 0)
                        return r;
                here->started = true;
        } else if (!here->started || s.job_type[0] == '\0')
                return 0; /* not ours, or ended without success */
        return wait_a_moment(bus);
}

int main(int argc, char *argv[]) {
        _cleanup_free_ char *unit = NULL;
        Here here = {};
        Failure f = {};
        int r;

        program_run_by_udev();
        if (argc != 2 || !uuid_is_canonical(argv[1])) {
                program_error(NULL, "takes one UUID in lower case; udev runs it, see mdev-units(8)");
                return STATUS_USAGE;
        }
        unit = unitname_device(argv[1]);
        here.uuid = argv[1];
        here.unit = unit;
        r = unit ? pid1_ask(follow, &here, TIMEOUT) : -ENOMEM;
        if (r < 0 && r != -ETIMEDOUT) {
                failure_set(&f, STATUS_FAILURE, 0, "cannot start its unit: %s", pid1_reason(r));
                return program_fail_as(MESSAGE_NOT_FOLLOWED, argv[1], &f);
        }
        if (here.started)
                return program_done(MESSAGE_UNIT_STARTED, argv[1], &f, "here: its unit is started");
        return STATUS_DONE;
}
