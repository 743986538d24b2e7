/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

/* The name of an attribute (first line) and one value, as mdevctl.c and the parser hand them over. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        _cleanup_free_ char *name = fuzz_line(&data, &size), *value = fuzz_string(data, size);

        d->parent = strdup("mtty");
        d->type = strdup("mtty-1");
        if (definition_attribute_is_valid(name) && definition_add_attribute(d, 0, name, value) >= 0) {
                assert(d->n_attributes == 1 && strcmp(d->attributes[0].value, value) == 0);
                fuzz_check_definition(d, definition_finish(d));
        }
        return 0;
}
