/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/failure.h"
#include "base/uuid.h"

/* How to create one device: mdev-definition(5). This is the format; store.h knows where definitions are. */

#define DEFINITION_WAIT_MAX 86400U /* seconds */

typedef enum Origin {
        ORIGIN_NONE,
        ORIGIN_ETC,     /* /etc/mdev-tools/devices: saved and persistent devices */
        ORIGIN_RUN,     /* /run/mdev-tools/devices: transient devices */
        ORIGIN_MDEVCTL, /* /etc/mdevctl.d: mdevctl's */
} Origin;

/* One write(2) to an attribute of the device. */
typedef struct Attribute {
        char *name;  /* below the device's directory, may have sub-directories */
        char *value; /* written without the NUL */
} Attribute;

/* A message of the parser about one line. */
typedef struct Note {
        unsigned line; /* 0: the file as a whole */
        bool error;    /* else a warning */
        char *text;
} Note;

typedef struct Definition {
        char uuid[UUID_LENGTH + 1];
        Origin origin;
        union {
                struct {
                        char *path, *parent, *type, *description;
                        char *selector; /* value of parent= if it is no kernel name, else NULL; parent is the same then,
                                         * until parent_resolve() sets it */
                        char *after, *requires, *wants; /* unit names separated by one space, or NULL */
                        char *node_user, *node_group;   /* owner of its nodes below /dev/vfio: names or numbers, or NULL */
                };
                char *strings[10]; /* the same */
        };
        bool start_auto;
        int wait;      /* seconds, or -1 */
        int node_mode; /* permission bits of its nodes, or -1 */
        Attribute *attributes;
        size_t n_attributes;

        Note *notes;
        size_t n_notes;
        bool invalid; /* a note is an error; valid lines were read nevertheless */
} Definition;

Definition *definition_new(void) _must_check_;

/* A new definition with these members; NULL without memory. */
Definition *definition_new_device(const char *uuid, const char *parent, const char *type)
        _nonnull_(1, 2, 3) _must_check_;

Definition *definition_free(Definition *d);
static inline void definition_freep(Definition **d) {
        definition_free(*d);
}

/* Reads the native format into d, which is new. Returns 0; -EBADMSG if notes has errors, and then the valid lines have
 * been read; -ENOMEM. Checks names as far as that needs no device. */
int definition_parse(Definition *d, const char *text, size_t size) _nonnull_(1, 2) _must_check_;

/* True if a definition may have a line NAME=VALUE: a key, "attr." or "X-". */
bool definition_key_is_valid(const char *name) _nonnull_(1);

/* Adds a note. Returns 0, -EBADMSG if it is an error, or -ENOMEM. */
int definition_note(Definition *d, unsigned line, bool error, const char *format, ...)
        _printf_(4, 5) _nonnull_(1, 4) _must_check_;

/* Adds one write to an attribute, with exactly this value. Returns 0, -EBADMSG with a note, or -ENOMEM. */
int definition_add_attribute(Definition *d, unsigned line, const char *name, const char *value)
        _nonnull_(1, 3, 4) _must_check_;

/* Checks for missing keys after all lines have been read. Returns 0, -EBADMSG with a note, or -ENOMEM. */
int definition_finish(Definition *d) _nonnull_(1) _must_check_;

/* Writes d in the native format. The caller owns *ret. Comments and X- keys of the file are lost. */
int definition_format(const Definition *d, char **ret) _nonnull_(1, 2) _must_check_;

/* Seconds to wait for the parent and its type: those of the definition, or the default. */
static inline unsigned definition_wait(const Definition *d, unsigned default_wait) {
        return d->wait >= 0 ? (unsigned) d->wait : default_wait;
}

/* The value of parent=: a kernel name or a selector. */
static inline const char *definition_parent(const Definition *d) {
        return d->selector ? d->selector : d->parent;
}

/* True if the definition sets the owner or the mode of the nodes. */
static inline bool definition_names_owner(const Definition *d) {
        return d->node_user || d->node_group || d->node_mode >= 0;
}

/* True if it names units that the device depends on. */
static inline bool definition_has_dependencies(const Definition *d) {
        return d->after || d->requires || d->wants;
}

/* True if both create the same device: same parent, type, and attributes in the same order. */
bool definition_same_device(const Definition *a, const Definition *b) _nonnull_(1, 2);

/* True if both set the same owner and mode of the nodes. */
bool definition_same_owner(const Definition *a, const Definition *b) _nonnull_(1, 2);

/* The first error, "PATH:LINE: TEXT", or NULL if out of memory. d must be invalid. */
char *definition_first_error(const Definition *d) _nonnull_(1) _must_check_;

/* Changes the text of a definition and keeps every other line as it is, including comments.
 * assignment is NAME=VALUE (replaces), NAME+=VALUE (appends a line) or NAME= (removes). NAME is a key of
 * mdev-definition(5), or an attribute, with or without "attr." before it. The caller owns *ret.
 * Returns 0, -EINVAL with a message in *ret_error if assignment is none of these, or -ENOMEM. Does not check the
 * values: parse the result. */
int definition_edit(const char *text, size_t size, const char *assignment, char **ret, const char **ret_error)
        _nonnull_(1, 3, 4, 5) _must_check_;

/* Adds a line for NAME=VALUE at the end of text, a string, as the order of lines is the order of writes. The caller
 * owns *ret. Returns as definition_edit(), and refuses NAME+=VALUE and NAME=. */
int definition_add_line(const char *text, const char *assignment, char **ret, const char **ret_error)
        _nonnull_(1, 2, 3, 4) _must_check_;

/* True for a name of a parent or type: one path component, not hidden, UTF-8 without control characters, and without
 * blanks around it. */
bool definition_name_is_valid(const char *name) _nonnull_(1);

/* True for a name of an attribute: a path below the device of such components, without '=', that is none of the files
 * by which the kernel manages the device itself (remove, uevent, driver, power/...). */
bool definition_attribute_is_valid(const char *name) _nonnull_(1);
