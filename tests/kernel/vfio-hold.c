/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vfio-hold UUID|GROUP [--cdev] [--seconds N]
 *
 * Keeps a mediated device in use, as a virtual machine does: opens it through its group and an IOMMU
 * container (modules vfio and vfio_iommu_type1), or with --cdev through /dev/vfio/devices and iommufd,
 * prints "holding", and waits to be killed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

/* Newer than the headers of Debian 12. */
#ifndef VFIO_DEVICE_BIND_IOMMUFD
struct vfio_device_bind_iommufd {
        __u32 argsz;
        __u32 flags;
        __s32 iommufd;
        __u32 out_devid;
};
#define VFIO_DEVICE_BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)
#endif

static const char *arg_device = NULL;
static bool arg_cdev = false;
static double arg_seconds = 0;

static int fail(const char *what) {
        int r = -errno;

        fprintf(stderr, "vfio-hold: %s: %s\n", what, strerror(-r));
        return r;
}

/* The only entry of a directory that starts with prefix. */
static int find_entry(const char *path, const char *prefix, char ret_name[static NAME_MAX + 1]) {
        struct dirent *de;
        DIR *d;

        d = opendir(path);
        if (!d)
                return fail(path);
        while ((de = readdir(d)))
                if (de->d_name[0] != '.' && strncmp(de->d_name, prefix, strlen(prefix)) == 0) {
                        snprintf(ret_name, NAME_MAX + 1, "%s", de->d_name);
                        closedir(d);
                        return 0;
                }
        closedir(d);
        errno = ENOENT;
        return fail(path);
}

static int open_rw(const char *path) {
        int fd;

        fd = open(path, O_RDWR | O_CLOEXEC);
        return fd < 0 ? fail(path) : fd;
}

static int hold_group(const char *uuid, const char *group) {
        char path[PATH_MAX];
        int container_fd, group_fd, device_fd;

        container_fd = open_rw("/dev/vfio/vfio");
        if (container_fd < 0)
                return container_fd;
        snprintf(path, sizeof(path), "/dev/vfio/%s", group);
        group_fd = open_rw(path);
        if (group_fd < 0)
                return group_fd;
        if (ioctl(group_fd, VFIO_GROUP_SET_CONTAINER, &container_fd) < 0)
                return fail("VFIO_GROUP_SET_CONTAINER");
        if (ioctl(container_fd, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
                return fail("VFIO_SET_IOMMU (module vfio_iommu_type1?)");
        device_fd = ioctl(group_fd, VFIO_GROUP_GET_DEVICE_FD, uuid);
        return device_fd < 0 ? fail("VFIO_GROUP_GET_DEVICE_FD") : device_fd;
}

static int hold_cdev(const char *uuid) {
        char path[PATH_MAX], name[NAME_MAX + 1];
        struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind) };
        int r, device_fd;

        snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/vfio-dev", uuid);
        r = find_entry(path, "vfio", name);
        if (r < 0)
                return r;
        snprintf(path, sizeof(path), "/dev/vfio/devices/%s", name);
        device_fd = open_rw(path);
        if (device_fd < 0)
                return device_fd;
        bind.iommufd = open_rw("/dev/iommu");
        if (bind.iommufd < 0)
                return bind.iommufd;
        return ioctl(device_fd, VFIO_DEVICE_BIND_IOMMUFD, &bind) < 0 ? fail("VFIO_DEVICE_BIND_IOMMUFD") : device_fd;
}

static void usage(FILE *f) {
        fprintf(f, "vfio-hold UUID|GROUP [--cdev] [--seconds N]\n");
}

static int parse_argv(int argc, char *argv[]) {
        static const struct option options[] = {
                { "cdev",    no_argument,       NULL, 'c' },
                { "seconds", required_argument, NULL, 's' },
                { "help",    no_argument,       NULL, 'h' },
                {}
        };
        int c;

        while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0)
                switch (c) {
                case 'c':
                        arg_cdev = true;
                        break;
                case 's':
                        arg_seconds = strtod(optarg, NULL);
                        break;
                case 'h':
                        usage(stdout);
                        return 0;
                default:
                        return -EINVAL;
                }
        if (optind != argc - 1) {
                usage(stderr);
                return -EINVAL;
        }
        arg_device = argv[optind];
        return 1;
}

static int run(void) {
        char path[PATH_MAX], target[PATH_MAX], uuid[NAME_MAX + 1], group[NAME_MAX + 1];
        struct vfio_device_info info = { .argsz = sizeof(info) };
        int r, fd;

        if (strchr(arg_device, '-')) {
                ssize_t n;

                snprintf(uuid, sizeof(uuid), "%s", arg_device);
                snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/iommu_group", uuid);
                n = readlink(path, target, sizeof(target) - 1);
                if (n < 0)
                        return fail(path);
                target[n] = 0;
                snprintf(group, sizeof(group), "%s", strrchr(target, '/') + 1);
        } else {
                snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/%s/devices", arg_device);
                r = find_entry(path, "", uuid);
                if (r < 0)
                        return r;
                snprintf(group, sizeof(group), "%s", arg_device);
        }

        fd = arg_cdev ? hold_cdev(uuid) : hold_group(uuid, group);
        if (fd < 0)
                return fd;
        if (ioctl(fd, VFIO_DEVICE_GET_INFO, &info) < 0)
                return fail("VFIO_DEVICE_GET_INFO");

        puts("holding");
        fflush(stdout);
        if (arg_seconds > 0)
                usleep((useconds_t) (arg_seconds * 1e6));
        else
                for (;;)
                        pause();
        return 0;
}

int main(int argc, char *argv[]) {
        int r;

        r = parse_argv(argc, argv);
        if (r < 0)
                return 2;
        if (r > 0)
                r = run();
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
