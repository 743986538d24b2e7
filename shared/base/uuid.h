/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

#define UUID_LENGTH 36

/* The kernel names a device by 128 bits in 8-4-4-4-12 lower-case hex (drivers/vfio/mdev/mdev_core.c, %pUl).
 * Version and variant bits are not checked, as Proxmox has a scheme of its own. */

/* Reads a UUID in either case and stores it in lower case.
 * Returns 0, or -EINVAL: braces, missing dashes, anything before or after. */
int uuid_parse(const char *s, char ret[static UUID_LENGTH + 1]) _nonnull_(1, 2) _must_check_;

/* True for a UUID as the kernel and the unit names write it: lower case, nothing else. */
bool uuid_is_canonical(const char *s) _nonnull_(1);

/* Makes a random UUID (RFC 9562, version 4). Returns 0 or a negative errno from getrandom(2). */
int uuid_generate(char ret[static UUID_LENGTH + 1]) _nonnull_(1) _must_check_;
