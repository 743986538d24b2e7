/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/keyvalue.h"

#include <string.h>

#include "base/text.h"

void keyvalue_done(KeyValue *kv) {
        free(kv->key);
        free(kv->value);
        kv->key = kv->value = NULL;
}

static bool is_blank(char c) {
        return c == ' ' || c == '\t';
}

void keyvalue_trim(const char **p, size_t *n) {
        while (*n > 0 && is_blank(**p)) {
                (*p)++;
                (*n)--;
        }
        while (*n > 0 && is_blank((*p)[*n - 1]))
                (*n)--;
}

static const char *find_bad_bytes(const char *s, size_t n) {
        if (n > 0 && s[n - 1] == '\r')
                return "carriage return at the end of the line (lines end with a newline alone)";
        return text_error(s, n, "\t");
}

static int parse_line(KeyValue *kv, const char *line, size_t size, const char **ret_error) {
        const char *equals, *value;
        size_t key_size, value_size;

        *ret_error = find_bad_bytes(line, size);
        if (*ret_error)
                return -EBADMSG;
        keyvalue_trim(&line, &size);
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
        keyvalue_trim(&line, &key_size);
        keyvalue_trim(&value, &value_size);

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
        unsigned long n;

        if (*s == '\0' || s[strspn(s, "0123456789")] != '\0')
                return -EINVAL;
        errno = 0;
        n = strtoul(s, NULL, 10);
        if (errno != 0 || n > max)
                return -ERANGE;
        *ret = (unsigned) n;
        return 0;
}
