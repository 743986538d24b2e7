/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/output.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "definition/mdevctl-json.h"

void output_set_string(json_object *row, const char *key, const char *value) {
        json_object_object_add(row, key, value && *value ? json_object_new_string(value) : NULL);
}

/* Prints n bytes that json-c wrote. It escapes C0 only, and passes what is not UTF-8 and so no JSON (sysfs may hold
 * anything). */
static void print_json(const char *s, size_t n) {
        for (size_t length; n > 0; s += length, n -= length) {
                /* nearly all of it is plain */
                for (length = 0; length < n && ((s[length] >= ' ' && s[length] < 0x7f) || s[length] == '\n');)
                        length++;
                if (length == 0)
                        length = text_printable(s, n);
                if (length > 0)
                        fwrite(s, 1, length, stdout);
                else if (n > 1 && (unsigned char) s[0] == 0xc2 && ((unsigned char) s[1] & 0xe0) == 0x80) {
                        printf("\\u00%02x", (unsigned) (unsigned char) s[1]); /* C1 */
                        length = 2;
                } else {
                        printf("\\u%s", *s == 0x7f ? "007f" : "fffd");
                        length = 1;
                }
        }
}

void output_json_line(json_object *o) {
        const char *s = json_object_to_json_string_ext(o, JSON_LINE_FLAGS);

        if (s)
                print_json(s, strlen(s));
        putchar('\n');
}

/* json-c indents it as the only item of an array. */
static int print_item(json_object *row, bool first) {
        json_object *array = json_object_new_array();
        const char *s = NULL;

        if (array && json_object_array_add(array, json_object_get(row)) == 0)
                s = json_text(array);
        if (s) {
                putchar(first ? '[' : ',');
                print_json(s + strlen("["), strlen(s) - strlen("[" "\n]"));
        }
        json_object_put(array);
        return s ? 0 : -ENOMEM;
}

char *output_text(json_object *value) {
        char *text = NULL;
        size_t size;
        FILE *f;

        if (!value)
                return strdup("");
        if (!json_object_is_type(value, json_type_array))
                return strdup(json_object_get_string(value));
        f = open_memstream(&text, &size);
        if (!f)
                return NULL;
        for (size_t i = 0; i < json_object_array_length(value); i++) {
                json_object *item = json_object_array_get_idx(value, i);
                const char *sep = "";

                if (i > 0)
                        fputc(' ', f);
                if (!json_object_is_type(item, json_type_object)) {
                        fputs(json_object_get_string(item), f);
                        continue;
                }
                /* {"name": "a", "value": "b"} and the like: its values */
                json_object_object_foreach(item, key, v) {
                        (void) key;
                        fprintf(f, "%s%s", sep, json_object_get_string(v));
                        sep = "=";
                }
        }
        if (fclose(f) != 0) {
                free(text);
                return NULL;
        }
        return text;
}

static void print_quoted(const char *s) {
        if (*s && s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@,+=")] == '\0') {
                fputs(s, stdout);
                return;
        }
        putchar('\'');
        for (; *s; s++)
                if (*s == '\'')
                        fputs("'\\''", stdout);
                else
                        putchar(*s);
        putchar('\'');
}

static int print_export(json_object *row, const char *prefix) {
        json_object_object_foreach(row, key, value) {
                _cleanup_free_ char *text = output_text(value);

                if (!text)
                        return -ENOMEM;
                /* MDEV_STATE is a property of the kernel's own events */
                printf("%s_%s", prefix, strcmp(key, "state") == 0 ? "DEVICE_" : "");
                for (const char *p = key; *p; p++)
                        putchar(toupper((unsigned char) *p));
                putchar('=');
                print_quoted(text);
                putchar('\n');
        }
        return 0;
}

void output_row(Output *o, json_object *row) {
        if (o->failed || !row) {
                o->failed = true;
                json_object_put(row);
                return;
        }
        if (o->export_prefix) {
                if (o->n_rows > 0)
                        putchar('\n');
                o->failed = print_export(row, o->export_prefix) < 0;
        } else {
                o->failed = print_item(row, o->n_rows == 0) < 0;
        }
        o->n_rows++;
        json_object_put(row);
}

int output_end(const Output *o) {
        if (o->failed)
                return -ENOMEM;
        if (!o->export_prefix)
                puts(o->n_rows > 0 ? "\n]" : "[]");
        return 0;
}
