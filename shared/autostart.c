/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "autostart.h"

#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "unitname.h"

static const char *const unit_dirs[] = { "/etc/systemd/system", "/run/systemd/system" };

static bool link_exists(const char *format, const char *dir, const char *uuid, bool to_null) {
        char path[PATH_MAX], target[PATH_MAX];
        ssize_t n;

        (void) snprintf(path, sizeof(path), "%s/%s", dir, format);
        (void) snprintf(path + strlen(path), sizeof(path) - strlen(path), "/mdev@%s.service", uuid);
        n = readlink(path, target, sizeof(target) - 1);
        if (n < 0)
                return false;
        target[n] = '\0';
        return !to_null || strcmp(target, "/dev/null") == 0;
}

bool autostart_is_enabled(const char *uuid) {
        for (size_t i = 0; i < ELEMENTSOF(unit_dirs); i++)
                if (link_exists("mdev.target.wants", unit_dirs[i], uuid, false))
                        return true;
        return false;
}

bool autostart_is_masked(const char *uuid) {
        for (size_t i = 0; i < ELEMENTSOF(unit_dirs); i++)
                if (link_exists(".", unit_dirs[i], uuid, true))
                        return true;
        return false;
}

bool autostart_systemd_runs(void) {
        struct stat st;

        return lstat("/run/systemd/system", &st) == 0 && S_ISDIR(st.st_mode);
}

bool autostart_available(void) {
        return access(SYSTEMCTL, X_OK) == 0;
}

/* Runs systemctl with one verb, for a unit or (NULL) for all. Returns 0, -ENOENT where it is not installed, or
 * another negative errno with *f. */
static int systemctl(const char *verb, const char *unit, Failure *f) {
        const char *const argv[] = { "systemctl", "--quiet", "--no-reload", verb, unit, NULL };
        /* nothing that it need not read */
        const char *const envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", NULL };
        int status, r;
        pid_t pid;

        r = -posix_spawn(&pid, SYSTEMCTL, NULL, NULL, (char *const *) argv, (char *const *) envp);
        if (r == -ENOENT)
                return r;
        if (r < 0)
                return failure_set(f, STATUS_FAILURE, r, "cannot run " SYSTEMCTL ": %s", failure_reason(r));
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return failure_set(f, STATUS_FAILURE, -errno, "cannot wait for " SYSTEMCTL);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                return failure_set(f, STATUS_FAILURE, -EIO, "'systemctl %s%s%s' failed, see its message", verb,
                                   unit ? " " : "", unit ? unit : "");
        return 0;
}

int autostart_set(const char *uuid, bool enable, Failure *f) {
        _cleanup_free_ char *unit = unitname_device(uuid);
        int r;

        if (!unit)
                return failure_set(f, STATUS_FAILURE, -ENOMEM, "out of memory");
        if (autostart_is_enabled(uuid) == enable)
                return 0;
        r = systemctl(enable ? "enable" : "disable", unit, f);
        return r < 0 ? r : 1;
}

int autostart_reload(Failure *f) {
        int r;

        if (!autostart_systemd_runs())
                return 0;
        r = systemctl("daemon-reload", NULL, f);
        return r == -ENOENT ? 0 : r;
}
