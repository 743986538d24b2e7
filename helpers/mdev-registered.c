/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Run by 60-mdev.rules when a parent has registered: starts the target that wants its persistent devices, in
 * replace mode. What udev's SYSTEMD_WANTS queues is dropped while a unit still has a stop job, and is not
 * queued at all while the wanted unit is at work: a parent that comes back quickly would lose its devices. */

#include "pid1.h"
#include "program.h"
#include "unitname.h"

#define TIMEOUT 60000U /* milliseconds */

static int start_target(sd_bus *bus, void *userdata) {
        _cleanup_free_ char *target = unitname_parent_target(userdata);

        return target ? pid1_start(bus, target, "replace") : -ENOMEM;
}

int main(int argc, char *argv[]) {
        int r;

        if (argc != 2 || argv[1][0] == '\0' || argv[1][0] == '-') {
                program_error(NULL, "takes the kernel name of one parent; udev runs it, see mdev-units(8)");
                return STATUS_USAGE;
        }
        r = pid1_ask(start_target, argv[1], TIMEOUT);
        if (r < 0) {
                program_error(argv[1], "cannot start the target of its devices: %s", failure_reason(r));
                return STATUS_FAILURE;
        }
        return STATUS_DONE;
}
