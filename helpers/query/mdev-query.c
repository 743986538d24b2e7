/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Shows devices, types and parents, and checks definitions. Changes nothing. */

#include <getopt.h>
#include <string.h>

#include "cli/program.h"
#include "query.h"
#include "cli/table.h"

typedef enum Show { SHOW_DEVICES, SHOW_TYPES, SHOW_PARENTS, SHOW_VERIFY, SHOW_WHY } Show;

static Show arg_show = SHOW_DEVICES;
static bool arg_watch;
static Query arg_query;
static const char *arg_columns[TABLE_COLUMNS_MAX + 1], *arg_sort[TABLE_COLUMNS_MAX + 1];

static int help(void) {
        const char *p = program_invocation_short_name;

        printf("Usage: %s [OPTION]... [UUID]...\n"
               "       %s --watch [OPTION]... [UUID]... | --why UUID|PARENT\n"
               "       %s --types [PARENT] | --parents | --verify [FILE]...\n"
               "Show mediated devices, live and defined; what can be made; check definitions.\n\n"
               "  --parent=NAME  --type=NAME   only devices of this parent, of this type\n"
               "  --mode=MODE                  transient, saved, persistent or unmanaged\n"
               "  --state=STATE                active, inactive, failed or invalid\n"
               "  --watch                      and then what happens to them\n"
               "  --why                        what is in the way of a device, step by step\n"
               "  --types                      the types of parents, and what is left of them\n"
               "  --parents                    the parents that are registered\n"
               "  --verify                     check definitions (all, or FILEs); exit status\n"
               "                               18 if one is invalid\n"
               "  --columns=FIELD,...          the columns of the table\n"
               "  --sort=FIELD,...             in the order of these fields\n"
               "  --no-legend                  the table without its head\n"
               "  --json                       one array of objects; of --watch, one a line\n"
               "  --export                     KEY=value lines\n"
               "  --tree                       parent, type, device\n"
               "  --help, --version\n\n"
               "Exit status: 0 done, 10 no such device or definition, 11 no such parent;\n"
               "all in mdev-query(8).\n",
               p, p, p);
        return 0;
}

static bool is_state(const char *s) {
        return strcmp(s, "active") == 0 || strcmp(s, "inactive") == 0 || strcmp(s, "failed") == 0 ||
                strcmp(s, "invalid") == 0;
}

/* Takes "A,B" apart, in place. */
static int parse_fields(const char *option, char *value, const char *ret[static TABLE_COLUMNS_MAX + 1]) {
        size_t n = 0;

        for (char *field; (field = strsep(&value, ","));) {
                if (n == TABLE_COLUMNS_MAX) {
                        program_error(NULL, "--%s takes at most %d fields", option, TABLE_COLUMNS_MAX);
                        return -EINVAL;
                }
                ret[n++] = field;
        }
        ret[n] = NULL;
        return 0;
}

/* Options that do not go together. */
static int check_options(void) {
        if (arg_watch &&
            (arg_show != SHOW_DEVICES || arg_query.columns || arg_query.sort || arg_query.no_legend ||
             (arg_query.format != FORMAT_TABLE && arg_query.format != FORMAT_JSON))) {
                program_error(NULL, "--watch is for devices, as lines of text or with --json");
                return -EINVAL;
        }
        if (arg_show == SHOW_WHY &&
            (arg_query.columns || arg_query.sort || arg_query.no_legend || arg_query.parent || arg_query.type ||
             arg_query.mode || arg_query.state || arg_query.format == FORMAT_EXPORT ||
             arg_query.format == FORMAT_TREE)) {
                program_error(NULL, "--why takes one UUID or parent, and no option but --json");
                return -EINVAL;
        }
        if ((arg_query.columns || arg_query.no_legend) &&
            (arg_query.format != FORMAT_TABLE || arg_show == SHOW_VERIFY)) {
                program_error(NULL, "--columns and --no-legend are for the table");
                return -EINVAL;
        }
        if (arg_query.sort && (arg_query.format == FORMAT_TREE || arg_show == SHOW_VERIFY)) {
                program_error(NULL, "--sort is for the table, --json and --export");
                return -EINVAL;
        }
        return 1;
}

