/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <limits.h>

#include "kernel/sysfs.h"
#include "systemd/unitname.h"

/* Names as long as nobody's are refused, never cut: what is left could be the name of something else. */
int main(void) {
        static char name[PATH_MAX + 1];
        _cleanup_free_ char *unit = NULL;
        StringList list = {};
        char buf[PATH_MAX], type[256];

        memset(name, 'x', PATH_MAX);
        assert(sysfs_open_parent(name) == -ENAMETOOLONG);
        assert(sysfs_open_type(name, "t") == -ENAMETOOLONG);
        assert(sysfs_open_device(name) == -ENAMETOOLONG);
        assert(sysfs_create("p", name, "u") == -ENAMETOOLONG);
        assert(sysfs_create(name, "t", "u") == -ENAMETOOLONG);
        assert(sysfs_remove(name) == -ENAMETOOLONG);
        assert(sysfs_device_links(name, buf, sizeof(buf), type) == -ENAMETOOLONG);
        assert(sysfs_parent_path(name, buf, sizeof(buf)) == -ENAMETOOLONG);
        assert(sysfs_list_types(name, &list) == -ENAMETOOLONG);
        unit = unitname_parent_device(name);
        assert(unit && !unitname_is_valid(unit));
        return 0;
}
