/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* define, undefine, modify: what is written to /etc/mdevctl.d. */
#include "commands.h"

#include <assert.h>
#include <string.h>

#include "systemd/autostart.h"
#include "definition/mdevctl-json.h"
#include "device/define.h"
#include "device/record.h"

/* Has systemd see what has changed. The definition stands, whatever becomes of that. */
static void reload(void) {
        _cleanup_(failure_done) Failure f = {};

        if (autostart_reload(&f) < 0)
                warn("%s", reason(&f));
}

static int already_defined(const Definition *d) {
        return fail(NULL, "Device %s on %s already defined", d->uuid, d->parent);
}

static bool is_defined(const char *uuid, const char *parent) {
        _cleanup_(definition_list_done) DefinitionList list = {};

        return store_list_mdevctl(uuid, parent, &list, NULL) >= 0 && list.n > 0;
}

/* ---- define -------------------------------------------------------------------------------------------------- */

static int define_by_file(const Options *o, const char *uuid, Definition **ret) {
        if (access(o->jsonfile, F_OK) >= 0 && !o->parent)
                return fail(NULL, "Parent device required to define device via \"%s\"", o->jsonfile);
        if (access(o->jsonfile, F_OK) >= 0 && is_defined(uuid, o->parent))
                return fail(NULL, "Cowardly refusing to overwrite existing config for %s/%s", o->parent, uuid);
        return read_jsonfile("file", o->jsonfile, uuid, o->parent ? o->parent : "", ret);
}

/* What is not given is as in the live device with this UUID, if there is one. */
static int define_by_options(const Options *o, const char *uuid, Definition **ret) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        const char *parent = o->parent, *type = o->type;
        Live live;

        if (!d)
                return fail(NULL, "out of memory");
        if ((o->given & OPTION_UUID) && find_live(uuid, &live)) {
                if (!parent && !type)
                        parent = live.parent;
                if (!type)
                        type = live.type;
        }
        if (!parent)
                return fail(NULL, "No parent specified");
        if (!type)
                return fail(NULL, "No type specified");
        if (!definition_name_is_valid(parent))
                return fail(NULL, "Invalid parent '%s'", parent);
        if (!definition_name_is_valid(type))
                return fail(NULL, "Invalid type '%s'", type);
        strcpy(d->uuid, uuid);
        d->start_auto = o->given & OPTION_AUTO;
        d->parent = strdup(parent);
        d->type = strdup(type);
        if (!d->parent || !d->type)
                return fail(NULL, "out of memory");
        if (is_defined(uuid, parent))
                return already_defined(d);
        *ret = STEAL_PTR(d);
        return 0;
}

/* Writes d, and has scripts asked. Returns 0 or 1 after a message. */
static int write_definition(Operation *op, const Definition *d, CalloutAction action) {
        Callout callout = { .hooks = &op->callouts, .action = action, .definition = d, .start_auto = d->start_auto };
        _cleanup_free_ char *text = NULL;
        int r;

        if (mdevctl_format(d, d->start_auto, 0, &text) < 0)
                return fail(NULL, "out of memory");
        if (callout_begin(&callout, &op->failure) < 0)
                return fail(NULL, "%s", reason(&op->failure));
        r = store_write_mdevctl(d->parent, d->uuid, text, action == CALLOUT_MODIFY, &op->failure);
        callout_end(&callout, r >= 0);
        if (r == -EEXIST)
                return already_defined(d);
        if (r < 0)
                return fail(reason(&op->failure), "Failed to write config for device %s", d->uuid);
        return 0;
}

/* A transient device that is defined now: its record would hide the definition. */
static void forget_record(const Definition *d) {
        _cleanup_(definition_freep) Definition *first = NULL;
        _cleanup_(failure_done) Failure f = {};

        if (store_load(d->uuid, &first, NULL) < 0 || first->origin != ORIGIN_RUN || first->invalid ||
            strcmp(first->parent, d->parent) != 0 || strcmp(first->type, d->type) != 0)
                return;
        if (store_remove(first, &f) < 0)
                warn("%s", reason(&f));
}

static int define_locked(Operation *op, Definition *d, bool promote) {
        _cleanup_(definition_freep) Definition *first = NULL;
        Live live;

        if (store_load(d->uuid, &first, NULL) >= 0 && first->origin == ORIGIN_ETC)
                return fail(NULL, "Device %s is already defined by %s", d->uuid, first->path);
        /* the scripts that are asked next are to see all of it */
        if (promote && find_live(d->uuid, &live) && strcmp(live.parent, d->parent) == 0 &&
            strcmp(live.type, d->type) == 0 && callout_get_attributes(&op->callouts, d, &op->failure) < 0)
                return fail(NULL, "%s", reason(&op->failure));
        if (write_definition(op, d, CALLOUT_DEFINE) != 0)
                return 1;
        forget_record(d);
        if (d->start_auto)
                reload();
        return 0;
}

