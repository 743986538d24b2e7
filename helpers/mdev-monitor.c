/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lists devices, then reports what happens to devices, definitions and parents until it is stopped. */

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>

#include "base/text.h"
#include "cli/filter.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "definition/store-watch.h"
#include "device/inventory.h"
#include "kernel/event.h"

static int arg_json;
static Filter arg_filter;

static const char help[] =
        "Usage: mdev-monitor [OPTION]... [UUID]...\n"
        "List mediated devices, then report what happens to them.\n\n"
        FILTER_HELP
        "      --json              print one JSON object per line\n"
        "  -h, --help              print this help\n"
        "  -V, --version           print the version\n\n"
        "Filters are combined with AND. See mdev-monitor(8) for details.\n";

static const struct option options[] = { FILTER_OPTIONS, { "json", no_argument, &arg_json, true }, PROGRAM_OPTIONS };

typedef struct Watch {
        bool colors;
        EventMonitor *monitor;
        StoreWatch store;
        int signals;
        int error;          /* of writing the output */
        json_object *known; /* UUID: last line of each device that is live or defined */
} Watch;

static void watch_done(Watch *w) {
        event_monitor_free(w->monitor);
        store_watch_done(&w->store);
        closep(&w->signals);
        json_object_put(w->known);
}

static const char *get(json_object *o, const char *key) {
        return json_object_get_string(json_object_object_get(o, key)); /* o may be NULL */
}

/* Adds the local time, as in RFC 3339, with its offset. */
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

static void print_field(json_object *line, const char *key, int width) {
        const char *value = get(line, key) ?: "-";
        int n = (int) strlen(value);

        text_print(stdout, value);
        printf("%*s ", n < width ? width - n : 0, "");
}

