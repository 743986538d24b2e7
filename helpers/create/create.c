/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "create.h"

#include <fcntl.h>
#include <string.h>

#include "systemd/autostart.h"
#include "base/file.h"
#include "base/keyvalue.h"
#include "device/create.h"
#include "base/selector.h"
#include "kernel/sysfs.h"
#include "base/text.h"

/* Turns arguments or a file into a definition, and creates the device or prints what would be done. */

/* Writes the definition that PARENT TYPE [NAME=VALUE]... ask for as the text of a file. */
static int text_from_arguments(char **args, int n, char **ret) {
        _cleanup_free_ char *text = NULL;

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

static int text_from_file(const char *file, char **ret) {
        bool is_stdin = strcmp(file, "-") == 0;
        size_t size;
        int r;

        r = is_stdin ? file_read_stream(STDIN_FILENO, KEYVALUE_SIZE_MAX, ret, &size)
                     : file_read_at(AT_FDCWD, file, KEYVALUE_SIZE_MAX, ret, &size);
        if (r >= 0 && strlen(*ret) != size)
                r = -EILSEQ;
        if (r < 0)
                program_error(file, "cannot read the definition: %s", r == -EILSEQ ? "has a NUL byte" : file_reason(r));
        return r;
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
static int create_from_text(const Create *c, const char *text, const char *uuid) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        CreateRequest q = { .definition = d, .text = text, .mode = c->mode, .start = !c->no_start,
                            .dry_run = c->dry_run };
        _cleanup_(operation_done) Operation op = OPERATION_NEW(program_forward);
        int r;

        if (!d)
                return program_fail(NULL, &op.failure);
        if (uuid && program_uuid(uuid, d->uuid) < 0)
                return STATUS_USAGE;
        if (!uuid && (r = uuid_generate(d->uuid)) < 0) {
                program_error(NULL, "cannot generate a UUID: %s", failure_reason(r));
                return STATUS_FAILURE;
        }
        if (c->file && !(d->path = strdup(c->file)))
                return program_fail(NULL, &op.failure);
        r = definition_parse(d, text, strlen(text));
        program_notes(d, true);
        if (r < 0)
                return c->file ? STATUS_INVALID : STATUS_USAGE;
        if (c->mode == _MODE_INVALID) {
                q.mode = d->start_auto ? MODE_PERSISTENT : c->defaults.mode;
                q.mode_is_default = true;
        }
        q.wait = c->wait >= 0 ? (unsigned) c->wait : definition_wait(d, c->defaults.wait);

        r = create_device(&op, &q);
        if (r < 0)
                return program_fail(d->uuid, &op.failure);
        if (c->dry_run) {
                print_plan(&q, r & DONE_DEFINED);
                return STATUS_DONE;
        }
        if (!uuid)
                puts(d->uuid);
        if (c->no_start)
                return program_done(MESSAGE_DEFINED, d->uuid, &op.failure, "defined%s, not started: %s on %s",
                                    r & DONE_DEFINED ? "" : " already", op.failure.type, op.failure.parent);
        return program_started(d->uuid, r & DONE_CREATED, &op.failure);
}

int create_by_arguments(const Create *c, char *args[], int n) {
        _cleanup_free_ char *text = NULL;
        char uuid[UUID_LENGTH + 1];
        bool named = n > 0 && uuid_parse(args[0], uuid) >= 0;

        if (n - named < 2) {
                program_error(n > 0 ? args[0] : NULL, "give PARENT and TYPE (--help); 'mdev-start UUID' starts a device "
                              "that is defined");
                return STATUS_USAGE;
        }
        if (text_from_arguments(args + named, n - named, &text) < 0)
                return STATUS_USAGE;
        return create_from_text(c, text, named ? args[0] : NULL);
}

int create_by_file(const Create *c, const char *uuid) {
        _cleanup_free_ char *text = NULL;
        int r;

        r = text_from_file(c->file, &text);
        if (r < 0)
                return r == -ENOENT  ? STATUS_NOT_FOUND
                        : r == -EACCES ? STATUS_NOT_PERMITTED
                        : r == -EXDEV  ? STATUS_USAGE
                                       : STATUS_INVALID;
        return create_from_text(c, text, uuid);
}
