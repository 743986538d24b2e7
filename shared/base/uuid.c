/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/uuid.h"

#include <string.h>
#include <sys/random.h>

static bool is_dash_position(size_t i) {
        return i == 8 || i == 13 || i == 18 || i == 23;
}

int uuid_parse(const char *s, char ret[static UUID_LENGTH + 1]) {
        char buf[UUID_LENGTH + 1];

        for (size_t i = 0; i < UUID_LENGTH; i++) {
                char c = s[i];

                /* isxdigit() and tolower() depend on the locale, names in /sys do not */
                if (c >= 'A' && c <= 'F')
                        c = (char) (c - 'A' + 'a');
                if (is_dash_position(i) ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
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
        unsigned char b[16];
        char *p = ret;

        if (getrandom(b, sizeof(b), 0) != (ssize_t) sizeof(b))
                return errno > 0 ? -errno : -EIO;
        b[6] = (unsigned char) ((b[6] & 0x0f) | 0x40);
        b[8] = (unsigned char) ((b[8] & 0x3f) | 0x80);
        for (size_t i = 0; i < sizeof(b); i++) {
                if (is_dash_position((size_t) (p - ret)))
                        *p++ = '-';
                *p++ = "0123456789abcdef"[b[i] >> 4];
                *p++ = "0123456789abcdef"[b[i] & 0x0f];
        }
        *p = '\0';
        return 0;
}
