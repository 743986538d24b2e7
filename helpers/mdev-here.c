/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Run by 60-mdev.rules when a device has been made, by whomever: starts its unit, which takes the device as it
 * is. A start at work on the device (it made it, or waits for the one that did) is left alone. */

#include <string.h>

#include "event.h"
#include "lock.h"
#include "pid1.h"
#include "program.h"
#include "sysfs.h"
#include "unitname.h"

/* Milliseconds, as in mdev-gone.c. */
#define TIMEOUT 60000U
#define LOOK_AGAIN 200U

/* One look at the unit. Returns 0 when there is nothing (more) to do, 1 to look again, or a negative errno. */
static int follow(sd_bus *bus, void *userdata) {
        const char *uuid = userdata;
        _cleanup_free_ char *unit = unitname_device(uuid);
        _cleanup_close_ int device = sysfs_open_device(uuid);
        UnitState s;
        int r;

        if (!unit)
                return -ENOMEM;
        if (device < 0)
                return 0;
        r = pid1_unit_state(bus, unit, &s);
        if (r < 0)
                return r;
        if (strcmp(s.active, "active") == 0 || strcmp(s.active, "activating") == 0)
                return 0;
        if (strcmp(s.active, "deactivating") == 0) {
                /* the stop of an older device with this UUID, or of this one: its helper knows */
                if (lock_is_held(uuid))
                        return 0;
                r = pid1_wait_job(bus, event_now() + LOOK_AGAIN);
                return r < 0 && r != -ETIMEDOUT ? r : 1;
        }
        return pid1_start(bus, unit, "fail");
}

int main(int argc, char *argv[]) {
        int r;

        if (argc != 2 || !uuid_is_canonical(argv[1])) {
                program_error(NULL, "takes one UUID in lower case; udev runs it, see mdev-units(8)");
                return STATUS_USAGE;
        }
        r = pid1_ask(follow, argv[1], TIMEOUT);
        if (r < 0) {
                program_error(argv[1], "cannot start its unit: %s", failure_reason(r));
                return STATUS_FAILURE;
        }
        return STATUS_DONE;
}
