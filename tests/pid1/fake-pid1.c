/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* fake-pid1 DIRECTORY: answers on /run/systemd/private like the part of PID 1 that the helpers talk to. DIRECTORY/UNIT
 * holds "ACTIVESTATE [JOBTYPE]" of a loaded unit. What is asked for is appended to DIRECTORY/.log, and then the unit
 * has the state that DIRECTORY/.then holds (else active after a start, inactive after a stop), and a job ends.
 * DIRECTORY/.PROPERTY holds "TYPE VALUE" of a property that all units have then.
 * DIRECTORY/.refuse makes calls fail; .drop is removed and lets the connection go, as when PID 1 re-executes itself.
 *
 * It proves what the helpers ask and when they stop asking, not what systemd makes of it: that is for tests/vm. */

#undef NDEBUG
#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>

#include "base/macro.h"

#define OBJECT "/org/freedesktop/systemd1"
#define MANAGER "org.freedesktop.systemd1.Manager"

static int directory;

static bool has_file(const char *name) {
        return faccessat(directory, name, F_OK, 0) == 0;
}

static void append(const char *name, int flags, const char *text) {
        _cleanup_close_ int fd = openat(directory, name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);

        assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t) strlen(text));
}

static bool read_state(const char *unit, char active[static 32], char job[static 32]) {
        _cleanup_close_ int fd = openat(directory, unit, O_RDONLY | O_CLOEXEC);
        char text[64];
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

        if (n < 0)
                return false;
        text[n] = '\0';
        active[0] = job[0] = '\0';
        (void) sscanf(text, "%31s %31s", active, job);
        return true;
}

static void append_unit(sd_bus_message *reply, const char *unit) {
        char active[32], job[32];

        if (read_state(unit, active, job))
                assert(sd_bus_message_append(reply, "(ssssssouso)", unit, "", "loaded", active, "", "", "/", 0, job,
                                             "/") >= 0);
}

static int list_units(sd_bus_message *m, bool patterns) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *name;

        assert(sd_bus_message_new_method_return(m, &reply) >= 0);
        assert(sd_bus_message_open_container(reply, 'a', "(ssssssouso)") >= 0);
        if (patterns)
                assert(sd_bus_message_skip(m, "as") >= 0);
        assert(sd_bus_message_enter_container(m, 'a', "s") >= 0);
        while (sd_bus_message_read(m, "s", &name) > 0) {
                DIR *dir = patterns ? fdopendir(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) : NULL;

                for (struct dirent *e; dir && (e = readdir(dir));)
                        if (e->d_name[0] != '.' && fnmatch(name, e->d_name, 0) == 0)
                                append_unit(reply, e->d_name);
                if (dir)
                        closedir(dir);
                else
                        append_unit(reply, name);
        }
        assert(sd_bus_message_close_container(reply) >= 0);
        return sd_bus_send(NULL, reply, NULL);
}

static int change_unit(sd_bus_message *m, const char *verb) {
        const char *unit, *mode;
        char line[512], active[32], job[32];

        assert(sd_bus_message_read(m, "ss", &unit, &mode) > 0);
        (void) snprintf(line, sizeof(line), "%s %s %s\n", verb, unit, mode);
        append(".log", O_APPEND, line);
        (void) snprintf(line, sizeof(line), "%s", strcmp(verb, "start") == 0 ? "active" : "inactive");
        if (read_state(".then", active, job))
                (void) snprintf(line, sizeof(line), "%s %s", active, job);
        append(unit, O_TRUNC, line);
        assert(sd_bus_reply_method_return(m, "o", OBJECT "/job/1") >= 0);
        return sd_bus_emit_signal(sd_bus_message_get_bus(m), OBJECT, MANAGER, "JobRemoved", "uoss", 1, OBJECT "/job/1",
                                  unit, "done");
}

static int reset_failed(sd_bus_message *m) {
        const char *unit;
        char line[512];

        assert(sd_bus_message_read(m, "s", &unit) > 0);
        (void) snprintf(line, sizeof(line), "reset-failed %s\n", unit);
        append(".log", O_APPEND, line);
        append(unit, O_TRUNC, "inactive");
        return sd_bus_reply_method_return(m, NULL);
}

/* For any unit. */
static int on_property(sd_bus_message *m, _unused_ void *userdata, _unused_ sd_bus_error *e) {
        const char *interface, *property;
        char name[64], type[32], value[32], *end;

        if (!sd_bus_message_is_method_call(m, "org.freedesktop.DBus.Properties", "Get"))
                return 0;
        assert(sd_bus_message_read(m, "ss", &interface, &property) > 0);
        (void) snprintf(name, sizeof(name), ".%s", property);
        if (!read_state(name, type, value))
                return sd_bus_reply_method_errnof(m, ENOENT, "no such property");
        if (strcmp(type, "s") == 0)
                return sd_bus_reply_method_return(m, "v", "s", value);
        if (strcmp(type, "t") == 0)
                return sd_bus_reply_method_return(m, "v", "t", (uint64_t) strtoull(value, &end, 10));
        return sd_bus_reply_method_return(m, "v", "i", (int32_t) strtol(value, &end, 10));
}

static int on_call(sd_bus_message *m, _unused_ void *userdata, _unused_ sd_bus_error *e) {
        if (has_file(".drop")) {
                assert(unlinkat(directory, ".drop", 0) == 0);
                _exit(0);
        }
        if (has_file(".refuse"))
                return sd_bus_reply_method_errnof(m, EACCES, "refused");
        if (sd_bus_message_is_method_call(m, MANAGER, "ListUnitsByNames"))
                return list_units(m, false);
        if (sd_bus_message_is_method_call(m, MANAGER, "ListUnitsByPatterns"))
                return list_units(m, true);
        if (sd_bus_message_is_method_call(m, MANAGER, "StartUnit"))
                return change_unit(m, "start");
        if (sd_bus_message_is_method_call(m, MANAGER, "StopUnit"))
                return change_unit(m, "stop");
        if (sd_bus_message_is_method_call(m, MANAGER, "ResetFailedUnit"))
                return reset_failed(m);
        return 0;
}

static void serve(int fd) {
        sd_bus *bus = NULL;
        sd_id128_t id;

        assert(sd_bus_new(&bus) >= 0 && sd_bus_set_fd(bus, fd, fd) >= 0);
        assert(sd_id128_randomize(&id) >= 0 && sd_bus_set_server(bus, 1, id) >= 0);
        assert(sd_bus_add_object(bus, NULL, OBJECT, on_call, NULL) >= 0);
        assert(sd_bus_add_fallback(bus, NULL, OBJECT "/unit", on_property, NULL) >= 0);
        assert(sd_bus_start(bus) >= 0);
        for (;;) {
                int r = sd_bus_process(bus, NULL);

                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
                if (r < 0)
                        _exit(0); /* it has gone */
        }
}

int main(int argc, char *argv[]) {
        const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/private" };
        int listening;

        assert(argc == 2);
        directory = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert(directory >= 0 && listening >= 0);
        (void) unlink(address.sun_path);
        assert(bind(listening, (const struct sockaddr *) &address, sizeof(address)) == 0);
        assert(listen(listening, 16) == 0);
        (void) signal(SIGCHLD, SIG_IGN);
        for (;;) {
                int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);

                assert(fd >= 0);
                if (fork() == 0)
                        serve(fd);
                close(fd);
        }
}
