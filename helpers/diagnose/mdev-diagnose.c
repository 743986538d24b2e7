/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks each thing that a device needs, or a parent and all of its devices, and suggests what to try. The exit status
 * is that of the first step that failed. */

#include "diagnose.h"

#include <string.h>

#include "base/selector.h"
#include "cli/failure-text.h"
#include "definition/mdevctl-json.h"
#include "device/parent.h"
#include "device/refusal.h"

static int arg_json;

static const char help[] =
        "Usage: mdev-diagnose [--json] UUID|PARENT\n"
        "Check step by step why a device does not exist, or a parent and its devices.\n\n"
        "      --json      print an array of JSON objects\n"
        "  -h, --help      print this help\n"
        "  -V, --version   print the version\n\n"
        "Exit status is that of the first step that failed. See mdev-diagnose(8) for\n"
        "details.\n";

static const struct option options[] = { { "json", no_argument, &arg_json, true }, PROGRAM_OPTIONS };

static void diagnose_types(Chain *c, const char *parent) {
        _cleanup_(string_list_done) StringList types = {};

        if (sysfs_list_types(parent, &types) >= 0 && types.n == 0)
                chain_failed(c, "type", STATUS_NO_TYPE, "the driver of %s offers none", parent);
        for (size_t i = 0; i < types.n; i++) {
                _cleanup_close_ int fd = sysfs_open_type(parent, types.names[i]);
                _cleanup_(failure_done) Failure full = {};
                _cleanup_free_ char *why = NULL;
                long available;
                size_t used;

                if (fd < 0 || sysfs_type_numbers(fd, &available, &used) < 0)
                        continue;
                if (available == 0)
                        why = refusal_explain_full(parent, types.names[i], &full) ? failure_text(&full) : NULL;
                chain_ok(c, "type", "%s: %ld left, %zu used%s%s", types.names[i], available, used, why ? ": " : "",
                         why ? why : "");
        }
}

static void diagnose_row(Chain *c, const DeviceRow *row) {
        const char *state = inventory_state(row);
        bool ok = row->live || (row->mode != MODE_PERSISTENT && strcmp(state, "inactive") == 0);

        chain_add(c, "device", ok ? "ok" : "failed", strcmp(state, "invalid") == 0 ? STATUS_INVALID : STATUS_FAILURE,
                  "%s of type %s: %s, %s", row->uuid, row->type, mode_to_string(row->mode), state);
        if (!ok)
                chain_next(c, "mdev-diagnose %s", row->uuid);
}

/* True if the device is on this parent, or is defined for it. */
static bool is_of(const DeviceRow *row, const char *parent, const char *selector) {
        const char *said = row->definition ? row->definition->selector : NULL;

        return strcmp(row->parent, parent) == 0 || (selector && said && strcmp(selector, said) == 0);
}

/* selector: the argument, if it is not the parent's name; else NULL. */
static void diagnose_all(Chain *c, const char *parent, const char *selector) {
        _cleanup_(inventory_done) Inventory inventory = {};
        bool registered;
        _cleanup_(failure_done) Failure f = {};

        registered = diagnose_parent(c, parent, selector);
        if (registered)
                diagnose_types(c, parent);
        else
                chain_skipped(c, "type", "not before the parent is registered");
        if (diagnose_host(c))
                diagnose_units(c, selector ? selector : parent, registered, NULL, false);
        if (inventory_load(NULL, true, &inventory, &f) < 0)
                chain_failure(c, "definition", &f);
        for (size_t i = 0; i < inventory.n; i++)
                if (is_of(&inventory.rows[i], parent, selector))
                        diagnose_row(c, &inventory.rows[i]);
}

static void diagnose_selected(Chain *c, const char *selector) {
        _cleanup_(definition_freep) Definition *d = definition_new();

        if (!d || !(d->selector = strdup(selector)) || !(d->parent = strdup(selector)) || parent_resolve(d) == -ENOMEM)
                chain_failed(c, "parent", STATUS_FAILURE, "out of memory");
        else
                diagnose_all(c, d->parent, selector);
}

static int run(int argc, char *argv[]) {
        _cleanup_(json_freep) json_object *steps = json_object_new_array();
        Chain c = { .steps = steps, .status = STATUS_DONE };
        const char *what = argv[0];
        char uuid[UUID_LENGTH + 1];
        Selector selector;

        if (argc != 1)
                return program_error_as(STATUS_USAGE, NULL, "give one UUID or parent (--help)");
        if (uuid_parse(what, uuid) >= 0)
                diagnose_device(&c, uuid);
        else if (selector_parse(what, &selector) >= 0)
                diagnose_selected(&c, what);
        else if (definition_name_is_valid(what) && !selector_is_meant(what))
                diagnose_all(&c, what, NULL);
        else
                return program_error_as(STATUS_USAGE, what, "neither a UUID nor the name of a parent");
        if (chain_print(&c, arg_json) < 0)
                return program_error_as(STATUS_FAILURE, NULL, "out of memory");
        return (int) c.status;
}

DEFINE_MAIN_FUNCTION(.help = help, .options = options, .run = run)
