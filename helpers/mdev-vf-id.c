/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Run by 60-mdev.rules for a parent that is a virtual function of a PCI device: prints the selector
 * pci:FUNCTION/vf=N for it. udev's rules can follow the link to the physical function, but cannot find N. */

#include "cli/program.h"
#include "kernel/sysfs.h"

static const char help[] =
        "Usage: mdev-vf-id PARENT\n"
        "Print which virtual function of a PCI device a parent is. Run by udev.\n\n"
        "  -h, --help      print this help\n"
        "  -V, --version   print the version\n\n"
        "See mdev-vf-id(8) for details.\n";

static int run(int argc, char *argv[]) {
        char function[256];
        unsigned index;
        int r;

        if (argc != 1 || argv[0][0] == '\0')
                return program_error_as(STATUS_USAGE, NULL, "takes the kernel name of one parent (--help)");
        r = sysfs_parent_vf(argv[0], function, &index);
        if (r < 0)
                return program_error_as(STATUS_FAILURE, argv[0], "cannot find out which virtual function it is: %s",
                                        failure_reason(r));
        /* the kernel counts from 0 */
        printf("MDEV_VF=pci:%s/vf=%u\n", function, index + 1);
        return STATUS_DONE;
}

DEFINE_MAIN_FUNCTION(.help = help, .run = run)
