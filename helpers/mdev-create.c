/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Makes one device, transient, saved or persistent; starts a defined one; or starts all persistent ones. */

#include <fcntl.h>
#include <getopt.h>
#include <string.h>

#include "autostart.h"
#include "clock.h"
#include "defaults.h"
#include "device.h"
#include "file.h"
#include "keyvalue.h"
#include "managed.h"
#include "parent.h"
#include "program.h"
#include "selector.h"
#include "store.h"
#include "sysfs.h"
#include "text.h"

static Mode arg_mode = _MODE_INVALID;
static bool arg_start = true;
static bool arg_dry_run = false;
static bool arg_auto = false;
static bool arg_unit = false;
static int arg_wait = -1;
static const char *arg_file = NULL;
static char *arg_parent = NULL;

static Defaults defaults;

static int help(void) {
        const char *p = program_invocation_short_name;

        printf("Usage: %s [OPTION]... [UUID] PARENT TYPE [NAME=VALUE[,VALUE]...]...\n"
               "       %s [OPTION]... --file=FILE [UUID]\n"
               "       %s [--wait=SEC] UUID\n"
               "       %s --auto [--parent=PARENT]\n"
               "Make a mediated device, start a defined one, or start all persistent ones.\n\n"
               "  --transient     gone at reboot\n"
               "  --saved         defined for good, started by hand\n"
               "  --persistent    defined for good, started automatically\n"
               "  --no-start      only write the definition\n"
               "  --file=FILE     take the definition from FILE, '-' is standard input\n"
               "  --auto          start every persistent device\n"
               "  --parent=NAME   with --auto: only those of this parent\n"
               "  --unit          a unit runs it: see mdev-units(8)\n"
               "  --wait=SEC      wait so long for parent and type to appear\n"
               "  --dry-run       say what would be done, and do nothing\n"
               "  --help, --version\n\n"
               "NAME is an attribute of the device, or a key of mdev.conf(5). A UUID that is not\n"
               "given is generated and printed. Exit status: 0 done or already so, 10 no such\n"
               "definition, 11 no parent, 12 no type, 13 none left, 14 exists but differs,\n"
               "15 attribute refused, 18 definition invalid; all in mdev-create(8).\n",
               p, p, p, p);
        return 0;
}

static int parse_argv(int argc, char *argv[]) {
        enum { ARG_MODE = 256, ARG_NO_START = ARG_MODE + _MODE_MAX, ARG_DRY_RUN, ARG_AUTO, ARG_WAIT, ARG_FILE,
               ARG_PARENT, ARG_UNIT, ARG_VERSION };
        static const struct option options[] = {
                { "transient", no_argument, NULL, ARG_MODE + MODE_TRANSIENT },
                { "saved", no_argument, NULL, ARG_MODE + MODE_SAVED },
                { "persistent", no_argument, NULL, ARG_MODE + MODE_PERSISTENT },
                { "no-start", no_argument, NULL, ARG_NO_START },
                { "dry-run", no_argument, NULL, ARG_DRY_RUN },
                { "auto", no_argument, NULL, ARG_AUTO },
                { "wait", required_argument, NULL, ARG_WAIT },
                { "file", required_argument, NULL, ARG_FILE },
                { "parent", required_argument, NULL, ARG_PARENT },
                { "unit", no_argument, NULL, ARG_UNIT },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, ARG_VERSION },
                {},
        };
        unsigned wait;
        int c;

        while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0)
                switch (c) {
                case ARG_MODE + MODE_TRANSIENT:
                case ARG_MODE + MODE_SAVED:
                case ARG_MODE + MODE_PERSISTENT:
                        arg_mode = (Mode) (c - ARG_MODE);
                        break;
                case ARG_NO_START:
                        arg_start = false;
                        break;
                case ARG_DRY_RUN:
                        arg_dry_run = true;
                        break;
                case ARG_AUTO:
                        arg_auto = true;
                        break;
                case ARG_WAIT:
                        if (program_seconds("wait", optarg, &wait) < 0)
                                return -EINVAL;
                        arg_wait = (int) wait;
                        break;
                case ARG_FILE:
                        arg_file = optarg;
                        break;
                case ARG_PARENT:
                        arg_parent = optarg;
                        break;
                case ARG_UNIT:
                        arg_unit = true;
                        break;
                case 'h':
                        return help();
                case ARG_VERSION:
                        return program_version();
                default:
                        return -EINVAL;
                }
        if (arg_parent && !arg_auto) {
                program_error(NULL, "--parent goes with --auto; to make a device, the parent is an argument");
                return -EINVAL;
        }
        return 1;
}