int command_define(const Options *o) {
        _cleanup_(operation_done) Operation op = MDEVCTL_OPERATION;
        _cleanup_(definition_freep) Definition *d = NULL;
        char uuid[UUID_LENGTH + 1];
        int r;

        strcpy(uuid, o->uuid);
        if (!(o->given & OPTION_UUID) && (r = uuid_generate(uuid)) < 0)
                return fail(NULL, "cannot generate a UUID: %s", failure_reason(r));
        r = o->jsonfile ? define_by_file(o, uuid, &d) : define_by_options(o, uuid, &d);
        if (r != 0)
                return r;
        assert(d);
        if (lock_take(uuid, LOCK_TIMEOUT, &op.lock, &op.failure) < 0)
                return fail(NULL, "%s", reason(&op.failure));
        r = define_locked(&op, d, !o->jsonfile && o->given & OPTION_UUID);
        record_clear_if_gone(&op.lock);
        if (r == 0 && !(o->given & OPTION_UUID))
                puts(uuid);
        return r;
}

/* ---- undefine ------------------------------------------------------------------------------------------------ */

static int undefine_locked(Operation *op, const Definition *d) {
        Callout callout = { .hooks = &op->callouts, .action = CALLOUT_UNDEFINE, .definition = d,
                            .start_auto = d->start_auto };
        int r;

        if (is_effective(d))
                return undefine_device(op, d);
        /* its unit is that of another definition */
        r = callout_begin(&callout, &op->failure);
        if (r < 0)
                return r;
        r = store_remove(d, &op->failure);
        callout_end(&callout, r >= 0);
        return r;
}

static int undefine_one(const Definition *d) {
        _cleanup_(operation_done) Operation op = MDEVCTL_OPERATION;
        int r;

        r = lock_take(d->uuid, LOCK_TIMEOUT, &op.lock, &op.failure);
        if (r >= 0) {
                r = undefine_locked(&op, d);
                record_clear_if_gone(&op.lock);
        }
        if (r < 0)
                warn("Undefine of %s on parent %s failed with error: %s", d->uuid, d->parent, reason(&op.failure));
        return r;
}

int command_undefine(const Options *o) {
        _cleanup_(definition_list_done) DefinitionList list = {};

        if (find_defined(o->uuid, o->parent, &list) < 0)
                return fail(NULL, "out of memory");
        if (list.n == 0)
                return fail(NULL, "No devices match the specified uuid");
        /* mdevctl removes all of them, and so takes away devices that nobody meant */
        if (list.n > 1)
                return fail(NULL, "Multiple definitions found for device %s. Please specify a parent.", o->uuid);
        return undefine_one(list.items[0]) < 0 ? fail(NULL, "Undefine failed") : STATUS_DONE;
}

/* ---- modify -------------------------------------------------------------------------------------------------- */

static int invalid_index(const Definition *d, unsigned index) {
        _cleanup_free_ char *hint = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&hint, &size);
        if (!f)
                return fail(NULL, "out of memory");
        if (d->n_attributes == 0)
                fprintf(f, "Device %s has no attributes", d->uuid);
        else
                print_attributes(f, d);
        if (fclose(f) != 0)
                return fail(NULL, "out of memory");
        return fail(NULL, "Attribute index %u is invalid\n%s", index, hint);
}

/* Moves the last attribute to index. */
static void move_last(Definition *d, size_t index) {
        Attribute last = d->attributes[d->n_attributes - 1];

        memmove(&d->attributes[index + 1], &d->attributes[index],
                (d->n_attributes - 1 - index) * sizeof(*d->attributes));
        d->attributes[index] = last;
}

static int add_attribute(Definition *d, const Options *o) {
        size_t index = o->given & OPTION_INDEX ? o->index : d->n_attributes;

        if (index > d->n_attributes)
                return invalid_index(d, o->index);
        if (!definition_attribute_is_valid(o->addattr))
                return fail(NULL, "Invalid attribute '%s'", o->addattr);
        if (definition_add_attribute(d, 0, o->addattr, o->value) < 0)
                return fail(NULL, "%s", d->n_notes > 0 ? d->notes[d->n_notes - 1].text : "out of memory");
        move_last(d, index);
        return 0;
}

static int delete_attribute(Definition *d, const Options *o) {
        size_t index;

        if (!(o->given & OPTION_INDEX) && d->n_attributes == 0)
                return 0;
        index = o->given & OPTION_INDEX ? o->index : d->n_attributes - 1;
        if (index >= d->n_attributes)
                return invalid_index(d, o->index);
        free(d->attributes[index].name);
        free(d->attributes[index].value);
        d->n_attributes--;
        memmove(&d->attributes[index], &d->attributes[index + 1], (d->n_attributes - index) * sizeof(*d->attributes));
        return 0;
}

