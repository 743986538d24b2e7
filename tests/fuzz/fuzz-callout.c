/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

/* what reads a script's answers is static there */
#include "../../shared/device/callout.c"

/* Anything that a script may print: as attributes it gives valid ones or an error with its reason, and as
 * capabilities nothing that cannot be asked for its members. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        _cleanup_free_ char *text = fuzz_string(data, size);
        _cleanup_(json_freep) json_object *supports = NULL;
        int r;

        r = mdevctl_parse_attributes(d, text, strlen(text));
        assert(r == 0 || (r == -EBADMSG && d->n_notes > 0));
        for (size_t i = 0; i < d->n_attributes; i++) {
                assert(definition_attribute_is_valid(d->attributes[i].name));
                assert(strlen(d->attributes[i].value) <= 4096);
        }
        supports = parse_supports(text);
        if (supports)
                for (size_t i = 0; i < ELEMENTSOF(actions); i++)
                        (void) lists(supports, "actions", actions[i]);
        if (supports)
                (void) lists(supports, "events", "live");
        return 0;
}
