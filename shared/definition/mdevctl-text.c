/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/mdevctl-json.h"

#include <json-c/json.h>
#include <json-c/json_visit.h>
#include <json-c/printbuf.h>
#include <string.h>

static int print_empty_array(_unused_ json_object *o, struct printbuf *out, _unused_ int level, _unused_ int flags) {
        return printbuf_memappend(out, "[]", 2);
}

/* Versions of json-c differ in how they print an empty array. */
static int set_array_printer(json_object *o, _unused_ int flags, _unused_ json_object *parent,
                             _unused_ const char *key, _unused_ size_t *index, _unused_ void *userdata) {
        if (json_object_is_type(o, json_type_array))
                json_object_set_serializer(o, json_object_array_length(o) == 0 ? print_empty_array : NULL, NULL, NULL);
        return JSON_C_VISIT_RETURN_CONTINUE;
}

const char *json_text(json_object *o) {
        (void) json_c_visit(o, 0, set_array_printer, NULL);
        return json_object_to_json_string_ext(
                o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
}

char *mdevctl_file_text(const Definition *d, bool start_auto) {
        _cleanup_(json_freep) json_object *o = mdevctl_to_json(d, start_auto);
        const char *text = o ? json_text(o) : NULL;

        return text ? strdup(text) : NULL;
}
