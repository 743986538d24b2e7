/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/failure.h"

#include <stdarg.h>
#include <string.h>

int failure_set(Failure *f, Status status, int error, const char *format, ...) {
        va_list ap;

        f->status = status;
        va_start(ap, format);
        (void) vsnprintf(f->text, sizeof(f->text), format, ap);
        va_end(ap);
        return error;
}

void failure_about(Failure *f, const char *parent, const char *type) {
        (void) snprintf(f->parent, sizeof(f->parent), "%s", parent ? parent : "");
        (void) snprintf(f->type, sizeof(f->type), "%s", type ? type : "");
}

void failure_append(Failure *f, const char *format, ...) {
        size_t used = strlen(f->text);
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(f->text + used, sizeof(f->text) - used, format, ap);
        va_end(ap);
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
