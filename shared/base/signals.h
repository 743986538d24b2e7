/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <signal.h>

#include "base/macro.h"

/* SIGTERM, SIGINT and SIGHUP while something is half done: they wait until it is whole, or taken back. */

/* Blocks them; *ret_old is for signals_restore(). */
void signals_block(sigset_t *ret_old) _nonnull_(1);
void signals_restore(const sigset_t *old) _nonnull_(1);

/* True if one of them has come since. */
bool signals_pending(void);
