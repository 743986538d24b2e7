/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"
#include "definition/mode.h"

/* The parts of mdev-manage: each speaks for itself, and returns an exit status. */

/* Takes a device over that has no definition, in that mode or the default one; or gives one that has another mode
 * (_MODE_INVALID: as it is), and applies the assignments (NULL at the end) to it. */
int manage_device(const char *arg, char *assignments[], Mode mode, Mode default_mode) _nonnull_(1, 2);

/* Makes mdevctl's definitions native, PARENT/UUID each, or all (names: NULL at the end); and the other way round,
 * by UUID. */
int manage_import(char *names[]) _nonnull_(1);
int manage_export(char *names[]) _nonnull_(1);
