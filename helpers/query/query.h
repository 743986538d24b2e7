/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/mode.h"

/* The parts of mdev-query: each prints its rows, speaks for itself, and returns an exit status. */

typedef enum Format { FORMAT_TABLE, FORMAT_JSON, FORMAT_EXPORT, FORMAT_TREE } Format;

typedef struct Query {
        Format format;
        const char *parent, *type, *mode, *state; /* filters, or NULL */
        const char *const *columns, *const *sort; /* names of fields, NULL at the end; or NULL */
        bool no_legend;
} Query;

/* Devices that pass the filters; uuids (NULL at the end) narrows them further, and each has to be there. */
int query_devices(const Query *q, char *uuids[]) _nonnull_(1, 2);

/* The types of q->parent, or of all parents. */
int query_types(const Query *q) _nonnull_(1);
int query_parents(const Query *q) _nonnull_(1);

/* The same parents and types as a tree, with or without their live devices. */
int query_tree(const Query *q, bool with_devices) _nonnull_(1);

/* The same devices, and then what happens to them, until a signal or nobody reads it any more. */
int query_watch(const Query *q, char *uuids[]) _nonnull_(1, 2);

/* All that a device, or the devices of a parent, need, step by step; the status is that of the first that fails. */
int query_why(const Query *q, const char *what) _nonnull_(1, 2);

/* Checks files (NULL at the end), or all definitions and defaults of this host where there are none. */
int query_verify(char *files[]) _nonnull_(1);
