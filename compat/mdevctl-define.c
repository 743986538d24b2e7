/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* define, undefine, modify: what is written to /etc/mdevctl.d. */
#include "mdevctl.h"

#include <assert.h>
#include <string.h>

#include "systemd/autostart.h"
#include "definition/mdevctl-json.h"
#include "device/define.h"
#include "device/record.h"

/* If it fails, the definition is still in place: a warning. */
static void reload_systemd(void) {
        _cleanup_(failure_done) Failure f = {};

        if (autostart_reload(&f) < 0)
                report_failure_as_warning(&f);
}

static int report_already_defined(const Definition *d) {
        return report_error("Device %s on %s already defined", d->uuid, d->parent);
}

static bool is_defined(const char *uuid, const char *parent) {
        _cleanup_(definition_list_done) DefinitionList list = {};

        return store_list_mdevctl(uuid, parent, &list, NULL) >= 0 && list.n > 0;
}

/* ---- define -------------------------------------------------------------------------------------------------- */

static int read_definition_from_file(const Options *o, Definition **ret) {
        if (access(o->jsonfile, F_OK) >= 0 && !o->parent)
                return report_error("Parent device required to define device via \"%s\"", o->jsonfile);
        if (access(o->jsonfile, F_OK) >= 0 && is_defined(o->uuid, o->parent))
                return report_error("Cowardly refusing to overwrite existing config for %s/%s", o->parent, o->uuid);
        return read_jsonfile("file", o->jsonfile, o->uuid, o->parent ? o->parent : "", ret);
}

/* What is not given is taken from the live device with this UUID, if there is one. */
static int read_definition_from_options(const Options *o, Definition **ret) {
        _cleanup_(definition_freep) Definition *d = NULL;
        const char *parent = o->parent, *type = o->type;
        LiveDevice live;

        if ((o->given & OPTION_UUID) && read_live_device(o->uuid, &live)) {
                if (!parent && !type)
                        parent = live.parent;
                if (!type)
                        type = live.type;
        }
        if (!parent)
                return report_error("No parent specified");
        if (!type)
                return report_error("No type specified");
        if (!definition_name_is_valid(parent))
                return report_error("Invalid parent '%s'", parent);
        if (!definition_name_is_valid(type))
                return report_error("Invalid type '%s'", type);
        d = definition_new_device(o->uuid, parent, type);
        if (!d)
                return report_no_memory();
        d->start_auto = o->given & OPTION_AUTO;
        if (is_defined(o->uuid, parent))
                return report_already_defined(d);
        *ret = STEAL_PTR(d);
        return 0;
}

/* Asks scripts, and writes d. Returns 0, or 1 after a message. */
static int write_definition(Operation *op, const Definition *d, CalloutAction action) {
        Callout callout = { .hooks = &op->callouts, .action = action, .definition = d, .start_auto = d->start_auto };
        _cleanup_free_ char *text = mdevctl_file_text(d, d->start_auto);
        int r;

        if (!text)
                return report_no_memory();
        if (callout_begin(&callout, &op->failure) < 0)
                return report_failure(&op->failure);
        r = store_write_mdevctl(d->parent, d->uuid, text, action == CALLOUT_MODIFY, &op->failure);
        callout_end(&callout, r >= 0);
        if (r == -EEXIST)
                return report_already_defined(d);
        if (r < 0)
                return report_error_with_cause(failure_words(&op->failure), "Failed to write config for device %s",
                                               d->uuid);
        return 0;
}

/* The record of a transient device would hide its new definition. */
static void remove_record(const Definition *d) {
        _cleanup_(definition_freep) Definition *first = NULL;
        _cleanup_(failure_done) Failure f = {};

        if (store_load(d->uuid, &first, NULL) < 0 || first->origin != ORIGIN_RUN || first->invalid ||
            strcmp(first->parent, d->parent) != 0 || strcmp(first->type, d->type) != 0)
                return;
        if (store_remove(first, &f) < 0)
                report_failure_as_warning(&f);
}

static int define_locked(Operation *op, Definition *d, bool from_live) {
        _cleanup_(definition_freep) Definition *first = NULL;

        if (store_load(d->uuid, &first, NULL) >= 0 && first->origin == ORIGIN_ETC)
                return report_error("Device %s is already defined by %s", d->uuid, first->path);
        /* the scripts that are asked next get its attributes, too */
        if (from_live && is_live(d) && callout_get_attributes(&op->callouts, d, &op->failure) < 0)
                return report_failure(&op->failure);
        if (write_definition(op, d, CALLOUT_DEFINE) != 0)
                return STATUS_FAILURE;
        remove_record(d);
        if (d->start_auto)
                reload_systemd();
        return 0;
}

