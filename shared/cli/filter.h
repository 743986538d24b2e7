/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/program.h"

/* Which devices to show: options and arguments that mdev-query and mdev-monitor have in common. NULL: all. */
typedef struct Filter {
        const char *parent, *type, *mode, *state;
        char **uuids; /* in lower case, NULL at the end; none: all */
} Filter;

enum { FILTER_PARENT = 512, FILTER_TYPE, FILTER_MODE, FILTER_STATE };

#define FILTER_OPTIONS                                            \
        { "parent", required_argument, NULL, FILTER_PARENT },     \
                { "type", required_argument, NULL, FILTER_TYPE }, \
                { "mode", required_argument, NULL, FILTER_MODE }, \
                { "state", required_argument, NULL, FILTER_STATE }

#define FILTER_HELP                                                                    \
        "      --parent=PARENT     show only devices of PARENT\n"                      \
        "      --type=TYPE         show only devices of TYPE\n"                        \
        "      --mode=MODE         show only transient, saved, persistent or\n"        \
        "                          unmanaged devices\n"                                \
        "      --state=STATE       show only active, inactive, failed or invalid ones\n"

/* Takes the value of one of FILTER_OPTIONS, or UUID arguments (which it puts into lower case). Returns 0, or -EINVAL
 * after a message. */
int filter_parse_option(Filter *f, int option, const char *value) _nonnull_(1, 3) _must_check_;
int filter_parse_uuids(Filter *f, char *uuids[]) _nonnull_(1, 2) _must_check_;

/* What a filter looks at in a device. NULL: not known, or it has none. */
typedef struct FilterValues {
        const char *uuid, *parent, *selector, *type, *mode, *state;
} FilterValues;

/* --parent= means the parent's name or its selector in the definition. */
bool filter_matches(const Filter *f, const FilterValues *device) _nonnull_(1, 2);
