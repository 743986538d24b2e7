/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "program.h"

#include <stdarg.h>
#include <string.h>

#include "keyvalue.h"
#include "text.h"

/* One line in one write: helpers may speak at the same time. What it names comes from files, from sysfs, from
 * other users' processes, and none of these is to write to the terminal as it likes. */
static void say(const char *who, const char *object, const char *text) {
        _cleanup_free_ char *line = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&line, &size);
        if (!f)
                return;
        text_print(f, who);
        fputs(": ", f);
        if (object) {
                text_print(f, object);
                fputs(": ", f);
        }
        text_print(f, text);
        fputc('\n', f);
        if (fclose(f) == 0 && line)
                fputs(line, stderr);
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

int program_fail(const char *object, const Failure *f) {
        program_error(object, "%s", f->text[0] ? f->text : "out of memory");
        return f->status != STATUS_DONE ? (int) f->status : STATUS_FAILURE;
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
