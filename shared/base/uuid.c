/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/uuid.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

int uuid_parse(const char *s, char ret[static UUID_LENGTH + 1]) {
        char buf[UUID_LENGTH + 1];

        for (size_t i = 0; i < UUID_LENGTH; i++) {
                bool dash = i == 8 || i == 13 || i == 18 || i == 23;
                char c = s[i];

                /* isxdigit() and tolower() depend on the locale, names in /sys do not */
                if (c >= 'A' && c <= 'F')
                        c = (char) (c - 'A' + 'a');
                if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
                        return -EINVAL;
                buf[i] = c;
        }
        if (s[UUID_LENGTH] != '\0')
                return -EINVAL;
        buf[UUID_LENGTH] = '\0';
        memcpy(ret, buf, sizeof(buf));
        return 0;
}

bool uuid_is_canonical(const char *s) {
        char buf[UUID_LENGTH + 1];

        return uuid_parse(s, buf) == 0 && strcmp(s, buf) == 0;
}

int uuid_generate(char ret[static UUID_LENGTH + 1]) {
        uint16_t w[8];

        /* so few bytes come all at once (random(7)) */
        if (getrandom(w, sizeof(w), 0) < 0)
                return -errno;
        (void) snprintf(ret, UUID_LENGTH + 1, "%04x%04x-%04x-4%03x-%04x-%04x%04x%04x", w[0], w[1], w[2], w[3] & 0xfffU,
                        (w[4] & 0x3fffU) | 0x8000U, w[5], w[6], w[7]);
        return 0;
}
