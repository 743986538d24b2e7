/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The functions that take a directory, over a directory of ordinary files. Not shown: that sysfs handles each
 * write on its own, and the kernel's errors; those are for the VM. */

#include "test.h"

#include "kernel/sysfs.h"

static void expect_content(int dirfd, const char *name, const char *want) {
        char text[128];

        expect_true(name, sysfs_read(dirfd, name, text, sizeof(text)) >= 0);
        expect_string(name, text, want);
}

static void test_read(void) {
        char path[64], text[8] = "";
        int dirfd = test_dir(path);

        test_text(dirfd, "line", "vfio\n");
        test_text(dirfd, "bare", "vfio");
        test_text(dirfd, "lines", "a\n\n");
        test_text(dirfd, "empty", "");
        test_text(dirfd, "just-fits", "1234567");
        test_text(dirfd, "too-long", "12345678");
        assert(symlinkat("line", dirfd, "link") == 0);

        assert(sysfs_read(dirfd, "line", text, sizeof(text)) == 4);
        expect_string("line", text, "vfio");
        assert(sysfs_read(dirfd, "bare", text, sizeof(text)) == 4);
        assert(sysfs_read(dirfd, "lines", text, sizeof(text)) == 2);
        expect_string("lines", text, "a\n");
        assert(sysfs_read(dirfd, "empty", text, sizeof(text)) == 0);
        expect_string("empty", text, "");
        assert(sysfs_read(dirfd, "just-fits", text, sizeof(text)) == 7);
        assert(sysfs_read(dirfd, "too-long", text, sizeof(text)) == -ENOSPC);
        assert(sysfs_read(dirfd, "absent", text, sizeof(text)) == -ENOENT);
        assert(sysfs_read(dirfd, "link", text, sizeof(text)) == -ELOOP);
        test_dir_remove(dirfd, path);
}

static void test_write(void) {
        char path[64];
        int dirfd = test_dir(path);

        test_text(dirfd, "file", "");
        assert(sysfs_write(dirfd, "file", "1", 1) == 0);
        expect_content(dirfd, "file", "1");
        assert(sysfs_write(dirfd, "absent", "1", 1) == -ENOENT);
        assert(faccessat(dirfd, "absent", F_OK, 0) < 0);
        test_dir_remove(dirfd, path);
}

/* An attribute's name comes from a definition, and definitions may come from anybody: it stays in the device. */
static void test_write_attribute(void) {
        char path[64];
        int dirfd = test_dir(path), device;
        static const struct {
                const char *name;
                int result;
        } rows[] = {
                { "attribute", 0 },       { "sub/attribute", 0 },      { "absent", -ENOENT },
                { "sub", -EISDIR },       { "../outside", -EXDEV },    { "sub/../../outside", -EXDEV },
                { "/etc/passwd", -EXDEV }, { "link-out", -ELOOP },     { "link-in", -ELOOP },
                { "dir-link/outside", -ELOOP }, { "attribute/x", -ENOTDIR }, { "fifo", -ENXIO },
        };

        test_text(dirfd, "outside", "untouched");
        assert(mkdirat(dirfd, "device", 0755) == 0);
        device = openat(dirfd, "device", O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert(device >= 0);
        assert(mkdirat(device, "sub", 0755) == 0);
        test_text(device, "attribute", "");
        test_text(device, "sub/attribute", "");
        assert(symlinkat("../outside", device, "link-out") == 0);
        assert(symlinkat("attribute", device, "link-in") == 0);
        assert(symlinkat("..", device, "dir-link") == 0);

        assert(mkfifoat(device, "fifo", 0600) == 0);
        if (getenv("MDEV_VALGRIND")) {
                /* it knows no openat2(2) */
                close(device);
                test_dir_remove(dirfd, path);
                return;
        }
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                expect_number(rows[i].name, sysfs_write_attribute(device, rows[i].name, "value"), rows[i].result);
        /* no NUL and no newline with it */
        expect_content(device, "attribute", "value");
        expect_content(device, "sub/attribute", "value");
        expect_content(dirfd, "outside", "untouched");
        close(device);
        test_dir_remove(dirfd, path);
}

static void test_device(void) {
        char path[64], name[256], vfio[32] = "untouched";
        int dirfd = test_dir(path);
        uint64_t inode, again;

        assert(!sysfs_device_is_complete(dirfd));
        assert(sysfs_read_link(dirfd, "mdev_type", name, sizeof(name)) == -ENOENT);
        assert(sysfs_device_group(dirfd) == -ENOENT);
        assert(sysfs_device_vfio(dirfd, vfio) == -ENOENT);
        expect_string("no vfio", vfio, "untouched");

        assert(symlinkat("../../mtty/mdev_supported_types/mtty-1", dirfd, "mdev_type") == 0);
        assert(sysfs_device_is_complete(dirfd));
        assert(sysfs_read_link(dirfd, "mdev_type", name, sizeof(name)) == 0);
        expect_string("last component", name, "mtty-1");
        assert(sysfs_read_link(dirfd, "mdev_type", name, 6) == -ENAMETOOLONG);
        assert(symlinkat("bare", dirfd, "driver") == 0);
        assert(sysfs_read_link(dirfd, "driver", name, sizeof(name)) == 0);
        expect_string("no slash", name, "bare");

        assert(symlinkat("../../../kernel/iommu_groups/27", dirfd, "iommu_group") == 0);
        expect_number("group", sysfs_device_group(dirfd), 27);
        assert(unlinkat(dirfd, "iommu_group", 0) == 0);
        assert(symlinkat("../iommu_groups/x", dirfd, "iommu_group") == 0);
        expect_number("group", sysfs_device_group(dirfd), -EINVAL);

        assert(mkdirat(dirfd, "vfio-dev", 0755) == 0);
        assert(sysfs_device_vfio(dirfd, vfio) == -ENOENT);
        assert(mkdirat(dirfd, "vfio-dev/vfio3", 0755) == 0);
        assert(sysfs_device_vfio(dirfd, vfio) == 0);
        expect_string("vfio", vfio, "vfio3");

        assert(sysfs_device_inode(dirfd, &inode) == 0 && inode != 0);
        assert(sysfs_device_inode(dirfd, &again) == 0 && again == inode);
        test_dir_remove(dirfd, path);
}

static void test_list(void) {
        char path[64];
        int dirfd = test_dir(path);
        StringList list = { .n = 77 };

        assert(sysfs_list_type_devices(dirfd, &list) == 0);
        assert(list.n == 0 && !list.names);
        assert(mkdirat(dirfd, "devices", 0755) == 0);
        assert(sysfs_list_type_devices(dirfd, &list) == 0);
        assert(list.n == 0);
        assert(symlinkat("x", dirfd, "devices/b") == 0);
        assert(mkdirat(dirfd, "devices/a", 0755) == 0);
        test_text(dirfd, "devices/.hidden", "");
        test_text(dirfd, "devices/c", "");
        assert(sysfs_list_type_devices(dirfd, &list) == 0);
        assert(list.n == 3);
        expect_string("sorted", list.names[0], "a");
        expect_string("sorted", list.names[1], "b");
        expect_string("sorted", list.names[2], "c");
        string_list_done(&list);
        assert(list.n == 0 && !list.names);
        test_dir_remove(dirfd, path);
}

int main(void) {
        test_read();
        test_write();
        test_write_attribute();
        test_device();
        test_list();
        return 0;
}
