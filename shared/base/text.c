/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"

#include <string.h>

/* The length of the UTF-8 sequence at s, or 0 if it is invalid (RFC 3629: no overlong forms, no surrogates). */
static size_t utf8_length(const char *s, size_t n) {
        const unsigned char *u = (const unsigned char *) s;
        size_t length;
        unsigned long c;

        if (u[0] < 0x80)
                return 1;
        if (u[0] >= 0xc2 && u[0] <= 0xdf)
                length = 2;
        else if (u[0] >= 0xe0 && u[0] <= 0xef)
                length = 3;
        else if (u[0] >= 0xf0 && u[0] <= 0xf4)
                length = 4;
        else
                return 0;
        if (n < length)
                return 0;
        c = u[0] & (0xffU >> (length + 1));
        for (size_t i = 1; i < length; i++) {
                if ((u[i] & 0xc0) != 0x80)
                        return 0;
                c = (c << 6) | (u[i] & 0x3f);
        }
        if ((length == 3 && c < 0x800) || (length == 4 && (c < 0x10000 || c > 0x10ffff)) ||
            (c >= 0xd800 && c <= 0xdfff))
                return 0;
        return length;
}

/* C0, DEL, and C1 in its UTF-8 form (U+0080 to U+009F). */
static bool is_control(const char *s, size_t length) {
        const unsigned char *u = (const unsigned char *) s;

        return (length == 1 && (u[0] < 0x20 || u[0] == 0x7f)) || (length == 2 && u[0] == 0xc2 && u[1] < 0xa0);
}

const char *text_error(const char *s, size_t n, const char *allowed) {
        while (n > 0) {
                size_t length = utf8_length(s, n);

                if (*s == '\0')
                        return "NUL byte";
                if (length == 0)
                        return "not UTF-8";
                if (is_control(s, length) && !strchr(allowed, *s))
                        return "control character";
                s += length;
                n -= length;
        }
        return NULL;
}

size_t text_printable(const char *s, size_t n) {
        size_t length = utf8_length(s, n);

        return is_control(s, length) ? 0 : length;
}

void text_print(FILE *f, const char *s) {
        for (size_t n = strlen(s); n > 0;) {
                size_t length = text_printable(s, n);

                if (length == 0)
                        fprintf(f, "\\x%02x", (unsigned) (unsigned char) *s);
                else
                        fwrite(s, 1, length, f);
                length += length == 0;
                s += length;
                n -= length;
        }
}
