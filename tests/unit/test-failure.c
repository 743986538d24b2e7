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

static void test_facts(void) {
        char *list[] = { (char *) "1", (char *) "2", (char *) "3", (char *) "4", (char *) "5",
                         (char *) "6", (char *) "7", (char *) "8", (char *) "9" };
        const StringList names = { list, ELEMENTSOF(list) };
        _cleanup_(failure_done) Failure f = {};
        char path[] = "/p";

        failure_about(&f, "mtty", "mtty-1");
        assert(failure_set(&f, STATUS_NO_TYPE, -ENOENT, FAILURE_NO_TYPE, .type = "mtty-9", .path = path, .names = names)
               == -ENOENT);
        path[1] = 'q';
        assert(f.status == STATUS_NO_TYPE && f.error == -ENOENT && f.kind == FAILURE_NO_TYPE);
        expect_string("a copy", f.path, "/p");
        expect_string("noted before", f.parent, "mtty");
        expect_string("noted now", f.type, "mtty-9");
        assert(f.names.n == FAILURE_NAMES_MAX && f.n_names == ELEMENTSOF(list));

        /* what was known of the last failure is not part of the next one */
        assert(failure_at(&f, STATUS_FAILURE, -EIO, FAILURE_READ, "/%s/%d", "x", 1) == -EIO);
        expect_string("path", f.path, "/x/1");
        expect_string("still about", f.parent, "mtty");
        assert(f.names.n == 0 && f.n_names == 0 && !f.by_trust);
        assert(failure_at_file(&f, STATUS_FAILURE, -EPERM, FAILURE_READ, "/x") == -EPERM && f.by_trust);
        expect_string("reason", failure_reason(-ENOENT), "No such file or directory");
}

/* Nobody wants to know */
static void test_null(void) {
        Failure why = {};

        failure_about(NULL, "mtty", "mtty-1");
        assert(failure_set(NULL, STATUS_FAILURE, -EIO, FAILURE_READ, .path = "/x") == -EIO);
        assert(failure_at(NULL, STATUS_FAILURE, -EIO, FAILURE_READ, "/x") == -EIO);
        assert(failure_set(&why, STATUS_FAILURE, -EIO, FAILURE_READ, .path = "/x") == -EIO);
        failure_add_undo(NULL, FAILURE_UNDO_DEVICE, &why);
        assert(!why.path);
}

static void test_undo(void) {
        _cleanup_(failure_done) Failure f = {};
        Failure why = {};

        for (int i = 0; i < 2; i++) {
                (void) failure_set(&why, STATUS_IN_USE, -EBUSY, FAILURE_IN_USE, .name = "qemu", .value = "1");
                failure_add_undo(&f, i == 0 ? FAILURE_UNDO_DEVICE : FAILURE_UNDO_DEFINITION, &why);
                assert(!why.name);
        }
        assert(f.next->undo == FAILURE_UNDO_DEVICE && f.next->next->undo == FAILURE_UNDO_DEFINITION && !f.next->next->next);
        expect_string("moved", f.next->name, "qemu");
}

int main(void) {
        test_status();
        test_numbers();
        test_facts();
        test_null();
        test_undo();
        return 0;
}
