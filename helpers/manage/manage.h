/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* Makes mdevctl's definitions native, PARENT/UUID each, or all (names: NULL at the end); and the other way round,
 * by UUID. Both speak for themselves, and return an exit status. */
int manage_import(char *names[]) _nonnull_(1);
int manage_export(char *names[]) _nonnull_(1);
