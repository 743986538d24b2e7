/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Run by 60-mdev.rules when a parent has registered on a host without systemd, after the init script has been there:
 * starts mdev-create --auto for this parent, and does not wait for it. udev holds back the events of the devices while
 * we run, and mdev-create waits for these. What stays behind lives on: only under systemd does udev kill what its
 * programs leave. (There, mdev-parent-registered does this in another way.) */

#include <fcntl.h>

#include "cli/program.h"

#define MDEV_CREATE SBINDIR "/mdev-create"

/* Nothing of udev's may stay open: it would wait for the end of its pipes. Messages go to the kernel's log, which is
 * there before any other. */
static int redirect(void) {
        _cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC),
                            log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

        if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
            dup2(log >= 0 ? log : null, STDERR_FILENO) < 0)
                return -errno;
        return 0;
}

static int run(const char *parent) {
        _cleanup_free_ char *option = NULL;
        const char *argv[] = { "mdev-create", "--auto", NULL, NULL };
        const char *const envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", NULL };

        if (asprintf(&option, "--parent=%s", parent) < 0)
                return -ENOMEM;
        argv[2] = option;
        if (access(MDEV_CREATE, X_OK) < 0)
                return -errno;
        switch (fork()) {
        case -1:
                return -errno;
        case 0:
                /* a session of its own: no signal to udev's group ends it half way */
                if (setsid() >= 0 && redirect() >= 0)
                        (void) execve(MDEV_CREATE, (char *const *) argv, (char *const *) envp);
                _exit(STATUS_FAILURE);
        default:
                return 0;
        }
}

int main(int argc, char *argv[]) {
        int r;

        if (argc != 2 || argv[1][0] == '\0' || argv[1][0] == '-') {
                program_error(NULL, "takes the kernel name of one parent; udev runs it, see mdev-nosystemd(8)");
                return STATUS_USAGE;
        }
        r = run(argv[1]);
        if (r < 0) {
                program_error(argv[1], "cannot run " MDEV_CREATE " for its devices: %s", failure_reason(r));
                return STATUS_FAILURE;
        }
        return STATUS_DONE;
}
