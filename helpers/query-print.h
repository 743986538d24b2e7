/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "output.h"
#include "query.h"

static inline void query_print(const Query *q, json_object *rows, const char *const *columns) {
        if (q->format == FORMAT_JSON)
                output_json(rows);
        else if (q->format == FORMAT_EXPORT)
                output_export(rows, "MDEV");
        else
                output_table(rows, columns);
}
