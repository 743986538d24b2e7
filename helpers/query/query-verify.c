/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-query --verify. */

#include <fcntl.h>
#include <string.h>

#include "definition/defaults.h"
#include "base/file.h"
#include "base/keyvalue.h"
#include "device/node-owner.h"
#include "cli/program.h"
#include "query.h"
#include "definition/store.h"

/* Who is meant is known only on the host that makes the device. */
static void check_names(Definition *d) {
        NodeOwner p;
        Failure f;

        if (!d->invalid && node_owner_resolve(d, &p, &f) < 0)
                (void) !definition_note(d, 0, false, "%s", f.text);
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

int query_verify(char *files[]) {
        _cleanup_(definition_list_done) DefinitionList list = {};
        Defaults defaults;
        int status = STATUS_DONE;
        Failure f = {};

        for (size_t i = 0; files[i]; i++) {
                int r = verify_file(files[i]);
                if (r != STATUS_DONE)
                        status = r;
        }
        if (files[0])
                return status;
        if (defaults_load(&defaults) >= 0) {
                program_notes(defaults.notes, true);
                defaults_done(&defaults);
        }
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
