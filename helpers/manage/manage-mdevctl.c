/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manage.h"

#include <string.h>

#include "systemd/autostart.h"
#include "device/callout.h"
#include "device/lock.h"
#include "device/managed.h"
#include "definition/mdevctl-json.h"
#include "cli/program.h"
#include "definition/store.h"

/* Between mdevctl's definitions and native ones. */

/* True if d is what PARENT/UUID names, or if nothing is named. */
static bool is_named(const Definition *d, char **names) {
        if (!*names)
                return true;
        for (; *names; names++) {
                const char *slash = strrchr(*names, '/');

                if (slash && d->parent && strcmp(slash + 1, d->uuid) == 0 && strlen(d->parent) == (size_t) (slash - *names) &&
                    strncmp(*names, d->parent, strlen(d->parent)) == 0)
                        return true;
        }
        return false;
}

/* Writes the native one first: a crash leaves both, and then the native one counts. */
static int import_one(const Definition *d, Failure *f) {
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        _cleanup_free_ char *text = NULL;
        int r;

        if (d->invalid)
                return managed_invalid(d, f);
        r = lock_take(d->uuid, MANAGED_LOCK_TIMEOUT, &lock, f);
        if (r < 0)
                return r;
        r = definition_format(d, &text);
        if (r < 0)
                return r;
        r = managed_define(d, text, d->start_auto ? MODE_PERSISTENT : MODE_SAVED, f);
        return r < 0 ? r : store_remove(d, f);
}

int manage_import(char *names[]) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        int status = STATUS_DONE;
        bool found = false;
        Failure f = {};

        if (store_list(&list, &f) < 0)
                status = program_fail(NULL, &f);
        for (size_t i = 0; i < list.n; i++) {
                const Definition *d = list.items[i];

                if (d->origin != ORIGIN_MDEVCTL || !is_named(d, names))
                        continue;
                found = true;
                f = (Failure) {};
                if (d->uuid[0] == '\0') {
                        program_notes(d, true);
                        status = STATUS_INVALID;
                } else if (import_one(d, &f) < 0)
                        status = program_fail(d->uuid, &f);
                else
                        printf("%s\n", d->uuid);
        }
        if (*names && !found) {
                program_error(*names, "no such definition in /etc/mdevctl.d, or a native one exists");
                status = STATUS_NOT_FOUND;
        }
        return status;
}

/* What mdevctl's format has no key for. */
static int check_exportable(const Definition *d, Failure *f) {
        const struct {
                const char *key;
                bool set;
        } keys[] = { { "description", d->description }, { "after", d->after }, { "requires", d->requires },
                     { "wants", d->wants }, { "wait", d->wait >= 0 }, { "node_user", d->node_user },
                     { "node_group", d->node_group }, { "node_mode", d->node_mode >= 0 } };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (keys[i].set && r == 0)
                        r = failure_set(f, STATUS_FAILURE, -ENOTSUP, "mdevctl's format has no place for %s=", keys[i].key);
                else if (keys[i].set)
                        failure_append(f, ", %s=", keys[i].key);
        if (r < 0)
                failure_append(f, ": remove that first");
        else if (d->selector)
                r = failure_set(f, STATUS_FAILURE, -ENOTSUP, "mdevctl knows a parent only by its kernel name, not as %s: "
                                "change parent= first", d->selector);
        return r;
}

/* Writes mdevctl's first: a crash leaves both, and then the native one still counts. */
static int export_locked(const Definition *d, Failure *f) {
        bool start_auto = mode_of(d) == MODE_PERSISTENT;
        _cleanup_free_ char *text = NULL;
        Callout callout;
        int r;

        r = check_exportable(d, f);
        if (r < 0)
                return r;
        if (mdevctl_format(d, start_auto, 0, &text) < 0)
                return -ENOMEM;
        /* scripts read mdevctl's directory, and now hear of it for the first time */
        r = callout_begin(CALLOUT_DEFINE, d, start_auto, &callout, f);
        if (r < 0)
                return r;
        r = store_write_mdevctl(d->parent, d->uuid, text, false, f);
        callout_end(&callout, r >= 0);
        if (r == -EEXIST)
                f->status = STATUS_EXISTS;
        if (r >= 0)
                r = store_remove(d, f);
        if (r >= 0)
                r = autostart_set(d->uuid, false, f);
        if (r < 0 && r != -ENOENT)
                return r;
        /* start=auto in the file, from now on */
        return start_auto ? autostart_reload(f) : 0;
}

static int export_one(const char *uuid, Failure *f) {
        _cleanup_(definition_freep) Definition *d = NULL;
        _cleanup_(lock_done) Lock lock = LOCK_NONE;
        int r;

        r = lock_take(uuid, MANAGED_LOCK_TIMEOUT, &lock, f);
        if (r < 0)
                return r;
        r = store_load(uuid, &d, f);
        if (r == -ENOENT)
                return failure_set(f, STATUS_NOT_FOUND, r, "no such definition");
        if (r < 0)
                return r;
        if (d->invalid)
                return managed_invalid(d, f);
        if (d->origin == ORIGIN_MDEVCTL)
                return 0;
        if (d->origin == ORIGIN_RUN)
                return failure_set(f, STATUS_EXISTS, -EINVAL, "it is transient: --saved or --persistent first");
        return export_locked(d, f);
}

static int export_named(const char *name) {
        char uuid[UUID_LENGTH + 1];
        Failure f = {};

        if (uuid_parse(name, uuid) < 0) {
                program_error(name, "not a UUID (8-4-4-4-12 hex digits)");
                return STATUS_USAGE;
        }
        if (export_one(uuid, &f) < 0)
                return program_fail(uuid, &f);
        printf("%s\n", uuid);
        return STATUS_DONE;
}

int manage_export(char *names[]) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        int status = STATUS_DONE, r;
        Failure f = {};

        for (char **name = names; *name; name++) {
                r = export_named(*name);
                status = r != STATUS_DONE ? r : status;
        }
        if (*names)
                return status;
        if (store_list(&list, &f) < 0)
                status = program_fail(NULL, &f);
        for (size_t i = 0; i < list.n; i++) {
                const Definition *d = list.items[i];

                if (d->origin != ORIGIN_ETC)
                        continue;
                if (d->uuid[0] == '\0') {
                        program_notes(d, true);
                        status = STATUS_INVALID;
                        continue;
                }
                r = export_named(d->uuid);
                status = r != STATUS_DONE ? r : status;
        }
        return status;
}
