/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-query: order, columns and formats. */

#include "query.h"

#include <limits.h>
#include <string.h>

#include "cli/program.h"
#include "cli/terminal.h"
#include "kernel/sysfs.h"

int query_end_table(Table *t) {
        int r = table_print(t, stdout);

        if (r >= 0)
                return STATUS_DONE;
        return program_error_as(STATUS_FAILURE, NULL, "cannot lay out the table with " TABLE_LIBRARY
                                ": %s (--json needs no layout)", strerror(-r));
}

void query_begin_tree(Table *t) {
        static const TableColumn columns[] = { { .key = "name" }, { .key = "mode" }, { .key = "state" } };

        table_begin(t, columns, ELEMENTSOF(columns),
                    (TableStyle) { .tree = true, .colors = terminal_has_colors(STDOUT_FILENO) });
}

void query_add_parent(Table *t, const char *parent) {
        table_add(t, 0, (const char *[]) { *parent ? parent : "-", NULL, NULL });
}

void query_add_type(Table *t, const char *parent, const char *type) {
        _cleanup_close_ int fd = *parent && *type ? sysfs_open_type(parent, type) : -ENOENT;
        char name[PATH_MAX], numbers[2][48] = {};
        _cleanup_free_ char *text = NULL;
        long available;
        size_t used;

        if (fd >= 0 && sysfs_read(fd, SYSFS_TYPE_NAME, name, sizeof(name)) >= 0 &&
            asprintf(&text, "%s (%s)", type, name) < 0)
                text = NULL;
        if (fd >= 0 && sysfs_type_numbers(fd, &available, &used) >= 0) {
                (void) snprintf(numbers[0], sizeof(numbers[0]), "%zu used", used);
                (void) snprintf(numbers[1], sizeof(numbers[1]), "%ld available", available);
        }
        table_add(t, 1, (const char *[]) { text ? text : *type ? type : "-", numbers[0], numbers[1] });
}

void query_add_device(Table *t, const char *uuid, const char *mode, const char *state) {
        table_add(t, 2, (const char *[]) { uuid, mode, state });
}

/* Finds the numbers of fields by their names. */
static int find_fields(const char *option, const char *const *names, const char *const *fields,
                       size_t ret[static TABLE_COLUMNS_MAX], size_t *ret_n) {
        for (*ret_n = 0; names[*ret_n]; (*ret_n)++) {
                const char *name = names[*ret_n];
                size_t field = 0;

                while (fields[field] && strcmp(fields[field], name) != 0)
                        field++;
                if (!fields[field]) {
                        _cleanup_free_ char *list = NULL;
                        size_t size;
                        FILE *f = open_memstream(&list, &size);

                        for (size_t i = 0; f && fields[i]; i++)
                                fprintf(f, "%s%s", i > 0 ? ", " : "", fields[i]);
                        if (!f || fclose(f) != 0)
                                list = NULL;
                        return program_error_as(STATUS_USAGE, NULL, "%s: no field '%s'; there are %s", option, name,
                                                list ? list : "others");
                }
                ret[*ret_n] = field;
        }
        return STATUS_DONE;
}

int query_choose_columns(const Query *q, const char *const *fields, const TableColumn *usual, size_t n, Columns *ret) {
        const char *names[TABLE_COLUMNS_MAX + 1] = {};
        int status;

        for (size_t i = 0; q->columns[0] ? q->columns[i] != NULL : i < n; i++) {
                if (q->columns[0])
                        /* columns that were asked for are not hidden */
                        ret->items[i] = (TableColumn) { .key = q->columns[i] };
                else
                        ret->items[i] = usual[i];
                names[i] = ret->items[i].key;
        }
        status = find_fields("--columns", names, fields, ret->fields, &ret->n);
        return status != STATUS_DONE ? status : find_fields("--sort", q->sort, fields, ret->sort, &ret->n_sort);
}

/* The caller owns the text; NULL when out of memory. */
static char *get_text(const Rows *rows, size_t row, size_t field) {
        json_object *value = rows->get(rows, row, field);
        char *text = output_text(value);

        json_object_put(value);
        return text;
}

static int compare(const void *a, const void *b, void *userdata) {
        const size_t *x = a, *y = b;
        const Rows *rows = userdata;

        for (size_t i = 0; i < rows->columns->n_sort; i++) {
                _cleanup_free_ char *s = get_text(rows, *x, rows->columns->sort[i]);
                _cleanup_free_ char *t = get_text(rows, *y, rows->columns->sort[i]);
                /* numbers, in kernel names too, by their value */
                int r = strverscmp(s ? s : "", t ? t : "");

                if (r != 0)
                        return r;
        }
        return *x < *y ? -1 : 1; /* rows that are alike keep their order */
}

static void add_to_table(Table *t, const Rows *rows, size_t row) {
        const Columns *columns = rows->columns;
        const char *cells[TABLE_COLUMNS_MAX];
        char *texts[TABLE_COLUMNS_MAX];

        for (size_t c = 0; c < columns->n; c++) {
                texts[c] = get_text(rows, row, columns->fields[c]);
                cells[c] = texts[c] && *texts[c] ? texts[c] : "-";
        }
        table_add(t, 0, cells);
        for (size_t c = 0; c < columns->n; c++)
                free(texts[c]);
}

static json_object *row_to_json(const Rows *rows, size_t row) {
        json_object *o = json_object_new_object();

        for (size_t field = 0; o && rows->fields[field]; field++)
                json_object_object_add_ex(o, rows->fields[field], rows->get(rows, row, field),
                                          JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_KEY_IS_CONSTANT);
        return o;
}

int query_print(const Query *q, const Rows *rows) {
        _cleanup_free_ size_t *order = calloc(rows->n + 1, sizeof(*order));
        Output output = { .export_prefix = q->format == FORMAT_EXPORT ? "MDEV" : NULL };
        _cleanup_(table_done) Table t = {};

        table_begin(&t, rows->columns->items, rows->columns->n,
                    (TableStyle) { .head = !q->no_legend,
                                   .colors = terminal_has_colors(STDOUT_FILENO),
                                   .fit = isatty(STDOUT_FILENO) });
        for (size_t i = 0; order && i < rows->n; i++)
                order[i] = i;
        if (order && rows->columns->n_sort > 0)
                qsort_r(order, rows->n, sizeof(*order), compare, (void *) rows);
        for (size_t i = 0; order && i < rows->n; i++)
                if (q->format == FORMAT_TABLE)
                        add_to_table(&t, rows, order[i]);
                else
                        output_row(&output, row_to_json(rows, order[i]));
        if (order && q->format == FORMAT_TABLE)
                return query_end_table(&t);
        if (order && output_end(&output) == 0)
                return STATUS_DONE;
        return program_error_as(STATUS_FAILURE, NULL, "out of memory");
}
