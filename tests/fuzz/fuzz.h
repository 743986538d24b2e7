/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* For fuzzers; include it first. A fuzzer is LLVMFuzzerTestOneInput(): it hands the bytes to the code and aborts
 * when an answer cannot be right. What a fuzzer does not prove: that the answer is the wanted one (tests/unit). */

#undef NDEBUG
#include <assert.h>
#include <ftw.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "definition/definition.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* A copy of n bytes with a NUL behind, in an allocation of just that size. */
_unused_ static char *fuzz_string(const uint8_t *data, size_t n) {
        char *s = malloc(n + 1);

        assert(s);
        if (n > 0)
                memcpy(s, data, n);
        s[n] = '\0';
        return s;
}

/* The first line of the input, taken off it; what is behind a NUL is lost. */
_unused_ static char *fuzz_line(const uint8_t **data, size_t *size) {
        const uint8_t *newline = *size > 0 ? memchr(*data, '\n', *size) : NULL;
        size_t n = newline ? (size_t) (newline - *data) : *size;
        char *line = fuzz_string(*data, n);

        if (newline)
                n++;
        *data += n;
        *size -= n;
        return line;
}

_unused_ static bool fuzz_equal(const char *a, const char *b) {
        return a == b || (a && b && strcmp(a, b) == 0);
}

/* A definition that is valid, written and read again, is the same. */
_unused_ static void fuzz_round_trip(const Definition *d) {
        _cleanup_(definition_freep) Definition *again = definition_new();
        _cleanup_free_ char *text = NULL;

        assert(definition_format(d, &text) == 0);
        assert(definition_parse(again, text, strlen(text)) == 0);
        assert(again->n_notes == 0);
        assert(definition_same_device(d, again));
        assert(fuzz_equal(d->description, again->description));
        assert(fuzz_equal(d->after, again->after));
        assert(fuzz_equal(d->requires, again->requires));
        assert(fuzz_equal(d->wants, again->wants));
        assert(d->start_auto == again->start_auto && d->wait == again->wait && d->node_mode == again->node_mode);
        assert(fuzz_equal(d->selector, again->selector));
        assert(fuzz_equal(d->node_user, again->node_user));
        assert(fuzz_equal(d->node_group, again->node_group));
}

/* What holds of every definition that was read, valid or not. */
_unused_ static void fuzz_check_definition(const Definition *d, int result) {
        assert(result == (d->invalid ? -EBADMSG : 0));
        for (size_t i = 0; i < d->n_attributes; i++) {
                const Attribute *a = &d->attributes[i];

                assert(definition_attribute_is_valid(a->name));
                assert(a->name[0] != '/' && !strstr(a->name, "/../") && strncmp(a->name, "../", 3) != 0);
                assert(a->value[0] != '\0' && strlen(a->value) <= 4096);
        }
        if (d->invalid) {
                _cleanup_free_ char *error = definition_first_error(d);

                assert(error && *error);
        } else {
                assert((d->selector || definition_name_is_valid(d->parent)) && definition_name_is_valid(d->type));
                assert(d->selector || !strchr(d->parent, '/'));
                assert( strcmp(d->parent, "..") != 0);
                fuzz_round_trip(d);
        }
}

/* Gives the process an /etc and a /run of its own, empty; without the right to, the fuzzer is skipped (77; run with
 * -error_exitcode=1, for libFuzzer's own is 77, too). */
_unused_ static void fuzz_sandbox(void) {
        if (unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
                fprintf(stderr, "no private mount namespace\n");
                _exit(77);
        }
        assert(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
        assert(mount("tmpfs", "/etc", "tmpfs", 0, "mode=755") == 0);
        assert(mount("tmpfs", "/run", "tmpfs", 0, "mode=755") == 0);
}

_unused_ static int fuzz_remove_entry(const char *path, _unused_ const struct stat *st, _unused_ int type,
                                      struct FTW *ftw) {
        return ftw->level > 0 ? remove(path) : 0;
}

/* Empties a directory. */
_unused_ static void fuzz_empty(const char *path) {
        assert(nftw(path, fuzz_remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

/* Makes a file, if its name lets us; directories above it, too. */
_unused_ static void fuzz_file(const char *path, const uint8_t *data, size_t size) {
        _cleanup_fclose_ FILE *f = NULL;
        _cleanup_free_ char *dir = strdup(path);

        for (char *p = dir; (p = strchr(p + 1, '/'));) {
                *p = '\0';
                (void) mkdir(dir, 0755);
                *p = '/';
        }
        f = fopen(path, "we");
        if (f)
                fwrite(data, 1, size, f);
}
