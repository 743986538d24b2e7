/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "base/uuid.h"

#define LOWER "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"

static void test_parse(void) {
        static const struct {
                const char *text;
                int result;
                bool canonical;
        } rows[] = {
                { LOWER, 0, true },
                { "83B8F4F2-509F-382F-3C1E-E6BFE0FA1001", 0, false },
                { "83b8F4f2-509f-382f-3c1e-e6bfe0fa1001", 0, false },
                { "{83b8f4f2-509f-382f-3c1e-e6bfe0fa1001}", -EINVAL, false },
                { "83b8f4f2509f382f3c1ee6bfe0fa1001", -EINVAL, false },
                { LOWER " ", -EINVAL, false },
                { " " LOWER, -EINVAL, false },
                { LOWER "\n", -EINVAL, false },
                { LOWER "0", -EINVAL, false },
                { "83b8f4f2-509f-382f-3c1e-e6bfe0fa100", -EINVAL, false },
                { "83b8f4f2-509f-382f-3c1e-e6bfe0fa100g", -EINVAL, false },
                { "83b8f4f2-509f-382f-3c1ee-6bfe0fa1001", -EINVAL, false },
                { "83b8f4f2_509f_382f_3c1e_e6bfe0fa1001", -EINVAL, false },
                { "83b8f4f2-509f-382f-3c1e-e6bfe0fa\xc3\xa9" "01", -EINVAL, false },
                { "urn:uuid:83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", -EINVAL, false },
                { "-", -EINVAL, false },
                { "", -EINVAL, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char uuid[UUID_LENGTH + 1] = "untouched";

                expect_number(rows[i].text, uuid_parse(rows[i].text, uuid), rows[i].result);
                expect_string(rows[i].text, uuid, rows[i].result == 0 ? LOWER : "untouched");
                expect_true(rows[i].text, uuid_is_canonical(rows[i].text) == rows[i].canonical);
        }
        /* version and variant are not looked at: Proxmox makes 00000000-0000-0000-0000-000000000100 */
        assert(uuid_is_canonical("00000000-0000-0000-0000-000000000100"));
        assert(uuid_is_canonical("ffffffff-ffff-ffff-ffff-ffffffffffff"));
}

static void test_generate(void) {
        char a[UUID_LENGTH + 1], b[UUID_LENGTH + 1];

        assert(uuid_generate(a) == 0);
        assert(uuid_generate(b) == 0);
        assert(uuid_is_canonical(a));
        assert(a[14] == '4');
        assert(strchr("89ab", a[19]));
        assert(strcmp(a, b) != 0);
}

int main(void) {
        test_parse();
        test_generate();
        return 0;
}
