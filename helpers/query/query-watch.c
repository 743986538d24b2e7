/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-query --watch. */

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>

#include "kernel/event.h"
#include "definition/store-watch.h"
#include "device/inventory.h"
#include "cli/output.h"
#include "cli/program.h"
#include "query.h"
#include "cli/terminal.h"
#include "base/text.h"

typedef struct Watch {
        const Query *q;
        char **uuids;
        bool colors;
        EventMonitor *monitor;
        StoreWatch store;
        int signals;
        int error; /* of the output */
        json_object *known; /* UUID: the last line of each device that there is, live or defined */
} Watch;

static void watch_done(Watch *w) {
        event_monitor_free(w->monitor);
        store_watch_done(&w->store);
        closep(&w->signals);
        json_object_put(w->known);
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static const char *get(json_object *o, const char *key) {
        return json_object_get_string(json_object_object_get(o, key)); /* o may be NULL */
}

/* Local time, RFC 3339 with its offset. */
static void set_time(json_object *o) {
        char text[32] = "", zone[8] = "", all[48];
        time_t now = time(NULL);
        struct tm tm = {};

        (void) localtime_r(&now, &tm);
        (void) strftime(text, sizeof(text), "%FT%T", &tm);
        (void) strftime(zone, sizeof(zone), "%z", &tm);
        (void) snprintf(all, sizeof(all), "%s%.3s:%s", text, zone, zone + 3);
        output_set_string(o, "time", all);
}

/* All lines have the same keys. */
static json_object *line_new(const char *event) {
        static const char *const keys[] = { "time", "event", "uuid", "parent", "parent_selector", "type", "mode",
                                            "state" };
        json_object *o = json_object_new_object();

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                output_set_string(o, keys[i], NULL);
        set_time(o);
        output_set_string(o, "event", event);
        return o;
}

static bool passes(json_object *line, const char *key, const char *wanted) {
        const char *value = get(line, key);

        return !wanted || (value && strcmp(value, wanted) == 0);
}

static bool is_wanted(const Watch *w, json_object *line) {
        if ((!passes(line, "parent", w->q->parent) && !passes(line, "parent_selector", w->q->parent)) ||
            !passes(line, "type", w->q->type) ||
            !passes(line, "mode", w->q->mode) || !passes(line, "state", w->q->state))
                return false;
        for (size_t i = 0; w->uuids[i]; i++)
                if (passes(line, "uuid", w->uuids[i]))
                        return true;
        return !w->uuids[0];
}

static void print_field(json_object *line, const char *key, int width) {
        const char *value = get(line, key) ?: "-";
        int n = (int) strlen(value);

        text_print(stdout, value);
        printf("%*s ", n < width ? width - n : 0, "");
}

static void print_line(Watch *w, json_object *line) {
        const char *now = get(line, "time"), *state = get(line, "state"), *color = NULL;

        if (w->colors && state)
                color = terminal_state_color(state);
        if (w->q->format == FORMAT_JSON)
                output_json_line(line);
        else {
                printf("%.8s ", now ? now + strlen("YYYY-MM-DDT") : "");
                print_field(line, "event", 12);
                print_field(line, "uuid", UUID_LENGTH);
                print_field(line, "parent", 12);
                print_field(line, "type", 16);
                printf("%s%s%s\n", color ? color : "", state ? state : "-", color ? TERMINAL_RESET : "");
        }
        if (fflush(stdout) != 0 || ferror(stdout))
                w->error = errno > 0 ? -errno : -EIO;
}

/* A line that concerns no device. */
static void say(Watch *w, const char *event, const char *parent) {
        json_object *line = line_new(event);

        output_set_string(line, "parent", parent);
        if (!parent || is_wanted(w, line))
                print_line(w, line);
        json_object_put(line);
}

/* ---- devices ----------------------------------------------------------------------------------------------------- */

static bool is_live(const Watch *w, const char *uuid) {
        json_object *line = json_object_object_get(w->known, uuid);

        return line && passes(line, "state", "active");
}

/* Tells of a device, and remembers it. row may be NULL; live is what the events say, for the device itself may have
 * come and gone since. */
static void tell(Watch *w, const char *event, const char *uuid, const char *parent, const DeviceRow *row, bool live) {
        json_object *line = line_new(event), *before = json_object_object_get(w->known, uuid);
        /* the device that is gone may have been another one than the definition makes now */
        const DeviceRow *made = is_live(w, uuid) && !live ? NULL : row;
        DeviceRow then = row ? *row : (DeviceRow) {};

        then.live = live;
        output_set_string(line, "uuid", uuid);
        output_set_string(line, "parent", parent ? parent : made ? made->parent : get(before, "parent"));
        output_set_string(line, "parent_selector", made ? (made->definition ? made->definition->selector : NULL)
                                                        : get(before, "parent_selector"));
        output_set_string(line, "type", made ? made->type : get(before, "type"));
        output_set_string(line, "mode", row ? mode_to_string(row->mode) : get(before, "mode"));
        output_set_string(line, "state", live || then.definition ? inventory_state(&then) : NULL);
        if (is_wanted(w, line))
                print_line(w, line);
        if (live || then.definition)
                json_object_object_add(w->known, uuid, json_object_get(line));
        else
                json_object_object_del(w->known, uuid);
        json_object_put(line);
}

/* Looks at one device that something has happened to. */
static int look(Watch *w, const char *event, const char *uuid, const char *parent, bool live) {
        _cleanup_(inventory_done) Inventory inventory = {};
        const DeviceRow *row;
        Failure f = {};
        int r;

        r = inventory_load(uuid, false, &inventory, &f);
        if (r < 0 && r != -EIO)
                return r;
        row = inventory.n > 0 ? &inventory.rows[0] : NULL;
        if (!event)
                event = row && row->definition ? "defined" : "undefined";
        tell(w, event, uuid, parent, row, live);
        return 0;
}

/* All that there is; again, if events were lost. */
static int list(Watch *w, bool again) {
        _cleanup_(inventory_done) Inventory inventory = {};
        Failure f = {};
        Event old;
        int r;

        if (again)
                say(w, "lost", NULL);
        /* what is left of the events is older than what we are going to see */
        while (again && event_next(w->monitor, &old) > 0)
                ;
        json_object_put(w->known);
        w->known = json_object_new_object();
        r = inventory_load(NULL, false, &inventory, &f);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                (void) program_fail(NULL, &f);
        for (size_t i = 0; i < inventory.definitions.n; i++)
                program_notes(inventory.definitions.items[i], true);
        for (size_t i = 0; i < inventory.n; i++)
                tell(w, "listed", inventory.rows[i].uuid, NULL, &inventory.rows[i], inventory.rows[i].live);
        say(w, "ready", NULL);
        return 0;
}

/* ---- events ------------------------------------------------------------------------------------------------------ */

static int handle(Watch *w, const Event *e) {
        switch (e->kind) {
        case EVENT_CREATED:
                /* listed already, while the event was on its way */
                if (!uuid_is_canonical(e->uuid) ||
                    (is_live(w, e->uuid) && get(json_object_object_get(w->known, e->uuid), "type")))
                        return 0;
                return look(w, "created", e->uuid, e->parent, true);
        case EVENT_REMOVED:
                return is_live(w, e->uuid) ? look(w, "removed", e->uuid, e->parent, false) : 0;
        case EVENT_REGISTERED:
                say(w, "registered", e->parent);
                return 0;
        case EVENT_UNREGISTERED:
                say(w, "unregistered", e->parent);
                return 0;
        default:
                return list(w, true);
        }
}

/* What has arrived. Definitions come first, as they do when a device is made of one. */
static int handle_all(Watch *w) {
        char uuid[UUID_LENGTH + 1];
        Event e;
        int r;

        while ((r = store_watch_next(&w->store, uuid)) != 0) {
                if (r > 0)
                        r = look(w, NULL, uuid, NULL, is_live(w, uuid));
                else if (r == -ENOBUFS)
                        r = list(w, true);
                if (r < 0)
                        return r;
        }
        while ((r = event_next(w->monitor, &e)) > 0) {
                r = handle(w, &e);
                if (r < 0)
                        return r;
        }
        return r;
}

/* Until a signal, or until nobody reads any more: that is found out even when nothing is written. */
static int follow(Watch *w) {
        struct pollfd p[] = {
                { .fd = w->signals, .events = POLLIN },
                { .fd = event_fd(w->monitor), .events = POLLIN },
                { .fd = w->store.fd, .events = POLLIN },
                { .fd = STDOUT_FILENO },
        };
        int r = 0;

        while (r >= 0 && w->error == 0) {
                if (poll(p, ELEMENTSOF(p), -1) < 0 && errno != EINTR)
                        return -errno;
                if (p[0].revents || p[3].revents)
                        return 0;
                r = handle_all(w);
        }
        return r < 0 ? r : w->error == -EPIPE ? 0 : w->error;
}

static int start(Watch *w) {
        sigset_t set;
        int r;

        /* from here on, so that nothing is missed that happens while we look */
        r = event_monitor_all(true, &w->monitor);
        if (r < 0)
                return r;
        r = store_watch(&w->store);
        if (r < 0)
                return r;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
                return -errno;
        w->signals = signalfd(-1, &set, SFD_CLOEXEC);
        return w->signals < 0 ? -errno : 0;
}

int query_watch(const Query *q, char *uuids[]) {
        _cleanup_(watch_done) Watch w = {
                .q = q,
                .uuids = uuids,
                .colors = terminal_has_colors(STDOUT_FILENO),
                .store = STORE_WATCH_INIT,
                .signals = -EBADF,
        };
        int r;

        for (size_t i = 0; uuids[i]; i++)
                if (uuid_parse(uuids[i], uuids[i]) < 0) {
                        program_error(uuids[i], "not a UUID (8-4-4-4-12 hex digits)");
                        return STATUS_USAGE;
                }
        r = start(&w);
        if (r < 0) {
                program_error(NULL, "cannot listen to the kernel: %s", strerror(-r));
                return STATUS_FAILURE;
        }
        r = list(&w, false);
        if (r >= 0)
                r = follow(&w);
        if (r < 0) {
                program_error(NULL, "cannot go on: %s", strerror(-r));
                return STATUS_FAILURE;
        }
        return STATUS_DONE;
}
