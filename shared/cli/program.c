/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/program.h"

#include <stdarg.h>
#include <string.h>

#include "cli/journal.h"
#include "base/keyvalue.h"
#include "base/text.h"

/* Syslog's (sd-daemon(3)). */
#define PRIORITY_ERROR "3"
#define PRIORITY_INFO "6"

static bool run_by_udev;

/* "WHO: OBJECT: TEXT", and what ends it. What it names comes from files, from sysfs, from other users' processes, and
 * none of these is to write to the terminal as it likes. NULL if there is no memory. */
static char *compose(const char *who, const char *object, const char *text, const char *end) {
        _cleanup_free_ char *line = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&line, &size);
        if (!f)
                return NULL;
        if (who) {
                text_print(f, who);
                fputs(": ", f);
        }
        if (object) {
                text_print(f, object);
                fputs(": ", f);
        }
        text_print(f, text);
        fputs(end, f);
        return fclose(f) == 0 ? STEAL_PTR(line) : NULL;
}

/* One line in one write: helpers may speak at the same time. */
static void say(const char *who, const char *object, const char *text) {
        _cleanup_free_ char *line = compose(who, object, text, "\n");

        if (line)
                fputs(line, stderr);
}

static bool speaks_to_journal(void) {
        return run_by_udev || journal_is_stream(STDERR_FILENO, getenv("JOURNAL_STREAM"));
}

/* What has come of it: to the journal, with fields. Returns 0, or a negative errno if that cannot be. */
static int enter(const char *message, const char *priority, const char *object, const Failure *f, const char *text) {
        _cleanup_free_ char *line = compose(NULL, object, text, "");
        const char *uuid = object && uuid_is_canonical(object) ? object : NULL;
        const JournalField fields[] = {
                { "MESSAGE", line },
                /* the text that explains it is about a device, or a parent */
                { "MESSAGE_ID", uuid || f->parent[0] ? message : NULL },
                { "PRIORITY", priority },
                { "SYSLOG_IDENTIFIER", program_invocation_short_name },
                { "MDEV_UUID", uuid },
                { "MDEV_PARENT", f->parent },
                { "MDEV_TYPE", f->type },
        };

        return line ? journal_send(JOURNAL_SOCKET, fields, ELEMENTSOF(fields)) : -ENOMEM;
}

void program_run_by_udev(void) {
        run_by_udev = getenv("SEQNUM") && getenv("DEVPATH");
}

void program_error(const char *object, const char *format, ...) {
        _cleanup_free_ char *text = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        say(program_invocation_short_name, object, text ? text : "out of memory");
}

void program_forward(const char *who, const char *line) {
        say(who, NULL, line);
}

int program_fail_as(const char *message, const char *object, const Failure *f) {
        const char *text = f->text[0] ? f->text : "out of memory";

        if (!speaks_to_journal() || enter(message, PRIORITY_ERROR, object, f, text) < 0)
                program_error(object, "%s", text);
        return f->status != STATUS_DONE ? (int) f->status : STATUS_FAILURE;
}

int program_fail(const char *object, const Failure *f) {
        return program_fail_as(message_of_status(f->status), object, f);
}

int program_done(const char *message, const char *object, const Failure *f, const char *format, ...) {
        _cleanup_free_ char *text = NULL;
        va_list ap;

        if (!speaks_to_journal())
                return STATUS_DONE;
        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        if (text && enter(message, PRIORITY_INFO, object, f, text) < 0)
                say(program_invocation_short_name, object, text);
        return STATUS_DONE;
}

void program_notes(const Definition *d, bool errors) {
        for (size_t i = 0; i < d->n_notes; i++) {
                const Note *n = &d->notes[i];
                char line[16] = "";

                if (n->error && !errors)
                        continue;
                if (n->line > 0)
                        (void) snprintf(line, sizeof(line), ":%u", n->line);
                if (d->path)
                        program_error(NULL, "%s%s: %s%s", d->path, line, n->error ? "" : "warning: ", n->text);
                else
                        program_error(NULL, "%s%s", n->error ? "" : "warning: ", n->text);
        }
}

int program_version(void) {
        printf("%s (mdev-tools) %s\n", program_invocation_short_name, PACKAGE_VERSION);
        return 0;
}

int program_seconds(const char *option, const char *value, unsigned *ret) {
        if (keyvalue_parse_number(value, DEFINITION_WAIT_MAX, ret) >= 0)
                return 0;
        program_error(NULL, "--%s takes a number of seconds from 0 to %u, not '%s'", option, DEFINITION_WAIT_MAX,
                      value);
        return -EINVAL;
}

int program_end(int status) {
        if (fflush(stdout) != 0 || ferror(stdout)) {
                program_error(NULL, "cannot write the output: %s", strerror(errno));
                return status != STATUS_DONE ? status : STATUS_FAILURE;
        }
        return status;
}