/* The definition that the arguments ask for: PARENT TYPE [NAME=VALUE]... as the text of a file. */
static int text_from_arguments(char **args, int n, char **ret) {
        _cleanup_free_ char *text = NULL;

        if (n < 2) {
                program_error(NULL, "give PARENT and TYPE, or one UUID that is defined (--help)");
                return -EINVAL;
        }
        for (int i = 0; i < 2; i++)
                if ((!definition_name_is_valid(args[i]) || strchr(args[i], '=')) &&
                    (i > 0 || !selector_is_meant(args[i]))) {
                        program_error(args[i], "not the kernel name of a %s", i == 0 ? "parent" : "type");
                        return -EINVAL;
                }
        if (asprintf(&text, "parent=%s\ntype=%s\n", args[0], args[1]) < 0)
                return -ENOMEM;
        for (int i = 2; i < n; i++) {
                const char *error = NULL;
                char *edited;
                int r;

                r = definition_add_line(text, args[i], &edited, &error);
                if (r < 0) {
                        program_error(args[i], "%s", error ? error : "out of memory");
                        return r;
                }
                free(text);
                text = edited;
        }
        *ret = STEAL_PTR(text);
        return 0;
}

static int text_from_file(char **ret) {
        bool is_stdin = strcmp(arg_file, "-") == 0;
        size_t size;
        int r;

        r = is_stdin ? file_read_stream(STDIN_FILENO, KEYVALUE_SIZE_MAX, ret, &size)
                     : file_read_at(AT_FDCWD, arg_file, KEYVALUE_SIZE_MAX, ret, &size);
        if (r >= 0 && strlen(*ret) != size)
                r = -EILSEQ;
        if (r < 0)
                program_error(arg_file, "cannot be taken: %s", r == -EILSEQ ? "has a NUL byte" : file_reason(r));
        return r;
}

static void print_permission(const char *key, const char *value) {
        if (!value)
                return;
        printf(" %s=", key);
        text_print(stdout, value);
}

static void print_plan(const CreateRequest *q, bool is_new) {
        const Definition *d = q->definition;

        if (is_new)
                printf("would write /%s/mdev.d/%s.conf (%s):\n%s", q->mode == MODE_TRANSIENT ? "run" : "etc", d->uuid,
                       mode_to_string(q->mode), q->text);
        if (is_new && q->mode == MODE_PERSISTENT && autostart_available())
                printf("would enable mdev@%s.service\n", d->uuid);
        else if (is_new && q->mode == MODE_PERSISTENT && !d->start_auto)
                puts("would add start=auto to it");
        if (!q->start)
                return;
        printf("would write %s to " SYSFS_CREATE_FORMAT ", unless it is there\n", d->uuid, d->parent, d->type);
        if (definition_has_permissions(d)) {
                fputs("would have udev set its node's", stdout);
                print_permission("user", d->user);
                print_permission("group", d->group);
                if (d->node_mode >= 0)
                        printf(" mode=%04o", (unsigned) d->node_mode);
                putchar('\n');
        }
        for (size_t i = 0; i < d->n_attributes; i++) {
                fputs("would write '", stdout);
                text_print(stdout, d->attributes[i].value);
                printf("' to " SYSFS_DEVICE_FORMAT "/%s\n", d->uuid, d->attributes[i].name);
        }
}

