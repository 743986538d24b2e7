/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Shows devices, types and parents. Changes nothing. */

#include <string.h>

#include "query.h"

enum { SHOW_DEVICES, SHOW_TYPES, SHOW_PARENTS };

static int arg_show;
static Query arg_query;

static const char help[] =
        "Usage: mdev-query [OPTION]... [UUID]...\n"
        "       mdev-query [OPTION]... --types [PARENT] | --parents\n"
        "Show mediated devices, live and defined; or the types that parents offer.\n\n"
        FILTER_HELP
        "      --types             show the types of parents and available instances\n"
        "      --parents           show the registered parents\n"
        "      --columns=FIELD,... show these fields as columns of the table\n"
        "      --sort=FIELD,...    sort by these fields\n"
        "      --no-legend         omit the head of the table\n"
        "      --json              print an array of JSON objects\n"
        "      --export            print KEY=value lines\n"
        "      --tree              print a tree of parents, types and devices\n"
        "  -h, --help              print this help\n"
        "  -V, --version           print the version\n\n"
        "Filters are combined with AND. See mdev-query(8) for details.\n";

static const struct option options[] = {
        FILTER_OPTIONS,
        { "types", no_argument, &arg_show, SHOW_TYPES },
        { "parents", no_argument, &arg_show, SHOW_PARENTS },
        { "columns", required_argument, NULL, 'c' },
        { "sort", required_argument, NULL, 's' },
        { "no-legend", no_argument, &arg_query.no_legend, true },
        { "json", no_argument, &arg_query.format, FORMAT_JSON },
        { "export", no_argument, &arg_query.format, FORMAT_EXPORT },
        { "tree", no_argument, &arg_query.format, FORMAT_TREE },
        PROGRAM_OPTIONS
};

/* Splits "A,B", in place. */
static int parse_fields(const char *option, const char *ret[static TABLE_COLUMNS_MAX + 1]) {
        char *value = optarg;
        size_t n = 0;

        for (char *field; (field = strsep(&value, ","));) {
                if (n == TABLE_COLUMNS_MAX)
                        return program_error_as(-EINVAL, NULL, "--%s takes at most %d fields", option,
                                                TABLE_COLUMNS_MAX);
                ret[n++] = field;
        }
        ret[n] = NULL;
        return 0;
}

static int parse_option(int option) {
        switch (option) {
        case 'c':
                return parse_fields("columns", arg_query.columns);
        case 's':
                return parse_fields("sort", arg_query.sort);
        default:
                return filter_parse_option(&arg_query.filter, option, optarg);
        }
}

static int run(int argc, char *argv[]) {
        Query *q = &arg_query;

        if ((q->columns[0] || q->no_legend) && q->format != FORMAT_TABLE)
                return program_error_as(STATUS_USAGE, NULL, "--columns and --no-legend are for the table");
        if (q->sort[0] && q->format == FORMAT_TREE)
                return program_error_as(STATUS_USAGE, NULL, "--sort is for the table, --json and --export");
        if ((arg_show == SHOW_PARENTS && argc > 0) || (arg_show == SHOW_TYPES && argc > 1))
                return program_error_as(STATUS_USAGE, NULL, "too many arguments (--help)");
        if (arg_show == SHOW_TYPES && argc > 0)
                q->filter.parent = argv[0];
        if (arg_show == SHOW_DEVICES)
                return filter_parse_uuids(&q->filter, argv) < 0 ? STATUS_USAGE : query_devices(q);
        if (arg_show == SHOW_TYPES || q->format == FORMAT_TREE)
                return query_types(q, arg_show == SHOW_TYPES);
        return query_parents(q);
}

DEFINE_MAIN_FUNCTION(.help = help, .options = options, .parse_option = parse_option, .run = run)
