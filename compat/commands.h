/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/uuid.h"
#include "definition/store.h"
#include "device/device.h"

/* mdevctl's command line (version 1.4), over the code of the helpers. What it does differently is in the page,
 * mdevctl(8), section DIFFERENCES. */

typedef struct Options {
        unsigned given; /* OPTION_... */
        char uuid[UUID_LENGTH + 1];
        const char *parent, *type, *jsonfile, *addattr, *value;
        unsigned index;
} Options;

enum {
        OPTION_UUID = 1 << 0,
        OPTION_PARENT = 1 << 1,
        OPTION_TYPE = 1 << 2,
        OPTION_JSONFILE = 1 << 3,
        OPTION_AUTO = 1 << 4,
        OPTION_MANUAL = 1 << 5,
        OPTION_ADDATTR = 1 << 6,
        OPTION_VALUE = 1 << 7,
        OPTION_DELATTR = 1 << 8,
        OPTION_INDEX = 1 << 9,
        OPTION_LIVE = 1 << 10,
        OPTION_DEFINED = 1 << 11,
        OPTION_DUMPJSON = 1 << 12,
        OPTION_VERBOSE = 1 << 13,
        OPTION_FORCE = 1 << 14,
};

/* Each returns the exit status: 0, or 1 after a message. */
int command_define(const Options *o) _nonnull_(1);
int command_undefine(const Options *o) _nonnull_(1);
int command_modify(const Options *o) _nonnull_(1);
int command_start(const Options *o) _nonnull_(1);
int command_stop(const Options *o) _nonnull_(1);
int command_start_parent(const Options *o) _nonnull_(1);
int command_list(const Options *o) _nonnull_(1);
int command_types(const Options *o) _nonnull_(1);

/* "Error: TEXT", and "Caused by:" where there is a cause (or NULL). Returns 1, the exit status. */
int fail(const char *cause, const char *format, ...) _printf_(2, 3) _nonnull_(2);
/* "Warning: TEXT" */
void warn(const char *format, ...) _printf_(1, 2) _nonnull_(1);
/* The words for f, until the next call. */
const char *reason(const Failure *f) _nonnull_(1);

/* The hooks of callouts, which --force changes. */
extern CalloutHooks callout_hooks;
#define MDEVCTL_OPERATION OPERATION_NEW(callout_hooks.print, .force = callout_hooks.force)

/* ---- what more than one command needs: mdevctl-device.c ------------------------------------------------------ */

/* A live device. Returns true if there is one, and it is whole. */
typedef struct Live {
        char parent[256], type[256];
} Live;
bool find_live(const char *uuid, Live *ret) _nonnull_(1, 2);

/* Those of mdevctl's definitions; warns of what cannot be read. Returns 0 or -ENOMEM. */
int find_defined(const char *uuid, const char *parent, DefinitionList *ret) _nonnull_(3) _must_check_;

/* The one definition that is meant. Returns it, still part of list, or NULL after a message. */
Definition *one_defined(const DefinitionList *list, const char *uuid, const char *parent) _nonnull_(1, 2);

/* A definition from the file of --jsonfile; what: the word for that in messages. Returns 0, or 1 after a message. */
int read_jsonfile(const char *what, const char *path, const char *uuid, const char *parent, Definition **ret)
        _nonnull_(1, 2, 3, 4, 5) _must_check_;

/* True if d, which is live or not, is what the programs of mdev-tools take for the definition of its UUID. The
 * caller holds the lock. A record of a transient device that is gone is removed. */
bool is_effective(const Definition *d) _nonnull_(1);

/* "  Attrs:" and a line for each. */
void print_attributes(FILE *f, const Definition *d) _nonnull_(1, 2);

/* "Invalid definition" and why. Returns 1. */
int fail_invalid(const Definition *d) _nonnull_(1);
