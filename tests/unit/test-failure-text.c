/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "cli/failure-text.h"

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void expect(const char *row, const Failure *f, const char *want) {
        _cleanup_free_ char *text = failure_text(f);

        expect_string(row, text, want);
}

/* Reads as it does with a Failure of these facts. */
#define expect_words(row, want, error_, kind_, ...)                                             \
        do {                                                                                    \
                _cleanup_(failure_done) Failure f_ = {};                                        \
                (void) failure_set(&f_, STATUS_FAILURE, (error_), (kind_), ##__VA_ARGS__);      \
                expect(row, &f_, want);                                                         \
        } while (0)

static void test_paths(void) {
        expect_words("errno", "cannot write /x: Read-only file system", -EROFS, FAILURE_WRITE, .path = "/x");
        expect_words("refused by the kernel", "cannot read /x: Operation not permitted", -EPERM, FAILURE_READ, .path = "/x");
        expect_words("refused by us", "cannot read /x: not trusted: others than root own it or can write to it", -EPERM,
                     FAILURE_READ, .path = "/x", .by_trust = true);
        expect_words("a fact is not known", "cannot read ?: Input/output error", -EIO, FAILURE_READ);
        expect_words("a percent sign", "cannot read /100%p: Input/output error", -EIO, FAILURE_READ, .path = "/100%p");
        expect_words("nothing noted", "out of memory", 0, FAILURE_NO_MEMORY);
}

static void test_attribute(void) {
        expect_words("short", "attribute a: value '1' refused: Invalid argument (/d/a)", -EINVAL, FAILURE_ATTRIBUTE,
                     .name = "a", .value = "1", .path = "/d/a");
        expect_words("none", "attribute a: value '1' refused: the device has no such attribute (/d/a)", -ENOENT,
                     FAILURE_ATTRIBUTE, .name = "a", .value = "1", .path = "/d/a");
        /* however long the value is, the reason is there */
        expect_words("long", "attribute a: value '" TEN TEN TEN TEN TEN TEN "0123…' refused: Device or resource busy (/d/a)",
                     -EBUSY, FAILURE_ATTRIBUTE, .name = "a", .path = "/d/a",
                     .value = HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED);
        expect_words("not within a character", "attribute a: value '" TEN TEN TEN TEN TEN TEN "012…' refused: Success (/d/a)", 0,
                     FAILURE_ATTRIBUTE, .name = "a", .path = "/d/a", .value = TEN TEN TEN TEN TEN TEN "012äöü");
}

static void test_names(void) {
        char *list[] = { (char *) "a", (char *) "b", (char *) "c", (char *) "d", (char *) "e",
                         (char *) "f", (char *) "g", (char *) "h", (char *) "i" };
        const StringList two = { list, 2 }, nine = { list, 9 };

        expect_words("two", "parent p has no type t; it has: a, b", -ENOENT, FAILURE_NO_TYPE, .parent = "p", .type = "t",
                     .names = two);
        expect_words("nine", "parent p has no type t; it has: a, b, c, d, e, f, g, h, … (9 in all)", -ENOENT, FAILURE_NO_TYPE,
                     .parent = "p", .type = "t", .names = nine);
        expect_words("none", "parent p has no type t", -ENOENT, FAILURE_NO_TYPE, .parent = "p", .type = "t");
        expect_words("no parent", "no parent /s/p is registered (waited 5 s); there are: a, b", -ENODEV, FAILURE_NO_PARENT,
                     .path = "/s/p", .seconds = 5, .names = two);
        expect_words("no parent at all", "no registered parent matches path:x, nor any other: is the driver loaded?", -ENODEV,
                     FAILURE_NO_MATCH, .name = "path:x");
}

static void test_instances(void) {
        char *list[] = { (char *) "a", (char *) "b" };
        const StringList two = { list, 2 };

        expect_words("used", "no instance of t left on p: 2 of 2 in use by a, b", -ENOSPC, FAILURE_NO_INSTANCE, .parent = "p",
                     .type = "t", .names = two, .counted = true);
        expect_words("shared", "no instance of t left on p: none in use by this type, so other types of p use what it shares "
                     "with them", -ENOSPC, FAILURE_NO_INSTANCE, .parent = "p", .type = "t", .counted = true);
        expect_words("not so", "no instance of t left on p, although available_instances is 3", -ENOSPC, FAILURE_NO_INSTANCE,
                     .parent = "p", .type = "t", .counted = true, .left = 3);
        expect_words("not known", "no instance of t left on p", -ENOSPC, FAILURE_NO_INSTANCE, .parent = "p", .type = "t");
        expect_words("the reason alone", "2 of 3 in use by a, b", 0, FAILURE_FULL, .names = two, .counted = true, .left = 1);
}

static void test_users(void) {
        expect_words("seen", "in use by qemu (PID 7), which has /dev/vfio/3 open", -EBUSY, FAILURE_IN_USE, .name = "qemu",
                     .pid = 7, .value = "3");
        expect_words("not seen, forced", "in use: /d (/dev/vfio/3) is held open, by a process that cannot be seen from here; not "
                     "gone after 2 s: removal is pending and completes when the device is closed", -EBUSY,
                     FAILURE_IN_USE_UNSEEN, .path = "/d", .value = "3", .seconds = 2);
}

static void test_scripts(void) {
        expect_words("status", "Script '\"/s/10\"' failed with status '1'", -ECANCELED, FAILURE_SCRIPT, .path = "/s/10",
                     .exit_status = 1);
        expect_words("signal", "Script '\"/s/10\"' failed with status 'killed by signal 9 (Killed)'", -ECANCELED, FAILURE_SCRIPT,
                     .path = "/s/10", .exit_status = -1, .signal = 9);
        expect_words("time", "Script '\"/s/10\"' failed with status 'timed out after 60 s'", -ECANCELED, FAILURE_SCRIPT,
                     .path = "/s/10", .exit_status = -1, .seconds = 60);
        expect_words("not run", "Script '\"/s/10\"' failed with status 'Timer expired'", -ETIME, FAILURE_SCRIPT,
                     .path = "/s/10");
}

/* What was undone, and what could not be */
static void test_undo(void) {
        _cleanup_(failure_done) Failure f = {};
        Failure why = {};

        (void) failure_set(&f, STATUS_FAILURE, -EINTR, FAILURE_STOPPED, .undone = true);
        expect("undone", &f, "told to stop; device removed again");
        (void) failure_set(&f, STATUS_FAILURE, -EIO, FAILURE_WRITE, .path = "/x");
        (void) failure_set(&why, STATUS_IN_USE, -EBUSY, FAILURE_IN_USE, .name = "qemu", .pid = 7, .value = "3");
        failure_add_undo(&f, FAILURE_UNDO_DEVICE, &why);
        (void) failure_at(&why, STATUS_FAILURE, -EROFS, FAILURE_REMOVE, "/y");
        failure_add_undo(&f, FAILURE_UNDO_DEFINITION, &why);
        expect("not undone", &f, "cannot write /x: Input/output error; and the device could not be removed again: in use by qemu "
               "(PID 7), which has /dev/vfio/3 open; and its definition could not be removed again: cannot remove /y: "
               "Read-only file system");
}

/* A program's own words are not cut, nor looked into */
static void test_worded(void) {
        _cleanup_(failure_done) Failure f = {};

        assert(failure_set_text(&f, STATUS_USAGE, -EINVAL, "%s %d", HUNDRED "%p", 1) == -EINVAL);
        expect("worded", &f, HUNDRED "%p 1");
}

/* Every kind has its words: none is empty but that which is only a reason */
static void test_all(void) {
        for (FailureKind kind = 0; kind <= FAILURE_SCRIPT_OUTPUT; kind++) {
                Failure f = { .kind = kind, .error = -EIO };
                _cleanup_free_ char *text = failure_text(&f);

                assert(text && (text[0] != '\0' || kind == FAILURE_FULL));
        }
}

int main(void) {
        test_paths();
        test_attribute();
        test_names();
        test_instances();
        test_users();
        test_scripts();
        test_undo();
        test_worded();
        test_all();
        return 0;
}
