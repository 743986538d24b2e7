/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/definition.h"
#include "base/signals.h"

/* Scripts that are asked before something is done with a device, and told afterwards, by mdevctl's protocol (1.4):
 * man/mdevctl.8, "CALLOUTS". They lie in /usr/lib/mdevctl/scripts.d/{callouts,notifiers}, then in
 * /etc/mdevctl.d/scripts.d/{callouts,notifiers}. Where there are none, this costs two open(2) that fail.
 *
 * What a script writes to stderr is passed on, each line behind the script's name. Each has callout_timeout=
 * seconds (mdev-definition(5)); then it is killed, and that is a failure, as is its death by a signal. */

typedef enum CalloutAction {
        CALLOUT_START,
        CALLOUT_STOP,
        CALLOUT_DEFINE,
        CALLOUT_UNDEFINE,
        CALLOUT_MODIFY,
} CalloutAction;

/* One action on one device, from pre to post. s390-tools' ap-check keeps a lock between them, in the name of the
 * process that runs it: it has to be the same one. */
typedef struct Callout {
        const Definition *definition; /* NULL: nobody is to be told of the end */
        CalloutAction action;
        char *config;     /* what scripts get on stdin */
        char *script;     /* the one that is in charge of this device */
        sigset_t signals; /* as it was before */
} Callout;

/* Asks the scripts whether the action may go on. d must live until callout_end(); start_auto: whether it is, or is
 * going to be, started automatically. Until callout_end(), SIGINT, SIGTERM and SIGHUP are blocked: who was told
 * of the beginning is told of the end.
 * Returns 0, or a negative errno with *f (STATUS_CALLOUT): then nothing is to be ended. */
int callout_begin(CalloutAction action, const Definition *d, bool start_auto, Callout *ret, Failure *f)
        _nonnull_(2, 4, 5) _must_check_;

/* Tells how it ended. Does nothing, if callout_begin() has not succeeded. */
void callout_end(Callout *c, bool success) _nonnull_(1);

/* From now on a script that refuses keeps nobody: forced is called with what it has to say. */
void callout_force(void (*forced)(CalloutAction action, const Failure *f));

const char *callout_action_to_string(CalloutAction action);

/* Adds the attributes of the live device d, as a script reads them from it, to d; none where no script knows the
 * device. Returns 0, or a negative errno with *f. */
int callout_get_attributes(Definition *d, Failure *f) _nonnull_(1, 2) _must_check_;

/* Has a script change the attributes of the live device to those of d. Only scripts that tell what they support can
 * do that. Returns 0, or a negative errno with *f: -EOPNOTSUPP if there is no such script. */
int callout_modify_live(const Definition *d, Failure *f) _nonnull_(1, 2) _must_check_;
