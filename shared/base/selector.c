/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/selector.h"

#include <stdio.h>
#include <string.h>

#define VF_MAX 65535U /* PCIe: NumVFs has 16 bits */
/* The value becomes part of a unit's name. */
#define VALUE_MAX 128U

static const char *const prefixes[] = {
        [SELECTOR_VF] = "pci:",
        [SELECTOR_PATH] = "path:",
        [SELECTOR_SERIAL] = "serial:",
};

static const char *skip_prefix(const char *text, const char *prefix) {
        size_t n = strlen(prefix);

        return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

bool selector_is_meant(const char *parent) {
        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
                if (skip_prefix(parent, prefixes[i]))
                        return true;
        return false;
}

/* Skips n digits from set. Returns NULL if there are fewer. */
static const char *skip_digits(const char *s, const char *set, size_t n) {
        return s && strspn(s, set) >= n ? s + n : NULL;
}

static const char *skip_char(const char *s, char c) {
        return s && *s == c ? s + 1 : NULL;
}

/* DDDD:BB:DD.F, as the kernel writes it (drivers/pci/probe.c: pci_setup_device); domains of VMD are longer. */
static const char *skip_function(const char *s) {
        static const char hex[] = "0123456789abcdef";
        size_t n = strspn(s, hex);

        if (n < 4 || n > 8)
                return NULL;
        s = skip_digits(skip_char(s + n, ':'), hex, 2);
        s = skip_digits(skip_char(s, ':'), hex, 2);
        return skip_digits(skip_char(s, '.'), "01234567", 1);
}

static int parse_vf(const char *text, Selector *ret) {
        const char *end = skip_function(text), *number = end ? skip_prefix(end, "/vf=") : NULL;
        unsigned vf;
        size_t n;

        /* without leading zeros, as it becomes part of a unit's name and must have one spelling */
        n = number ? strspn(number, "0123456789") : 0;
        if (n == 0 || n > 5 || number[n] || *number == '0')
                return -EINVAL;
        vf = (unsigned) strtoul(number, NULL, 10);
        if (vf > VF_MAX)
                return -EINVAL;
        *ret = (Selector) { .kind = SELECTOR_VF, .vf = vf };
        (void) snprintf(ret->function, sizeof(ret->function), "%.*s", (int) (end - text), text);
        return 0;
}

int selector_parse(const char *text, Selector *ret) {
        /* what udev allows in these values (udev_util_replace_chars()), except characters of globs and paths */
        static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#+-.:=@_";
        const char *value = skip_prefix(text, prefixes[SELECTOR_VF]);

        if (value)
                return parse_vf(value, ret);
        for (SelectorKind kind = SELECTOR_PATH; kind <= SELECTOR_SERIAL; kind++) {
                value = skip_prefix(text, prefixes[kind]);
                if (!value)
                        continue;
                if (*value == '\0' || strlen(value) > VALUE_MAX || value[strspn(value, allowed)])
                        return -EINVAL;
                *ret = (Selector) { .kind = kind, .value = value };
                return 0;
        }
        return -EINVAL;
}
