/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/output.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

void output_set_string(json_object *row, const char *key, const char *value) {
        json_object_object_add(row, key, value && *value ? json_object_new_string(value) : NULL);
}

static void print_json(json_object *o, int flags) {
        const char *s = json_object_to_json_string_ext(o, flags | JSON_C_TO_STRING_NOSLASHESCAPE);

        /* json-c escapes C0 only, and lets pass what is not UTF-8 and so no JSON: sysfs may hold anything */
        for (size_t n = strlen(s), length; n > 0; s += length, n -= length) {
                /* nearly all of it is plain */
                for (length = 0; length < n && ((s[length] >= ' ' && s[length] < 0x7f) || s[length] == '\n');)
                        length++;
                if (length == 0)
                        length = text_printable(s, n);
                if (length > 0)
                        fwrite(s, 1, length, stdout);
                else if (*s == 0x7f) {
                        printf("\\u007f");
                        length = 1;
                } else if (n > 1 && (unsigned char) s[0] == 0xc2 && ((unsigned char) s[1] & 0xe0) == 0x80) {
                        printf("\\u00%02x", (unsigned) (unsigned char) s[1]);
                        length = 2;
                } else {
                        printf("\\ufffd");
                        length = 1;
                }
        }
        putchar('\n');
}

void output_json(json_object *rows) {
        print_json(rows, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED);
}

void output_json_line(json_object *o) {
        print_json(o, JSON_C_TO_STRING_PLAIN);
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

void output_export(json_object *rows, const char *prefix) {
        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                if (i > 0)
                        putchar('\n');
                json_object_object_foreach(json_object_array_get_idx(rows, i), key, value) {
                        _cleanup_free_ char *text = output_text(value);

                        /* MDEV_STATE is a property of the kernel's own events */
                        printf("%s_%s", prefix, strcmp(key, "state") == 0 ? "DEVICE_" : "");
                        for (const char *p = key; *p; p++)
                                putchar(toupper((unsigned char) *p));
                        putchar('=');
                        print_quoted(text ? text : "");
                        putchar('\n');
                }
        }
}
