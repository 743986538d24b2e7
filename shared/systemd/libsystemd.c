/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "systemd/libsystemd.h"

#include <dlfcn.h>
#include <string.h>

#include "base/dlopen-note.h"

/* Only recommended: the same package serves hosts that another init runs. */
DLOPEN_NOTE("systemd", "Units of devices, and the journal", "recommended", LIBSYSTEMD);

int libsystemd_load(const Libsystemd **ret) {
        static const struct {
                const char *name;
                size_t offset;
        } table[] = {
#define LIBSYSTEMD_ENTRY(name) { "sd_" #name, offsetof(Libsystemd, name) },
                LIBSYSTEMD_FUNCTIONS(LIBSYSTEMD_ENTRY)
        };
        static Libsystemd functions;
        static void *library;

        if (!library) {
                void *l = dlopen(LIBSYSTEMD, RTLD_NOW);

                if (!l)
                        return -ELIBACC;
                for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                        void *function = dlsym(l, table[i].name);

                        if (!function)
                                return -ELIBACC;
                        memcpy((char *) &functions + table[i].offset, &function, sizeof(function));
                }
                library = l;
        }
        *ret = &functions;
        return 0;
}
