/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition/definition.h"

/* mdevctl's definitions: /etc/mdevctl.d/PARENT/UUID, a JSON object {"mdev_type": TYPE, "start": "auto"|"manual",
 * "attrs": [{NAME: VALUE}, ...]} (mdevctl 1.4, src/mdev.rs). */

struct json_object;

/* For _cleanup_. */
void json_freep(struct json_object **o) _nonnull_(1);

/* Reads one into d, which is new; the parent is in the path, not in the text.
 * Returns 0; -EBADMSG with errors in d's notes; -ENOMEM. */
int mdevctl_parse(Definition *d, const char *parent, const char *text, size_t size)
        _nonnull_(1, 2, 3) _must_check_;

/* Adds the attributes of text, a JSON array as in "attrs". Empty text, or one empty object as s390-tools' ap-check
 * prints it, adds none. Returns as mdevctl_parse(). */
int mdevctl_parse_attributes(Definition *d, const char *text, size_t size) _nonnull_(1, 2) _must_check_;

/* d as JSON, which the caller owns; NULL without memory. */
struct json_object *mdevctl_to_json(const Definition *d, bool start_auto) _nonnull_(1) _must_check_;

/* Adds value to an object, or if key is NULL to an array. Returns value, which belongs to the container then. Returns
 * NULL if there is no memory, also where container or value is NULL for that reason; value is freed then. */
struct json_object *mdevctl_json_add(struct json_object *container, const char *key, struct json_object *value);

/* Flags of json_object_to_json_string_ext() for one line without blanks. */
#define JSON_LINE_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* The text of o in several lines, to the byte as mdevctl prints it and with every version of json-c; no newline at
 * the end. o owns the text; NULL without memory. In a file of its own: what prints no such text need not bind what
 * it takes. */
const char *json_text(struct json_object *o) _nonnull_(1) _must_check_;

/* The text of d: in several lines for its file, and in one for scripts. The caller owns it; NULL without memory. */
char *mdevctl_file_text(const Definition *d, bool start_auto) _nonnull_(1) _must_check_;
char *mdevctl_line(const Definition *d, bool start_auto) _nonnull_(1) _must_check_;
