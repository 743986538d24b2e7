/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-diagnose: checks one device, from its definition to its unit. */

#include "diagnose.h"

#include <string.h>

#include "device/record.h"
#include "device/parent.h"
#include "cli/program.h"

static void diagnose_definition(Chain *c, const DeviceRow *row) {
        const Definition *d = row->definition;
        _cleanup_free_ char *error = NULL;

        if (!d) {
                chain_ok(c, "definition", "none: the device is unmanaged");
                chain_next(c, "mdev-manage %s", row->uuid);
        } else if (d->invalid) {
                error = definition_first_error(d);
                chain_failed(c, "definition", STATUS_INVALID, "invalid: %s", error ? error : d->path);
                chain_next(c, "correct the line; mdev-verify");
        } else
                chain_ok(c, "definition", "%s (%s)", d->path, mode_to_string(row->mode));
}

/* Suggests to create the device anew; first is another suggestion, or empty. */
static void suggest_recreate(Chain *c, const char *first, const DeviceRow *row) {
        chain_next(c, autostart_systemd_runs() ? "%smdev-remove --active %s; systemctl restart mdev@%s.service"
                                               : "%smdev-remove --active %s; mdev-start %s",
                   first, row->uuid, row->uuid);
}

/* True if the device is live but differs from its definition, or was left incomplete by a start that failed. */
static bool diagnose_mismatch(Chain *c, const DeviceRow *row) {
        const Definition *d = row->definition;
        _cleanup_free_ char *keep = NULL;
        Record record;

        if (d && d->parent && d->type && (strcmp(d->parent, row->parent) != 0 || strcmp(d->type, row->type) != 0)) {
                chain_failed(c, "device", STATUS_EXISTS, "is there, but with parent %s and type %s (defined: %s, %s)",
                             row->parent, row->type, d->parent, d->type);
                if (asprintf(&keep, "mdev-manage %s parent=%s type=%s; or ", row->uuid, row->parent, row->type) < 0)
                        keep = NULL;
                suggest_recreate(c, keep ? keep : "", row);
                return true;
        }
        if (record_peek(row->uuid, &record) >= 0 && record.state == RECORD_CREATING && !lock_is_held(row->uuid)) {
                chain_failed(c, "device", STATUS_ATTRIBUTE_LEFT, "is there, half made: an earlier start did not finish it");
                suggest_recreate(c, "", row);
                return true;
        }
        return false;
}

/* Checks a live device; true if it is in use. */
static bool diagnose_live(Chain *c, const DeviceRow *row) {
        _cleanup_(vfio_user_list_done) VfioUserList holders = {};
        _cleanup_close_ int device = sysfs_open_device(row->uuid);
        const VfioUser *h;
        char vfio[32], group[40] = "", use[128] = "";

        (void) !vfio_user_list(&holders);
        h = vfio_user_search(&holders, row->group, device >= 0 && sysfs_device_vfio(device, vfio) >= 0 ? vfio : NULL);
        if (row->group >= 0)
                (void) snprintf(group, sizeof(group), ", /dev/vfio/%d", row->group);
        if (h)
                (void) snprintf(use, sizeof(use), ", in use by %s (PID %d)", h->comm, (int) h->pid);
        if (!diagnose_mismatch(c, row))
                chain_ok(c, "device", SYSFS_DEVICE_FORMAT "%s%s", row->uuid, group, use);
        return h;
}

static void diagnose_not_live(Chain *c, const DeviceRow *row) {
        if (c->failed)
                chain_skipped(c, "device", "not there: see %s", c->failed);
        else if (autostart_systemd_runs())
                chain_skipped(c, "device", "not there: see unit");
        else {
                if (row->mode == MODE_PERSISTENT)
                        chain_failed(c, "device", STATUS_FAILURE, "not there, though nothing is missing");
                else
                        chain_ok(c, "device", "not there: it is started by hand");
                chain_next(c, "mdev-start %s", row->uuid);
        }
}

static void diagnose_start(Chain *c, const DeviceRow *row) {
        if (!row->definition)
                chain_skipped(c, "start", "nothing makes it again: it is unmanaged");
        else if (row->mode == MODE_PERSISTENT)
                chain_ok(c, "start", "automatically: %s", autostart_is_enabled(NULL, row->uuid)
                                 ? "its unit is enabled"
                                 : "start=auto in its definition");
        else if (autostart_is_masked(NULL, row->uuid))
                chain_ok(c, "start", "not by itself: its unit is masked");
        else {
                chain_ok(c, "start", "not by itself: it is %s", mode_to_string(row->mode));
                chain_next(c, "mdev-manage --persistent %s", row->uuid);
        }
}

void diagnose_device(Chain *c, const char *uuid) {
        _cleanup_(inventory_done) Inventory inventory = {};
        const char *selector = NULL, *parent = NULL;
        bool registered = false, used = false;
        const DeviceRow *row;
        _cleanup_(failure_done) Failure f = {};

        if (inventory_load(uuid, true, &inventory, &f) < 0)
                chain_failure(c, "definition", &f);
        if (inventory.n == 0) {
                if (c->failed)
                        return;
                chain_failed(c, "definition", STATUS_NOT_FOUND, "no such device or definition: no " SYSFS_DEVICE_FORMAT
                             ", no /etc/mdev-tools/devices/%s.conf", uuid, uuid);
                chain_next(c, "mdev-query; mdev-create --saved %s PARENT TYPE", uuid);
                return;
        }
        row = &inventory.rows[0];
        if (row->definition) {
                program_notes(row->definition, false);
                selector = row->definition->selector;
        }
        /* for a live device the selector was not resolved yet; it may match another parent now */
        if (row->live && selector) {
                (void) parent_resolve(inventory.definitions.items[0]);
                if (strcmp(row->definition->parent, row->parent) != 0)
                        selector = NULL;
        }
        diagnose_definition(c, row);
        if (selector || definition_name_is_valid(row->parent)) {
                registered = diagnose_parent(c, row->parent, selector);
                parent = selector ? selector : row->parent;
        } else
                chain_skipped(c, "parent", "the definition names none");
        if (registered && definition_name_is_valid(row->type))
                diagnose_type(c, row);
        else
                chain_skipped(c, "type", registered ? "not known" : "not before the parent is registered");
        if (row->live)
                used = diagnose_live(c, row);
        else
                diagnose_not_live(c, row);
        if (diagnose_host(c))
                diagnose_units(c, parent, registered, row, used);
        diagnose_start(c, row);
}
