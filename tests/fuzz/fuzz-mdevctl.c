/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "definition/mdevctl-json.h"

/* What is written as mdevctl does reads as the same device. */
static void check_format(const Definition *d, const char *parent, bool pretty) {
        _cleanup_(definition_freep) Definition *again = definition_new();
        _cleanup_free_ char *text = pretty ? mdevctl_file_text(d, d->start_auto) : mdevctl_line(d, d->start_auto);

        assert(again && text);
        assert(mdevctl_parse(again, parent, text, strlen(text)) == 0);
        assert(definition_same_device(d, again) && again->start_auto == d->start_auto);
        assert(pretty || !strchr(text, '\n'));
}

/* mdevctl's JSON; what is valid can be imported: written as a native definition that makes the same device. The
 * first line is the parent, which is the name of a directory. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        _cleanup_free_ char *parent = fuzz_line(&data, &size);
        int r;

        if (!definition_name_is_valid(parent))
                return 0;
        r = mdevctl_parse(d, parent, (const char *) data, size);
        fuzz_check_definition(d, r);
        if (r == 0) {
                check_format(d, parent, true);
                check_format(d, parent, false);
        }
        return 0;
}
