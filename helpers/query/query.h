/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/filter.h"
#include "cli/output.h"
#include "cli/table.h"

/* The parts of mdev-query. A function that returns an int prints what it found, or a message, and returns an exit
 * status. */

enum { FORMAT_TABLE, FORMAT_JSON, FORMAT_EXPORT, FORMAT_TREE };

/* What was asked for. */
typedef struct Query {
        Filter filter;
        int format, no_legend;
        const char *columns[TABLE_COLUMNS_MAX + 1], *sort[TABLE_COLUMNS_MAX + 1]; /* fields, NULL at the end */
} Query;

/* Devices that pass the filter; each of its UUIDs has to be there. */
int query_devices(const Query *q) _nonnull_(1);

/* The registered parents. */
int query_parents(const Query *q) _nonnull_(1);

/* The types of q->filter.parent, or of all parents. A tree has the parents, too, and perhaps live devices. */
int query_types(const Query *q, bool with_devices) _nonnull_(1);

/* ---- how it is printed --------------------------------------------------------------------------------------- */

typedef struct Columns {
        TableColumn items[TABLE_COLUMNS_MAX];
        size_t fields[TABLE_COLUMNS_MAX], n;
        size_t sort[TABLE_COLUMNS_MAX], n_sort; /* fields of --sort */
} Columns;

/* What is printed. Fields are numbered as in --json. */
typedef struct Rows Rows;
struct Rows {
        const char *const *fields; /* their names, NULL at the end */
        const Columns *columns;
        size_t n;
        void *data;
        json_object *(*get)(const Rows *rows, size_t row, size_t field); /* a value, which the caller frees; or NULL */
};

/* Finds the columns of the table, those of --columns or the usual ones, and the fields of --sort. */
int query_choose_columns(const Query *q, const char *const *fields, const TableColumn *usual, size_t n, Columns *ret)
        _nonnull_(1, 2, 3, 5) _must_check_;

/* Prints rows in the order and format that was asked for. */
int query_print(const Query *q, const Rows *rows) _nonnull_(1, 2);

/* Trees: begin, add parents, types below them and devices below these, end. A type has its name and numbers if its
 * parent is there; mode and state may be NULL. */
void query_begin_tree(Table *t) _nonnull_(1);
void query_add_parent(Table *t, const char *parent) _nonnull_(1, 2);
void query_add_type(Table *t, const char *parent, const char *type) _nonnull_(1, 2, 3);
void query_add_device(Table *t, const char *uuid, const char *mode, const char *state) _nonnull_(1, 2);
int query_end_table(Table *t) _nonnull_(1);
