/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _printf_(fmt, args) __attribute__((format(printf, fmt, args)))
#define _must_check_ __attribute__((warn_unused_result))
#define _nonnull_(...) __attribute__((nonnull(__VA_ARGS__)))
#define _unused_ __attribute__((unused))

#define ELEMENTSOF(x) (sizeof(x) / sizeof((x)[0]))

/* Takes the value out of a variable that has a cleanup, so that the caller may return it. */
#define STEAL_PTR(p)                     \
        ({                               \
                __typeof__(p) _p = (p);  \
                (p) = NULL;              \
                _p;                      \
        })

static inline int steal_fd(int *fd) {
        int r = *fd;
        *fd = -EBADF;
        return r;
}

static inline void freep(void *p) {
        free(*(void **) p);
}

/* Destructors keep errno, so that it is still that of the failed call when they have run. */
static inline void closep(int *fd) {
        int saved = errno;

        if (*fd >= 0)
                close(*fd);
        errno = saved;
}

static inline void fclosep(FILE **f) {
        int saved = errno;

        if (*f)
                fclose(*f);
        errno = saved;
}

#define _cleanup_free_ _cleanup_(freep)
#define _cleanup_close_ _cleanup_(closep)
#define _cleanup_fclose_ _cleanup_(fclosep)
