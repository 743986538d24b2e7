/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "base/uuid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *s = fuzz_string(data, size);
        char uuid[UUID_LENGTH + 1], again[UUID_LENGTH + 1];

        if (uuid_parse(s, uuid) < 0) {
                assert(!uuid_is_canonical(s));
                return 0;
        }
        assert(strlen(s) == UUID_LENGTH && strlen(uuid) == UUID_LENGTH);
        assert(strcasecmp(s, uuid) == 0);
        assert(strspn(uuid, "0123456789abcdef-") == UUID_LENGTH);
        assert(uuid_is_canonical(uuid) && uuid_is_canonical(s) == (strcmp(s, uuid) == 0));
        assert(uuid_parse(uuid, again) == 0 && strcmp(uuid, again) == 0);
        return 0;
}
