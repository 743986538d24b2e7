/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

/* What is printed has no control character, and text that has none is printed as it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *s = fuzz_string(data, size), *printed = NULL;
        size_t n;
        FILE *f = open_memstream(&printed, &n);

        assert(f);
        text_print(f, s);
        assert(fclose(f) == 0);
        assert(!text_error(printed, n, ""));
        assert((strcmp(s, printed) == 0) == !text_error(s, strlen(s), ""));
        return 0;
}
