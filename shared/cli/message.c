/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/message.h"

const char *message_of_status(Status status) {
        static const char *const ids[] = {
                [STATUS_FAILURE] = MESSAGE_FAILURE,
                [STATUS_NOT_FOUND] = MESSAGE_NOT_FOUND,
                [STATUS_NO_PARENT] = MESSAGE_NO_PARENT,
                [STATUS_NO_TYPE] = MESSAGE_NO_TYPE,
                [STATUS_NO_INSTANCE] = MESSAGE_NO_INSTANCE,
                [STATUS_EXISTS] = MESSAGE_EXISTS,
                [STATUS_ATTRIBUTE] = MESSAGE_ATTRIBUTE,
                [STATUS_ATTRIBUTE_LEFT] = MESSAGE_ATTRIBUTE_LEFT,
                [STATUS_IN_USE] = MESSAGE_IN_USE,
                [STATUS_INVALID] = MESSAGE_INVALID,
                [STATUS_NOT_PERMITTED] = MESSAGE_NOT_PERMITTED,
                [STATUS_CALLOUT] = MESSAGE_CALLOUT,
                [STATUS_TIMED_OUT] = MESSAGE_TIMED_OUT,
        };

        return (size_t) status < ELEMENTSOF(ids) ? ids[status] : NULL;
}
