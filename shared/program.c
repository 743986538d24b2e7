/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "program.h"

#include <stdarg.h>
#include <string.h>

#include "keyvalue.h"

void program_error(const char *object, const char *format, ...) {
        va_list ap;

        fprintf(stderr, "%s: %s%s", program_invocation_short_name, object ? object : "", object ? ": " : "");
        va_start(ap, format);
        vfprintf(stderr, format, ap);
        va_end(ap);
        fputc('\n', stderr);
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
                if (n->line > 0 && d->path)
                        (void) snprintf(line, sizeof(line), ":%u", n->line);
                fprintf(stderr, "%s: %s%s%s%s%s\n", program_invocation_short_name, d->path ? d->path : "",
                        line, d->path ? ": " : "", n->error ? "" : "warning: ", n->text);
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