static int change_definition(Definition *d, const Options *o) {
        if (o->type) {
                if (!definition_name_is_valid(o->type))
                        return fail(NULL, "Invalid type '%s'", o->type);
                free(d->type);
                d->type = strdup(o->type);
                if (!d->type)
                        return fail(NULL, "out of memory");
        }
        if (o->given & (OPTION_AUTO | OPTION_MANUAL))
                d->start_auto = o->given & OPTION_AUTO;
        if (o->given & OPTION_ADDATTR)
                return add_attribute(d, o);
        return o->given & OPTION_DELATTR ? delete_attribute(d, o) : 0;
}

/* Writes the definition, and has systemd told if that changes when its device is started. */
static int modify_definition(Operation *op, const Definition *d, bool was_auto, bool manual) {
        int r = 0;

        if (write_definition(op, d, CALLOUT_MODIFY) != 0)
                return 1;
        /* the other way to start automatically: systemctl enable */
        if (manual && is_effective(d)) {
                r = autostart_set(d->uuid, false, &op->failure);
                if (r < 0 && r != -ENOENT)
                        warn("%s", reason(&op->failure));
        }
        if (r > 0 || d->start_auto != was_auto)
                reload();
        return STATUS_DONE;
}

static int modify_defined(Operation *op, const Options *o) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        _cleanup_(definition_freep) Definition *file = NULL;
        Definition *d;
        bool was_auto;
        int r;

        if (o->jsonfile && !o->parent)
                return fail(NULL, "Parent device required to modify device via json file");
        if (o->jsonfile) {
                r = read_jsonfile("file", o->jsonfile, o->uuid, o->parent, &file);
                if (r != 0)
                        return r;
        }
        if (find_defined(o->uuid, o->parent, &list) < 0)
                return fail(NULL, "out of memory");
        if (file) {
                was_auto = list.n > 0 && list.items[0]->start_auto;
                return modify_definition(op, file, was_auto, !file->start_auto);
        }
        d = one_defined(&list, o->uuid, o->parent);
        if (!d)
                return 1;
        was_auto = d->start_auto;
        r = change_definition(d, o);
        return r != 0 ? r : modify_definition(op, d, was_auto, o->given & OPTION_MANUAL);
}

/* The record of a transient device is to say what it is like now. */
static void update_record(const Definition *d) {
        _cleanup_(definition_freep) Definition *record = NULL;
        _cleanup_(failure_done) Failure f = {};
        _cleanup_free_ char *text = NULL;

        if (store_load(d->uuid, &record, NULL) < 0 || record->origin != ORIGIN_RUN || record->invalid)
                return;
        if (definition_format(d, &text) < 0 || store_write(ORIGIN_RUN, d->uuid, text, true, &f) < 0)
                warn("%s", reason(&f));
}

static int modify_live(Operation *op, const Options *o) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        _cleanup_(definition_freep) Definition *d = NULL;
        Definition *defined = NULL;
        Live live;
        int r;

        if (!find_live(o->uuid, &live) || (o->parent && strcmp(o->parent, live.parent) != 0))
                return fail(NULL, "Mediated device %s%s%s is not active", o->parent ? o->parent : "",
                            o->parent ? "/" : "", o->uuid);
        r = read_jsonfile("file", o->jsonfile, o->uuid, live.parent, &d);
        if (r != 0)
                return r;
        if (strcmp(d->type, live.type) != 0)
                return fail(NULL, "'type' cannot be changed on active mdev");
        if (o->given & OPTION_DEFINED) {
                if (find_defined(o->uuid, live.parent, &list) < 0)
                        return fail(NULL, "out of memory");
                defined = one_defined(&list, o->uuid, live.parent);
                if (!defined)
                        return 1;
                if (strcmp(defined->type, d->type) != 0)
                        return fail(NULL, "'type' of active and defined mdev does not match");
        }
        if (callout_modify_live(&op->callouts, d, &op->failure) < 0)
                return fail(NULL, "%s", reason(&op->failure));
        if (defined)
                return modify_definition(op, d, defined->start_auto, !d->start_auto);
        d->start_auto = false;
        update_record(d);
        return STATUS_DONE;
}

int command_modify(const Options *o) {
        _cleanup_(operation_done) Operation op = MDEVCTL_OPERATION;
        int r;

        if (lock_take(o->uuid, LOCK_TIMEOUT, &op.lock, &op.failure) < 0)
                return fail(NULL, "%s", reason(&op.failure));
        r = o->given & OPTION_LIVE ? modify_live(&op, o) : modify_defined(&op, o);
        record_clear_if_gone(&op.lock);
        return r;
}
