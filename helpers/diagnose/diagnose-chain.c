/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-diagnose: collects the steps and prints them. */

#include <stdarg.h>
#include <string.h>

#include "cli/failure-text.h"
#include "cli/output.h"
#include "diagnose.h"
#include "cli/terminal.h"
#include "base/text.h"

_printf_(3, 0) static void set_text(json_object *o, const char *key, const char *format, va_list ap) {
        _cleanup_free_ char *text = NULL;

        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        output_set_string(o, key, text ? text : "out of memory");
}

void chain_add(Chain *c, const char *name, const char *state, Status status, const char *format, ...) {
        json_object *o = json_object_new_object();
        va_list ap;

        output_set_string(o, "step", name);
        output_set_string(o, "state", state);
        va_start(ap, format);
        set_text(o, "text", format, ap);
        va_end(ap);
        output_set_string(o, "next", NULL);
        json_object_array_add(c->steps, o);
        if (strcmp(state, "failed") != 0 || c->failed)
                return;
        c->failed = name;
        c->status = status != STATUS_DONE ? status : STATUS_FAILURE;
}

void chain_failure(Chain *c, const char *name, const Failure *f) {
        _cleanup_free_ char *text = failure_text(f);

        chain_failed(c, name, f->status, "%s", text ? text : "out of memory");
}

void chain_next(Chain *c, const char *format, ...) {
        json_object *last = json_object_array_get_idx(c->steps, json_object_array_length(c->steps) - 1);
        va_list ap;

        va_start(ap, format);
        set_text(last, "next", format, ap);
        va_end(ap);
}

static const char *get(json_object *step, const char *key) {
        return json_object_get_string(json_object_object_get(step, key));
}

int chain_print(const Chain *c, bool json) {
        bool colors = terminal_has_colors(STDOUT_FILENO);
        size_t n = json_object_array_length(c->steps);
        Output output = {};

        for (size_t i = 0; json && i < n; i++)
                output_row(&output, json_object_get(json_object_array_get_idx(c->steps, i)));
        if (json)
                return output_end(&output);
        for (size_t i = 0; i < n; i++) {
                json_object *step = json_object_array_get_idx(c->steps, i);
                const char *state = get(step, "state"), *next = get(step, "next"), *color = NULL;
                bool failed = strcmp(state, "failed") == 0, ok = strcmp(state, "ok") == 0;

                if (colors && (failed || ok))
                        color = terminal_state_color(failed ? "failed" : "active");
                printf("%s%-7s%s %-12s ", color ? color : "", failed ? "FAILED" : ok ? "ok" : "-",
                       color ? TERMINAL_RESET : "", get(step, "step"));
                text_print(stdout, get(step, "text"));
                if (next) {
                        fputs("; next: ", stdout);
                        text_print(stdout, next);
                }
                putchar('\n');
        }
        return 0;
}
