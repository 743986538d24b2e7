/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "base/keyvalue.h"

#define TEXT(s) s, sizeof(s) - 1

/* All lines of a text in one string: "LINE KEY=VALUE|" or "LINE !ERROR|". */
static void dump(const char *text, size_t size, char *ret, size_t ret_size) {
        _cleanup_(keyvalue_done) KeyValue kv = {};
        /* an allocation of just this size, so that ASan sees a step beyond it */
        _cleanup_free_ char *copy = malloc(size > 0 ? size : 1);
        const char *error = NULL;
        size_t n = 0;
        int r;

        assert(copy);
        memcpy(copy, text, size);
        kv.text = copy;
        kv.size = size;
        ret[0] = '\0';
        while ((r = keyvalue_next(&kv, &error)) != 0) {
                assert(r == 1 || r == -EBADMSG);
                if (r == 1)
                        n += (size_t) snprintf(ret + n, ret_size - n, "%u %s=%s|", kv.line, kv.key, kv.value);
                else
                        n += (size_t) snprintf(ret + n, ret_size - n, "%u !%.11s|", kv.line, error);
                assert(n < ret_size);
        }
}

static void test_lines(void) {
        static const struct {
                const char *text;
                size_t size;
                const char *want;
        } rows[] = {
                { TEXT(""), "" },
                { TEXT("\n\n"), "" },
                { TEXT("a=1\n"), "1 a=1|" },
                { TEXT("a=1"), "1 a=1|" },
                { TEXT("a="), "1 a=|" },
                { TEXT("a=b=c"), "1 a=b=c|" },
                { TEXT(" \t a \t=\t b c \t\n"), "1 a=b c|" },
                { TEXT("# a=1\n  #b=2\n\nc=3 # no comment\n"), "4 c=3 # no comment|" },
                { TEXT("a=\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "1 a=\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80|" },
                /* one bad line, and the others count */
                { TEXT("a\nb=2\n"), "1 !not key=val|2 b=2|" },
                { TEXT("=a\nb=2\n"), "1 !not key=val|2 b=2|" },
                { TEXT("  =a"), "1 !not key=val|" },
                { TEXT("[Unit]\nb=2"), "1 !sections ar|2 b=2|" },
                { TEXT("a=1\r\nb=2\r\n"), "1 !carriage re|2 !carriage re|" },
                { TEXT("\r\n"), "1 !carriage re|" },
                { TEXT("# comment\r\n"), "1 !carriage re|" },
                { TEXT("a=1\rb=2\n"), "1 !control cha|" },
                { TEXT("a=\0\nb=2\n"), "1 !NUL byte|2 b=2|" },
                { TEXT("\0"), "1 !NUL byte|" },
                { TEXT("a=\x1b[31m\n"), "1 !control cha|" },
                { TEXT("a=\x7f\n"), "1 !control cha|" },
                { TEXT("a=\xff\n"), "1 !not UTF-8|" },
                { TEXT("a=\x80\n"), "1 !not UTF-8|" },
                { TEXT("a=\xc3\n"), "1 !not UTF-8|" },
                { TEXT("a=\xc3"), "1 !not UTF-8|" },
                { TEXT("a=\xe2\x82"), "1 !not UTF-8|" },
                { TEXT("a=\xc0\xaf"), "1 !not UTF-8|" },         /* overlong '/' */
                { TEXT("a=\xe0\x80\xaf"), "1 !not UTF-8|" },     /* overlong '/' */
                { TEXT("a=\xed\xa0\x80"), "1 !not UTF-8|" },     /* surrogate */
                { TEXT("a=\xf4\x90\x80\x80"), "1 !not UTF-8|" }, /* beyond U+10FFFF */
        };
        char got[256];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                dump(rows[i].text, rows[i].size, got, sizeof(got));
                expect_string(rows[i].text, got, rows[i].want);
        }
}

static void test_long_line(void) {
        _cleanup_(keyvalue_done) KeyValue kv = {};
        _cleanup_free_ char *text = malloc(KEYVALUE_SIZE_MAX);
        const char *error;

        assert(text);
        memset(text, 'x', KEYVALUE_SIZE_MAX);
        text[1] = '=';
        kv.text = text;
        kv.size = KEYVALUE_SIZE_MAX;
        assert(keyvalue_next(&kv, &error) == 1);
        assert(strlen(kv.value) == KEYVALUE_SIZE_MAX - 2);
        assert(keyvalue_next(&kv, &error) == 0);
}

static void test_number(void) {
        static const struct {
                const char *text;
                unsigned max;
                int result;
                unsigned number;
        } rows[] = {
                { "0", 10, 0, 0 },
                { "10", 10, 0, 10 },
                { "007", 10, 0, 7 },
                { "4294967295", 4294967295U, 0, 4294967295U },
                { "11", 10, -ERANGE, 0 },
                { "99999999999999999999999999", 4294967295U, -ERANGE, 0 },
                { "", 10, -EINVAL, 0 },
                { "-1", 10, -EINVAL, 0 },
                { "+1", 10, -EINVAL, 0 },
                { " 1", 10, -EINVAL, 0 },
                { "1 ", 10, -EINVAL, 0 },
                { "1s", 10, -EINVAL, 0 },
                { "0x1", 10, -EINVAL, 0 },
                { "1.5", 10, -EINVAL, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                unsigned n = 77;

                expect_number(rows[i].text, keyvalue_parse_number(rows[i].text, rows[i].max, &n), rows[i].result);
                expect_number(rows[i].text, n, rows[i].result == 0 ? rows[i].number : 77);
        }
}

int main(void) {
        test_lines();
        test_long_line();
        test_number();
        return 0;
}
