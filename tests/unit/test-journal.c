/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "cli/journal.h"
#include "cli/message.h"

/* What arrives at the journal's end is compared byte for byte. */
static void test_send(int journal, const char *path) {
        static const struct {
                const char *row;
                JournalField fields[3];
                const char *want;
                size_t size;
        } rows[] = {
#define WANT(s) s, sizeof(s) - 1
                { "plain", { { "MESSAGE", "a: b" }, { "PRIORITY", "6" } }, WANT("MESSAGE=a: b\nPRIORITY=6\n") },
                { "left out", { { "MESSAGE", "x" }, { "MDEV_TYPE", "" }, { "MDEV_UUID", NULL } }, WANT("MESSAGE=x\n") },
                { "an equals sign", { { "A", "b=c" } }, WANT("A=b=c\n") },
                { "UTF-8", { { "A", "\xc3\xa4" } }, WANT("A=\xc3\xa4\n") },
                /* a value cannot begin a field of its own */
                { "lines", { { "A", "b\nPRIORITY=0" }, { "C", "d" } },
                  WANT("A\n\x0c\0\0\0\0\0\0\0b\nPRIORITY=0\nC=d\n") },
                { "only a line end", { { "A", "\n" } }, WANT("A\n\x01\0\0\0\0\0\0\0\n\n") },
#undef WANT
        };
        char got[256];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                ssize_t n;

                expect_number(rows[i].row, journal_send(path, rows[i].fields, 3), 0);
                n = recv(journal, got, sizeof(got), MSG_DONTWAIT);
                expect_number(rows[i].row, n, rows[i].size);
                expect_true(rows[i].row, memcmp(got, rows[i].want, rows[i].size) == 0);
                /* one entry is one datagram */
                expect_true(rows[i].row, recv(journal, got, sizeof(got), MSG_DONTWAIT) < 0 && errno == EAGAIN);
        }
}

/* A journal that does not read: whoever logs goes on. */
static void test_full(int journal, const char *path) {
        const JournalField field = { "MESSAGE", "x" };
        char got[16];
        int r, n = 0;

        while ((r = journal_send(path, &field, 1)) == 0)
                n++;
        assert(n > 0 && r == -EAGAIN);
        for (; n > 0; n--)
                assert(recv(journal, got, sizeof(got), MSG_DONTWAIT) == (ssize_t) strlen("MESSAGE=x\n"));
        assert(journal_send(path, &field, 1) == 0);
}

static void test_absent(int journal, const char *path) {
        const JournalField field = { "MESSAGE", "x" };
        char name[200];

        assert(journal_send("/nonexistent/socket", &field, 1) == -ENOENT);
        memset(name, 'x', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        assert(journal_send(name, &field, 1) == -ENAMETOOLONG);
        close(journal);
        assert(journal_send(path, &field, 1) == -ECONNREFUSED);
}

static void test_stream(int dir) {
        char stream[64];
        struct stat st;
        int fd;

        test_text(dir, "stderr", "");
        fd = openat(dir, "stderr", O_RDONLY | O_CLOEXEC);
        assert(fd >= 0 && fstat(fd, &st) == 0);
        (void) snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long) st.st_dev,
                        (unsigned long long) st.st_ino);
        assert(journal_is_stream(fd, stream));
        assert(!journal_is_stream(fd, NULL));
        assert(!journal_is_stream(fd, ""));
        assert(!journal_is_stream(fd, "1:2"));
        /* redirected since, or inherited from a service */
        assert(!journal_is_stream(dir, stream));
        strcat(stream, "0");
        assert(!journal_is_stream(fd, stream));
        close(fd);
        assert(!journal_is_stream(fd, stream));
}

/* Every failure has one, and no two the same. */
static void test_messages(void) {
        const char *seen[STATUS_TIMED_OUT + 1];
        size_t n = 0;

        assert(!message_of_status(STATUS_DONE));
        assert(!message_of_status(STATUS_USAGE));
        for (int s = STATUS_NOT_FOUND; s <= STATUS_TIMED_OUT; s++)
                seen[n++] = message_of_status((Status) s);
        seen[n++] = message_of_status(STATUS_FAILURE);
        for (size_t i = 0; i < n; i++) {
                assert(seen[i] && strlen(seen[i]) == 32 && strspn(seen[i], "0123456789abcdef") == 32);
                for (size_t k = 0; k < i; k++)
                        assert(strcmp(seen[i], seen[k]) != 0);
        }
        expect_string("fixed for good", message_of_status(STATUS_IN_USE), "fd8015776d2040ec89cfe4c55f6f2041");
        assert(!message_of_status((Status) (STATUS_TIMED_OUT + 1)));
}

int main(void) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        char path[64];
        int dir = test_dir(path), journal;

        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", path);
        journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        assert(journal >= 0 && bind(journal, (struct sockaddr *) &address, sizeof(address)) == 0);
        test_send(journal, address.sun_path);
        test_full(journal, address.sun_path);
        test_absent(journal, address.sun_path);
        test_stream(dir);
        test_messages();
        test_dir_remove(dir, path);
        return 0;
}
