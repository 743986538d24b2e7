/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/signals.h"

static const int stop_signals[] = { SIGTERM, SIGINT, SIGHUP };

void signals_block(sigset_t *ret_old) {
        sigset_t set;

        sigemptyset(&set);
        for (size_t i = 0; i < ELEMENTSOF(stop_signals); i++)
                sigaddset(&set, stop_signals[i]);
        (void) sigprocmask(SIG_BLOCK, &set, ret_old);
}

void signals_restore(const sigset_t *old) {
        (void) sigprocmask(SIG_SETMASK, old, NULL);
}

bool signals_pending(void) {
        sigset_t pending;

        if (sigpending(&pending) < 0)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(stop_signals); i++)
                if (sigismember(&pending, stop_signals[i]) == 1)
                        return true;
        return false;
}
