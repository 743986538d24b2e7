/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Run by 60-mdev.rules when a device has been made, by whomever: starts its unit, which takes the device as it
 * is, and waits for that. So the device and its unit are both there when udev announces the device, and whoever
 * made it and waited for that does not remove it under the hands of its unit. A start at work already is left alone:
 * it made the device, and waits for us. */

#include <string.h>

#include "base/clock.h"
#include "device/lock.h"
#include "systemd/pid1.h"
#include "cli/program.h"
#include "kernel/sysfs.h"
#include "systemd/unitname.h"

/* Milliseconds. A unit may have to wait for others (after=); udev must not. */
#define PATIENCE 8000U
/* A start at work on a device that is gone is about to end. */
#define TIMEOUT 60000U
/* The device may go again without a job ending: so look again after this. */
#define LOOK_AGAIN 100U
/* Seconds. A helper at work on the device may take it back, so it is waited for; but see is_made_anew(). */
#define LOCK_TIMEOUT 1U

typedef struct Here {
        const char *uuid, *unit;
        uint64_t inode;    /* of the device that udev tells of */
        uint64_t patience; /* clock_now(): for the lock, and then for the start */
        bool started;
} Here;

/* The inode of the device that is there; 0: there is none. */
static uint64_t inode_now(const char *uuid) {
        _cleanup_close_ int device = sysfs_open_device(uuid);
        uint64_t inode;

        return device >= 0 && sysfs_device_inode(device, &inode) >= 0 ? inode : 0;
}

/* Notes what the start is for. Returns 0, or -ETIMEDOUT if a helper is at work on the device. */
static int note_device(const Here *here) {
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        Record record;
        Failure f;
        int r;

        /* one that a helper has made is no news */
        if (record_peek(here->uuid, &record) >= 0 && record.state == RECORD_READY && record.inode == here->inode)
                return 0;
        r = lock_take(here->uuid, LOCK_TIMEOUT, &lock, &f);
        if (r < 0)
                return r == -ETIMEDOUT ? r : 0;
        record_read(lock.fd, &record);
        /* nor is it now; and one that a start did not finish is made anew by the next */
        if (record.state == RECORD_CREATING || (record.state == RECORD_READY && record.inode == here->inode))
                return 0;
        record = (Record) { .state = RECORD_HERE, .inode = here->inode };
        if (inode_now(here->uuid) == here->inode)
                (void) !record_write(lock.fd, here->uuid, &record, &f);
        return 0;
}

static int wait_a_moment(sd_bus *bus) {
        int r = pid1_wait_job(bus, clock_now() + LOOK_AGAIN);

        return r < 0 && r != -ETIMEDOUT ? r : 1;
}

/* A helper is making it anew, because another one had left it half made, and waits for us under the lock. */
static bool is_made_anew(const char *uuid) {
        Record record;

        return record_peek(uuid, &record) >= 0 && record.state == RECORD_CREATING && lock_is_held(uuid);
}

/* Has the unit started. Returns as follow() does. */
static int start(sd_bus *bus, Here *here) {
        int r;

        r = note_device(here);
        if (r < 0 && clock_now() < here->patience)
                return 1;
        /* that may have taken its time */
        if (inode_now(here->uuid) != here->inode)
                return 0;
        r = pid1_start(bus, here->unit, "fail");
        if (r < 0)
                return r;
        here->started = true;
        here->patience = clock_now() + PATIENCE;
        return wait_a_moment(bus);
}

/* One look at the unit. Returns 0 when there is nothing (more) to do, 1 to look again, or a negative errno. */
static int follow(sd_bus *bus, void *userdata) {
        Here *here = userdata;
        uint64_t inode = inode_now(here->uuid);
        UnitState s;
        int r;

        /* another one with this UUID has events of its own */
        if (inode != here->inode && (inode != 0 || !here->started || is_made_anew(here->uuid)))
                return 0;
        r = pid1_unit_state(bus, here->unit, &s);
        if (r < 0)
                return r;
        if (strcmp(s.active, "active") == 0)
                return 0;
        /* The device was removed before its unit had a look: such a failure stands for nothing. Every other one stays
         * to be seen. */
        if (inode == 0 && strcmp(s.active, "failed") == 0)
                return pid1_forget(bus, here->unit, STATUS_NOT_FOUND);
        if (strcmp(s.active, "deactivating") == 0)
                /* the stop of an older device with this UUID, or of this one: its helper knows */
                return lock_is_held(here->uuid) || clock_now() >= here->patience ? 0 : wait_a_moment(bus);
        if (!here->started && strcmp(s.active, "activating") != 0)
                return start(bus, here);
        if (!here->started || s.job_type[0] == '\0')
                return 0; /* not ours, or ended without success */
        if (clock_now() >= here->patience && (inode != 0 || strcmp(s.active, "activating") != 0))
                return 0;
        return wait_a_moment(bus);
}

int main(int argc, char *argv[]) {
        _cleanup_free_ char *unit = NULL;
        Here here = { .patience = clock_now() + PATIENCE };
        Failure f = {};
        int r;

        program_run_by_udev();
        if (argc != 2 || !uuid_is_canonical(argv[1])) {
                program_error(NULL, "takes one UUID in lower case; udev runs it, see mdev-units(8)");
                return STATUS_USAGE;
        }
        here.inode = inode_now(argv[1]);
        if (here.inode == 0)
                return STATUS_DONE;
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
