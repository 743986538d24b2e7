/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/define.h"

#include <string.h>

#include "definition/store.h"
#include "systemd/autostart.h"

int define_note_invalid(const Definition *d, Failure *f) {
        _cleanup_free_ char *error = definition_first_error(d);

        return failure_set(f, STATUS_INVALID, -EBADMSG, FAILURE_INVALID, .value = error ? error : d->path);
}

int define_check_masked(const char *uuid, Mode mode, Failure *f) {
        if (mode != MODE_PERSISTENT || !autostart_is_masked(NULL, uuid))
                return 0;
        return failure_set(f, STATUS_FAILURE, -EPERM, FAILURE_MASKED, .name = uuid);
}

/* The text with start=auto in it, or without any start=. There is one switch: systemctl enable and disable;
 * start=auto is for hosts that do not have them. */
static int set_start(const char *text, Mode mode, char **ret) {
        bool start_auto = mode == MODE_PERSISTENT && !autostart_available();
        const char *error;

        return definition_edit(text, strlen(text), start_auto ? "start=auto" : "start=", ret, &error);
}

int define_write(Operation *op, const Definition *d, const char *text, Mode mode) {
        Callout callout = { .hooks = &op->callouts, .action = CALLOUT_DEFINE, .definition = d,
                            .start_auto = mode == MODE_PERSISTENT };
        _cleanup_free_ char *written = NULL;
        int r;

        r = set_start(text, mode, &written);
        if (r >= 0 && mode != MODE_TRANSIENT)
                r = callout_begin(&callout, &op->failure);
        if (r < 0)
                return r;
        store_remove_others(d->uuid, ORIGIN_NONE);
        r = store_write(mode == MODE_TRANSIENT ? ORIGIN_RUN : ORIGIN_ETC, d->uuid, written, false, &op->failure);
        callout_end(&callout, r >= 0);
        return r;
}

int define_enable(Operation *op, const Definition *d, Mode mode) {
        int r = autostart_set(d->uuid, mode == MODE_PERSISTENT, &op->failure);

        if (r < 0)
                return r;
        return r > 0 || d->start_auto || definition_has_dependencies(d) ? autostart_reload(&op->failure) : 0;
}

void define_undo(Operation *op, const char *uuid) {
        _cleanup_(definition_freep) Definition *d = NULL;
        Callout callout = { .hooks = &op->callouts, .action = CALLOUT_UNDEFINE };
        Failure why = {};
        int r;

        if (store_load(uuid, &d, NULL) < 0 || d->origin == ORIGIN_MDEVCTL)
                return;
        callout.definition = d;
        callout.start_auto = mode_of(d) == MODE_PERSISTENT;
        /* a script cannot refuse this */
        if (d->origin != ORIGIN_RUN)
                (void) !callout_begin(&callout, NULL);
        r = store_remove(d, &why);
        if (r < 0)
                failure_add_undo(&op->failure, FAILURE_UNDO_DEFINITION, &why);
        callout_end(&callout, r >= 0);
}

int define_device(Operation *op, const Definition *d, const char *text, Mode mode) {
        int r;

        r = define_check_masked(d->uuid, mode, &op->failure);
        if (r >= 0)
                r = define_write(op, d, text, mode);
        if (r < 0)
                return r;
        r = define_enable(op, d, mode);
        if (r < 0)
                define_undo(op, d->uuid);
        return r;
}

/* Writes the new text of d, in the place for the mode, and has scripts asked about that. A transient definition is a
 * record: scripts are told when one becomes a definition that lasts, or the other way round. */
static int rewrite_definition(Operation *op, const Definition *d, const char *text, Mode mode) {
        Origin origin = mode == _MODE_INVALID ? d->origin : mode == MODE_TRANSIENT ? ORIGIN_RUN : ORIGIN_ETC;
        _cleanup_(definition_freep) Definition *next = definition_new();
        _cleanup_free_ char *written = NULL;
        Callout callout = { .hooks = &op->callouts, .definition = next };
        int r = 0;

        callout.action = d->origin == ORIGIN_RUN ? CALLOUT_DEFINE
                : origin == ORIGIN_RUN           ? CALLOUT_UNDEFINE
                                                 : CALLOUT_MODIFY;
        if (mode != _MODE_INVALID) {
                r = set_start(text, mode, &written);
                if (r < 0)
                        return r;
                text = written;
        }
        if (!next || definition_parse(next, text, strlen(text)) == -ENOMEM)
                return -ENOMEM;
        strcpy(next->uuid, d->uuid);
        callout.start_auto = mode == _MODE_INVALID ? next->start_auto || autostart_is_enabled(NULL, d->uuid)
                                                   : mode == MODE_PERSISTENT;
        if (d->origin != ORIGIN_RUN || origin != ORIGIN_RUN)
                r = callout_begin(&callout, &op->failure);
        if (r < 0)
                return r;
        r = store_write(origin, d->uuid, text, origin == d->origin, &op->failure);
        if (r >= 0) {
                r = origin != d->origin ? store_remove(d, &op->failure) : 0;
                store_remove_others(d->uuid, r < 0 ? d->origin : origin);
        }
        callout_end(&callout, r >= 0);
        return r;
}

int redefine_device(Operation *op, const Definition *d, const char *text, Mode mode) {
        int r, enabled = 0;

        r = define_check_masked(d->uuid, mode, &op->failure);
        /* first, because it may fail and can be undone; the text may lose its start=auto */
        if (r >= 0 && mode == MODE_PERSISTENT)
                r = enabled = autostart_set(d->uuid, true, &op->failure);
        if (r < 0)
                return r;
        r = rewrite_definition(op, d, text, mode);
        if (r < 0 && enabled > 0)
                (void) !autostart_set(d->uuid, false, NULL);
        if (r >= 0 && (mode == MODE_SAVED || mode == MODE_TRANSIENT))
                r = autostart_set(d->uuid, false, &op->failure);
        /* the generator may write something else now: for dependencies, description, the parent, start=auto */
        return r < 0 ? r : autostart_reload(&op->failure);
}

int undefine_device(Operation *op, const Definition *d) {
        Callout callout = { .hooks = &op->callouts, .action = CALLOUT_UNDEFINE, .definition = d,
                            .start_auto = mode_of(d) == MODE_PERSISTENT };
        int r = 0, disabled;

        if (d->origin != ORIGIN_RUN)
                r = callout_begin(&callout, &op->failure);
        if (r < 0)
                return r;
        r = disabled = autostart_set(d->uuid, false, &op->failure);
        if (r >= 0)
                r = store_remove(d, &op->failure);
        callout_end(&callout, r >= 0);
        if (r < 0)
                return r;
        store_remove_others(d->uuid, ORIGIN_NONE);
        return disabled > 0 || d->start_auto ? autostart_reload(&op->failure) : 0;
}
