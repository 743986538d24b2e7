/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

int library_load(const char *soname, const char *const *names, size_t n, void *ret) {
        void *library = dlopen(soname, RTLD_NOW);

        if (!library)
                return -ELIBACC;
        for (size_t i = 0; i < n; i++) {
                void *function = dlsym(library, names[i]);

                if (!function)
                        return -ELIBACC;
                memcpy((char *) ret + i * sizeof(function), &function, sizeof(function));
        }
        return 0;
}
