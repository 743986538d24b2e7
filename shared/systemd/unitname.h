/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* Names of systemd units, as systemd itself makes them (systemd.unit(5), "String Escaping for Inclusion in
 * Unit Names"). Strings that are returned belong to the caller; NULL means out of memory. */

/* The unit of a device: mdev@UUID.service. The UUID stands in it as it is: %i, never %I, names it. */
char *unitname_device(const char *uuid) _nonnull_(1) _must_check_;

/* The device unit that 60-mdev.rules gives a registered parent through SYSTEMD_ALIAS=/sys/class/mdev_bus/NAME.
 * udev writes the '!' of a kernel name as '/', and so does this. */
char *unitname_parent_device(const char *parent) _nonnull_(1) _must_check_;

/* The same for a selector (selector.h), by SYSTEMD_ALIAS=/mdev/parent/SELECTOR. */

/* The service that makes a parent's persistent devices, and wants their units: mdev-parent@NAME.service, escaped as
 * systemd-escape(1). */
char *unitname_parent_service(const char *parent) _nonnull_(1) _must_check_;

/* True for the full name of a unit that can be depended on: valid characters and type, not a template. */
bool unitname_is_valid(const char *name) _nonnull_(1);
