/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Run by 60-mdev.rules for a parent that is a virtual function of a PCI device: prints which one it is, as a
 * definition may say it. udev's rules can follow a link, but not find the one that leads back. */

#include "cli/program.h"
#include "kernel/sysfs.h"

int main(int argc, char *argv[]) {
        char function[256];
        unsigned index;
        int r;

        if (argc != 2 || argv[1][0] == '\0' || argv[1][0] == '-') {
                program_error(NULL, "takes the kernel name of one parent; udev runs it, see mdev-units(8)");
                return STATUS_USAGE;
        }
        r = sysfs_parent_vf(argv[1], function, &index);
        if (r < 0) {
                program_error(argv[1], "cannot find out which virtual function it is: %s", failure_reason(r));
                return STATUS_FAILURE;
        }
        /* the kernel counts from 0 */
        printf("MDEV_VF=pci:%s/vf=%u\n", function, index + 1);
        return program_end(STATUS_DONE);
}