int command_define(const Options *o) {
        _cleanup_(operation_done) Operation op = MDEVCTL_OPERATION;
        _cleanup_(definition_freep) Definition *d = NULL;
        int r;

        r = o->jsonfile ? read_definition_from_file(o, &d) : read_definition_from_options(o, &d);
        if (r != 0)
                return r;
        assert(d);
        if (lock_take(o->uuid, LOCK_TIMEOUT, &op.lock, &op.failure) < 0)
                return report_failure(&op.failure);
        r = define_locked(&op, d, !o->jsonfile && o->given & OPTION_UUID);
        record_clear_if_gone(&op.lock);
        return r;
}

/* ---- undefine ------------------------------------------------------------------------------------------------ */

static int undefine_locked(Operation *op, const Definition *d) {
        Callout callout = { .hooks = &op->callouts, .action = CALLOUT_UNDEFINE, .definition = d,
                            .start_auto = d->start_auto };
        int r;

        if (is_definition_of_unit(d))
                return undefine_device(op, d);
        /* the unit uses another definition, and stays enabled */
        r = callout_begin(&callout, &op->failure);
        if (r < 0)
                return r;
        r = store_remove(d, &op->failure);
        callout_end(&callout, r >= 0);
        return r;
}

int command_undefine(const Options *o) {
        _cleanup_(operation_done) Operation op = MDEVCTL_OPERATION;
        _cleanup_(definition_list_done) DefinitionList list = {};
        const Definition *d;
        int r;

        if (list_definitions(o->uuid, o->parent, &list) < 0)
                return report_no_memory();
        if (list.n == 0)
                return report_error("No devices match the specified uuid");
        /* mdevctl would remove all of them */
        if (list.n > 1)
                return report_error("Multiple definitions found for device %s. Please specify a parent.", o->uuid);
        d = list.items[0];
        r = lock_take(d->uuid, LOCK_TIMEOUT, &op.lock, &op.failure);
        if (r >= 0) {
                r = undefine_locked(&op, d);
                record_clear_if_gone(&op.lock);
        }
        if (r >= 0)
                return STATUS_DONE;
        report_warning("Undefine of %s on parent %s failed with error: %s", d->uuid, d->parent,
                       failure_words(&op.failure));
        return report_error("Undefine failed");
}

/* ---- modify -------------------------------------------------------------------------------------------------- */

static int report_invalid_index(const Definition *d, unsigned index) {
        _cleanup_free_ char *attributes = NULL;
        size_t size;
        FILE *f;

        if (d->n_attributes == 0)
                return report_error("Attribute index %u is invalid\nDevice %s has no attributes", index, d->uuid);
        f = open_memstream(&attributes, &size);
        if (!f)
                return report_no_memory();
        print_attributes(f, d);
        return fclose(f) != 0 ? report_no_memory()
                              : report_error("Attribute index %u is invalid\n%s", index, attributes);
}

static int add_attribute(Definition *d, const Options *o) {
        size_t n = d->n_attributes, index = o->given & OPTION_INDEX ? o->index : n;
        Attribute added;

        if (index > n)
                return report_invalid_index(d, o->index);
        if (!definition_attribute_is_valid(o->addattr))
                return report_error("Invalid attribute '%s'", o->addattr);
        if (definition_add_attribute(d, 0, o->addattr, o->value) < 0)
                return report_error("%s", d->n_notes > 0 ? d->notes[d->n_notes - 1].text : "out of memory");
        added = d->attributes[n];
        memmove(&d->attributes[index + 1], &d->attributes[index], (n - index) * sizeof(added));
        d->attributes[index] = added;
        return 0;
}

static int delete_attribute(Definition *d, const Options *o) {
        size_t index = o->given & OPTION_INDEX ? o->index : d->n_attributes - 1;

        if (!(o->given & OPTION_INDEX) && d->n_attributes == 0)
                return 0;
        if (index >= d->n_attributes)
                return report_invalid_index(d, o->index);
        free(d->attributes[index].name);
        free(d->attributes[index].value);
        d->n_attributes--;
        memmove(&d->attributes[index], &d->attributes[index + 1], (d->n_attributes - index) * sizeof(*d->attributes));
        return 0;
}

