/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/definition.h"

#include <stdint.h>
#include <string.h>

#include "base/keyvalue.h"

typedef enum Operation { REPLACE, APPEND, REMOVE } Operation;

static int parse_assignment(const char *assignment, char **ret_key, Operation *ret_operation,
                            const char **ret_value, const char **ret_error) {
        const char *equals = strchr(assignment, '='), *begin = assignment;
        bool append = equals && equals > assignment && equals[-1] == '+';
        size_t n = equals ? (size_t) (equals - assignment) - append : 0;
        _cleanup_free_ char *name = NULL;

        /* reading a file drops blanks, too; with them the key would not be found there */
        keyvalue_trim(&begin, &n);
        if (!equals || n == 0) {
                *ret_error = "not NAME=VALUE";
                return -EINVAL;
        }
        if (strpbrk(assignment, "\n\r")) {
                *ret_error = "line break in an assignment (write \\n within double quotes)";
                return -EINVAL;
        }
        if (append && equals[1] == '\0') {
                *ret_error = "nothing to append";
                return -EINVAL;
        }
        name = strndup(begin, n);
        if (!name)
                return -ENOMEM;
        if (asprintf(ret_key, "%s%s", definition_key_is_valid(name) ? "" : "attr.", name) < 0)
                return -ENOMEM;
        *ret_operation = append ? APPEND : equals[1] == '\0' ? REMOVE : REPLACE;
        *ret_value = equals + 1;
        return 0;
}

int definition_add_line(const char *text, const char *assignment, char **ret, const char **ret_error) {
        _cleanup_free_ char *key = NULL;
        Operation operation;
        const char *value;
        int r;

        r = parse_assignment(assignment, &key, &operation, &value, ret_error);
        if (r < 0)
                return r;
        if (operation != REPLACE) {
                *ret_error = operation == REMOVE ? "empty value" : "not NAME=VALUE";
                return -EINVAL;
        }
        return asprintf(ret, "%s%s=%s\n", text, key, value) < 0 ? -ENOMEM : 0;
}

/* The offset of the next line. */
static size_t line_end(const char *text, size_t size, size_t offset) {
        const char *newline = memchr(text + offset, '\n', size - offset);

        return newline ? (size_t) (newline - text) + 1 : size;
}

static bool line_has_key(const char *line, size_t size, const char *key) {
        const char *equals = memchr(line, '=', size);
        size_t n = equals ? (size_t) (equals - line) : 0;

        keyvalue_trim(&line, &n);
        return n == strlen(key) && memcmp(line, key, n) == 0;
}

int definition_edit(const char *text, size_t size, const char *assignment, char **ret, const char **ret_error) {
        _cleanup_free_ char *key = NULL, *edited = NULL;
        size_t place = SIZE_MAX, edited_size;
        const char *value;
        Operation operation;
        FILE *f;
        int r;

        r = parse_assignment(assignment, &key, &operation, &value, ret_error);
        if (r < 0)
                return r;

        /* the new line replaces the first one with its key, or follows the last one, or goes to the end */
        for (size_t i = 0; i < size && operation != REMOVE; i = line_end(text, size, i))
                if (line_has_key(text + i, line_end(text, size, i) - i, key)) {
                        if (operation == APPEND)
                                place = line_end(text, size, i);
                        else if (place == SIZE_MAX)
                                place = i;
                }

        f = open_memstream(&edited, &edited_size);
        if (!f)
                return -ENOMEM;
        for (size_t i = 0, end; i < size; i = end) {
                end = line_end(text, size, i);
                if (i == place)
                        fprintf(f, "%s=%s\n", key, value);
                if (operation == APPEND || !line_has_key(text + i, end - i, key))
                        fwrite(text + i, 1, end - i, f);
        }
        if (operation != REMOVE && (place == SIZE_MAX || place == size)) {
                if (size > 0 && text[size - 1] != '\n')
                        fputc('\n', f);
                fprintf(f, "%s=%s\n", key, value);
        }
        if (fclose(f) != 0 || !edited)
                return -ENOMEM;
        *ret = STEAL_PTR(edited);
        return 0;
}
