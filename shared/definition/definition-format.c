/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/definition.h"

#include <string.h>

static void write_value(FILE *f, const char *value) {
        size_t n = strlen(value);

        /* without quotes, reading these bytes would change them */
        if (!strpbrk(value, ",\"\\\n") && value[0] != ' ' && value[0] != '\t' && n > 0 && value[n - 1] != ' ' &&
            value[n - 1] != '\t') {
                fputs(value, f);
                return;
        }
        fputc('"', f);
        for (const char *p = value; *p; p++)
                if (*p == '\n')
                        fputs("\\n", f);
                else {
                        if (*p == '"' || *p == '\\')
                                fputc('\\', f);
                        fputc(*p, f);
                }
        fputc('"', f);
}

static void write_string(FILE *f, const char *key, const char *value) {
        if (value)
                fprintf(f, "%s=%s\n", key, value);
}

int definition_format(const Definition *d, char **ret) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        write_string(f, "parent", definition_parent(d));
        write_string(f, "type", d->type);
        write_string(f, "start", d->start_auto ? "auto" : NULL);
        write_string(f, "description", d->description);
        write_string(f, "after", d->after);
        write_string(f, "requires", d->requires);
        write_string(f, "wants", d->wants);
        if (d->wait >= 0)
                fprintf(f, "wait=%d\n", d->wait);
        write_string(f, "node_user", d->node_user);
        write_string(f, "node_group", d->node_group);
        if (d->node_mode >= 0)
                fprintf(f, "node_mode=%04o\n", (unsigned) d->node_mode);
        for (size_t i = 0; i < d->n_attributes; i++) {
                const Attribute *a = &d->attributes[i];

                /* consecutive writes to one attribute share a line */
                if (i > 0 && strcmp(a->name, a[-1].name) == 0)
                        fputc(',', f);
                else
                        fprintf(f, "%sattr.%s=", i > 0 ? "\n" : "", a->name);
                write_value(f, a->value);
        }
        if (d->n_attributes > 0)
                fputc('\n', f);
        /* fclose(3) may succeed although there was no memory for the text */
        if (fclose(f) != 0 || !text)
                return -ENOMEM;
        *ret = STEAL_PTR(text);
        return 0;
}
