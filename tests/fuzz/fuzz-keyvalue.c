/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "base/keyvalue.h"

static void check_number(const char *s, unsigned max) {
        unsigned n = 4711;
        char *end;
        unsigned long long want = strtoull(s, &end, 10);
        bool digits = *s && s[strspn(s, "0123456789")] == '\0';
        int r = keyvalue_parse_number(s, max, &n);

        assert(r == (!digits ? -EINVAL : want > max ? -ERANGE : 0) || (r == -ERANGE && want > max));
        assert(n == (r == 0 ? (unsigned) want : 4711));
}

/* Lines of key=value: each byte is in a line that was seen, and what comes out of one is clean. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(keyvalue_done) KeyValue kv = { .text = (const char *) data, .size = size };
        _cleanup_free_ char *s = fuzz_string(data, size);
        const char *error = NULL;
        size_t last = 0;
        int r;

        while ((r = keyvalue_next(&kv, &error)) != 0) {
                assert(kv.next > last && kv.next <= size && kv.line > 0);
                last = kv.next;
                if (r < 0) {
                        assert(r == -EBADMSG && error && *error);
                        continue;
                }
                assert(kv.key[0] != '#' && !strchr(kv.key, '='));
                assert(!text_error(kv.key, strlen(kv.key), "\t") && !text_error(kv.value, strlen(kv.value), "\t"));
                check_number(kv.value, 86400);
        }
        assert(kv.next == size);
        check_number(s, 86400);
        check_number(s, UINT32_MAX);
        return 0;
}
