/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks definitions and defaults, without applying them. */

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/keyvalue.h"
#include "cli/failure-text.h"
#include "cli/program.h"
#include "definition/defaults.h"
#include "definition/store.h"
#include "device/node-owner.h"

static const char help[] =
        "Usage: mdev-verify [FILE]...\n"
        "Check definitions of mediated devices: FILEs, or all definitions and defaults of\n"
        "this host. Each mistake is reported as FILE:LINE.\n\n"
        "  -h, --help      print this help\n"
        "  -V, --version   print the version\n\n"
        "Exit status is 18 if a definition is invalid. See mdev-verify(8) for details.\n";

/* A user or group may exist on the host that creates the device, and not on this one: that is a warning. */
static void check_names(Definition *d) {
        _cleanup_(failure_done) Failure f = {};
        _cleanup_free_ char *text = NULL;
        NodeOwner owner;

        if (d->invalid || node_owner_resolve(d, &owner, &f) >= 0)
                return;
        text = failure_text(&f);
        if (text)
                (void) !definition_note(d, 0, false, "%s", text);
}

static int verify_file(const char *path) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (!d || !(d->path = strdup(path)))
                return STATUS_FAILURE;
        r = file_read_at(AT_FDCWD, path, KEYVALUE_SIZE_MAX, &text, &size);
        if (r < 0) {
                program_error(path, "%s", file_reason(r));
                return r == -ENOENT ? STATUS_NOT_FOUND : STATUS_INVALID;
        }
        r = definition_parse(d, text, size);
        check_names(d);
        program_notes(d, true);
        return r < 0 ? STATUS_INVALID : STATUS_DONE;
}

static int verify_host(void) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        int status = STATUS_DONE;
        _cleanup_(defaults_done) Defaults defaults = {};
        _cleanup_(failure_done) Failure f = {};

        if (defaults_load(&defaults) >= 0)
                program_notes(defaults.notes, true);
        if (store_list(&list, &f) < 0)
                status = program_fail(NULL, &f);
        for (size_t i = 0; i < list.n; i++) {
                check_names(list.items[i]);
                program_notes(list.items[i], true);
                if (list.items[i]->invalid)
                        status = STATUS_INVALID;
        }
        return status;
}

static int run(int argc, char *argv[]) {
        return argc == 0 ? verify_host() : program_each(argv, verify_file);
}

DEFINE_MAIN_FUNCTION(.help = help, .run = run)
