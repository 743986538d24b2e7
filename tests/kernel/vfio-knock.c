/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vfio-knock UUID [FILE]
 *
 * Opens a mediated device as vfio-hold does and lets it go, again and again, until it is killed: what comes in the
 * middle of a removal. Where there is no such device just now, it tries again. How often it had it open is in FILE.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

/* Returns a device fd, or -1. The other two are to be closed behind it. */
static int open_device(const char *uuid, int *ret_container, int *ret_group) {
        char path[PATH_MAX], target[PATH_MAX];
        ssize_t n;

        *ret_container = *ret_group = -1;
        snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/iommu_group", uuid);
        n = readlink(path, target, sizeof(target) - 1);
        if (n < 0)
                return -1;
        target[n] = 0;
        snprintf(path, sizeof(path), "/dev/vfio/%s", strrchr(target, '/') + 1);
        *ret_group = open(path, O_RDWR | O_CLOEXEC);
        if (*ret_group < 0)
                return -1;
        *ret_container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
        if (*ret_container < 0 || ioctl(*ret_group, VFIO_GROUP_SET_CONTAINER, ret_container) < 0 ||
            ioctl(*ret_container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
                return -1;
        return ioctl(*ret_group, VFIO_GROUP_GET_DEVICE_FD, uuid);
}

int main(int argc, char *argv[]) {
        unsigned long count = 0;
        FILE *f = NULL;

        if (argc < 2 || argc > 3) {
                fprintf(stderr, "vfio-knock UUID [FILE]\n");
                return 2;
        }
        f = fopen(argc > 2 ? argv[2] : "/dev/null", "w");
        if (!f) {
                fprintf(stderr, "vfio-knock: %s: %s\n", argv[2], strerror(errno));
                return 1;
        }
        for (;;) {
                int container, group, device = open_device(argv[1], &container, &group);

                if (device >= 0) {
                        rewind(f);
                        fprintf(f, "%lu\n", ++count);
                        fflush(f);
                        usleep((useconds_t) (random() % 3000));
                        close(device);
                }
                if (group >= 0)
                        close(group);
                if (container >= 0)
                        close(container);
                usleep((useconds_t) (random() % 20000));
        }
}
