/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Starts defined devices: those that are named, or all persistent ones. What mdev@.service and mdev-parent@.service
 * run. */

#include <string.h>

#include "base/clock.h"
#include "base/selector.h"
#include "cli/program.h"
#include "definition/defaults.h"
#include "definition/store.h"
#include "device/parent.h"
#include "device/start.h"
#include "systemd/autostart.h"

/* Milliseconds. After a device that takes longer, mdev-parent@.service leaves the others to their own units. */
#define SLOW 2000U

static int arg_auto, arg_unit, arg_wait = -1;
static char *arg_parent;

static const char help[] =
        "Usage: mdev-start [--wait=SEC] UUID...\n"
        "       mdev-start --auto [--parent=PARENT] [--wait=SEC]\n"
        "Start mediated devices that are defined.\n\n"
        "      --auto            start all persistent devices\n"
        "      --parent=PARENT   with --auto, start only the devices of PARENT\n"
        "      --wait=SEC        wait up to SEC seconds for parent and type to appear\n"
        "      --unit            run on behalf of a systemd unit, see mdev-units(8)\n"
        "  -h, --help            print this help\n"
        "  -V, --version         print the version\n\n"
        "A device that exists already is adopted. See mdev-start(8) for details.\n";

static const struct option options[] = {
        { "auto", no_argument, &arg_auto, true },
        { "unit", no_argument, &arg_unit, true },
        { "parent", required_argument, NULL, 'p' },
        { "wait", required_argument, NULL, 'w' },
        PROGRAM_OPTIONS
};

static int parse_option(int option) {
        if (option == 'w')
                return program_seconds("wait", &arg_wait);
        arg_parent = optarg;
        return 0;
}

static int start_one(const char *arg, const Defaults *defaults) {
        _cleanup_(operation_done) Operation op = OPERATION_NEW(program_forward);
        char uuid[UUID_LENGTH + 1];
        int r;

        if (program_uuid(arg, uuid) < 0)
                return STATUS_USAGE;
        r = start_device(&op, uuid, arg_unit ? CREATE_UNIT : 0, arg_wait, defaults->wait);
        return r < 0 ? program_fail(uuid, &op.failure) : program_started(uuid, r & DONE_CREATED, &op.failure);
}

/* --parent= means the parent's kernel name or how the definition names it. The instance of a unit is always the
 * latter. */
static bool is_on_parent(const Definition *d) {
        const char *said = definition_parent(d);

        return !arg_parent || (said && strcmp(arg_parent, said) == 0) ||
                (!arg_unit && d->parent && strcmp(arg_parent, d->parent) == 0);
}

static bool is_selected(const Definition *d, const AutostartLinks *links) {
        return d->uuid[0] != '\0' && mode_of_linked(d, links) == MODE_PERSISTENT && is_on_parent(d);
}

/* Starts persistent devices in two rounds: first those whose parent is there, then the others, which wait for their
 * parents all at the same time. */
static int start_persistent(DefinitionList *list, const AutostartLinks *links, const Defaults *defaults) {
        uint64_t begin = clock_now();
        int status = STATUS_DONE;

        for (int round = 0; round < 2; round++)
                for (size_t i = 0; i < list->n; i++) {
                        _cleanup_(operation_done) Operation op = OPERATION_NEW(program_forward);
                        Definition *d = list->items[i];
                        unsigned wait = arg_wait >= 0 ? (unsigned) arg_wait : definition_wait(d, defaults->wait);
                        unsigned passed = (unsigned) ((clock_now() - begin) / 1000);
                        int r;

                        (void) parent_resolve(d);
                        if (!is_selected(d, links))
                                continue;
                        r = start_device(&op, d->uuid, 0, round == 0 || wait < passed ? 0 : (int) (wait - passed), 0);
                        if (r < 0 && round == 0 && op.failure.status == STATUS_NO_PARENT)
                                continue;
                        if (r < 0)
                                status = program_fail(d->uuid, &op.failure);
                        else
                                (void) program_started(d->uuid, r & DONE_CREATED, &op.failure);
                        d->uuid[0] = '\0'; /* done, also for the second round */
                }
        return status;
}

/* Creates the persistent devices of a parent ahead of their units. It reports no failure: the unit of that device
 * fails, too, and does. systemd may not have read a definition yet, and udev leaves these devices alone: so their
 * units are started from here. */
static void start_ahead_of_units(const DefinitionList *list, const AutostartLinks *links) {
        _cleanup_(string_list_done) StringList created = {};
        uint64_t began = clock_now();

        /* in the name of a unit, '/' stands for the '!' of a kernel name, as udev writes it */
        for (char *p = arg_parent; p && !selector_is_meant(arg_parent) && *p; p++)
                if (*p == '/')
                        *p = '!';
        for (size_t i = 0; i < list->n && clock_now() - began <= SLOW; i++) {
                _cleanup_(operation_done) Operation op = OPERATION_NEW(program_forward);
                const char *uuid = list->items[i]->uuid;

                if (!is_selected(list->items[i], links))
                        continue;
                began = clock_now();
                if (!(start_device_ahead(&op, uuid, links) & DONE_CREATED))
                        continue;
                (void) program_started(uuid, true, &op.failure);
                (void) !string_list_add(&created, uuid);
        }
        autostart_start(&created);
}

static int start_all(const Defaults *defaults) {
        _cleanup_(autostart_links_done) AutostartLinks links = {};
        _cleanup_(definition_list_done) DefinitionList list = {};
        _cleanup_(failure_done) Failure f = {};
        int status = STATUS_DONE, r;

        if (store_list(&list, &f) < 0 && !arg_unit)
                status = program_fail(NULL, &f);
        autostart_links_load(&links);
        if (arg_unit) {
                start_ahead_of_units(&list, &links);
                return STATUS_DONE;
        }
        r = start_persistent(&list, &links, defaults);
        return r != STATUS_DONE ? r : status;
}

static int run(int argc, char *argv[]) {
        int status = STATUS_DONE;
        _cleanup_(defaults_done) Defaults defaults = {};

        if (arg_auto ? argc > 0 : argc == 0 || arg_parent)
                return program_error_as(STATUS_USAGE, NULL, "give UUIDs (mdev-query lists them), or --auto, "
                                        "perhaps with --parent (--help)");
        if (defaults_load(&defaults) < 0)
                return STATUS_FAILURE;
        program_notes(defaults.notes, false);
        if (arg_auto)
                status = start_all(&defaults);
        for (int i = 0; i < argc; i++) {
                int r = start_one(argv[i], &defaults);
                if (r != STATUS_DONE)
                        status = r;
        }
        return status;
}

DEFINE_MAIN_FUNCTION(.help = help, .options = options, .parse_option = parse_option, .run = run)
