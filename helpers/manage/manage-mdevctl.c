/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manage.h"

#include <string.h>

#include "cli/failure-text.h"
#include "cli/program.h"
#include "definition/mdevctl-json.h"
#include "definition/store.h"
#include "device/define.h"
#include "systemd/autostart.h"

/* Converts mdevctl's definitions into native ones, and back. */

/* True if PARENT/UUID names d, or if nothing is named. */
static bool is_named(const Definition *d, char **names) {
        char name[512];

        if (!*names)
                return true;
        if (!d->parent)
                return false;
        (void) snprintf(name, sizeof(name), "%s/%s", d->parent, d->uuid);
        while (*names && strcmp(*names, name) != 0)
                names++;
        return *names;
}

/* Writes the native definition first: after a crash there are both, and the native one is used. */
static int import_one(Operation *op, const Definition *d) {
        _cleanup_free_ char *text = NULL;
        int r;

        if (d->invalid)
                return define_note_invalid(d, &op->failure);
        r = lock_take(d->uuid, LOCK_TIMEOUT, &op->lock, &op->failure);
        if (r < 0)
                return r;
        r = definition_format(d, &text);
        if (r < 0)
                return r;
        r = define_device(op, d, text, d->start_auto ? MODE_PERSISTENT : MODE_SAVED);
        return r < 0 ? r : store_remove(d, &op->failure);
}

static int import_listed(const Definition *d) {
        _cleanup_(operation_done) Operation op = OPERATION_NEW(program_forward);

        if (import_one(&op, d) < 0)
                return program_fail(d->uuid, &op.failure);
        printf("%s\n", d->uuid);
        return STATUS_DONE;
}

/* Converts the definitions of that origin which are named. Returns an exit status. */
static int convert_listed(Origin origin, char *names[], int (*convert)(const Definition *d)) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        _cleanup_(failure_done) Failure f = {};
        int status = STATUS_DONE, r;
        bool found = false;

        if (store_list(&list, &f) < 0)
                status = program_fail(NULL, &f);
        for (size_t i = 0; i < list.n; i++) {
                const Definition *d = list.items[i];

                if (d->origin != origin || !is_named(d, names))
                        continue;
                found = true;
                if (d->uuid[0] == '\0') {
                        program_notes(d, true);
                        status = STATUS_INVALID;
                } else if ((r = convert(d)) != STATUS_DONE)
                        status = r;
        }
        if (*names && !found) {
                program_error(*names, "no such definition in /etc/mdevctl.d, or a native one exists");
                status = STATUS_NOT_FOUND;
        }
        return status;
}

int manage_import(char *names[]) {
        return convert_listed(ORIGIN_MDEVCTL, names, import_listed);
}

/* Refuses a definition with keys that mdevctl's format does not have. */
static int check_exportable(const Definition *d, Failure *f) {
        const struct {
                const char *key;
                bool set;
        } keys[] = { { "description", d->description }, { "after", d->after }, { "requires", d->requires },
                     { "wants", d->wants }, { "wait", d->wait >= 0 }, { "node_user", d->node_user },
                     { "node_group", d->node_group }, { "node_mode", d->node_mode >= 0 } };
        char set[128] = "";

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (keys[i].set)
                        (void) snprintf(set + strlen(set), sizeof(set) - strlen(set), "%s%s=", set[0] ? ", " : "",
                                        keys[i].key);
        if (set[0])
                return failure_set_text(f, STATUS_FAILURE, -ENOTSUP,
                                        "mdevctl's format has no place for %s: remove that first", set);
        if (d->selector)
                return failure_set_text(f, STATUS_FAILURE, -ENOTSUP,
                                        "mdevctl knows a parent only by its kernel name, not as %s: change parent= "
                                        "first", d->selector);
        return 0;
}

/* Writes mdevctl's definition first: after a crash there are both, and the native one is still used. */
static int export_locked(Operation *op, const Definition *d) {
        Callout callout = { .hooks = &op->callouts, .action = CALLOUT_DEFINE, .definition = d,
                            .start_auto = mode_of(d) == MODE_PERSISTENT };
        _cleanup_free_ char *text = NULL;
        int r;

        r = check_exportable(d, &op->failure);
        if (r < 0)
                return r;
        text = mdevctl_file_text(d, callout.start_auto);
        if (!text)
                return -ENOMEM;
        /* callout scripts know only the definitions of mdevctl, so this one is new to them */
        r = callout_begin(&callout, &op->failure);
        if (r < 0)
                return r;
        r = store_write_mdevctl(d->parent, d->uuid, text, false, &op->failure);
        callout_end(&callout, r >= 0);
        if (r == -EEXIST)
                op->failure.status = STATUS_EXISTS;
        if (r >= 0)
                r = store_remove(d, &op->failure);
        if (r >= 0)
                r = autostart_set(d->uuid, false, &op->failure);
        if (r < 0)
                return r;
        /* the file's start=auto replaces the link that enabled the unit */
        return callout.start_auto ? autostart_reload(&op->failure) : 0;
}

static int export_one(Operation *op, const char *uuid) {
        _cleanup_(definition_freep) Definition *d = NULL;
        int r;

        r = lock_take(uuid, LOCK_TIMEOUT, &op->lock, &op->failure);
        if (r < 0)
                return r;
        r = store_load(uuid, &d, &op->failure);
        if (r == -ENOENT)
                return failure_set_text(&op->failure, STATUS_NOT_FOUND, r, "no such definition");
        if (r < 0)
                return r;
        if (d->invalid)
                return define_note_invalid(d, &op->failure);
        if (d->origin == ORIGIN_MDEVCTL)
                return 0;
        if (d->origin == ORIGIN_RUN)
                return failure_set_text(&op->failure, STATUS_EXISTS, -EINVAL,
                                        "it is transient: --saved or --persistent first");
        return export_locked(op, d);
}

static int export_named(const char *name) {
        _cleanup_(operation_done) Operation op = OPERATION_NEW(program_forward);
        char uuid[UUID_LENGTH + 1];

        if (program_uuid(name, uuid) < 0)
                return STATUS_USAGE;
        if (export_one(&op, uuid) < 0)
                return program_fail(uuid, &op.failure);
        printf("%s\n", uuid);
        return STATUS_DONE;
}

static int export_listed(const Definition *d) {
        return export_named(d->uuid);
}

int manage_export(char *names[]) {
        return *names ? program_each(names, export_named) : convert_listed(ORIGIN_ETC, names, export_listed);
}
