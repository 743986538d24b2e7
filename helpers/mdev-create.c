/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Defines and creates one device: transient, saved or persistent. */

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/keyvalue.h"
#include "base/selector.h"
#include "base/text.h"
#include "cli/program.h"
#include "definition/defaults.h"
#include "device/create.h"
#include "kernel/sysfs.h"
#include "systemd/autostart.h"

static int arg_mode = _MODE_INVALID, arg_no_start, arg_dry_run, arg_wait = -1;
static const char *arg_file;

static const char help[] =
        "Usage: mdev-create [OPTION]... [UUID] PARENT TYPE [NAME=VALUE[,VALUE]...]...\n"
        "       mdev-create [OPTION]... --file=FILE [UUID]\n"
        "Define and create a mediated device.\n\n"
        "      --transient    keep the definition until the next boot\n"
        "      --saved        keep the definition, start the device by hand\n"
        "      --persistent   keep the definition, start the device automatically\n"
        "      --no-start     write the definition, do not create the device\n"
        "      --file=FILE    read the definition from FILE, or standard input ('-')\n"
        "      --wait=SEC     wait up to SEC seconds for parent and type to appear\n"
        "      --dry-run      print what would be done, change nothing\n"
        "  -h, --help         print this help\n"
        "  -V, --version      print the version\n\n"
        "NAME is an attribute of the device, or a key of mdev-definition(5). If no UUID\n"
        "is given, one is generated and printed. See mdev-create(8) for details.\n";

static const struct option options[] = {
        { "transient", no_argument, &arg_mode, MODE_TRANSIENT },
        { "saved", no_argument, &arg_mode, MODE_SAVED },
        { "persistent", no_argument, &arg_mode, MODE_PERSISTENT },
        { "no-start", no_argument, &arg_no_start, true },
        { "dry-run", no_argument, &arg_dry_run, true },
        { "file", required_argument, NULL, 'f' },
        { "wait", required_argument, NULL, 'w' },
        PROGRAM_OPTIONS
};

static int parse_option(int option) {
        if (option == 'w')
                return program_seconds("wait", &arg_wait);
        arg_file = optarg;
        return 0;
}

