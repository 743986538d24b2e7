/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/table.h"

#include <assert.h>
#include <ctype.h>
#include <langinfo.h>
#include <libsmartcols.h>
#include <locale.h>
#include <string.h>

#include "base/library.h"
#include "cli/terminal.h"

DLOPEN_NOTE("smartcols", "Tables and trees", "required", TABLE_LIBRARY);

#define SMARTCOLS_FUNCTIONS(USE)                                                                             \
        USE(cell_set_color) USE(cell_set_data) USE(column_get_width) USE(column_set_flags)                   \
        USE(line_get_cell) USE(new_table) USE(print_table_to_string) USE(table_enable_ascii)                 \
        USE(table_enable_colors) USE(table_enable_minout) USE(table_enable_noheadings) USE(table_get_column) \
        USE(table_get_termwidth) USE(table_new_column) USE(table_new_line)                                   \
        USE(table_set_column_separator) USE(table_set_termforce) USE(unref_table)

/* scols_new_table() and the others by their names, but for "scols_". */
static struct {
#define SMARTCOLS_MEMBER(name) __typeof__(&scols_##name) name; /* NOLINT(bugprone-macro-parentheses) */
        SMARTCOLS_FUNCTIONS(SMARTCOLS_MEMBER)
} scols;

#define SEPARATOR "  "

void table_begin(Table *t, const TableColumn *columns, size_t n, TableStyle style) {
        assert(n <= TABLE_COLUMNS_MAX);
        *t = (Table) { .columns = columns, .n_columns = n, .style = style };
}

void table_done(Table *t) {
        if (t->layout)
                scols.unref_table(t->layout);
        *t = (Table) {};
}

static const char *make_heading(const char *key, char buf[static 64]) {
        (void) snprintf(buf, 64, "%s", key);
        for (char *p = buf; *p; p++)
                *p = (char) (*p == '_' ? ' ' : toupper((unsigned char) *p));
        return buf;
}

static int begin_layout(Table *t) {
        static const char *const names[] = {
#define SMARTCOLS_NAME(name) "scols_" #name,
                SMARTCOLS_FUNCTIONS(SMARTCOLS_NAME)
        };
        char buf[64];
        bool utf8;

        if (library_load(TABLE_LIBRARY, names, ELEMENTSOF(names), &scols) < 0)
                return -ELIBACC;
        /* texts are UTF-8 in every locale, and libsmartcols has to know their widths */
        utf8 = setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
        if (!utf8)
                (void) setlocale(LC_CTYPE, "C.UTF-8");
        t->layout = scols.new_table();
        if (!t->layout || scols.table_set_column_separator(t->layout, SEPARATOR) < 0)
                return -ENOMEM;
        scols.table_enable_ascii(t->layout, !utf8);
        scols.table_enable_colors(t->layout, t->style.colors);
        scols.table_enable_minout(t->layout, true); /* no spaces at the ends of lines */
        scols.table_enable_noheadings(t->layout, !t->style.head);
        scols.table_set_termforce(t->layout, SCOLS_TERMFORCE_NEVER); /* no cell is cut */
        for (size_t i = 0; i < t->n_columns; i++)
                if (!scols.table_new_column(t->layout, t->style.head ? make_heading(t->columns[i].key, buf) : "", 0,
                                            t->style.tree && i == 0 ? SCOLS_FL_TREE : 0))
                        return -ENOMEM;
        return 0;
}

static int add_line(Table *t, size_t level, const char *const *cells) {
        struct libscols_line *line = scols.table_new_line(t->layout, level > 0 ? t->last[level - 1] : NULL);
        int r = line ? 0 : -ENOMEM;

        for (size_t i = 0; i < t->n_columns && r == 0; i++) {
                struct libscols_cell *cell = scols.line_get_cell(line, i);

                r = scols.cell_set_data(cell, cells[i]);
                if (r == 0 && cells[i] && strcmp(t->columns[i].key, "state") == 0)
                        r = scols.cell_set_color(cell, terminal_state_color(cells[i]));
        }
        t->last[level] = line;
        return r;
}

void table_add(Table *t, size_t level, const char *const *cells) {
        assert(level < TABLE_LEVELS_MAX);
        if (!t->layout && t->error == 0)
                t->error = begin_layout(t);
        if (t->error == 0)
                t->error = add_line(t, level, cells);
}

/* Hides columns until the rows, which have been laid out, are no wider than the terminal. Returns true if some are
 * hidden. */
static bool hide_columns(Table *t) {
        size_t terminal = scols.table_get_termwidth(t->layout), width = 0, widths[TABLE_COLUMNS_MAX];
        bool hidden = false;

        for (size_t i = 0; i < t->n_columns; i++) {
                widths[i] = scols.column_get_width(scols.table_get_column(t->layout, i)) + (i > 0 ? strlen(SEPARATOR) : 0);
                width += widths[i];
        }
        for (unsigned next = 1; next <= t->n_columns && width > terminal; next++)
                for (size_t i = 0; i < t->n_columns; i++)
                        if (t->columns[i].hide == next) {
                                scols.column_set_flags(scols.table_get_column(t->layout, i), SCOLS_FL_HIDDEN);
                                width -= widths[i];
                                hidden = true;
                        }
        return hidden;
}

int table_print(Table *t, FILE *f) {
        _cleanup_free_ char *text = NULL;
        char buf[64];

        /* without rows, libsmartcols prints no headings */
        for (size_t i = 0; i < t->n_columns && !t->layout && t->style.head; i++)
                fprintf(f, "%s%s", make_heading(t->columns[i].key, buf), i + 1 < t->n_columns ? SEPARATOR : "\n");
        if (!t->layout || t->error != 0)
                return t->error;
        if (scols.print_table_to_string(t->layout, &text) < 0)
                return -ENOMEM;
        if (t->style.fit && hide_columns(t)) {
                free(STEAL_PTR(text));
                if (scols.print_table_to_string(t->layout, &text) < 0)
                        return -ENOMEM;
        }
        if (*text)
                fprintf(f, "%s\n", text);
        return 0;
}
