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
int report_message(const char *head, const char *cause, const char *format, ...) {
        _cleanup_free_ char *text = NULL, *out = NULL;
        size_t size;
        va_list ap;
        FILE *f;

        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        f = open_memstream(&out, &size);
        if (!f)
                return STATUS_FAILURE;
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
        return STATUS_FAILURE;
}

int print_usage(const Command *c) {
        fprintf(stderr, "\nUsage: %s\n\nFor more information, try '--help'.\n", c ? c->usage : "mdevctl <COMMAND>");
        return -EINVAL;
}
