/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "systemd/unitname.h"

/* What systemd 252 says: systemd-escape -p --suffix=device /sys/class/mdev_bus/NAME, and
 * systemd-escape --template=mdev-parent@.service NAME, with '/' for the '!' of a kernel name. */
static void test_parent(void) {
        static const struct {
                const char *parent, *device, *service;
        } rows[] = {
                { "0000:3b:00.0", "sys-class-mdev_bus-0000:3b:00.0.device", "mdev-parent@0000:3b:00.0.service" },
                { "0.0.0313", "sys-class-mdev_bus-0.0.0313.device", "mdev-parent@0.0.0313.service" },
                { "mtty", "sys-class-mdev_bus-mtty.device", "mdev-parent@mtty.service" },
                { "a-b", "sys-class-mdev_bus-a\\x2db.device", "mdev-parent@a\\x2db.service" },
                { "odd!x", "sys-class-mdev_bus-odd-x.device", "mdev-parent@odd-x.service" },
                { "two words", "sys-class-mdev_bus-two\\x20words.device", "mdev-parent@two\\x20words.service" },
                { "\xc3\xa9\\", "sys-class-mdev_bus-\\xc3\\xa9\\x5c.device", "mdev-parent@\\xc3\\xa9\\x5c.service" },
                { "a@b+c", "sys-class-mdev_bus-a\\x40b\\x2bc.device", "mdev-parent@a\\x40b\\x2bc.service" },
                /* systemd-escape -p --suffix=device /mdev/parent/SELECTOR */
                { "pci:0000:3b:00.0/vf=3", "mdev-parent-pci:0000:3b:00.0-vf\\x3d3.device",
                  "mdev-parent@pci:0000:3b:00.0-vf\\x3d3.service" },
                { "path:pci-0000:00:02.0", "mdev-parent-path:pci\\x2d0000:00:02.0.device",
                  "mdev-parent@path:pci\\x2d0000:00:02.0.service" },
                { "A_z.9", "sys-class-mdev_bus-A_z.9.device", "mdev-parent@A_z.9.service" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *device = unitname_parent_device(rows[i].parent),
                                    *service = unitname_parent_service(rows[i].parent);

                expect_string(rows[i].parent, device, rows[i].device);
                expect_string(rows[i].parent, service, rows[i].service);
        }
}

static void test_device(void) {
        _cleanup_free_ char *unit = unitname_device("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001");

        expect_string("raw UUID", unit, "mdev@83b8f4f2-509f-382f-3c1e-e6bfe0fa1001.service");
}

static void test_is_valid(void) {
        static const char *const good[] = {
                "a.service",       "a-b_c:d.socket", "mdev@83b8f4f2-509f-382f-3c1e-e6bfe0fa1001.service",
                "a\\x2db.device",  "a.b.mount",      "driverctl@css-0.0.0313.service",
                "network.service",  "x.path",         "x.timer",
                "x.slice",         "x.scope",        "x.swap",
                "x.automount",
        };
        static const char *const bad[] = {
                "",           "service",     ".service",       "a",         "a.",         "a.conf",
                "a.Service",  "a b.service", "a/b.service",    "../a.service", "a@.service", "@a.service",
                "a%i.service", "a.service\n", "a\n.service",   "a;b.service",  "\xc3\xa9.service",
                "a*.service", "a=b.service", "a.service.d",    "-.service/..",
        };
        char name[300] = "";

        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                expect_true(good[i], unitname_is_valid(good[i]));
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                expect_true(bad[i], !unitname_is_valid(bad[i]));

        /* 255 bytes and no more */
        memset(name, 'a', sizeof(name));
        strcpy(name + 255 - strlen(".service"), ".service");
        assert(unitname_is_valid(name));
        memset(name, 'a', sizeof(name));
        strcpy(name + 256 - strlen(".service"), ".service");
        assert(!unitname_is_valid(name));
}

int main(void) {
        test_parent();
        test_device();
        test_is_valid();
        return 0;
}
