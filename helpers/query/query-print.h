/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/output.h"
#include "cli/table.h"
#include "query.h"

typedef struct Rows Rows;

/* What is printed. Fields are numbered as in --json. */
struct Rows {
        const char *const *fields; /* their names, NULL at the end */
        size_t n;
        void *data;
        /* Returns the text of a field, in buf or where the rows have it; or NULL, and in *ret the value that is no text, which
         * the caller frees. Neither: the field has no value. */
        const char *(*get)(const Rows *rows, size_t row, size_t field, char buf[static 64], json_object **ret);
};

typedef struct Columns {
        TableColumn items[TABLE_COLUMNS_MAX];
        size_t fields[TABLE_COLUMNS_MAX], n;
        size_t sort[TABLE_COLUMNS_MAX], n_sort; /* fields of --sort */
} Columns;

/* Trees: begin, add parents, types below them and devices below these, end. A name may be NULL; available < 0: there are no
 * numbers; mode and state may be NULL. */
void query_begin_tree(Table *t) _nonnull_(1);
void query_add_parent(Table *t, const char *parent) _nonnull_(1, 2);
void query_add_type(Table *t, const char *type, const char *name, size_t used, long available) _nonnull_(1, 2);
void query_add_device(Table *t, const char *uuid, const char *mode, const char *state) _nonnull_(1, 2);

/* Each of the following returns an exit status, after a message if it is not 0. */

int query_end_table(Table *t) _nonnull_(1);

/* Finds the columns of the table, those of --columns or the usual ones, and the fields of --sort. */
int query_choose_columns(const Query *q, const char *const *fields, const TableColumn *usual, size_t n, Columns *ret)
        _nonnull_(1, 2, 3, 5) _must_check_;

/* Prints rows in the order and format that was asked for. */
int query_print(const Query *q, const Rows *rows, const Columns *columns) _nonnull_(1, 2, 3);
