/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <locale.h>

#include "cli/table.h"
#include "cli/terminal.h"

static const TableColumn columns[] = { { "uuid", 0 }, { "type_name", 1 }, { "state", 2 } };
static const TableStyle plain = { .head = true };

typedef struct Row {
        size_t level;
        const char *cells[3];
} Row;

static char *printed(const Row *rows, size_t n, TableStyle style) {
        _cleanup_(table_done) Table t = {};
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert(f);
        table_begin(&t, columns, ELEMENTSOF(columns), style);
        for (size_t i = 0; i < n; i++)
                table_add(&t, rows[i].level, rows[i].cells);
        assert(table_print(&t, f) == 0);
        assert(fclose(f) == 0);
        return text;
}

#define U(n) "00000000-0000-4000-8000-00000000000" #n

static void test_rows(void) {
        static const Row rows[] = { { 0, { "a", "two words", "3" } }, { 0, { "bbbbbb", "-", "-" } } };
        _cleanup_free_ char *empty = printed(NULL, 0, plain), *text = printed(rows, ELEMENTSOF(rows), plain);

        expect_string("empty", empty, "UUID  TYPE NAME  STATE\n");
        expect_string("rows", text,
                      "UUID    TYPE NAME  STATE\n"
                      "a       two words  3\n"
                      "bbbbbb  -          -\n");
}

/* No control characters reach a terminal. Widths are those of characters, in every locale. */
static void test_characters(void) {
        static const Row rows[] = { { 0, { "a\x1b[2J\nb", "\xc3\xa9\xff\xc2\x9b", "1" } },
                                    { 0, { "b", "\xe5\x88\x86\xe5\x89\xb2", "2" } },
                                    { 0, { "c", "e\xcc\x81", "3" } } };
        static const char *const locales[] = { "C", "C.UTF-8", "POSIX", "nosuch" };

        for (size_t i = 0; i < ELEMENTSOF(locales); i++) {
                _cleanup_free_ char *text = NULL;

                assert(setenv("LC_ALL", locales[i], 1) == 0 && setlocale(LC_ALL, "C"));
                text = printed(rows, ELEMENTSOF(rows), plain);
                expect_string(locales[i], text,
                              "UUID           TYPE NAME      STATE\n"
                              "a\\x1b[2J\\x0ab  \xc3\xa9\\xff\\xc2\\x9b  1\n"
                              "b              \xe5\x88\x86\xe5\x89\xb2           2\n"
                              "c              e\xcc\x81              3\n");
        }
}

/* Rows that differ in their UUIDs only are not laid out one by one. */
static void test_alike(void) {
        static const Row rows[] = {
                { 0, { U(1), "a", "active" } }, { 0, { U(2), "a", "active" } }, { 0, { U(3), "a", "active" } },
                { 0, { U(4), "a", "active" } }, { 0, { U(5), "a", "failed" } }, { 0, { U(6), "a", "failed" } },
                { 0, { "7", "a", "failed" } },  { 0, { "8", "a", "failed" } },  { 0, { U(9), "a", "failed" } },
        };
        _cleanup_free_ char *text = printed(rows, ELEMENTSOF(rows), (TableStyle) {}), *colored = NULL;

        expect_string("alike", text,
                      U(1) "  a  active\n" U(2) "  a  active\n" U(3) "  a  active\n" U(4) "  a  active\n"
                      U(5) "  a  failed\n" U(6) "  a  failed\n"
                      "7                                     a  failed\n"
                      "8                                     a  failed\n" U(9) "  a  failed\n");
        colored = printed(rows, 3, (TableStyle) { .colors = true });
        expect_string("colours", colored,
                      U(1) "  a  \033[32mactive" TERMINAL_RESET "\n" U(2) "  a  \033[32mactive" TERMINAL_RESET "\n"
                      U(3) "  a  \033[32mactive" TERMINAL_RESET "\n");
}

static void test_tree(void) {
        static const Row rows[] = {
                { 0, { "p", NULL, NULL } },     { 1, { "t", NULL, NULL } },     { 2, { U(1), "a", "active" } },
                { 2, { U(2), "a", "active" } }, { 2, { U(3), "a", "active" } }, { 1, { "u", NULL, NULL } },
                { 2, { U(4), "a", "active" } }, { 0, { "q", NULL, NULL } },
        };
        static const TableStyle style = { .tree = true };
        _cleanup_free_ char *ascii = NULL, *utf8 = NULL;

        assert(setenv("LC_ALL", "C", 1) == 0);
        ascii = printed(rows, ELEMENTSOF(rows), style);
        expect_string("ASCII", ascii,
                      "p\n"
                      "|-t\n"
                      "| |-" U(1) "  a  active\n"
                      "| |-" U(2) "  a  active\n"
                      "| `-" U(3) "  a  active\n"
                      "`-u\n"
                      "  `-" U(4) "  a  active\n"
                      "q\n");
        assert(setenv("LC_ALL", "C.UTF-8", 1) == 0);
        utf8 = printed(rows, 2, style);
        expect_string("UTF-8", utf8, "p\n\xe2\x94\x94\xe2\x94\x80t\n");
}

/* Columns leave whole, in their order, as the terminal gets narrower. */
static void test_fit(void) {
        static const Row rows[] = { { 0, { "a", "two words", "3" } }, { 0, { "b", "-", "-" } } };
        static const struct {
                const char *width;
                bool head;
                const char *want;
        } cases[] = {
                { "100", false, "a  two words  3\nb  -          -\n" },
                { "15", false, "a  two words  3\nb  -          -\n" },
                { "14", false, "a  3\nb  -\n" },
                { "15", true, "UUID  STATE\na     3\nb     -\n" },
                { "3", false, "a\nb\n" },
                { "1", true, "UUID\na\nb\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = NULL;

                assert(setenv("COLUMNS", cases[i].width, 1) == 0);
                text = printed(rows, ELEMENTSOF(rows), (TableStyle) { .head = cases[i].head, .fit = true });
                expect_string(cases[i].width, text, cases[i].want);
        }
}

int main(void) {
        /* the terminal's width is that of COLUMNS where there is no terminal */
        assert(freopen("/dev/null", "w", stdout));
        test_rows();
        test_characters();
        test_alike();
        test_tree();
        test_fit();
        return 0;
}
