/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Messages in the form of mdevctl, which scripts compare. */
#include "mdevctl.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "cli/failure-text.h"

const char *failure_words(const Failure *f) {
        static char *text;

        free(text);
        text = failure_text(f);
        return text ? text : "out of memory";
}

/* In one write, as other programs may print at the same time. */
static _printf_(3, 0) void print_message(const char *head, const char *cause, const char *format, va_list ap) {
        _cleanup_free_ char *text = NULL, *out = NULL;
        size_t size;
        FILE *f;

        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        f = open_memstream(&out, &size);
        if (!f)
                return;
        fputs(head, f);
        /* a name may contain control characters; of those only line breaks are printed */
        for (char *rest = text ? text : (char[]) { "out of memory" }, *line; (line = strsep(&rest, "\n"));) {
                text_print(f, line);
                fputc('\n', f);
        }
        if (cause) {
                fputs("\nCaused by:\n    ", f);
                text_print(f, cause);
                fputc('\n', f);
        }
        if (fclose(f) == 0)
                fputs(out, stderr);
}

int report_error_with_cause(const char *cause, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        print_message("Error: ", cause, format, ap);
        va_end(ap);
        return STATUS_FAILURE;
}

void report_warning(const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        print_message("Warning: ", NULL, format, ap);
        va_end(ap);
}

int report_usage_error(const Command *c, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        print_message("error: ", NULL, format, ap);
        va_end(ap);
        fprintf(stderr, "\nUsage: %s\n\nFor more information, try '--help'.\n", c ? c->usage : "mdevctl <COMMAND>");
        return -EINVAL;
}
