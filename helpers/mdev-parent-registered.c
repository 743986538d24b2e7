/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Run by 60-mdev.rules when a parent has registered: has its persistent devices started, and does not wait for
 * that.
 *
 * Where systemd runs, PID 1 starts mdev-parent@.service, by the parent's name and by each selector that matches it,
 * in replace mode. SYSTEMD_WANTS in the rules would not do: systemd drops its jobs while a unit still has a stop
 * job, or is already at work, and a parent that comes back quickly would lose its devices.
 *
 * Elsewhere 'mdev-start --auto' runs, once the init script has started the devices that were there at boot. */

#include <fcntl.h>

#include "base/selector.h"
#include "cli/failure-text.h"
#include "cli/program.h"
#include "systemd/autostart.h"
#include "systemd/pid1.h"
#include "systemd/unitname.h"

#define TIMEOUT 60000U /* milliseconds */
#define MDEV_START SBINDIR "/mdev-start"
/* made by the init script */
#define AUTO "/run/mdev-tools/auto"

static const char help[] =
        "Usage: mdev-parent-registered PARENT [SELECTOR]...\n"
        "Start the persistent devices of a parent that has registered. Run by udev.\n\n"
        "  -h, --help      print this help\n"
        "  -V, --version   print the version\n\n"
        "See mdev-parent-registered(8) for details.\n";

static int start_services(sd_bus *bus, void *userdata) {
        for (char **parent = userdata; *parent; parent++) {
                _cleanup_free_ char *service = unitname_parent_service(*parent);
                Selector ignored;
                int r;

                /* too long for the name of a unit, and so for a definition */
                if (selector_is_meant(*parent) && selector_parse(*parent, &ignored) < 0)
                        continue;
                r = service ? pid1_queue(bus, "StartUnit", service, "replace") : -ENOMEM;
                if (r < 0)
                        return r;
        }
        return 0;
}

/* udev waits until its pipes are closed, so none of them may stay open. Messages go to the kernel's log, which is
 * there before any other. */
static int redirect_output(void) {
        _cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC),
                            log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

        if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
            dup2(log >= 0 ? log : null, STDERR_FILENO) < 0)
                return -errno;
        return 0;
}

/* Leaves mdev-start running: it waits for udev, and udev handles no event of the devices before we have ended. Only
 * under systemd does udev kill such processes. */
static int start_in_background(const char *parent) {
        _cleanup_free_ char *option = NULL;
        const char *argv[] = { "mdev-start", "--auto", NULL, NULL };
        const char *const envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", NULL };

        if (asprintf(&option, "--parent=%s", parent) < 0)
                return -ENOMEM;
        argv[2] = option;
        if (access(MDEV_START, X_OK) < 0)
                return -errno;
        switch (fork()) {
        case -1:
                return -errno;
        case 0:
                /* in a session of its own, no signal to udev's process group ends it */
                if (setsid() >= 0 && redirect_output() >= 0)
                        (void) execve(MDEV_START, (char *const *) argv, (char *const *) envp);
                _exit(STATUS_FAILURE);
        default:
                return 0;
        }
}

static int run(int argc, char *argv[]) {
        _cleanup_(failure_done) Failure f = {};
        int r;

        if (argc == 0 || argv[0][0] == '\0')
                return program_error_as(STATUS_USAGE, NULL,
                                        "takes the kernel name of one parent, and its selectors (--help)");
        failure_about(&f, argv[0], NULL);
        if (autostart_systemd_runs()) {
                r = pid1_ask(start_services, argv, TIMEOUT);
                if (r < 0)
                        failure_set_text(&f, STATUS_FAILURE, r, "cannot start the service of its devices: %s",
                                         failure_text_pid1(r));
        } else {
                if (access(AUTO, F_OK) < 0)
                        return STATUS_DONE;
                r = start_in_background(argv[0]);
                if (r < 0)
                        failure_at(&f, STATUS_FAILURE, r, FAILURE_RUN, MDEV_START);
        }
        if (r < 0)
                return program_fail_as(MESSAGE_NOT_FOLLOWED, argv[0], &f);
        return program_done(MESSAGE_REGISTERED, argv[0], &f, "registered: its persistent devices are started");
}

DEFINE_MAIN_FUNCTION(.help = help, .run = run, .run_by_udev = true)
