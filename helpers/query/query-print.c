/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-query: order, columns and formats. */

#include "query-print.h"

#include <string.h>

#include "cli/program.h"
#include "cli/terminal.h"
#include "base/text.h"

void query_print_parent(const char *parent) {
        text_print(stdout, *parent ? parent : "-");
        putchar('\n');
}

void query_print_type(const char *type, const char *name, size_t used, long available) {
        fputs("  ", stdout);
        text_print(stdout, *type ? type : "-");
        if (name) {
                fputs(" (", stdout);
                text_print(stdout, name);
                putchar(')');
        }
        if (available >= 0)
                printf(": %zu used, %ld available", used, available);
        putchar('\n');
}

static bool is_among(const char *name, const char *const *names) {
        for (; *names; names++)
                if (strcmp(name, *names) == 0)
                        return true;
        return false;
}

static int check_fields(const char *option, const char *const *names, const char *const *fields) {
        for (; names && *names; names++)
                if (!is_among(*names, fields)) {
                        _cleanup_free_ char *list = NULL;
                        size_t size;
                        FILE *f = open_memstream(&list, &size);

                        for (size_t i = 0; f && fields[i]; i++)
                                fprintf(f, "%s%s", i > 0 ? ", " : "", fields[i]);
                        if (!f || fclose(f) != 0)
                                list = NULL;
                        program_error(NULL, "%s: no field '%s'; there are %s", option, *names, list ? list : "others");
                        return STATUS_USAGE;
                }
        return STATUS_DONE;
}

int query_choose_columns(const Query *q, const char *const *fields, const TableColumn *usual, size_t n, Columns *ret) {
        *ret = (Columns) {};
        if (check_fields("--columns", q->columns, fields) != STATUS_DONE ||
            check_fields("--sort", q->sort, fields) != STATUS_DONE)
                return STATUS_USAGE;
        /* those that were asked for stay */
        for (size_t i = 0; q->columns && q->columns[i]; i++)
                ret->items[ret->n++] = (TableColumn) { .key = q->columns[i] };
        if (!q->columns) {
                memcpy(ret->items, usual, n * sizeof(*usual));
                ret->n = n;
        }
        return STATUS_DONE;
}

int query_print_table(const Query *q, const Table *t) {
        const TableStyle style = {
                .width = terminal_width(STDOUT_FILENO),
                .colors = terminal_has_colors(STDOUT_FILENO),
                .head = !q->no_legend,
        };

        if (table_print(t, &style, stdout) < 0) {
                program_error(NULL, "out of memory");
                return STATUS_FAILURE;
        }
        return STATUS_DONE;
}

static int print_table(const Query *q, json_object *rows, const Columns *columns) {
        _cleanup_(table_done) Table t = {};

        table_begin(&t, columns->items, columns->n);
        for (size_t i = 0; i < json_object_array_length(rows); i++)
                for (size_t c = 0; c < columns->n; c++) {
                        const char *key = columns->items[c].key;
                        _cleanup_free_ char *text =
                                output_text(json_object_object_get(json_object_array_get_idx(rows, i), key));

                        table_add(&t, text, text && strcmp(key, "state") == 0 ? terminal_state_color(text) : NULL);
                }
        return query_print_table(q, &t);
}

typedef struct Place {
        json_object *row;
        size_t n; /* where it was: the order of rows that are alike does not change */
} Place;

static int compare(const void *a, const void *b, void *userdata) {
        const Place *x = a, *y = b;

        for (const char *const *key = userdata; *key; key++) {
                _cleanup_free_ char *s = output_text(json_object_object_get(x->row, *key)),
                                    *t = output_text(json_object_object_get(y->row, *key));
                /* numbers, in kernel names too, by their value */
                int r = strverscmp(s ? s : "", t ? t : "");

                if (r != 0)
                        return r;
        }
        return x->n < y->n ? -1 : 1;
}

static int sort(json_object *rows, const char *const *keys) {
        size_t n = json_object_array_length(rows);
        _cleanup_free_ Place *places = calloc(n + 1, sizeof(*places));

        if (!places)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                places[i] = (Place) { .row = json_object_get(json_object_array_get_idx(rows, i)), .n = i };
        qsort_r(places, n, sizeof(*places), compare, (void *) keys);
        for (size_t i = 0; i < n; i++)
                json_object_array_put_idx(rows, i, places[i].row);
        return 0;
}

int query_print(const Query *q, json_object *rows, const Columns *columns) {
        if (q->sort && sort(rows, q->sort) < 0) {
                program_error(NULL, "out of memory");
                return STATUS_FAILURE;
        }
        if (q->format == FORMAT_JSON)
                output_json(rows);
        else if (q->format == FORMAT_EXPORT)
                output_export(rows, "MDEV");
        else
                return print_table(q, rows, columns);
        return STATUS_DONE;
}