static int edit_definition(Definition *d, const Options *o) {
        if (o->type) {
                if (!definition_name_is_valid(o->type))
                        return report_error("Invalid type '%s'", o->type);
                free(d->type);
                d->type = strdup(o->type);
                if (!d->type)
                        return report_no_memory();
        }
        if (o->given & (OPTION_AUTO | OPTION_MANUAL))
                d->start_auto = o->given & OPTION_AUTO;
        if (o->given & OPTION_ADDATTR)
                return add_attribute(d, o);
        return o->given & OPTION_DELATTR ? delete_attribute(d, o) : 0;
}

/* Writes the definition, and reloads systemd if it changes what is started automatically. */
static int modify_definition(Operation *op, const Definition *d, bool was_auto, bool manual) {
        int r = 0;

        if (write_definition(op, d, CALLOUT_MODIFY) != 0)
                return STATUS_FAILURE;
        /* systemctl enable is the other way to start it automatically */
        if (manual && is_definition_of_unit(d)) {
                r = autostart_set(d->uuid, false, &op->failure);
                if (r < 0)
                        report_failure_as_warning(&op->failure);
        }
        if (r > 0 || d->start_auto != was_auto)
                reload_systemd();
        return STATUS_DONE;
}

static int modify_defined(Operation *op, const Options *o) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        _cleanup_(definition_freep) Definition *file = NULL;
        Definition *d;
        bool was_auto;
        int r;

        if (o->jsonfile && !o->parent)
                return report_error("Parent device required to modify device via json file");
        r = o->jsonfile ? read_jsonfile("file", o->jsonfile, o->uuid, o->parent, &file) : 0;
        if (r != 0)
                return r;
        if (list_definitions(o->uuid, o->parent, &list) < 0)
                return report_no_memory();
        if (file) {
                was_auto = list.n > 0 && list.items[0]->start_auto;
                return modify_definition(op, file, was_auto, !file->start_auto);
        }
        d = get_single_definition(&list, o->uuid, o->parent);
        if (!d)
                return STATUS_FAILURE;
        was_auto = d->start_auto;
        r = edit_definition(d, o);
        return r != 0 ? r : modify_definition(op, d, was_auto, o->given & OPTION_MANUAL);
}

/* If the device is transient, its record gets the new attributes. */
static void update_record(const Definition *d) {
        _cleanup_(definition_freep) Definition *record = NULL;
        _cleanup_(failure_done) Failure f = {};
        _cleanup_free_ char *text = NULL;

        if (store_load(d->uuid, &record, NULL) < 0 || record->origin != ORIGIN_RUN || record->invalid)
                return;
        if (definition_format(d, &text) < 0 || store_write(ORIGIN_RUN, d->uuid, text, true, &f) < 0)
                report_failure_as_warning(&f);
}

static int modify_live(Operation *op, const Options *o) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        _cleanup_(definition_freep) Definition *d = NULL;
        Definition *defined = NULL;
        LiveDevice live;
        int r;

        if (!read_live_device(o->uuid, &live) || (o->parent && strcmp(o->parent, live.parent) != 0))
                return report_error("Mediated device %s%s%s is not active", o->parent ? o->parent : "",
                            o->parent ? "/" : "", o->uuid);
        r = read_jsonfile("file", o->jsonfile, o->uuid, live.parent, &d);
        if (r != 0)
                return r;
        if (strcmp(d->type, live.type) != 0)
                return report_error("'type' cannot be changed on active mdev");
        if (o->given & OPTION_DEFINED) {
                if (list_definitions(o->uuid, live.parent, &list) < 0)
                        return report_no_memory();
                defined = get_single_definition(&list, o->uuid, live.parent);
                if (!defined)
                        return STATUS_FAILURE;
                if (strcmp(defined->type, d->type) != 0)
                        return report_error("'type' of active and defined mdev does not match");
        }
        if (callout_modify_live(&op->callouts, d, &op->failure) < 0)
                return report_failure(&op->failure);
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
                return report_failure(&op.failure);
        r = o->given & OPTION_LIVE ? modify_live(&op, o) : modify_defined(&op, o);
        record_clear_if_gone(&op.lock);
        return r;
}
