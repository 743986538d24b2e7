/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-query: types and parents. */

#include <limits.h>
#include <string.h>

#include "device.h"
#include "program.h"
#include "query-print.h"
#include "sysfs.h"

/* One type of one parent, or NULL if it vanished. */
static json_object *type_to_json(const char *parent, const char *type) {
        static const char *const texts[][2] = { { "name", SYSFS_TYPE_NAME },
                                                { "device_api", SYSFS_TYPE_API },
                                                { "description", SYSFS_TYPE_DESCRIPTION } };
        _cleanup_(name_list_done) NameList devices = {};
        _cleanup_close_ int fd = sysfs_open_type(parent, type);
        json_object *o, *array;
        char text[PATH_MAX];
        Failure why = {};
        long available;

        if (fd < 0 || sysfs_list_type_devices(fd, &devices) < 0 ||
            sysfs_read(fd, SYSFS_TYPE_AVAILABLE, text, sizeof(text)) < 0)
                return NULL;
        available = strtol(text, NULL, 10);
        o = json_object_new_object();
        output_set_string(o, "parent", parent);
        output_set_string(o, "type", type);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                output_set_string(o, texts[i][0],
                                  sysfs_read(fd, texts[i][1], text, sizeof(text)) < 0 ? NULL : text);
        json_object_object_add(o, "available", json_object_new_int64(available));
        json_object_object_add(o, "used", json_object_new_int64((int64_t) devices.n));
        array = json_object_new_array();
        for (size_t i = 0; i < devices.n; i++)
                json_object_array_add(array, json_object_new_string(devices.names[i]));
        json_object_object_add(o, "devices", array);
        if (available == 0)
                device_explain_full(parent, type, &why);
        output_set_string(o, "why_none", why.text[0] ? why.text + strlen(": ") : NULL);
        return o;
}

int query_types(const Query *q) {
        static const char *const columns[] = { "parent", "type", "available", "used", "name", "why_none", NULL };
        _cleanup_(name_list_done) NameList parents = {};
        json_object *rows = json_object_new_array();
        bool found = !q->parent;

        (void) !sysfs_list_parents(&parents);
        for (size_t i = 0; i < parents.n; i++) {
                _cleanup_(name_list_done) NameList types = {};

                if (q->parent && strcmp(q->parent, parents.names[i]) != 0)
                        continue;
                found = true;
                (void) !sysfs_list_types(parents.names[i], &types);
                for (size_t j = 0; j < types.n; j++) {
                        json_object *o = type_to_json(parents.names[i], types.names[j]);

                        if (o)
                                json_object_array_add(rows, o);
                }
        }
        query_print(q, rows, columns);
        json_object_put(rows);
        if (!found) {
                program_error(q->parent, "no parent " SYSFS_PARENT_FORMAT " is registered (--parents lists them)", q->parent);
                return STATUS_NO_PARENT;
        }
        return STATUS_DONE;
}

static size_t count_devices(const char *parent, const NameList *types) {
        size_t n = 0;

        for (size_t i = 0; i < types->n; i++) {
                _cleanup_(name_list_done) NameList devices = {};
                _cleanup_close_ int type = sysfs_open_type(parent, types->names[i]);

                if (type >= 0 && sysfs_list_type_devices(type, &devices) >= 0)
                        n += devices.n;
        }
        return n;
}

/* One parent, or NULL if it vanished. */
static json_object *parent_to_json(const char *parent) {
        _cleanup_close_ int fd = sysfs_open_parent(parent);
        _cleanup_(name_list_done) NameList types = {};
        char path[PATH_MAX], driver[256];
        json_object *o;

        if (fd < 0 || sysfs_list_types(parent, &types) < 0 || sysfs_parent_path(parent, path, sizeof(path)) < 0)
                return NULL;
        o = json_object_new_object();
        output_set_string(o, "parent", parent);
        output_set_string(o, "path", path);
        output_set_string(o, "driver",
                          sysfs_read_link(fd, SYSFS_DRIVER, driver, sizeof(driver)) < 0 ? NULL : driver);
        json_object_object_add(o, "types", json_object_new_int64((int64_t) types.n));
        json_object_object_add(o, "devices", json_object_new_int64((int64_t) count_devices(parent, &types)));
        return o;
}

int query_parents(const Query *q) {
        static const char *const columns[] = { "parent", "driver", "types", "devices", "path", NULL };
        _cleanup_(name_list_done) NameList parents = {};
        json_object *rows = json_object_new_array();

        (void) !sysfs_list_parents(&parents);
        for (size_t i = 0; i < parents.n; i++) {
                json_object *o = parent_to_json(parents.names[i]);

                if (o)
                        json_object_array_add(rows, o);
        }
        query_print(q, rows, columns);
        json_object_put(rows);
        return STATUS_DONE;
}
