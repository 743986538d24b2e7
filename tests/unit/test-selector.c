/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "base/selector.h"

static void test_good(void) {
        static const struct {
                const char *text;
                SelectorKind kind;
                const char *function, *value;
                unsigned vf;
        } rows[] = {
                { "pci:0000:3b:00.0/vf=3", SELECTOR_VF, "0000:3b:00.0", NULL, 3 },
                { "pci:0000:3b:00.0/vf=1", SELECTOR_VF, "0000:3b:00.0", NULL, 1 },
                { "pci:10000:ff:1f.7/vf=65535", SELECTOR_VF, "10000:ff:1f.7", NULL, 65535 },
                { "path:pci-0000:00:02.0", SELECTOR_PATH, "", "pci-0000:00:02.0", 0 },
                { "path:a=b@c#d+e._f", SELECTOR_PATH, "", "a=b@c#d+e._f", 0 },
                { "path:path:", SELECTOR_PATH, "", "path:", 0 },
                { "serial:0323418021542", SELECTOR_SERIAL, "", "0323418021542", 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                Selector s;

                expect_true(rows[i].text, selector_is_meant(rows[i].text));
                expect_number(rows[i].text, selector_parse(rows[i].text, &s), 0);
                expect_number(rows[i].text, s.kind, rows[i].kind);
                expect_string(rows[i].text, s.function, rows[i].function);
                expect_string(rows[i].text, s.value, rows[i].value);
                expect_number(rows[i].text, s.vf, rows[i].vf);
        }
}

static void test_bad(void) {
        static const char *const rows[] = {
                "pci:", "pci:0000:3b:00.0", "pci:0000:3b:00.0/", "pci:0000:3b:00.0/vf", "pci:0000:3b:00.0/vf=",
                /* from 1, in one way */
                "pci:0000:3b:00.0/vf=0", "pci:0000:3b:00.0/vf=01", "pci:0000:3b:00.0/vf=+1", "pci:0000:3b:00.0/vf=-1",
                "pci:0000:3b:00.0/vf= 1", "pci:0000:3b:00.0/vf=1 ", "pci:0000:3b:00.0/vf=0x1", "pci:0000:3b:00.0/vf=65536",
                "pci:0000:3b:00.0/vf=4294967297", "pci:0000:3b:00.0/vf=1/vf=2", "pci:0000:3b:00.0/virtfn=1",
                "pci:0000:3B:00.0/vf=1", "pci:3b:00.0/vf=1", "pci:000:3b:00.0/vf=1", "pci:000000000:3b:00.0/vf=1",
                "pci:0000:3b:00.8/vf=1", "pci:0000:3b:0.0/vf=1", "pci:0000:3b:00.00/vf=1", "pci:0000:3b:00:0/vf=1",
                "pci:../../3b:00.0/vf=1", "pci:0000/3b:00.0/vf=1",
                "path:", "path: a", "path:a b", "path:a/b", "path:../a", "path:a!b", "path:a*", "path:a\tb", "path:\xc3\xa9",
                "path:a\"", "path:a%i", "path:a\\x20", "path:a$b", "serial:", "serial:a;b",
                "", "mtty", "0000:3b:00.0", "Path:a", "PCI:0000:3b:00.0/vf=1", "vf=1", "path",
        };
        char longest[] = "serial:" "0123456789012345678901234567890123456789012345678901234567890123"
                         "0123456789012345678901234567890123456789012345678901234567890123" "x";
        Selector s;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                expect_number(rows[i], selector_parse(rows[i], &s), -EINVAL);
        expect_number(longest, selector_parse(longest, &s), -EINVAL);
        longest[sizeof(longest) - 2] = '\0';
        expect_number(longest, selector_parse(longest, &s), 0);
}

/* No name of a parent is taken for one. */
static void test_names(void) {
        static const char *const rows[] = { "mtty", "matrix", "0.0.0313", "0000:00:02.0", "pci", "path", "odd!x", "a:b", "" };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                expect_true(rows[i], !selector_is_meant(rows[i]));
}

int main(void) {
        test_good();
        test_bad();
        test_names();
        return 0;
}
