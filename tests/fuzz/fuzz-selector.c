/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "base/selector.h"
#include "systemd/unitname.h"

/* There is one way to write a selector, it says what was read, and it becomes the names of units. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_string(data, size), *again = NULL, *device = NULL, *service = NULL;
        Selector s;
        int r;

        if (selector_parse(text, &s) < 0)
                return 0;
        assert(selector_is_meant(text));
        r = s.kind == SELECTOR_VF   ? asprintf(&again, "pci:%s/vf=%u", s.function, s.vf)
                : s.kind == SELECTOR_PATH ? asprintf(&again, "path:%s", s.value)
                                          : asprintf(&again, "serial:%s", s.value);
        assert(r > 0 && strcmp(again, text) == 0);
        device = unitname_parent_device(text);
        service = unitname_parent_service(text);
        assert(strncmp(device, "mdev-parent-", strlen("mdev-parent-")) == 0);
        assert(unitname_is_valid(device) || strlen(device) > 255);
        assert(unitname_is_valid(service) || strlen(service) > 255);
        return 0;
}