static int parse_argv(int argc, char *argv[]) {
        enum { ARG_PARENT = 256, ARG_TYPE, ARG_MODE, ARG_STATE, ARG_COLUMNS, ARG_SORT, ARG_VERSION };
        static int show, format, no_legend, watch;
        static const struct option options[] = {
                { "parent", required_argument, NULL, ARG_PARENT },
                { "type", required_argument, NULL, ARG_TYPE },
                { "mode", required_argument, NULL, ARG_MODE },
                { "state", required_argument, NULL, ARG_STATE },
                { "watch", no_argument, &watch, 1 },
                { "why", no_argument, &show, SHOW_WHY },
                { "types", no_argument, &show, SHOW_TYPES },
                { "parents", no_argument, &show, SHOW_PARENTS },
                { "verify", no_argument, &show, SHOW_VERIFY },
                { "columns", required_argument, NULL, ARG_COLUMNS },
                { "sort", required_argument, NULL, ARG_SORT },
                { "no-legend", no_argument, &no_legend, 1 },
                { "json", no_argument, &format, FORMAT_JSON },
                { "export", no_argument, &format, FORMAT_EXPORT },
                { "tree", no_argument, &format, FORMAT_TREE },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, ARG_VERSION },
                {},
        };
        int c;

        while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0)
                switch (c) {
                case 0:
                        break;
                case ARG_PARENT:
                        arg_query.parent = optarg;
                        break;
                case ARG_TYPE:
                        arg_query.type = optarg;
                        break;
                case ARG_MODE:
                        arg_query.mode = optarg;
                        break;
                case ARG_STATE:
                        arg_query.state = optarg;
                        break;
                case ARG_COLUMNS:
                        if (parse_fields("columns", optarg, arg_columns) < 0)
                                return -EINVAL;
                        arg_query.columns = arg_columns;
                        break;
                case ARG_SORT:
                        if (parse_fields("sort", optarg, arg_sort) < 0)
                                return -EINVAL;
                        arg_query.sort = arg_sort;
                        break;
                case 'h':
                        return help();
                case ARG_VERSION:
                        return program_version();
                default:
                        return -EINVAL;
                }
        arg_show = (Show) show;
        arg_query.format = (Format) format;
        arg_query.no_legend = no_legend;
        arg_watch = watch;
        if (arg_query.mode && mode_from_string(arg_query.mode) == _MODE_INVALID) {
                program_error(NULL, "--mode is transient, saved, persistent or unmanaged, not '%s'", arg_query.mode);
                return -EINVAL;
        }
        if (arg_query.state && !is_state(arg_query.state)) {
                program_error(NULL, "--state is active, inactive, failed or invalid, not '%s'", arg_query.state);
                return -EINVAL;
        }
        return check_options();
}

int main(int argc, char *argv[]) {
        int r;

        r = parse_argv(argc, argv);
        if (r <= 0)
                return r < 0 ? STATUS_USAGE : program_end(STATUS_DONE);
        argv += optind;
        argc -= optind;
        if ((arg_show == SHOW_PARENTS && argc > 0) || (arg_show == SHOW_TYPES && argc > 1)) {
                program_error(NULL, "too many arguments (--help)");
                return STATUS_USAGE;
        }
        if (arg_show == SHOW_WHY && argc != 1) {
                program_error(NULL, "--why takes one UUID or parent (--help)");
                return STATUS_USAGE;
        }
        if (arg_watch)
                return query_watch(&arg_query, argv);
        switch (arg_show) {
        case SHOW_TYPES:
                if (argc > 0)
                        arg_query.parent = argv[0];
                r = arg_query.format == FORMAT_TREE ? query_tree(&arg_query, true) : query_types(&arg_query);
                break;
        case SHOW_PARENTS:
                r = arg_query.format == FORMAT_TREE ? query_tree(&arg_query, false) : query_parents(&arg_query);
                break;
        case SHOW_VERIFY:
                r = query_verify(argv);
                break;
        case SHOW_WHY:
                r = query_why(&arg_query, argv[0]);
                break;
        default:
                r = query_devices(&arg_query, argv);
        }
        return program_end(r);
}
