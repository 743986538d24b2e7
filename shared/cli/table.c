/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/table.h"

#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "cli/terminal.h"
#include "base/text.h"

void table_done(Table *t) {
        free(t->text);
        free(t->cells);
        *t = (Table) {};
}

/* Makes room for one more cell, and n bytes of text. */
static bool make_room(Table *t, size_t n) {
        if (t->size_text - t->n_text < n) {
                size_t size = 2 * t->size_text + n;
                char *text = realloc(t->text, size);

                if (!text)
                        return false;
                t->text = text;
                t->size_text = size;
        }
        if (t->n_cells == t->size_cells) {
                size_t size = 2 * t->size_cells + 64;
                Cell *cells = reallocarray(t->cells, size, sizeof(*cells));

                if (!cells)
                        return false;
                t->cells = cells;
                t->size_cells = size;
        }
        return true;
}

void table_add(Table *t, const char *text, const char *color) {
        size_t n, width = 0;
        char *p;

        if (!text || !*text)
                text = "-";
        n = strlen(text);
        if (t->failed || !make_room(t, n)) {
                t->failed = true;
                return;
        }
        p = t->text + t->n_text;
        memcpy(p, text, n);
        for (size_t i = 0; i < n; width++) {
                size_t length = p[i] >= ' ' && p[i] < 0x7f ? 1 : text_printable(p + i, n - i);

                if (length == 0)
                        p[i] = ' ';
                i += length + (length == 0);
        }
        t->cells[t->n_cells++] = (Cell) { .offset = t->n_text, .length = n, .width = width, .color = color };
        t->n_text += n;
}

void table_begin(Table *t, const TableColumn *columns, size_t n) {
        assert(n <= TABLE_COLUMNS_MAX);
        *t = (Table) { .columns = columns, .n_columns = n };
        for (size_t i = 0; i < n; i++) {
                char head[64];

                (void) snprintf(head, sizeof(head), "%s", columns[i].key);
                for (char *p = head; *p; p++)
                        *p = (char) (*p == '_' ? ' ' : toupper((unsigned char) *p));
                table_add(t, head, NULL);
        }
}

/* The width of each column, from the cell first on. */
static void measure(const Table *t, size_t first, size_t ret[static TABLE_COLUMNS_MAX]) {
        memset(ret, 0, TABLE_COLUMNS_MAX * sizeof(*ret));
        for (size_t i = first; i < t->n_cells; i += t->n_columns)
                for (size_t c = 0; c < t->n_columns; c++)
                        if (t->cells[i + c].width > ret[c])
                                ret[c] = t->cells[i + c].width;
}

void table_fit(const TableColumn *columns, const size_t *widths, size_t n, size_t width, bool *ret_shown) {
        size_t total = 0;
        unsigned last = 0;

        for (size_t i = 0; i < n; i++) {
                ret_shown[i] = true;
                total += widths[i] + (i > 0 ? 2 : 0);
                if (columns[i].goes > last)
                        last = columns[i].goes;
        }
        for (unsigned next = 1; next <= last && total > width; next++)
                for (size_t i = 0; i < n; i++)
                        if (columns[i].goes == next) {
                                ret_shown[i] = false;
                                total -= widths[i] + 2;
                        }
}

static void pad(FILE *f, size_t n) {
        static const char spaces[] = "                                                                ";

        for (size_t part; n > 0; n -= part) {
                part = n < sizeof(spaces) - 1 ? n : sizeof(spaces) - 1;
                fwrite(spaces, 1, part, f);
        }
}

static void print_cell(const Table *t, const Cell *cell, bool colors, FILE *f) {
        if (colors && cell->color)
                fputs(cell->color, f);
        fwrite(t->text + cell->offset, 1, cell->length, f);
        if (colors && cell->color)
                fputs(TERMINAL_RESET, f);
}

int table_print(const Table *t, const TableStyle *style, FILE *f) {
        size_t first = style->head ? 0 : t->n_columns, widths[TABLE_COLUMNS_MAX];
        bool shown[TABLE_COLUMNS_MAX];

        if (t->failed)
                return -ENOMEM;
        measure(t, first, widths);
        table_fit(t->columns, widths, t->n_columns, style->width > 0 ? style->width : SIZE_MAX, shown);
        for (size_t i = first; i < t->n_cells; i += t->n_columns) {
                size_t gap = 0; /* behind the last cell there is none */

                for (size_t c = 0; c < t->n_columns; c++) {
                        const Cell *cell = &t->cells[i + c];

                        if (!shown[c])
                                continue;
                        pad(f, gap);
                        print_cell(t, cell, style->colors, f);
                        gap = widths[c] - cell->width + 2;
                }
                fputc('\n', f);
        }
        return 0;
}
