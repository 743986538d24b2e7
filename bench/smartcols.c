/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What libsmartcols takes for a table, without anybody who looks for devices: reads rows whose cells are separated by
 * tabs, and prints them as mdev-query does. See README. */

#include <dlfcn.h>
#include <libsmartcols.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOAD(name) __typeof__(&name) p_##name = (__typeof__(&name)) dlsym(lib, #name)

int main(void) {
        /* loaded late, as in mdev-query */
        void *lib = dlopen("libsmartcols.so.1", RTLD_LAZY);
        struct libscols_table *table;
        char *row = NULL;
        size_t size = 0;
        ssize_t n;

        if (!lib)
                return EXIT_FAILURE;
        LOAD(scols_new_table);
        LOAD(scols_table_new_column);
        LOAD(scols_table_new_line);
        LOAD(scols_line_set_data);
        LOAD(scols_table_set_column_separator);
        LOAD(scols_table_set_termforce);
        LOAD(scols_table_enable_minout);
        LOAD(scols_print_table);
        LOAD(scols_unref_table);
        setlocale(LC_CTYPE, "C.UTF-8");
        table = p_scols_new_table();
        p_scols_table_set_column_separator(table, "  ");
        p_scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
        p_scols_table_enable_minout(table, 1);
        for (int is_heading = 1; (n = getline(&row, &size, stdin)) > 0; is_heading = 0) {
                struct libscols_line *line = is_heading ? NULL : p_scols_table_new_line(table, NULL);
                char *rest = row, *cell;

                row[n - 1] = '\0';
                for (size_t i = 0; (cell = strsep(&rest, "\t")); i++)
                        if (is_heading)
                                p_scols_table_new_column(table, cell, 0, 0);
                        else
                                p_scols_line_set_data(line, i, cell);
        }
        p_scols_print_table(table);
        p_scols_unref_table(table);
        free(row);
        return EXIT_SUCCESS;
}
