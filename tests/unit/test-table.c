/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <stdint.h>

#include "cli/table.h"
#include "cli/terminal.h"

static const TableColumn columns[] = { { "uuid", 0 }, { "type_name", 1 }, { "left", 2 } };

/* What is printed of rows of three cells. */
static char *printed(const char *const *cells, size_t n, const TableStyle *style) {
        _cleanup_(table_done) Table t = {};
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert(f);
        table_begin(&t, columns, ELEMENTSOF(columns));
        for (size_t i = 0; i < n; i++)
                table_add(&t, cells[i], i % 3 == 2 && cells[i] ? "<" : NULL);
        assert(table_print(&t, style, f) == 0);
        assert(fclose(f) == 0);
        return text;
}

static const TableStyle plain = { .head = true };

static void test_rows(void) {
        static const char *const cells[] = { "a", "two words", "3", "bbbbbb", NULL, NULL, "c/d", "", "0" };
        _cleanup_free_ char *empty = printed(NULL, 0, &plain), *rows = printed(cells, ELEMENTSOF(cells), &plain);

        expect_string("empty", empty, "UUID  TYPE NAME  LEFT\n");
        expect_string("rows", rows,
                      "UUID    TYPE NAME  LEFT\n"
                      "a       two words  3\n"
                      "bbbbbb  -          -\n"
                      "c/d     -          0\n");
}

/* A table is for a terminal: no control characters reach it. Columns are counted in characters. */
static void test_characters(void) {
        static const char *const cells[] = { "a\x1b[2J\nb", "\xc3\xa9\xff\xc2\x9b", "1" };
        _cleanup_free_ char *text = printed(cells, ELEMENTSOF(cells), &plain);

        expect_string("characters", text, "UUID     TYPE NAME  LEFT\na [2J b  \xc3\xa9          1\n");
}

/* More than fits into what is allocated first. */
static void test_many(void) {
        static const char *cells[3 * 1000];
        _cleanup_free_ char *text = NULL;

        for (size_t i = 0; i < ELEMENTSOF(cells); i++)
                cells[i] = i % 3 == 1 ? "0123456789" : "x";
        text = printed(cells, ELEMENTSOF(cells), &plain);
        assert(strlen(text) == strlen("UUID  TYPE NAME   LEFT\n") + 1000 * strlen("x     0123456789  x\n"));
        assert(strcmp(text + strlen(text) - 20, "x     0123456789  x\n") == 0);
}

static void test_style(void) {
        static const char *const cells[] = { "a", "two words", "3", "b", "", NULL };
        static const struct {
                const char *name;
                TableStyle style;
                const char *want;
        } rows[] = {
                { "no head", { 0 }, "a  two words  3\nb  -          -\n" },
                { "narrower without its head", { .width = 15 }, "a  two words  3\nb  -          -\n" },
                { "too narrow", { .width = 14 }, "a  3\nb  -\n" },
                { "too narrow for the head", { .width = 18, .head = true }, "UUID  LEFT\na     3\nb     -\n" },
                { "one is left", { .width = 3 }, "a\nb\n" },
                { "narrower than that", { .width = 1, .head = true }, "UUID\na\nb\n" },
                { "colours", { .colors = true }, "a  two words  <3" TERMINAL_RESET "\nb  -          -\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *text = printed(cells, ELEMENTSOF(cells), &rows[i].style);

                expect_string(rows[i].name, text, rows[i].want);
        }
}

static void test_fit(void) {
        static const TableColumn four[] = { { "a", 2 }, { "b", 0 }, { "c", 1 }, { "d", 3 } };
        static const size_t widths[] = { 10, 20, 5, 8 };
        static const struct {
                size_t width;
                bool shown[4];
        } rows[] = {
                { SIZE_MAX, { true, true, true, true } }, { 49, { true, true, true, true } },
                { 48, { true, true, false, true } },      { 42, { true, true, false, true } },
                { 41, { false, true, false, true } },     { 30, { false, true, false, true } },
                { 29, { false, true, false, false } },    { 1, { false, true, false, false } },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                bool shown[4];
                char name[16];

                (void) snprintf(name, sizeof(name), "%zu", rows[i].width);
                table_fit(four, widths, ELEMENTSOF(four), rows[i].width, shown);
                expect_true(name, memcmp(shown, rows[i].shown, sizeof(shown)) == 0);
        }
}

int main(void) {
        test_rows();
        test_characters();
        test_many();
        test_style();
        test_fit();
        return 0;
}
