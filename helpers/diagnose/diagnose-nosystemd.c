/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replaces diagnose-units.c in a build --without-systemd: there are no units, and diagnose_host() says so. */

#include "diagnose.h"

void diagnose_units(_unused_ Chain *c, _unused_ const char *parent, _unused_ bool registered, _unused_ const DeviceRow *row,
               _unused_ bool used) {
}
