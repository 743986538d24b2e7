/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The floor: what the kernel itself asks for, in bare system calls. No checks, no lock, no record, no messages.
 *   floor create PARENT TYPE UUID | floor remove UUID | floor list | floor many PARENT TYPE FIRST LAST */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEVICES "/sys/bus/mdev/devices"

static char path[4096], text[4096];

static void put(const char *file, const char *what) {
        int fd = open(file, O_WRONLY);

        if (fd < 0 || write(fd, what, strlen(what)) < 0 || close(fd) < 0) {
                perror(file);
                exit(1);
        }
}

int main(int argc, char *argv[]) {
        if (argc >= 5) /* create, many */
                snprintf(path, sizeof(path), "/sys/class/mdev_bus/%s/mdev_supported_types/%s/create", argv[2], argv[3]);
        if (argc == 5)
                put(path, argv[4]);
        for (int i = argc == 6 ? atoi(argv[4]) : 1; argc == 6 && i <= atoi(argv[5]); i++) {
                snprintf(text, sizeof(text), "00000000-0000-4000-8000-%012x", (unsigned) i);
                put(path, text);
        }
        if (argc == 3) { /* remove */
                snprintf(path, sizeof(path), DEVICES "/%s/remove", argv[2]);
                put(path, "1");
        }
        DIR *dir = argc == 2 ? opendir(DEVICES) : NULL;
        for (struct dirent *e; dir && (e = readdir(dir));) { /* list: name, path, type */
                char type[4096];
                ssize_t n = readlinkat(dirfd(dir), e->d_name, text, sizeof(text)), m;

                snprintf(path, sizeof(path), "%s/mdev_type", e->d_name);
                m = readlinkat(dirfd(dir), path, type, sizeof(type));
                if (n > 0 && m > 0)
                        printf("%s %.*s %.*s\n", e->d_name, (int) n, text, (int) m, type);
        }
        return 0;
}