static void print_line(Watch *w, json_object *line) {
        const char *now = get(line, "time"), *state = get(line, "state");
        const char *color = w->colors && state ? terminal_state_color(state) : NULL;

        if (arg_json)
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

/* Reports what happened, if that is wanted or is about no device nor parent, and returns the line. All lines have the
 * same keys. */
static json_object *report(Watch *w, const char *event, const FilterValues *about) {
        json_object *line = json_object_new_object();

        set_time(line);
        output_set_string(line, "event", event);
        output_set_string(line, "uuid", about->uuid);
        output_set_string(line, "parent", about->parent);
        output_set_string(line, "parent_selector", about->selector);
        output_set_string(line, "type", about->type);
        output_set_string(line, "mode", about->mode);
        output_set_string(line, "state", about->state);
        if ((!about->uuid && !about->parent) || filter_matches(&arg_filter, about))
                print_line(w, line);
        return line;
}

static void report_event(Watch *w, const char *event, const char *parent) {
        json_object_put(report(w, event, &(FilterValues) { .parent = parent }));
}

static bool is_live(const Watch *w, const char *uuid) {
        const char *state = get(json_object_object_get(w->known, uuid), "state");

        return state && strcmp(state, "active") == 0;
}

/* Reports a device and remembers its line. row->live is what the events say: the device may have changed since.
 * parent: as an event says, or NULL; row->parent: NULL if the device is neither live nor defined any more. */
static void report_device(Watch *w, const char *event, const char *parent, const DeviceRow *row) {
        json_object *before = json_object_object_get(w->known, row->uuid), *line;
        bool remains = row->live || row->definition;
        /* the device that was removed may have had another parent and type than the definition has now */
        const DeviceRow *made = row->parent && (row->live || !is_live(w, row->uuid)) ? row : NULL;
        const Definition *d = made ? made->definition : NULL;

        line = report(w, event, &(FilterValues) {
                .uuid = row->uuid,
                .parent = parent ? parent : made ? made->parent : get(before, "parent"),
                .selector = d ? d->selector : made ? NULL : get(before, "parent_selector"),
                .type = made ? made->type : get(before, "type"),
                .mode = row->parent ? mode_to_string(row->mode) : get(before, "mode"),
                .state = remains ? inventory_state(row) : NULL,
        });
        if (remains)
                json_object_object_add(w->known, row->uuid, line);
        else {
                json_object_object_del(w->known, row->uuid);
                json_object_put(line);
        }
}

/* Looks up one device after an event, and reports it. */
static int look_up_device(Watch *w, const char *event, const char *uuid, const char *parent, bool live) {
        _cleanup_(inventory_done) Inventory inventory = {};
        _cleanup_(failure_done) Failure f = {};
        DeviceRow row = {};
        int r;

        r = inventory_load(uuid, false, &inventory, &f);
        if (r < 0 && r != -EIO)
                return r;
        if (inventory.n > 0)
                row = inventory.rows[0];
        strcpy(row.uuid, uuid);
        row.live = live;
        report_device(w, event ? event : row.definition ? "defined" : "undefined", parent, &row);
        return 0;
}

/* Lists all devices; again, if events were lost. */
static int list_devices(Watch *w, bool again) {
        _cleanup_(inventory_done) Inventory inventory = {};
        _cleanup_(failure_done) Failure f = {};
        Event old;
        int r;

        if (again)
                report_event(w, "lost", NULL);
        /* pending events are older than what is listed now */
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
                report_device(w, "listed", NULL, &inventory.rows[i]);
        report_event(w, "ready", NULL);
        return 0;
}

static int handle_event(Watch *w, const Event *e) {
        switch (e->kind) {
        case EVENT_CREATED:
                /* already listed, while its event was pending */
                if (!uuid_is_canonical(e->uuid) ||
                    (is_live(w, e->uuid) && get(json_object_object_get(w->known, e->uuid), "type")))
                        return 0;
                return look_up_device(w, "created", e->uuid, e->parent, true);
        case EVENT_REMOVED:
                return is_live(w, e->uuid) ? look_up_device(w, "removed", e->uuid, e->parent, false) : 0;
        case EVENT_REGISTERED:
                report_event(w, "registered", e->parent);
                return 0;
        case EVENT_UNREGISTERED:
                report_event(w, "unregistered", e->parent);
                return 0;
        default:
                return list_devices(w, true);
        }
}

/* Handles pending events. Definitions come first, because a device is created from its definition. */
static int handle_events(Watch *w) {
        char uuid[UUID_LENGTH + 1];
        Event e;
        int r;

        while ((r = store_watch_next(&w->store, uuid)) != 0) {
                if (r > 0)
                        r = look_up_device(w, NULL, uuid, NULL, is_live(w, uuid));
                else if (r == -ENOBUFS)
                        r = list_devices(w, true);
                if (r < 0)
                        return r;
        }
        while ((r = event_next(w->monitor, &e)) > 0) {
                r = handle_event(w, &e);
                if (r < 0)
                        return r;
        }
        return r;
}

/* Reports events until a signal, or until the reader of our output is gone, which poll() tells even while we are
 * idle. */
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
                r = handle_events(w);
        }
        return r < 0 ? r : w->error == -EPIPE ? 0 : w->error;
}

/* Listens before devices are listed, so that no event is missed. */
static int listen_for_events(Watch *w) {
        sigset_t set;
        int r;

        r = event_monitor_all(true, &w->monitor);
        if (r < 0)
                return r;
        r = store_watch(&w->store);
        if (r < 0)
                return r;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        w->signals = signalfd(-1, &set, SFD_CLOEXEC);
        return w->signals < 0 ? -errno : 0;
}

static int run(_unused_ int argc, char *argv[]) {
        _cleanup_(watch_done) Watch w = {
                .colors = terminal_has_colors(STDOUT_FILENO),
                .store = STORE_WATCH_INIT,
                .signals = -EBADF,
        };
        int r;

        if (filter_parse_uuids(&arg_filter, argv) < 0)
                return STATUS_USAGE;
        r = listen_for_events(&w);
        if (r < 0)
                return program_error_as(STATUS_FAILURE, NULL, "cannot listen for events: %s", strerror(-r));
        r = list_devices(&w, false);
        if (r >= 0)
                r = follow(&w);
        if (r < 0)
                return program_error_as(STATUS_FAILURE, NULL, "cannot continue to report events: %s", strerror(-r));
        return STATUS_DONE;
}

static int parse_option(int option) {
        return filter_parse_option(&arg_filter, option, optarg);
}

DEFINE_MAIN_FUNCTION(.help = help, .options = options, .parse_option = parse_option, .run = run)
