/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

/* The native format: whatever is in the file, the parser gives a valid definition or says why not; a valid one can
 * be written and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(definition_freep) Definition *d = definition_new();

        fuzz_check_definition(d, definition_parse(d, (const char *) data, size));
        return 0;
}
