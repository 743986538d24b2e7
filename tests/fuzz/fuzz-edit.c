/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

typedef struct Line {
        const char *text;
        size_t size; /* without the newline */
} Line;

typedef struct Lines {
        Line *items;
        size_t n;
} Lines;

static void lines_done(Lines *l) {
        free(l->items);
}

/* A part of the line between blanks, which the caller owns. */
static char *trimmed(const char *s, size_t n) {
        while (n > 0 && (*s == ' ' || *s == '\t')) {
                s++;
                n--;
        }
        while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
                n--;
        return strndup(s, n);
}

static bool has_key(const Line *l, const char *key) {
        const char *equals = l->size > 0 ? memchr(l->text, '=', l->size) : NULL;
        _cleanup_free_ char *found = equals ? trimmed(l->text, (size_t) (equals - l->text)) : NULL;

        return found && strcmp(found, key) == 0;
}

/* The lines of a text; without those of a key, if one is given. */
static Lines split(const char *text, size_t size, const char *drop) {
        Lines l = { .items = calloc(size + 1, sizeof(Line)) };

        assert(l.items);
        while (size > 0) {
                const char *newline = memchr(text, '\n', size);
                size_t n = newline ? (size_t) (newline - text) : size, step = newline ? n + 1 : n;

                l.items[l.n] = (Line) { text, n };
                if (!drop || !has_key(&l.items[l.n], drop))
                        l.n++;
                text += step;
                size -= step;
        }
        return l;
}

static bool same(const Line *a, const Line *b) {
        return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

/* The key that an assignment is for: as it is, or an attribute. */
static char *key_of(const char *assignment, size_t n) {
        static const char *const keys[] = { "parent", "type",     "start", "description",
                                            "after",  "requires", "wants", "wait",
                                            "node_user", "node_group", "node_mode" };
        _cleanup_free_ char *name = trimmed(assignment, n);
        bool known = strncmp(name, "attr.", 5) == 0 || strncmp(name, "X-", 2) == 0;
        char *key;

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                known = known || strcmp(name, keys[i]) == 0;
        assert(asprintf(&key, "%s%s", known ? "" : "attr.", name) > 0);
        return key;
}

/* What mdev-manage does: an assignment (the first line) on the text of a definition. Every line of another key
 * stays, byte for byte and in its place; there is one new line, or none when the key was removed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *assignment = fuzz_line(&data, &size), *text = NULL, *result = NULL, *key = NULL;
        _cleanup_(lines_done) Lines kept = {}, got = {};
        _cleanup_(definition_freep) Definition *d = definition_new();
        const char *error = NULL, *equals;
        size_t p = 0;
        bool append;

        /* what has a NUL is refused before */
        if (size > 0 && memchr(data, '\0', size))
                return 0;
        text = fuzz_string(data, size);
        if (definition_edit(text, size, assignment, &result, &error) < 0) {
                assert(error && !result);
                return 0;
        }
        equals = strchr(assignment, '=');
        assert(equals && equals > assignment);
        append = equals[-1] == '+';
        key = key_of(assignment, (size_t) (equals - assignment) - append);
        kept = split(text, size, append ? NULL : key);
        got = split(result, strlen(result), NULL);

        while (p < kept.n && p < got.n && same(&kept.items[p], &got.items[p]))
                p++;
        if (append || equals[1] != '\0') {
                /* this may be the new one: it is, if equal ones stand in a row */
                _cleanup_free_ char *line = NULL;

                assert(got.n == kept.n + 1);
                assert(asprintf(&line, "%s=%s", key, equals + 1) > 0);
                assert(same(&got.items[p], &(Line) { line, strlen(line) }));
                for (size_t i = p; i < kept.n; i++) {
                        assert(same(&kept.items[i], &got.items[i + 1]));
                        assert(!has_key(&kept.items[i], key));
                }
        } else
                assert(got.n == kept.n && p == kept.n);
        fuzz_check_definition(d, definition_parse(d, result, strlen(result)));
        return 0;
}
