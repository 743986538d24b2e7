/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "base/text.h"

#define TEXT(s) s, sizeof(s) - 1

static void test_error(void) {
        static const struct {
                const char *text;
                size_t size;
                const char *allowed, *want;
        } rows[] = {
                { TEXT(""), "", NULL },
                { TEXT("a b\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "", NULL },
                { TEXT("a\tb\n"), "\t\n", NULL },
                { TEXT("a\tb\n"), "\t", "control character" },
                { TEXT("a\tb"), "", "control character" },
                { TEXT("a\0b"), "\t", "NUL byte" },
                { TEXT("\x1b[2J"), "\t\n", "control character" },
                { TEXT("\x7f"), "\t\n", "control character" },
                { TEXT("\xc2\x9b" "2J"), "\t\n", "control character" }, /* CSI, as one character */
                { TEXT("\xc2\x80"), "", "control character" },
                { TEXT("\xc2\xa0"), "", NULL },
                { TEXT("\x9b" "2J"), "", "not UTF-8" },
                { TEXT("\xc2"), "", "not UTF-8" },
                { TEXT("\xe2\x82"), "", "not UTF-8" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                expect_string(rows[i].text, text_error(rows[i].text, rows[i].size, rows[i].allowed), rows[i].want);
}

static void test_print(void) {
        static const struct {
                const char *text, *want;
        } rows[] = {
                { "", "" },
                { "a b\xc3\xa9\xf0\x9f\x98\x80", "a b\xc3\xa9\xf0\x9f\x98\x80" },
                { "back\\slash", "back\\slash" },
                { "\x1b]0;title\a", "\\x1b]0;title\\x07" },
                { "a\nmdev-create: b\r", "a\\x0amdev-create: b\\x0d" },
                { "\xc2\x9b" "2J", "\\xc2\\x9b2J" },
                { "\x9b" "2J\xff", "\\x9b2J\\xff" },
                { "\xe2\x82", "\\xe2\\x82" },
                { "\x7f\t", "\\x7f\\x09" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *got = NULL;
                size_t size;
                FILE *f = open_memstream(&got, &size);

                assert(f);
                text_print(f, rows[i].text);
                assert(fclose(f) == 0);
                expect_string(rows[i].text, got, rows[i].want);
        }
}

int main(void) {
        test_error();
        test_print();
        return 0;
}
