/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "base/selector.h"
#include "systemd/unitname.h"

/* Undoes systemd's escaping, as systemd-escape --unescape does. */
static char *unescape(const char *s, size_t n) {
        char *out = malloc(n + 1), *o = out;

        for (size_t i = 0; i < n; i++)
                if (s[i] == '-')
                        *o++ = '/';
                else if (s[i] == '\\') {
                        unsigned c;

                        assert(i + 3 < n && s[i + 1] == 'x' && sscanf(s + i + 2, "%2x", &c) == 1);
                        *o++ = (char) c;
                        i += 3;
                } else
                        *o++ = s[i];
        *o = '\0';
        return out;
}

static void check(const char *unit, const char *prefix, const char *suffix, const char *want) {
        size_t n = strlen(unit), before = strlen(prefix), behind = strlen(suffix);
        _cleanup_free_ char *got = NULL;

        assert(n >= before + behind && memcmp(unit, prefix, before) == 0 && strcmp(unit + n - behind, suffix) == 0);
        got = unescape(unit + before, n - before - behind);
        assert(strcmp(got, want) == 0);
        assert(strpbrk(unit, "/%\n \"'") == NULL);
        assert(unitname_is_valid(unit) || n > 255);
}

/* A name of the kernel becomes the name of a unit: a valid one, or too long a one, that unescaped is the name. And
 * nothing passes for the name of a unit that could end a line or a word, or begin a specifier. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *name = fuzz_string(data, size), *want = strdup(name), *device = NULL, *target = NULL;

        if (unitname_is_valid(name))
                assert(strlen(name) <= 255 && strpbrk(name, " \t\n%\"'/=;#") == NULL);
        /* fuzz-selector's */
        if (!definition_name_is_valid(name) || selector_is_meant(name))
                return 0;
        for (char *p = want; *p; p++)
                *p = *p == '!' ? '/' : *p;
        device = unitname_parent_device(name);
        target = unitname_parent_service(name);
        check(device, "sys-class-mdev_bus-", ".device", want);
        check(target, "mdev-parent@", ".service", want);
        return 0;
}
