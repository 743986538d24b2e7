/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "create.h"

#include <string.h>

#include "systemd/autostart.h"
#include "base/clock.h"
#include "device/managed.h"
#include "device/parent.h"
#include "cli/program.h"
#include "base/selector.h"
#include "definition/store.h"

/* Devices that are defined: one, or all persistent ones. */

int create_done(const Create *c, const char *uuid, int what, const Failure *f) {
        if (c->no_start)
                return program_done(MESSAGE_DEFINED, uuid, f, "defined%s, not started: %s on %s",
                                    what & MANAGED_DEFINED ? "" : " already", f->type, f->parent);
        if (what & MANAGED_MADE)
                return program_done(MESSAGE_MADE, uuid, f, "made: %s on %s", f->type, f->parent);
        return program_done(MESSAGE_TAKEN, uuid, f, "there already, taken as it is: %s on %s", f->type, f->parent);
}

int create_start(const Create *c, const char *arg) {
        char uuid[UUID_LENGTH + 1];
        Failure f = {};
        int r;

        if (uuid_parse(arg, uuid) < 0) {
                program_error(arg, "not a UUID; to make a device, give PARENT and TYPE (--help)");
                return STATUS_USAGE;
        }
        if (c->mode != _MODE_INVALID || c->dry_run || c->no_start) {
                program_error(uuid, "starting a defined device takes no option but --wait; mdev-manage changes "
                              "its mode");
                return STATUS_USAGE;
        }
        r = managed_start(uuid, c->unit ? CREATE_UNIT : 0, c->wait, c->defaults.wait, &f);
        return r < 0 ? program_fail(uuid, &f) : create_done(c, uuid, r, &f);
}

/* By its kernel name or as d says; a unit has just that name which d says. */
static bool is_parent(const Create *c, const Definition *d) {
        const char *said = definition_parent(d);

        return (said && strcmp(c->parent, said) == 0) ||
                (!c->unit && d->parent && strcmp(c->parent, d->parent) == 0);
}

static bool is_asked_for(const Create *c, const Definition *d, const AutostartLinks *links) {
        return d->uuid[0] != '\0' && mode_of_linked(d, links) == MODE_PERSISTENT && (!c->parent || is_parent(c, d));
}

/* --auto. The first round makes what can be made at once; what then still lacks its parent is waited for, all
 * of it together. */
int create_persistent(const Create *c) {
        _cleanup_(autostart_links_done) AutostartLinks links = {};
        _cleanup_(definition_list_done) DefinitionList list = {};
        uint64_t begin = clock_now();
        int status = STATUS_DONE, r;
        Failure f = {};

        if (store_list(&list, &f) < 0)
                status = program_fail(NULL, &f);
        autostart_links_load(&links);
        for (int round = 0; round < 2; round++)
                for (size_t i = 0; i < list.n; i++) {
                        Definition *d = list.items[i];
                        unsigned wait = c->wait >= 0 ? (unsigned) c->wait : definition_wait(d, c->defaults.wait);
                        unsigned passed = (unsigned) ((clock_now() - begin) / 1000);

                        (void) parent_resolve(d);
                        if (!is_asked_for(c, d, &links))
                                continue;
                        f = (Failure) {};
                        r = managed_start(d->uuid, 0, round == 0 || wait < passed ? 0 : (int) (wait - passed), 0, &f);
                        if (r < 0 && round == 0 && f.status == STATUS_NO_PARENT)
                                continue;
                        if (r >= 0)
                                (void) create_done(c, d->uuid, r, &f);
                        else
                                status = program_fail(d->uuid, &f);
                        d->uuid[0] = '\0'; /* not in the second round */
                }
        return status;
}

/* Milliseconds. Units wait for us, and after a device that took longer they make theirs at once, each for itself. */
#define SLOW 2000U

/* --auto --unit. Nothing is said: a definition that is bad, or fails, is the business of its unit. systemd is about to
 * start the units anyway; but not those whose definitions it has not read yet, and udev is told to leave them alone. */
int create_ahead(const Create *c) {
        _cleanup_(autostart_links_done) AutostartLinks links = {};
        _cleanup_(definition_list_done) DefinitionList list = {};
        _cleanup_(string_list_done) StringList made = {};
        Failure ignored = {};
        uint64_t began;

        /* in the name of a unit, the '!' of a kernel name is a '/', as udev writes it */
        if (c->parent && !selector_is_meant(c->parent))
                for (char *p = c->parent; *p; p++)
                        if (*p == '/')
                                *p = '!';

        (void) !store_list(&list, &ignored);
        autostart_links_load(&links);
        began = clock_now();
        for (size_t i = 0; i < list.n && clock_now() - began <= SLOW; i++)
                if (is_asked_for(c, list.items[i], &links)) {
                        Failure f = {};
                        began = clock_now();
                        if (!(managed_start_ahead(list.items[i]->uuid, &links, &f) & MANAGED_MADE))
                                continue;
                        (void) create_done(c, list.items[i]->uuid, MANAGED_MADE, &f);
                        (void) !string_list_add(&made, list.items[i]->uuid);
                }
        autostart_start(&made);
        return STATUS_DONE;
}
