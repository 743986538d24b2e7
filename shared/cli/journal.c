/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/journal.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

bool journal_is_stream(int fd, const char *stream) {
        char here[64];
        struct stat st;

        if (!stream || fstat(fd, &st) < 0)
                return false;
        (void) snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t) st.st_dev, (uintmax_t) st.st_ino);
        return strcmp(stream, here) == 0;
}

/* A line NAME=VALUE; or, for a value of several lines, NAME, a line end, and the value behind its length. */
static void put(FILE *f, const JournalField *field) {
        uint64_t length = htole64((uint64_t) strlen(field->value));

        fputs(field->name, f);
        if (strchr(field->value, '\n')) {
                fputc('\n', f);
                fwrite(&length, sizeof(length), 1, f);
        } else
                fputc('=', f);
        fputs(field->value, f);
        fputc('\n', f);
}

int journal_send(const char *path, const JournalField *fields, size_t n) {
        const struct timeval patience = { .tv_sec = 1 };
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_free_ char *entry = NULL;
        _cleanup_close_ int fd = -EBADF;
        size_t size;
        FILE *f;

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        strcpy(address.sun_path, path);
        f = open_memstream(&entry, &size);
        if (!f)
                return -errno;
        for (size_t i = 0; i < n; i++)
                if (fields[i].value && fields[i].value[0] != '\0')
                        put(f, &fields[i]);
        if (fclose(f) != 0)
                return -errno;
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
                return -errno;
        /* a datagram is sent whole, or not at all */
        return sendto(fd, entry, size, MSG_NOSIGNAL, (struct sockaddr *) &address, sizeof(address)) < 0 ? -errno : 0;
}
