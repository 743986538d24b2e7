/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <signal.h>

#include "macro.h"

/* SIGTERM, SIGINT and SIGHUP while something is half done: they wait until it is whole, or taken back. */

/* Blocks them; *ret_old is for stop_restore(). */
void stop_block(sigset_t *ret_old) _nonnull_(1);
void stop_restore(const sigset_t *old) _nonnull_(1);

/* True if one of them has come since. */
bool stop_is_pending(void);
