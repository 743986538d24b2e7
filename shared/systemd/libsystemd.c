/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "systemd/libsystemd.h"

#include "base/library.h"

/* Only recommended: the same package serves hosts that another init runs. */
DLOPEN_NOTE("systemd", "Units of devices, and the journal", "recommended", LIBSYSTEMD);

int libsystemd_load(const Libsystemd **ret) {
        static const char *const names[] = {
#define LIBSYSTEMD_NAME(name) "sd_" #name,
                LIBSYSTEMD_FUNCTIONS(LIBSYSTEMD_NAME)
        };
        static Libsystemd functions;
        int r = library_load(LIBSYSTEMD, names, ELEMENTSOF(names), &functions);

        if (r >= 0)
                *ret = &functions;
        return r;
}
