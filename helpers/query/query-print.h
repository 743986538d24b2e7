/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/output.h"
#include "query.h"
#include "cli/table.h"

typedef struct Columns {
        TableColumn items[TABLE_COLUMNS_MAX];
        size_t n;
} Columns;

/* Lines of the tree. A name may be NULL; available < 0: there are no numbers. */
void query_print_parent(const char *parent) _nonnull_(1);
void query_print_type(const char *type, const char *name, size_t used, long available) _nonnull_(1);

/* Each of the following returns an exit status. */

/* The columns of the table: those of --columns, or the usual ones. What --columns and --sort name has to be one of
 * fields (NULL at the end), and else is an error. */
int query_choose_columns(const Query *q, const char *const *fields, const TableColumn *usual, size_t n, Columns *ret)
        _nonnull_(1, 2, 3, 5) _must_check_;

int query_print_table(const Query *q, const Table *t) _nonnull_(1, 2);

/* Prints rows in the order and format that was asked for. */
int query_print(const Query *q, json_object *rows, const Columns *columns) _nonnull_(1, 2, 3);
