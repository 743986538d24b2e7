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

/* The text of o, to the byte as mdevctl prints it and with every version of json-c: pretty, or in one line without
 * blanks; no newline at the end. o owns the text; NULL without memory. */
const char *json_text(struct json_object *o, bool pretty) _nonnull_(1) _must_check_;

/* The text of d: pretty for its file, in one line for scripts. The caller owns it. Returns 0 or -ENOMEM. */
int mdevctl_format(const Definition *d, bool start_auto, bool pretty, char **ret) _nonnull_(1, 4) _must_check_;
