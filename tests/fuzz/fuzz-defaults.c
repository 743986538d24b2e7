/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "definition/defaults.h"

int LLVMFuzzerInitialize(_unused_ int *argc, _unused_ char ***argv) {
        fuzz_sandbox();
        return 0;
}

/* /etc/mdev-tools/mdev-tools.conf and a file below /etc/mdev-tools/mdev-tools.conf.d, cut apart at a form feed: what is wrong in them is a note, and
 * what comes out is in its bounds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const uint8_t *feed = size > 0 ? memchr(data, '\f', size) : NULL;
        size_t n = feed ? (size_t) (feed - data) : size;
        Defaults c;

        fuzz_file("/etc/mdev-tools/mdev-tools.conf", data, n);
        if (feed)
                fuzz_file("/etc/mdev-tools/mdev-tools.conf.d/a.conf", feed + 1, size - n - 1);
        assert(defaults_load(&c) == 0);
        assert(c.mode == MODE_TRANSIENT || c.mode == MODE_SAVED || c.mode == MODE_PERSISTENT);
        assert(c.wait <= DEFINITION_WAIT_MAX && c.callout_timeout <= DEFINITION_WAIT_MAX);
        assert(!c.notes->invalid);
        defaults_done(&c);
        fuzz_empty("/etc");
        return 0;
}
