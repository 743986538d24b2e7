/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* A table for people. */

#define TABLE_COLUMNS_MAX 24

typedef struct Cell {
        size_t offset, length; /* in Table.text, bytes */
        size_t width;          /* columns of a terminal */
        const char *color;     /* what begins it, or NULL */
} Cell;

typedef struct TableColumn {
        const char *key;
        unsigned goes; /* in a narrow terminal, the 1st, 2nd... to be left out; 0: it stays */
} TableColumn;

typedef struct TableStyle {
        size_t width; /* of the terminal; 0: there is no limit */
        bool colors, head;
} TableStyle;

typedef struct Table {
        const TableColumn *columns;
        size_t n_columns;
        char *text;
        size_t n_text, size_text;
        Cell *cells; /* row by row, the head first */
        size_t n_cells, size_cells;
        bool failed; /* out of memory: some are missing */
} Table;

/* Begins a table with its head: keys, in upper case and with spaces for '_'. At most TABLE_COLUMNS_MAX columns, which
 * have to outlive the table. */
void table_begin(Table *t, const TableColumn *columns, size_t n) _nonnull_(1, 2);
void table_done(Table *t);

/* Adds the next cell of a row; NULL or empty is shown as '-'. Control characters, and what is not UTF-8, could fool
 * whoever reads it: they become spaces. */
void table_add(Table *t, const char *text, const char *color) _nonnull_(1);

/* Which of n columns are shown in a terminal of this width, two spaces between them: all that fit, none cut. */
void table_fit(const TableColumn *columns, const size_t *widths, size_t n, size_t width, bool *ret_shown)
        _nonnull_(1, 2, 5);

/* Returns 0, or -ENOMEM and prints nothing. */
int table_print(const Table *t, const TableStyle *style, FILE *f) _nonnull_(1, 2, 3) _must_check_;
