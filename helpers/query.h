/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mode.h"

/* The parts of mdev-query: each prints its rows, speaks for itself, and returns an exit status. */

typedef enum Format { FORMAT_TABLE, FORMAT_JSON, FORMAT_EXPORT, FORMAT_TREE } Format;

typedef struct Query {
        Format format;
        const char *parent, *type, *mode, *state; /* filters, or NULL */
} Query;

/* Devices that pass the filters; uuids (NULL at the end) narrows them further, and each has to be there. */
int query_devices(const Query *q, char *uuids[]) _nonnull_(1, 2);

/* The types of q->parent, or of all parents. */
int query_types(const Query *q) _nonnull_(1);
int query_parents(const Query *q) _nonnull_(1);

/* Checks files (NULL at the end), or all definitions and defaults of this host where there are none. */
int query_verify(char *files[]) _nonnull_(1);
