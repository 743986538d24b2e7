/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "base/string-list.h"

/* Exit statuses of all helpers, documented in each man page. 3 to 9 and 64 to 78 stay free: systemd's log
 * prints names of its own for them (systemd.exec(5), "Process Exit Codes"). */
typedef enum Status {
        STATUS_DONE = 0,
        STATUS_FAILURE = 1,
        STATUS_USAGE = 2,
        STATUS_NOT_FOUND = 10,
        STATUS_NO_PARENT = 11,
        STATUS_NO_TYPE = 12,
        STATUS_NO_INSTANCE = 13,
        STATUS_EXISTS = 14,
        STATUS_ATTRIBUTE = 15,
        STATUS_ATTRIBUTE_LEFT = 16,
        STATUS_IN_USE = 17,
        STATUS_INVALID = 18,
        STATUS_NOT_PERMITTED = 19,
        STATUS_CALLOUT = 20,
        STATUS_TIMED_OUT = 21,
} Status;

/* What was tried, or what was found. cli/failure-text.c has the words for each, and which facts they need. */
typedef enum FailureKind {
        FAILURE_NO_MEMORY, /* also of a function that returned -ENOMEM and noted nothing */
        FAILURE_WORDED,    /* a program has words of its own for it */

        /* an operation on a path failed */
        FAILURE_OPEN, FAILURE_READ, FAILURE_WRITE, FAILURE_REMOVE, FAILURE_LOCK, FAILURE_RUN,

        /* the lock, the unit, udev */
        FAILURE_NO_LOCK_DIR, FAILURE_LOCKED, FAILURE_SYSTEMCTL, FAILURE_SYSTEMCTL_UNIT, FAILURE_MASKED,
        FAILURE_ANNOUNCE, FAILURE_NOT_ANNOUNCED,

        /* the definition */
        FAILURE_INVALID, FAILURE_NO_PARENT_NAME, FAILURE_NO_USER, FAILURE_NO_GROUP, FAILURE_DEFINED_DEVICE,
        FAILURE_DEFINED_ATTRIBUTES, FAILURE_DEFINED_OWNER, FAILURE_DEFINED_MODE,

        /* parent and type */
        FAILURE_NO_PARENT, FAILURE_NO_MATCH, FAILURE_PARENT_CHANGING, FAILURE_PARENT_AMBIGUOUS, FAILURE_NO_TYPE,
        FAILURE_NO_INSTANCE, FAILURE_FULL,

        /* the device */
        FAILURE_NO_DEVICE, FAILURE_NOT_DEFINED, FAILURE_OTHER_DEVICE, FAILURE_UNMANAGED, FAILURE_DISAPPEARED,
        FAILURE_OBSOLETE, FAILURE_STOPPED, FAILURE_CREATE, FAILURE_ATTRIBUTE, FAILURE_UUID_TAKEN, FAILURE_INCOMPLETE,
        FAILURE_IN_USE, FAILURE_IN_USE_UNSEEN, FAILURE_GOING, FAILURE_NO_REMOVE,

        /* callouts */
        FAILURE_UNTRUSTED_SCRIPT, FAILURE_SCRIPT, FAILURE_SCRIPT_LACKS, FAILURE_NO_LIVE_SCRIPT, FAILURE_SCRIPT_OUTPUT,
} FailureKind;

/* What became of a step that was to be undone because a later one failed. */
typedef enum FailureUndo {
        FAILURE_UNDO_DEVICE,
        FAILURE_UNDO_OWNER,
        FAILURE_UNDO_DEFINITION,
} FailureUndo;

/* As many names as a message lists. */
#define FAILURE_NAMES_MAX 8U

/* Why something failed: facts, of which the program makes one line, "OBJECT: TEXT". What is below the programs
 * fills it in where the facts are known, and stays silent. Begins as {}; owns all that it points to. */
typedef struct Failure {
        Status status;
        int error; /* negative errno */
        FailureKind kind;
        union {
                struct {
                        const char *parent, *type; /* of the device that it is about, if known; also after a success */
                        const char *path, *name, *value;
                        const char *other_parent, *other_type; /* of what was found instead */
                };
                const char *strings[7]; /* the same */
        };
        StringList names;   /* the first of several */
        size_t n_names;     /* how many there are */
        bool counted;
        unsigned long left; /* instances, if they were counted; names has the devices that use the others */
        unsigned seconds;   /* how long something was waited for */
        pid_t pid;
        int exit_status, signal; /* of a script; both 0: it did not end in time, or was not run */
        bool by_trust;           /* error is file.h's */
        bool half_made;          /* it failed when the remains of an earlier start were to be removed */
        bool undone;             /* the device was removed again */
        FailureUndo undo;
        struct Failure *next; /* what could not be undone */
} Failure;

void failure_done(Failure *f) _nonnull_(1);

/* f may be NULL in all that follows, if nobody wants to know. */

/* Notes which device it is about, besides its UUID. Either may be NULL: not known. */
void failure_about(Failure *f, const char *parent, const char *type);

/* Notes a failure with the given facts (designators of Failure), which are copied; of names, at most
 * FAILURE_NAMES_MAX. Returns error, a negative errno, so that it can stand in a return statement. */
#define failure_set(f, status_, error_, kind_, ...) \
        failure_copy((f), &(const Failure) { .status = (status_), .error = (error_), .kind = (kind_), ##__VA_ARGS__ })
int failure_copy(Failure *f, const Failure *facts) _nonnull_(2);

/* The same for an operation on a path that failed: the rest is its format. In the second, error is of file.h: the
 * file or directory may not be trusted. */
#define failure_at(f, status, error, kind, ...) failure_at_path((f), (status), (error), (kind), false, __VA_ARGS__)
#define failure_at_file(f, status, error, kind, ...) failure_at_path((f), (status), (error), (kind), true, __VA_ARGS__)
int failure_at_path(Failure *f, Status status, int error, FailureKind kind, bool by_trust, const char *format, ...)
        _printf_(6, 7) _nonnull_(6);

/* Adds a step that could not be undone, and why not, to the failure that made it necessary. why is empty then. */
void failure_add_undo(Failure *f, FailureUndo undo, Failure *why) _nonnull_(3);

/* The status for a plain system error (negative errno) that needs no better one. */
Status failure_status_from_errno(int error);

/* The kernel's reason, for a negative errno. */
const char *failure_reason(int error);
