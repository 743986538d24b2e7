/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "keyvalue.h"

#include <string.h>

void keyvalue_done(KeyValue *kv) {
        free(kv->key);
        free(kv->value);
        kv->key = kv->value = NULL;
}

static bool is_blank(char c) {
        return c == ' ' || c == '\t';
}

static void trim(const char **p, size_t *n) {
        while (*n > 0 && is_blank(**p)) {
                (*p)++;
                (*n)--;
        }
        while (*n > 0 && is_blank((*p)[*n - 1]))
                (*n)--;
}

/* The length of the UTF-8 sequence at s, or 0 if it is none (RFC 3629: no overlong forms, no surrogates). */
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

static const char *check_bytes(const char *s, size_t n) {
        if (n > 0 && s[n - 1] == '\r')
                return "carriage return at the end of the line (lines end with a newline alone)";
        while (n > 0) {
                size_t length = utf8_length(s, n);

                if (*s == '\0')
                        return "NUL byte";
                if (length == 1 && ((unsigned char) *s < 0x20 || *s == 0x7f) && *s != '\t')
                        return "control character";
                if (length == 0)
                        return "not UTF-8";
                s += length;
                n -= length;
        }
        return NULL;
}

static int parse_line(KeyValue *kv, const char *line, size_t size, const char **ret_error) {
        const char *equals, *value;
        size_t key_size, value_size;

        *ret_error = check_bytes(line, size);
        if (*ret_error)
                return -EBADMSG;
        trim(&line, &size);
        if (size == 0 || *line == '#')
                return 0;
        equals = memchr(line, '=', size);
        if (!equals || equals == line) {
                *ret_error = *line == '[' ? "sections are not known here, only key=value" : "not key=value";
                return -EBADMSG;
        }
        key_size = (size_t) (equals - line);
        value = equals + 1;
        value_size = size - key_size - 1;
        trim(&line, &key_size);
        trim(&value, &value_size);

        kv->key = strndup(line, key_size);
        kv->value = strndup(value, value_size);
        if (!kv->key || !kv->value)
                return -ENOMEM;
        return 1;
}

int keyvalue_next(KeyValue *kv, const char **ret_error) {
        while (kv->next < kv->size) {
                const char *line = kv->text + kv->next;
                size_t left = kv->size - kv->next;
                const char *end = memchr(line, '\n', left);
                size_t size = end ? (size_t) (end - line) : left;
                int r;

                keyvalue_done(kv);
                kv->start = kv->next;
                kv->next += end ? size + 1 : size;
                kv->line++;
                r = parse_line(kv, line, size, ret_error);
                if (r != 0)
                        return r;
        }
        keyvalue_done(kv);
        return 0;
}

int keyvalue_parse_number(const char *s, unsigned max, unsigned *ret) {
        unsigned long n = 0;

        if (*s == '\0')
                return -EINVAL;
        for (; *s; s++) {
                if (*s < '0' || *s > '9')
                        return -EINVAL;
                n = n * 10 + (unsigned long) (*s - '0');
                if (n > max)
                        return -ERANGE;
        }
        *ret = (unsigned) n;
        return 0;
}
