/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* Tables and trees for people, laid out by libsmartcols. It is loaded with the first row: that alone takes half as
 * long as mdev-query takes without devices. */

#define TABLE_LIBRARY "libsmartcols.so.1"
#define TABLE_COLUMNS_MAX 24
#define TABLE_LEVELS_MAX 3 /* of a tree */

typedef struct TableColumn {
        const char *key;
        unsigned hide; /* in a narrow terminal, the 1st, 2nd... column to be hidden; 0: never */
} TableColumn;

typedef struct TableStyle {
        bool tree;         /* the first column is the tree */
        bool head, colors; /* column headings; colours in the column "state" */
        bool fit;          /* hide columns where rows would be wider than the terminal */
} TableStyle;

typedef struct Table {
        const TableColumn *columns;
        size_t n_columns;
        TableStyle style;
        struct libscols_table *layout;
        struct libscols_line *last[TABLE_LEVELS_MAX]; /* of each level */
        int error;
} Table;

/* Begins a table; the n <= TABLE_COLUMNS_MAX columns have to outlive it. Headings are the keys in upper case, with
 * spaces for '_'. */
void table_begin(Table *t, const TableColumn *columns, size_t n, TableStyle style) _nonnull_(1, 2);
void table_done(Table *t);

/* Adds a row: a cell for each column, or NULL. In a tree, levels 1 and 2 go below the last row of the level above;
 * elsewhere level is 0. Control characters and bytes that are not UTF-8 are printed as \xNN. */
void table_add(Table *t, size_t level, const char *const *cells) _nonnull_(1, 3);

/* Returns 0; or -ENOMEM, or -ELIBACC where libsmartcols is missing, and prints nothing. */
int table_print(Table *t, FILE *f) _nonnull_(1, 2) _must_check_;
