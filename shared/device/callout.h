/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/signals.h"
#include "definition/definition.h"

/* Scripts that are asked before something is done with a device, and told afterwards, by mdevctl's protocol (1.4):
 * man/mdevctl.8, "CALLOUTS". They are in {/usr/lib/mdevctl,/etc/mdevctl.d}/scripts.d/{callouts,notifiers}; where there
 * are none, this costs two open(2) that fail. One that takes longer than callout_timeout= (mdev-tools.conf(5)) is
 * killed, which is a failure, as any signal is. */

typedef enum CalloutAction {
        CALLOUT_START,
        CALLOUT_STOP,
        CALLOUT_DEFINE,
        CALLOUT_UNDEFINE,
        CALLOUT_MODIFY,
} CalloutAction;

/* What the program does when scripts are run. */
typedef struct CalloutHooks {
        /* passes on a line that a script wrote to stderr */
        void (*print)(const char *script, const char *line);
        /* reports a refusal that does not stop the action; NULL: a refusal does stop it */
        void (*force)(CalloutAction action, const Failure *f);
} CalloutHooks;

/* One action on one device. s390-tools' ap-check keeps a lock between pre and post, in the name of the process that
 * runs it: it has to be the same one. */
typedef struct Callout {
        const CalloutHooks *hooks;
        CalloutAction action;
        const Definition *definition;
        bool start_auto; /* the device is, or is going to be, started automatically */

        /* set by callout_begin() */
        char *config;     /* what scripts get on stdin; NULL: nobody was asked */
        char *script;     /* the one that is in charge of this device */
        sigset_t signals; /* the mask before */
} Callout;

/* Asks the scripts whether the action may go on. The definition must live until callout_end(), and until then, SIGINT,
 * SIGTERM and SIGHUP are blocked: a script that was told of the beginning is told of the end.
 * Returns 0, or a negative errno with *f (STATUS_CALLOUT): then there is nothing to end. */
int callout_begin(Callout *c, Failure *f) _nonnull_(1) _must_check_;

/* Tells the scripts how the action ended. Does nothing if callout_begin() has not succeeded. */
void callout_end(Callout *c, bool success) _nonnull_(1);

const char *callout_action_to_string(CalloutAction action);

/* Adds the attributes of the live device d, as a script reads them, to d; none if no script knows the device.
 * Returns 0, or a negative errno with *f. */
int callout_get_attributes(const CalloutHooks *hooks, Definition *d, Failure *f) _nonnull_(1, 2) _must_check_;

/* Has a script change the attributes of the live device to those of d. Only scripts that report their capabilities
 * can do that. Returns 0, or a negative errno with *f: -EOPNOTSUPP if there is no such script. */
int callout_modify_live(const CalloutHooks *hooks, const Definition *d, Failure *f) _nonnull_(1, 2) _must_check_;
