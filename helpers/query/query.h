/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/filter.h"

/* The parts of mdev-query: each prints its rows, speaks for itself, and returns an exit status. */

typedef enum Format { FORMAT_TABLE, FORMAT_JSON, FORMAT_EXPORT, FORMAT_TREE } Format;

typedef struct Query {
        Format format;
        Filter filter;
        const char *const *columns, *const *sort; /* names of fields, NULL at the end; or NULL */
        bool no_legend;
} Query;

/* Devices that pass the filter; each of its UUIDs has to be there. */
int query_devices(const Query *q) _nonnull_(1);

/* The types of q->filter.parent, or of all parents. */
int query_types(const Query *q) _nonnull_(1);
int query_parents(const Query *q) _nonnull_(1);

/* The same parents and types as a tree, with or without their live devices. */
int query_tree(const Query *q, bool with_devices) _nonnull_(1);
