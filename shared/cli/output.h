/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-c/json.h>

#include "base/macro.h"

/* Printing rows, each as it comes. A row is a JSON object; all rows have the same keys in the same order. */

typedef struct Output {
        const char *export_prefix; /* PREFIX_KEY=value lines; NULL: one JSON array */
        size_t n_rows;
        bool failed; /* out of memory */
} Output;

/* Prints the next row, and frees it. For export, values are quoted for the shell where need be, arrays are joined
 * with spaces, null is an empty value, and an empty line separates rows. NULL counts as a row for which there was
 * no memory. */
void output_row(Output *o, json_object *row) _nonnull_(1);

/* Ends the array. Returns 0, or -ENOMEM if rows are missing; then it leaves the array open, so that nobody takes it
 * for all. */
int output_end(const Output *o) _nonnull_(1) _must_check_;

/* Prints one object, in one line. */
void output_json_line(json_object *o) _nonnull_(1);

/* Returns the text of a value (which may be NULL) for a table or for export, without quotes. The caller owns it;
 * NULL when out of memory. */
char *output_text(json_object *value) _must_check_;

/* Sets key to a string, or null where it is NULL or empty. */
void output_set_string(json_object *row, const char *key, const char *value) _nonnull_(1, 2);
