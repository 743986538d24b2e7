/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Run by 60-mdev.rules when a parent has registered: starts the services that make its persistent devices and want
 * their units, by its name and by each selector that means it, in replace mode. What udev's SYSTEMD_WANTS queues is
 * dropped while a unit still has a stop job, and is not queued at all while the wanted unit is at work: a parent that
 * comes back quickly would lose its devices. */

#include "systemd/pid1.h"
#include "cli/program.h"
#include "base/selector.h"
#include "systemd/unitname.h"

#define TIMEOUT 60000U /* milliseconds */

static int start_services(sd_bus *bus, void *userdata) {
        for (char **parent = userdata; *parent; parent++) {
                _cleanup_free_ char *service = unitname_parent_service(*parent);
                Selector ignored;
                int r;

                /* too long for the name of a unit, and for definitions */
                if (selector_is_meant(*parent) && selector_parse(*parent, &ignored) < 0)
                        continue;
                r = service ? pid1_start(bus, service, "replace") : -ENOMEM;
                if (r < 0)
                        return r;
        }
        return 0;
}

int main(int argc, char *argv[]) {
        Failure f = {};
        int r;

        program_run_by_udev();
        if (argc < 2 || argv[1][0] == '\0' || argv[1][0] == '-') {
                program_error(NULL, "takes the kernel name of one parent, and its selectors; udev runs it, see "
                              "mdev-units(8)");
                return STATUS_USAGE;
        }
        failure_about(&f, argv[1], NULL);
        r = pid1_ask(start_services, argv + 1, TIMEOUT);
        if (r < 0) {
                failure_set(&f, STATUS_FAILURE, 0, "cannot start the service of its devices: %s", pid1_reason(r));
                return program_fail_as(MESSAGE_NOT_FOLLOWED, argv[1], &f);
        }
        return program_done(MESSAGE_REGISTERED, argv[1], &f, "registered: its persistent devices are started");
}
