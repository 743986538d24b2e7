/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replaces autostart.c and pid1.c in a build --without-systemd: there are no units and no links, and start=auto in a
 * definition is the only way to make a device persistent. */

#include "systemd/autostart.h"
#include "systemd/pid1.h"

void autostart_links_load(AutostartLinks *ret) {
        *ret = (AutostartLinks) {};
}

void autostart_links_done(_unused_ AutostartLinks *links) {
}

bool autostart_is_enabled(_unused_ const AutostartLinks *links, _unused_ const char *uuid) {
        return false;
}

bool autostart_is_masked(_unused_ const AutostartLinks *links, _unused_ const char *uuid) {
        return false;
}

bool autostart_is_customized(_unused_ const AutostartLinks *links, _unused_ const char *uuid) {
        return false;
}

bool autostart_systemd_runs(void) {
        return false;
}

bool autostart_available(void) {
        return false;
}

int autostart_set(_unused_ const char *uuid, _unused_ bool enable, _unused_ Failure *f) {
        return 0;
}

void autostart_start(_unused_ const StringList *uuids) {
}

int autostart_reload(_unused_ Failure *f) {
        return 0;
}

int pid1_ask(_unused_ int (*talk)(sd_bus *bus, void *userdata), _unused_ void *userdata, _unused_ uint64_t timeout) {
        return 0;
}

int pid1_queue(_unused_ sd_bus *bus, _unused_ const char *method, _unused_ const char *unit, _unused_ const char *mode) {
        return -EOPNOTSUPP;
}

int pid1_each_unit(_unused_ const char *pattern,
                   _unused_ int (*visit)(const char *unit, const char *active, void *userdata), _unused_ void *userdata) {
        return -EOPNOTSUPP;
}
