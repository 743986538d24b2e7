/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/filter.h"

#include <string.h>

#include "definition/mode.h"

static bool is_state(const char *s) {
        return strcmp(s, "active") == 0 || strcmp(s, "inactive") == 0 || strcmp(s, "failed") == 0 ||
                strcmp(s, "invalid") == 0;
}

int filter_parse_option(Filter *f, int option, const char *value) {
        switch (option) {
        case FILTER_PARENT:
                f->parent = value;
                break;
        case FILTER_TYPE:
                f->type = value;
                break;
        case FILTER_MODE:
                f->mode = value;
                if (mode_from_string(value) != _MODE_INVALID)
                        break;
                program_error(NULL, "--mode is transient, saved, persistent or unmanaged, not '%s'", value);
                return -EINVAL;
        case FILTER_STATE:
                f->state = value;
                if (is_state(value))
                        break;
                program_error(NULL, "--state is active, inactive, failed or invalid, not '%s'", value);
                return -EINVAL;
        }
        return 0;
}

int filter_parse_uuids(Filter *f, char *uuids[]) {
        f->uuids = uuids;
        for (; *uuids; uuids++)
                if (program_uuid(*uuids, *uuids) < 0)
                        return -EINVAL;
        return 0;
}

static bool is_wanted(const char *wanted, const char *value) {
        return !wanted || (value && strcmp(wanted, value) == 0);
}

bool filter_matches(const Filter *f, const FilterValues *device) {
        if ((!is_wanted(f->parent, device->parent) && !is_wanted(f->parent, device->selector)) ||
            !is_wanted(f->type, device->type) || !is_wanted(f->mode, device->mode) ||
            !is_wanted(f->state, device->state))
                return false;
        for (char **uuid = f->uuids; *uuid; uuid++)
                if (is_wanted(*uuid, device->uuid))
                        return true;
        return !f->uuids[0];
}
