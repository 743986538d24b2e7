/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "base/failure.h"

/* The files that callout.h runs: where they are, whether they may be run, and running one. */

typedef struct ScriptList {
        char **paths;
        size_t n;
} ScriptList;

void script_list_done(ScriptList *list);

/* True if there are scripts, or what script_list() says no to. On most hosts there is none, and then nothing else is
 * done. A process looks once: what comes later is for the next one, and is not told of the end of what it was not
 * asked about. */
bool script_is_any(void);

/* Adds everything in the directories of one kind, callouts or notifiers, in mdevctl's order. Returns 0 or a negative
 * errno with *f. */
int script_list(const char *kind, ScriptList *list, Failure *f) _nonnull_(1, 2, 3) _must_check_;

/* Returns 0; -ENOEXEC for what cannot be run, which is passed over; -EPERM for what must not. */
int script_check(const char *path) _nonnull_(1) _must_check_;

/* Notes why a script or a directory is not trusted. Returns error. */
int script_refused(const char *path, int error, Failure *f) _nonnull_(1, 3);

/* When a script that is started now has to be done: callout_timeout=, 0 is no limit. */
uint64_t script_deadline(void);

typedef struct Output {
        char *text; /* with a NUL behind it; NULL if there is none */
        size_t size;
} Output;

typedef struct Run {
        int code;     /* exit status, or -1 */
        char why[64]; /* the same in words */
        bool timed_out;
        Output out, err;
} Run;

void run_done(Run *run);

/* Runs one script with text (or nothing) on stdin, until it ends or the deadline comes: then it is killed, with its
 * children. Returns 0 with *ret; -ENOEXEC for what cannot be run; or another negative errno. */
int script_run(const char *const *argv, const char *text, uint64_t deadline, Run *ret) _nonnull_(1, 4) _must_check_;
