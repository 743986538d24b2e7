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

/* Runs systemctl with one verb. Returns its exit status, or a negative errno. */
static int systemctl(const char *verb, const char *uuid) {
        _cleanup_free_ char *unit = unitname_device(uuid);
        const char *const argv[] = { "systemctl", "--quiet", verb, unit, NULL };
        /* systemctl reads nothing else of ours that it should not */
        const char *const envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", NULL };
        int status, r;
        pid_t pid;

        if (!unit)
                return -ENOMEM;
        r = posix_spawn(&pid, SYSTEMCTL, NULL, NULL, (char *const *) argv, (char *const *) envp);
        if (r != 0)
                return -r;
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

int autostart_set(const char *uuid, bool enable, Failure *f) {
        const char *verb = enable ? "enable" : "disable";
        int r;

        if (autostart_is_enabled(uuid) == enable)
                return 0;
        r = systemctl(verb, uuid);
        if (r == -ENOENT)
                return r;
        if (r != 0)
                return failure_set(f, STATUS_FAILURE, r < 0 ? r : -EIO, "'systemctl %s mdev@%s.service' failed%s%s",
                                   verb, uuid, r < 0 ? ": " : "", r < 0 ? failure_reason(r) : "");
        return 0;
}
