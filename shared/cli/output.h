/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-c/json.h>

#include "base/macro.h"

/* Printing rows. A row is a JSON object; all rows of an array have the same keys in the same order. */

/* One array of objects, with a newline. */
void output_json(json_object *rows) _nonnull_(1);

/* One object, in one line. */
void output_json_line(json_object *o) _nonnull_(1);

/* PREFIX_KEY=value lines, quoted for the shell where need be; rows are separated by an empty line. Arrays are
 * joined with spaces, null is an empty value. */
void output_export(json_object *rows, const char *prefix) _nonnull_(1, 2);

/* The text of a value (which may be NULL) in such a line, without quotes. The caller owns it; NULL when out of memory. */
char *output_text(json_object *value) _must_check_;

/* Sets key to a string, or null where it is NULL or empty. */
void output_set_string(json_object *row, const char *key, const char *value) _nonnull_(1, 2);
