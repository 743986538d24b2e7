/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* In place of query-why-units.c where configure was told --without-systemd: why_host() says that there are no units. */

#include "diagnose.h"

void why_units(_unused_ Chain *c, _unused_ const char *parent, _unused_ bool registered, _unused_ const DeviceRow *row,
               _unused_ bool used) {
}