/* Writes the definition that PARENT TYPE [NAME=VALUE]... ask for as the text of a file. */
static int text_from_arguments(char **args, int n, char **ret) {
        _cleanup_free_ char *text = NULL;

        for (int i = 0; i < 2; i++)
                if ((!definition_name_is_valid(args[i]) || strchr(args[i], '=')) &&
                    (i > 0 || !selector_is_meant(args[i])))
                        return program_error_as(-EINVAL, args[i], "not the kernel name of a %s",
                                                i == 0 ? "parent" : "type");
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

static void print_owner(const char *key, const char *value) {
        if (!value)
                return;
        printf(" %s=", key);
        text_print(stdout, value);
}

static void print_plan(const CreateRequest *q, bool is_new) {
        const Definition *d = q->definition;

        if (is_new)
                printf("would write /%s/mdev-tools/devices/%s.conf (%s):\n%s", q->mode == MODE_TRANSIENT ? "run" : "etc", d->uuid,
                       mode_to_string(q->mode), q->text);
        if (is_new && q->mode == MODE_PERSISTENT && autostart_available())
                printf("would enable mdev@%s.service\n", d->uuid);
        else if (is_new && q->mode == MODE_PERSISTENT && !d->start_auto)
                puts("would add start=auto to it");
        if (!q->start)
                return;
        printf("would write %s to " SYSFS_CREATE_FORMAT ", unless it is there\n", d->uuid, d->parent, d->type);
        if (definition_names_owner(d)) {
                fputs("would have udev set", stdout);
                print_owner("node_user", d->node_user);
                print_owner("node_group", d->node_group);
                if (d->node_mode >= 0)
                        printf(" node_mode=%04o", (unsigned) d->node_mode);
                putchar('\n');
        }
        for (size_t i = 0; i < d->n_attributes; i++) {
                fputs("would write '", stdout);
                text_print(stdout, d->attributes[i].value);
                printf("' to " SYSFS_DEVICE_FORMAT "/%s\n", d->uuid, d->attributes[i].name);
        }
}

/* Creates a device from the text of a definition, with a new UUID if uuid is NULL. */
static int create_from_text(const Defaults *defaults, const char *text, const char *uuid) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        CreateRequest q = { .definition = d, .text = text, .mode = (Mode) arg_mode,
                            .mode_is_default = arg_mode == _MODE_INVALID, .start = !arg_no_start,
                            .dry_run = arg_dry_run };
        _cleanup_(operation_done) Operation op = OPERATION_NEW(program_forward);
        int r;

        if (!d)
                return program_fail(NULL, &op.failure);
        if (uuid && program_uuid(uuid, d->uuid) < 0)
                return STATUS_USAGE;
        if (!uuid && (r = uuid_generate(d->uuid)) < 0)
                return program_error_as(STATUS_FAILURE, NULL, "cannot generate a UUID: %s", failure_reason(r));
        if (arg_file && !(d->path = strdup(arg_file)))
                return program_fail(NULL, &op.failure);
        r = definition_parse(d, text, strlen(text));
        program_notes(d, true);
        if (r < 0)
                return arg_file ? STATUS_INVALID : STATUS_USAGE;
        if (q.mode_is_default)
                q.mode = d->start_auto ? MODE_PERSISTENT : defaults->mode;
        q.wait = arg_wait >= 0 ? (unsigned) arg_wait : definition_wait(d, defaults->wait);

        r = create_device(&op, &q);
        if (r < 0)
                return program_fail(d->uuid, &op.failure);
        if (arg_dry_run) {
                print_plan(&q, r & DONE_DEFINED);
                return STATUS_DONE;
        }
        if (!uuid)
                puts(d->uuid);
        if (arg_no_start)
                return program_done(MESSAGE_DEFINED, d->uuid, &op.failure, "defined%s, not started: %s on %s",
                                    r & DONE_DEFINED ? "" : " already", op.failure.type, op.failure.parent);
        return program_started(d->uuid, r & DONE_CREATED, &op.failure);
}

static int create_by_arguments(const Defaults *defaults, char *args[], int n) {
        _cleanup_free_ char *text = NULL;
        char uuid[UUID_LENGTH + 1];
        bool named = n > 0 && uuid_parse(args[0], uuid) >= 0;

        if (n - named < 2)
                return program_error_as(STATUS_USAGE, n > 0 ? args[0] : NULL, "give PARENT and TYPE (--help); "
                                        "'mdev-start UUID' starts a device that is defined");
        if (text_from_arguments(args + named, n - named, &text) < 0)
                return STATUS_USAGE;
        return create_from_text(defaults, text, named ? args[0] : NULL);
}

static int create_by_file(const Defaults *defaults, const char *uuid) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = strcmp(arg_file, "-") == 0 ? file_read_stream(STDIN_FILENO, KEYVALUE_SIZE_MAX, &text, &size)
                                       : file_read_at(AT_FDCWD, arg_file, KEYVALUE_SIZE_MAX, &text, &size);
        if (r >= 0 && strlen(text) != size)
                r = -EILSEQ;
        if (r >= 0)
                return create_from_text(defaults, text, uuid);
        program_error(arg_file, "cannot read the definition: %s", r == -EILSEQ ? "has a NUL byte" : file_reason(r));
        return r == -ENOENT    ? STATUS_NOT_FOUND
                : r == -EACCES ? STATUS_NOT_PERMITTED
                : r == -EXDEV  ? STATUS_USAGE
                               : STATUS_INVALID;
}

static int run(int argc, char *argv[]) {
        _cleanup_(defaults_done) Defaults defaults = {};

        if (arg_file && argc > 1)
                return program_error_as(STATUS_USAGE, NULL,
                                        "with --file, parent, type and attributes come from the file");
        if (defaults_load(&defaults) < 0)
                return STATUS_FAILURE;
        program_notes(defaults.notes, false);
        return arg_file ? create_by_file(&defaults, argv[0]) : create_by_arguments(&defaults, argv, argc);
}

DEFINE_MAIN_FUNCTION(.help = help, .options = options, .parse_option = parse_option, .run = run)
