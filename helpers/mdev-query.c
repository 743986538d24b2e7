/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Shows devices, types and parents, and checks definitions. Changes nothing. */

#include <getopt.h>
#include <string.h>

#include "program.h"
#include "query.h"

typedef enum Show { SHOW_DEVICES, SHOW_TYPES, SHOW_PARENTS, SHOW_VERIFY } Show;

static Show arg_show = SHOW_DEVICES;
static Query arg_query;

static int help(void) {
        const char *p = program_invocation_short_name;

        printf("Usage: %s [OPTION]... [UUID]...\n"
               "       %s --types [PARENT] | --parents\n"
               "       %s --verify [FILE]...\n"
               "Show mediated devices, live and defined; what can be made; check definitions.\n\n"
               "  --parent=NAME  --type=NAME   only devices of this parent, of this type\n"
               "  --mode=MODE                  transient, saved, persistent or unmanaged\n"
               "  --state=STATE                active, inactive, failed or invalid\n"
               "  --types                      the types of parents, and what is left of them\n"
               "  --parents                    the parents that are registered\n"
               "  --verify                     check definitions (all, or FILEs); exit status\n"
               "                               18 if one is invalid\n"
               "  --json                       one array of objects\n"
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

static int parse_argv(int argc, char *argv[]) {
        enum { ARG_PARENT = 256, ARG_TYPE, ARG_MODE, ARG_STATE, ARG_VERSION };
        static int show, format;
        static const struct option options[] = {
                { "parent", required_argument, NULL, ARG_PARENT },
                { "type", required_argument, NULL, ARG_TYPE },
                { "mode", required_argument, NULL, ARG_MODE },
                { "state", required_argument, NULL, ARG_STATE },
                { "types", no_argument, &show, SHOW_TYPES },
                { "parents", no_argument, &show, SHOW_PARENTS },
                { "verify", no_argument, &show, SHOW_VERIFY },
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
                case 'h':
                        return help();
                case ARG_VERSION:
                        return program_version();
                default:
                        return -EINVAL;
                }
        arg_show = (Show) show;
        arg_query.format = (Format) format;
        if (arg_query.mode && mode_from_string(arg_query.mode) == _MODE_INVALID) {
                program_error(NULL, "--mode is transient, saved, persistent or unmanaged, not '%s'", arg_query.mode);
                return -EINVAL;
        }
        if (arg_query.state && !is_state(arg_query.state)) {
                program_error(NULL, "--state is active, inactive, failed or invalid, not '%s'", arg_query.state);
                return -EINVAL;
        }
        return 1;
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
        switch (arg_show) {
        case SHOW_TYPES:
                if (argc > 0)
                        arg_query.parent = argv[0];
                r = query_types(&arg_query);
                break;
        case SHOW_PARENTS:
                r = query_parents(&arg_query);
                break;
        case SHOW_VERIFY:
                r = query_verify(argv);
                break;
        default:
                r = query_devices(&arg_query, argv);
        }
        return program_end(r);
}
