/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "base/failure.h"

/* The files that callout.h runs: where they are, whether they may be run, and how one is run. */

/* True if any script exists, or script_list() fails. A process looks only once: a script that is installed later would
 * be told of the end of an action whose beginning it was not asked about. */
bool script_exists(void);

/* Lists the scripts of one kind, callouts or notifiers, in mdevctl's order. Returns 0, or a negative errno with *f. */
int script_list(const char *kind, StringList *list, Failure *f) _nonnull_(1, 2) _must_check_;

/* True if the script may be run, or cannot be run anyway. */
bool script_is_trusted(const char *path) _nonnull_(1);

/* The deadline (clock_now()) of a script that is started now, by callout_timeout=. */
uint64_t script_deadline(void);

typedef struct Output {
        char *text; /* with a NUL behind it; NULL if there is none */
        size_t size;
} Output;

/* How a script ended. */
typedef struct ScriptRun {
        int exit_status;  /* -1: it did not exit by itself */
        int signal;       /* that killed it */
        unsigned seconds; /* after so many it was killed here, because it took too long; else 0 */
        Output out, err;
} ScriptRun;

void script_run_done(ScriptRun *run);

/* Runs one script with text (or nothing) on stdin, until it ends or the deadline comes: then it is killed, with its
 * children. Returns 0 with *ret; -ENOEXEC for a file that cannot be run; or another negative errno. */
int script_run(const char *const *argv, const char *text, uint64_t deadline, ScriptRun *ret)
        _nonnull_(1, 4) _must_check_;