/* Reports what was done (ManagedDone), with the rest in f. */
static int done(const char *uuid, int what, const Failure *f) {
        if (!arg_start)
                return program_done(MESSAGE_DEFINED, uuid, f, "defined%s, not started: %s on %s",
                                    what & MANAGED_DEFINED ? "" : " already", f->type, f->parent);
        if (what & MANAGED_MADE)
                return program_done(MESSAGE_MADE, uuid, f, "made: %s on %s", f->type, f->parent);
        return program_done(MESSAGE_TAKEN, uuid, f, "there already, taken as it is: %s on %s", f->type, f->parent);
}

/* Makes a new device from text. uuid is NULL if one is to be generated. */
static int create(const char *text, const char *uuid) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        CreateRequest q = { .definition = d, .text = text, .mode = arg_mode, .start = arg_start,
                            .dry_run = arg_dry_run };
        Failure f = {};
        int r;

        if (!d)
                return program_fail(NULL, &f);
        if (uuid && uuid_parse(uuid, d->uuid) < 0) {
                program_error(uuid, "not a UUID (8-4-4-4-12 hex digits)");
                return STATUS_USAGE;
        }
        if (!uuid && (r = uuid_generate(d->uuid)) < 0) {
                program_error(NULL, "cannot generate a UUID: %s", failure_reason(r));
                return STATUS_FAILURE;
        }
        if (arg_file && !(d->path = strdup(arg_file)))
                return program_fail(NULL, &f);
        r = definition_parse(d, text, strlen(text));
        program_notes(d, true);
        if (r < 0)
                return arg_file ? STATUS_INVALID : STATUS_USAGE;
        if (arg_mode == _MODE_INVALID) {
                q.mode = d->start_auto ? MODE_PERSISTENT : defaults.mode;
                q.mode_is_default = true;
        }
        q.wait = arg_wait >= 0 ? (unsigned) arg_wait : definition_wait(d, defaults.wait);

        r = managed_create(&q, &f);
        if (r < 0)
                return program_fail(d->uuid, &f);
        if (arg_dry_run) {
                print_plan(&q, r & MANAGED_DEFINED);
                return STATUS_DONE;
        }
        if (!uuid)
                puts(d->uuid);
        return done(d->uuid, r, &f);
}

static int start(const char *arg) {
        char uuid[UUID_LENGTH + 1];
        Failure f = {};
        int r;

        if (uuid_parse(arg, uuid) < 0) {
                program_error(arg, "not a UUID; to make a device, give PARENT and TYPE (--help)");
                return STATUS_USAGE;
        }
        if (arg_mode != _MODE_INVALID || arg_dry_run || !arg_start) {
                program_error(uuid, "starting a defined device takes no option but --wait; mdev-manage changes "
                              "its mode");
                return STATUS_USAGE;
        }
        r = managed_start(uuid, arg_unit ? CREATE_UNIT : 0, arg_wait, defaults.wait, &f);
        return r < 0 ? program_fail(uuid, &f) : done(uuid, r, &f);
}

/* A parent of d may be given by its kernel name and, for a unit, which has no other, as d says. */
static bool is_asked_for(const Definition *d, const AutostartLinks *links) {
        const char *parent = arg_unit ? definition_parent(d) : d->parent;

        return d->uuid[0] != '\0' && mode_of_linked(d, links) == MODE_PERSISTENT &&
                (!arg_parent || (parent && strcmp(arg_parent, parent) == 0));
}

/* --auto. The first round makes what can be made at once; what then still lacks its parent is waited for, all
 * of it together. */
