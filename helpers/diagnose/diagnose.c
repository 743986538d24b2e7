/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-query --why: a device, or all of a parent. */

#include "diagnose.h"

#include <string.h>

#include "device/parent.h"
#include "cli/program.h"
#include "device/refusal.h"
#include "base/selector.h"

static void why_types(Chain *c, const char *parent) {
        _cleanup_(string_list_done) StringList types = {};

        if (sysfs_list_types(parent, &types) >= 0 && types.n == 0)
                chain_failed(c, "type", STATUS_NO_TYPE, "the driver of %s offers none", parent);
        for (size_t i = 0; i < types.n; i++) {
                _cleanup_close_ int fd = sysfs_open_type(parent, types.names[i]);
                Failure f = {};
                long available;
                size_t used;

                if (fd < 0 || sysfs_type_numbers(fd, &available, &used) < 0)
                        continue;
                if (available == 0)
                        refusal_explain_full(parent, types.names[i], &f);
                chain_ok(c, "type", "%s: %ld left, %zu used%s", types.names[i], available, used, f.text);
        }
}

static void why_row(Chain *c, const DeviceRow *row) {
        const char *state = inventory_state(row);

        if (row->live || (row->mode != MODE_PERSISTENT && strcmp(state, "inactive") == 0)) {
                chain_ok(c, "device", "%s of type %s: %s, %s", row->uuid, row->type, mode_to_string(row->mode), state);
                return;
        }
        chain_failed(c, "device", strcmp(state, "invalid") == 0 ? STATUS_INVALID : STATUS_FAILURE, "%s of type %s: %s, %s",
                     row->uuid, row->type, mode_to_string(row->mode), state);
        chain_next(c, "mdev-query --why %s", row->uuid);
}

/* True if the device is, or is to be, on this parent. */
static bool is_of(const DeviceRow *row, const char *parent, const char *selector) {
        const char *said = row->definition ? row->definition->selector : NULL;

        return strcmp(row->parent, parent) == 0 || (selector && said && strcmp(selector, said) == 0);
}

/* selector: how the parent was asked for, if not by its name; else NULL. */
static void why_all(Chain *c, const char *parent, const char *selector) {
        _cleanup_(inventory_done) Inventory inventory = {};
        bool registered;
        Failure f = {};

        registered = why_parent(c, parent, selector);
        if (registered)
                why_types(c, parent);
        else
                chain_skipped(c, "type", "not before the parent is registered");
        if (why_host(c))
                why_units(c, selector ? selector : parent, registered, NULL, false);
        if (inventory_load(NULL, true, &inventory, &f) < 0)
                chain_failed(c, "definition", f.status, "%s", f.text[0] ? f.text : "out of memory");
        for (size_t i = 0; i < inventory.n; i++)
                if (is_of(&inventory.rows[i], parent, selector))
                        why_row(c, &inventory.rows[i]);
}

/* Whoever a selector means. */
static void why_selected(Chain *c, const char *selector) {
        _cleanup_(definition_freep) Definition *d = definition_new();

        if (!d || !(d->selector = strdup(selector)) || !(d->parent = strdup(selector)) || parent_resolve(d) == -ENOMEM)
                chain_failed(c, "parent", STATUS_FAILURE, "out of memory");
        else
                why_all(c, d->parent, selector);
}

int query_why(const Query *q, const char *what) {
        Chain c = { .steps = json_object_new_array(), .status = STATUS_DONE };
        char uuid[UUID_LENGTH + 1];
        Selector selector;

        if (uuid_parse(what, uuid) >= 0)
                why_device(&c, uuid);
        else if (selector_parse(what, &selector) >= 0)
                why_selected(&c, what);
        else if (definition_name_is_valid(what) && !selector_is_meant(what))
                why_all(&c, what, NULL);
        else {
                program_error(what, "neither a UUID nor the name of a parent");
                c.status = STATUS_USAGE;
        }
        if (c.status != STATUS_USAGE)
                chain_print(&c, q->format);
        json_object_put(c.steps);
        return (int) c.status;
}
