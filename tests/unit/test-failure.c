/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "base/failure.h"

static void test_status(void) {
        static const struct {
                int error;
                Status status;
        } rows[] = {
                { 0, STATUS_DONE },
                { -EPERM, STATUS_NOT_PERMITTED },
                { -EACCES, STATUS_NOT_PERMITTED },
                { -EROFS, STATUS_NOT_PERMITTED },
                { -ETIMEDOUT, STATUS_TIMED_OUT },
                { -ENOSPC, STATUS_FAILURE },
                { -EIO, STATUS_FAILURE },
                { -ENOENT, STATUS_FAILURE },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                expect_number(strerror(-rows[i].error), failure_status_from_errno(rows[i].error), rows[i].status);
}

/* Scripts depend on these numbers; they never change. */
static void test_numbers(void) {
        static const int numbers[] = {
                STATUS_DONE, STATUS_FAILURE, STATUS_USAGE, STATUS_NOT_FOUND, STATUS_NO_PARENT, STATUS_NO_TYPE,
                STATUS_NO_INSTANCE, STATUS_EXISTS, STATUS_ATTRIBUTE, STATUS_ATTRIBUTE_LEFT, STATUS_IN_USE,
                STATUS_INVALID, STATUS_NOT_PERMITTED, STATUS_CALLOUT, STATUS_TIMED_OUT,
        };
        static const int wanted[] = { 0, 1, 2, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 };

        static_assert(ELEMENTSOF(numbers) == ELEMENTSOF(wanted), "one for each");
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                assert(numbers[i] == wanted[i]);
}

static void test_texts(void) {
        Failure f = {};

        assert(failure_set(&f, STATUS_IN_USE, -EBUSY, "%s is %d", "x", 1) == -EBUSY);
        assert(f.status == STATUS_IN_USE);
        failure_append(&f, ", and %s", "y");
        expect_string("append", f.text, "x is 1, and y");

        /* too long is cut, however often something is appended */
        for (int i = 0; i < 1000; i++)
                failure_append(&f, "%s", "0123456789");
        assert(strlen(f.text) == sizeof(f.text) - 1);

        assert(failure_set(&f, STATUS_FAILURE, -EIO, "again") == -EIO);
        expect_string("replaced", f.text, "again");
        expect_string("reason", failure_reason(-ENOENT), "No such file or directory");
}

int main(void) {
        test_status();
        test_numbers();
        test_texts();
        return 0;
}
