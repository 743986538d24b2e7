/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <signal.h>

#include "base/macro.h"

/* Defers SIGTERM, SIGINT and SIGHUP until an operation is complete or rolled back. */

/* Blocks them; *ret_old is for signals_restore(). */
void signals_block(sigset_t *ret_old) _nonnull_(1);
void signals_restore(const sigset_t *old) _nonnull_(1);

/* True if one of them has arrived since. */
bool signals_pending(void);
