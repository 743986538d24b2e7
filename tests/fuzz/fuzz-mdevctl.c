/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "definition/mdevctl-json.h"

/* mdevctl's JSON; what is valid can be imported: written as a native definition that makes the same device. The
 * first line is the parent, which is the name of a directory. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        _cleanup_free_ char *parent = fuzz_line(&data, &size);

        if (definition_name_is_valid(parent))
                fuzz_check_definition(d, mdevctl_parse(d, parent, (const char *) data, size));
        return 0;
}
