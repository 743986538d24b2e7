/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "systemd/unitname.h"

#include <stdio.h>
#include <string.h>

#include "base/selector.h"

#define UNIT_NAME_MAX 255U

static bool is_plain(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ':' ||
                c == '_' || c == '.';
}

/* Escapes s to out: '/' becomes '-', what is not plain (and a leading dot) becomes \xNN. Returns the end. */
static char *write_escaped(char *out, const char *s) {
        for (const char *p = s; *p; p++) {
                /* sysfs writes the '/' of a kernel name as '!' */
                if (*p == '/' || *p == '!')
                        *out++ = '-';
                else if (is_plain(*p) && !(p == s && *p == '.'))
                        *out++ = *p;
                else
                        out += sprintf(out, "\\x%02x", (unsigned) (unsigned char) *p);
        }
        return out;
}

static char *escape_name(const char *prefix, const char *name, const char *suffix) {
        /* not a memory stream, which clears 8 KiB: mdev-generator calls this twice for each definition */
        char *s = malloc(strlen(prefix) + 4 * strlen(name) + strlen(suffix) + 1);

        if (s)
                strcpy(write_escaped(stpcpy(s, prefix), name), suffix);
        return s;
}

char *unitname_device(const char *uuid) {
        char *s;

        return asprintf(&s, "mdev@%s.service", uuid) < 0 ? NULL : s;
}

char *unitname_parent_device(const char *parent) {
        return escape_name(selector_is_meant(parent) ? "mdev-parent-" : "sys-class-mdev_bus-", parent, ".device");
}

char *unitname_parent_service(const char *parent) {
        return escape_name("mdev-parent@", parent, ".service");
}

static bool is_unit_type(const char *suffix) {
        static const char *const types[] = { "service", "socket", "device", "mount", "automount", "swap",
                                             "target",  "path",   "timer",  "slice", "scope" };

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (strcmp(suffix, types[i]) == 0)
                        return true;
        return false;
}

bool unitname_is_valid(const char *name) {
        const char *dot = strrchr(name, '.'), *at = strchr(name, '@');

        if (!dot || dot == name || !is_unit_type(dot + 1) || strlen(name) > UNIT_NAME_MAX)
                return false;
        for (const char *p = name; p < dot; p++)
                if (!is_plain(*p) && *p != '-' && *p != '\\' && *p != '@')
                        return false;
        return !at || (at != name && at + 1 != dot);
}
