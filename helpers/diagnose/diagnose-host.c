/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-diagnose: checks what the package installed for udev and systemd. */

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/event.h"
#include "diagnose.h"

/* A file and the directories that are searched for it: the first one found is used (udev(7), systemd.unit(5),
 * systemd.generator(7)). */
typedef struct Installed {
        const char *step, *name, *reload;
        const char *dirs[6];
} Installed;

static const Installed rules = {
        "rules",
        "60-mdev.rules",
        "udevadm control --reload; udevadm trigger --settle",
        { "/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d",
          "/lib/udev/rules.d" },
};

static const Installed generator = {
        "generator",
        "mdev-generator",
        "systemctl daemon-reload",
        { "/run/systemd/system-generators", "/etc/systemd/system-generators", "/usr/local/lib/systemd/system-generators",
          "/usr/lib/systemd/system-generators", "/lib/systemd/system-generators" },
};

static const Installed template = {
        "template",
        "mdev@.service",
        "systemctl daemon-reload",
        { "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
          "/lib/systemd/system" },
};

static void diagnose_installed(Chain *c, const Installed *file) {
        char path[PATH_MAX];
        struct stat st;
        size_t n = 0;

        for (; file->dirs[n]; n++) {
                (void) snprintf(path, sizeof(path), "%s/%s", file->dirs[n], file->name);
                /* a dangling link hides the files after it, too */
                if (lstat(path, &st) == 0)
                        break;
        }
        if (!file->dirs[n]) {
                chain_failed(c, file->step, STATUS_FAILURE, "%s is not installed: not in %s, nor in %s", file->name,
                             file->dirs[n - 2], file->dirs[0]);
                chain_next(c, "install mdev-tools again; %s", file->reload);
        } else if (stat(path, &st) < 0 || S_ISCHR(st.st_mode) || (S_ISREG(st.st_mode) && st.st_size == 0)) {
                chain_failed(c, file->step, STATUS_FAILURE, "masked: %s leads to /dev/null, or is empty", path);
                chain_next(c, "rm %s; %s", path, file->reload);
        } else
                chain_ok(c, file->step, "%s", path);
}

bool diagnose_host(Chain *c) {
        diagnose_installed(c, &rules);
        if (event_udev_runs())
                chain_ok(c, "udev", "runs");
        else {
                chain_failed(c, "udev", STATUS_FAILURE, "does not run: there is no /run/udev/control");
                chain_next(c, autostart_systemd_runs() ? "systemctl start systemd-udevd" : "service udev start");
        }
        if (!autostart_systemd_runs()) {
                chain_skipped(c, "systemd", "does not run this host: 'mdev-start --auto' starts persistent devices");
                return false;
        }
        diagnose_installed(c, &generator);
        diagnose_installed(c, &template);
        return true;
}
