/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "systemd/autostart.h"

#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "systemd/unitname.h"

static const char *const unit_dirs[] = { "/etc/systemd/system", "/run/systemd/system" };

#define WANTS "mdev.target.wants"

void autostart_links_load(AutostartLinks *ret) {
        *ret = (AutostartLinks) {};
        for (size_t i = 0; i < ELEMENTSOF(unit_dirs); i++) {
                char path[PATH_MAX];

                (void) snprintf(path, sizeof(path), "%s/" WANTS, unit_dirs[i]);
                (void) !string_list_read(AT_FDCWD, path, &ret->wants[i]);
                (void) !string_list_read(AT_FDCWD, unit_dirs[i], &ret->units[i]);
        }
}

void autostart_links_done(AutostartLinks *links) {
        for (size_t i = 0; i < ELEMENTSOF(unit_dirs); i++) {
                string_list_done(&links->wants[i]);
                string_list_done(&links->units[i]);
        }
}

/* True if sub in one of the unit directories has a link with the name of the unit. names lists what is there, or is
 * NULL. */
static bool link_exists(const StringList *names, const char *sub, const char *uuid, bool to_null) {
        char unit[64], path[PATH_MAX], target[PATH_MAX];

        (void) snprintf(unit, sizeof(unit), "mdev@%s.service", uuid);
        for (size_t i = 0; i < ELEMENTSOF(unit_dirs); i++) {
                ssize_t n;

                if (names && !string_list_has(&names[i], unit))
                        continue;
                (void) snprintf(path, sizeof(path), "%s/%s/%s", unit_dirs[i], sub, unit);
                n = readlink(path, target, sizeof(target) - 1);
                if (n < 0)
                        continue;
                target[n] = '\0';
                if (!to_null || strcmp(target, "/dev/null") == 0)
                        return true;
        }
        return false;
}

bool autostart_is_enabled(const AutostartLinks *links, const char *uuid) {
        return link_exists(links ? links->wants : NULL, WANTS, uuid, false);
}

bool autostart_is_masked(const AutostartLinks *links, const char *uuid) {
        return link_exists(links ? links->units : NULL, ".", uuid, true);
}

bool autostart_is_customized(const AutostartLinks *links, const char *uuid) {
        static const char *const suffixes[] = { "", ".d", ".wants", ".requires" };
        const char *const instances[] = { "", uuid };
        char name[80];

        for (size_t i = 0; i < ELEMENTSOF(instances); i++)
                for (size_t j = 0; j < ELEMENTSOF(suffixes); j++) {
                        (void) snprintf(name, sizeof(name), "mdev@%s.service%s", instances[i], suffixes[j]);
                        for (size_t k = 0; k < ELEMENTSOF(unit_dirs); k++)
                                if (string_list_has(&links->units[k], name))
                                        return true;
                }
        return access("/usr/lib/systemd/system/mdev@.service.d", F_OK) == 0;
}

bool autostart_systemd_runs(void) {
        struct stat st;

        return lstat("/run/systemd/system", &st) == 0 && S_ISDIR(st.st_mode);
}

bool autostart_available(void) {
        return access(SYSTEMCTL, X_OK) == 0;
}

/* Runs systemctl with these arguments. Returns its exit status, -ENOENT if it is not installed, or another negative
 * errno with *f. */
static int run_systemctl(const char *const argv[], Failure *f) {
        /* only the variables that it needs */
        const char *const envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", NULL };
        int status, r;
        pid_t pid;

        r = -posix_spawn(&pid, SYSTEMCTL, NULL, NULL, (char *const *) argv, (char *const *) envp);
        if (r == -ENOENT)
                return r;
        if (r < 0)
                return failure_at(f, STATUS_FAILURE, r, FAILURE_RUN, SYSTEMCTL);
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return failure_at(f, STATUS_FAILURE, -errno, FAILURE_RUN, SYSTEMCTL);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* Runs systemctl with one verb, for a unit or (NULL) for all. Returns 0, -ENOENT if it is not installed, or another
 * negative errno with *f. */
static int run_systemctl_verb(const char *verb, const char *unit, Failure *f) {
        const char *const argv[] = { "systemctl", "--quiet", "--no-reload", verb, unit, NULL };
        int r = run_systemctl(argv, f);

        if (r > 0)
                return failure_set(f, STATUS_FAILURE, -EIO, unit ? FAILURE_SYSTEMCTL_UNIT : FAILURE_SYSTEMCTL,
                                   .name = verb, .value = unit);
        return r;
}

int autostart_set(const char *uuid, bool enable, Failure *f) {
        _cleanup_free_ char *unit = unitname_device(uuid);
        int r;

        if (!unit)
                return -ENOMEM;
        if (autostart_is_enabled(NULL, uuid) == enable)
                return 0;
        r = run_systemctl_verb(enable ? "enable" : "disable", unit, f);
        return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

void autostart_start(const StringList *uuids) {
        static const char *const options[] = { "systemctl", "--quiet", "--no-block", "--job-mode=fail", "start" };
        _cleanup_(string_list_done) StringList units = {};
        _cleanup_free_ const char **argv = calloc(ELEMENTSOF(options) + uuids->n + 1, sizeof(*argv));

        if (!argv || uuids->n == 0 || !autostart_systemd_runs())
                return;
        memcpy(argv, options, sizeof(options));
        for (size_t i = 0; i < uuids->n; i++) {
                _cleanup_free_ char *unit = unitname_device(uuids->names[i]);

                if (!unit || string_list_add(&units, unit) < 0)
                        break;
                argv[ELEMENTSOF(options) + i] = units.names[i];
        }
        (void) !run_systemctl(argv, NULL);
}

int autostart_reload(Failure *f) {
        int r;

        if (!autostart_systemd_runs())
                return 0;
        r = run_systemctl_verb("daemon-reload", NULL, f);
        return r == -ENOENT ? 0 : r;
}
