/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/failure.h"

#include <stdarg.h>
#include <string.h>

static void release_facts(Failure *f) {
        for (size_t i = 0; i < ELEMENTSOF(f->strings); i++)
                free((char *) f->strings[i]);
        string_list_done(&f->names);
}

void failure_done(Failure *f) {
        for (Failure *next; f->next; free(next)) {
                next = f->next;
                f->next = STEAL_PTR(next->next);
                release_facts(next);
        }
        release_facts(f);
        *f = (Failure) {};
}

static void set_string(const char **field, const char *s) {
        free((char *) *field);
        /* without memory one fact is missing, and the rest is said */
        *field = s ? strdup(s) : NULL;
}

void failure_about(Failure *f, const char *parent, const char *type) {
        if (!f)
                return;
        set_string(&f->parent, parent);
        set_string(&f->type, type);
}

int failure_copy(Failure *f, const Failure *facts) {
        Failure copy = *facts;

        if (!f)
                return facts->error;
        copy.names = (StringList) {};
        copy.n_names = facts->n_names > 0 ? facts->n_names : facts->names.n;
        copy.next = NULL;
        for (size_t i = 0; i < facts->names.n && i < FAILURE_NAMES_MAX; i++)
                (void) !string_list_add(&copy.names, facts->names.names[i]);
        for (size_t i = 0; i < ELEMENTSOF(copy.strings); i++) {
                copy.strings[i] = NULL;
                set_string(&copy.strings[i], facts->strings[i]);
        }
        /* which device it is about was noted before */
        if (!copy.parent)
                copy.parent = STEAL_PTR(f->parent);
        if (!copy.type)
                copy.type = STEAL_PTR(f->type);
        failure_done(f);
        *f = copy;
        return copy.error;
}

int failure_at_path(Failure *f, Status status, int error, FailureKind kind, bool by_trust, const char *format, ...) {
        _cleanup_free_ char *path = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&path, format, ap) < 0)
                path = NULL;
        va_end(ap);
        return failure_set(f, status, error, kind, .path = path, .by_trust = by_trust);
}

void failure_add_undo(Failure *f, FailureUndo undo, Failure *why) {
        Failure **end = f ? &f->next : NULL, *copy = f ? malloc(sizeof(*copy)) : NULL;

        if (!copy) {
                failure_done(why);
                return;
        }
        while (*end)
                end = &(*end)->next;
        *copy = *why;
        copy->undo = undo;
        *end = copy;
        *why = (Failure) {};
}

Status failure_status_from_errno(int error) {
        switch (-error) {
        case 0:
                return STATUS_DONE;
        case EACCES:
        case EPERM:
        case EROFS:
        case ELOOP: /* a symlink that is not followed */
                return STATUS_NOT_PERMITTED;
        case ETIMEDOUT:
                return STATUS_TIMED_OUT;
        default:
                return STATUS_FAILURE;
        }
}

const char *failure_reason(int error) {
        return strerror(-error);
}
