/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/mode.h"

#include <string.h>

static const char *const mode_names[_MODE_MAX] = {
        [MODE_UNMANAGED] = "unmanaged",
        [MODE_TRANSIENT] = "transient",
        [MODE_SAVED] = "saved",
        [MODE_PERSISTENT] = "persistent",
};

const char *mode_to_string(Mode mode) {
        return mode_names[mode];
}

Mode mode_from_string(const char *s) {
        for (Mode m = 0; m < _MODE_MAX; m++)
                if (strcmp(s, mode_names[m]) == 0)
                        return m;
        return _MODE_INVALID;
}

Mode mode_of_linked(const Definition *d, const AutostartLinks *links) {
        if (!d)
                return MODE_UNMANAGED;
        if (d->origin == ORIGIN_RUN)
                return MODE_TRANSIENT;
        if ((d->start_auto || autostart_is_enabled(links, d->uuid)) && !autostart_is_masked(links, d->uuid))
                return MODE_PERSISTENT;
        return MODE_SAVED;
}

Mode mode_of(const Definition *d) {
        return mode_of_linked(d, NULL);
}
