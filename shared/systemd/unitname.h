/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* Names of systemd units, escaped as systemd does (systemd.unit(5), "String Escaping for Inclusion in
 * Unit Names"). Strings that are returned belong to the caller; NULL means out of memory. */

/* The unit of a device: mdev@UUID.service. The UUID is not escaped, so %i, never %I, is the UUID. */
char *unitname_device(const char *uuid) _nonnull_(1) _must_check_;

/* The device unit that 60-mdev.rules gives a registered parent through SYSTEMD_ALIAS=/sys/class/mdev_bus/NAME, or a
 * selector (selector.h) through SYSTEMD_ALIAS=/mdev/parent/SELECTOR. Like udev, it takes '!' in a name for '/'. */
char *unitname_parent_device(const char *parent) _nonnull_(1) _must_check_;

/* The service that creates a parent's persistent devices and wants their units: mdev-parent@NAME.service, escaped as
 * by systemd-escape(1). */
char *unitname_parent_service(const char *parent) _nonnull_(1) _must_check_;

/* True for the full name of a unit, with valid characters and a known type, that is not a template. */
bool unitname_is_valid(const char *name) _nonnull_(1);