static int start_persistent(void) {
        _cleanup_(autostart_links_done) AutostartLinks links = {};
        _cleanup_(definition_list_done) DefinitionList list = {};
        uint64_t begin = clock_now();
        int status = STATUS_DONE, r;
        Failure f = {};

        if (store_list(&list, &f) < 0)
                status = program_fail(NULL, &f);
        autostart_links_load(&links);
        for (int round = 0; round < 2; round++)
                for (size_t i = 0; i < list.n; i++) {
                        Definition *d = list.items[i];
                        unsigned wait = arg_wait >= 0 ? (unsigned) arg_wait : definition_wait(d, defaults.wait);
                        unsigned passed = (unsigned) ((clock_now() - begin) / 1000);

                        (void) parent_resolve(d);
                        if (!is_asked_for(d, &links))
                                continue;
                        f = (Failure) {};
                        r = managed_start(d->uuid, 0, round == 0 || wait < passed ? 0 : (int) (wait - passed), 0, &f);
                        if (r < 0 && round == 0 && f.status == STATUS_NO_PARENT)
                                continue;
                        if (r >= 0)
                                (void) done(d->uuid, r, &f);
                        else
                                status = program_fail(d->uuid, &f);
                        d->uuid[0] = '\0'; /* not in the second round */
                }
        return status;
}

/* Milliseconds. Units wait for us, and after a device that took longer they make theirs at once, each for itself. */
#define SLOW 2000U

/* --auto --unit. Nothing is said: a definition that is bad, or fails, is the business of its unit. systemd is about to
 * start the units anyway; but not those whose definitions it has not read yet, and udev is told to leave them alone. */
static int start_ahead(void) {
        _cleanup_(autostart_links_done) AutostartLinks links = {};
        _cleanup_(definition_list_done) DefinitionList list = {};
        _cleanup_(name_list_done) NameList made = {};
        Failure ignored = {};
        uint64_t began;

        /* in the name of a unit, the '!' of a kernel name is a '/', as udev writes it */
        if (arg_parent && !selector_is_meant(arg_parent))
                for (char *p = arg_parent; *p; p++)
                        if (*p == '/')
                                *p = '!';

        (void) !store_list(&list, &ignored);
        autostart_links_load(&links);
        began = clock_now();
        for (size_t i = 0; i < list.n && clock_now() - began <= SLOW; i++)
                if (is_asked_for(list.items[i], &links)) {
                        Failure f = {};
                        began = clock_now();
                        if (!(managed_start_ahead(list.items[i]->uuid, &links, &f) & MANAGED_MADE))
                                continue;
                        (void) done(list.items[i]->uuid, MANAGED_MADE, &f);
                        (void) !name_list_add(&made, list.items[i]->uuid);
                }
        autostart_start(&made);
        return STATUS_DONE;
}

static int run(int argc, char *argv[]) {
        _cleanup_free_ char *text = NULL;
        char uuid[UUID_LENGTH + 1];
        const char *first = NULL;
        int r;

        if (arg_auto) {
                if (argc > 0 || arg_file || arg_mode != _MODE_INVALID || arg_dry_run || !arg_start) {
                        program_error(NULL, "--auto takes only --parent and --wait");
                        return STATUS_USAGE;
                }
                return arg_unit ? start_ahead() : start_persistent();
        }
        if (arg_file) {
                if (argc > 1) {
                        program_error(NULL, "with --file, parent, type and attributes come from the file");
                        return STATUS_USAGE;
                }
                r = text_from_file(&text);
                if (r < 0)
                        return r == -ENOENT  ? STATUS_NOT_FOUND
                                : r == -EACCES ? STATUS_NOT_PERMITTED
                                : r == -EXDEV  ? STATUS_USAGE
                                               : STATUS_INVALID;
                return create(text, argv[0]);
        }
        if (argc == 1)
                return start(argv[0]);
        if (argc > 0 && uuid_parse(argv[0], uuid) >= 0) {
                first = argv[0];
                argv++;
                argc--;
        }
        return text_from_arguments(argv, argc, &text) < 0 ? STATUS_USAGE : create(text, first);
}

int main(int argc, char *argv[]) {
        int r;

        r = parse_argv(argc, argv);
        if (r <= 0)
                return r < 0 ? STATUS_USAGE : program_end(STATUS_DONE);
        if (defaults_load(&defaults) < 0)
                return STATUS_FAILURE;
        program_notes(defaults.notes, false);
        r = run(argc - optind, argv + optind);
        defaults_done(&defaults);
        return program_end(r);
}
