/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdev-query: types and parents. */

#include <limits.h>
#include <string.h>

#include "cli/failure-text.h"
#include "cli/program.h"
#include "query.h"
#include "device/refusal.h"
#include "kernel/sysfs.h"

/* One type of one parent, or NULL if it vanished. */
static json_object *type_to_json(const char *parent, const char *type) {
        static const char *const texts[][2] = { { "name", SYSFS_TYPE_NAME },
                                                { "device_api", SYSFS_TYPE_API },
                                                { "description", SYSFS_TYPE_DESCRIPTION } };
        _cleanup_(string_list_done) StringList devices = {};
        _cleanup_close_ int fd = sysfs_open_type(parent, type);
        json_object *o, *array;
        char text[PATH_MAX];
        _cleanup_(failure_done) Failure full = {};
        _cleanup_free_ char *why = NULL;
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
                why = refusal_explain_full(parent, type, &full) ? failure_text(&full) : NULL;
        output_set_string(o, "why_none", why);
        return o;
}

static json_object *get_field(const Rows *rows, size_t row, size_t field) {
        json_object *o = json_object_array_get_idx(rows->data, row);

        return json_object_get(json_object_object_get(o, rows->fields[field]));
}

/* Adds a row to an array; NULL, if what it is about has vanished, is none. */
static void add_row(json_object *array, json_object *row) {
        if (row)
                json_object_array_add(array, row);
}

static int print_array(const Query *q, const char *const *fields, json_object *array, const Columns *columns) {
        return query_print(q, &(Rows) { .fields = fields, .columns = columns, .n = json_object_array_length(array),
                                        .data = array, .get = get_field });
}

static size_t count_devices(const char *parent, const StringList *types) {
        size_t n = 0;

        for (size_t i = 0; i < types->n; i++) {
                _cleanup_(string_list_done) StringList devices = {};
                _cleanup_close_ int type = sysfs_open_type(parent, types->names[i]);

                if (type >= 0 && sysfs_list_type_devices(type, &devices) >= 0)
                        n += devices.n;
        }
        return n;
}

/* One parent, or NULL if it vanished. */
static json_object *parent_to_json(const char *parent) {
        _cleanup_close_ int fd = sysfs_open_parent(parent);
        _cleanup_(string_list_done) StringList types = {};
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
        static const char *const fields[] = { "parent", "path", "driver", "types", "devices", NULL };
        static const TableColumn usual[] = {
                { "parent", 0 }, { "driver", 2 }, { "types", 3 }, { "devices", 4 }, { "path", 1 },
        };
        _cleanup_(string_list_done) StringList parents = {};
        json_object *rows;
        Columns columns;
        int status;

        status = query_choose_columns(q, fields, usual, ELEMENTSOF(usual), &columns);
        if (status != STATUS_DONE)
                return status;
        rows = json_object_new_array();
        (void) !sysfs_list_parents(&parents);
        for (size_t i = 0; i < parents.n; i++)
                add_row(rows, parent_to_json(parents.names[i]));
        status = print_array(q, fields, rows, &columns);
        json_object_put(rows);
        return status;
}

/* Adds a type to a tree, unless it has vanished. */
static void add_to_tree(Table *t, const char *parent, const char *type, bool with_devices) {
        _cleanup_(string_list_done) StringList devices = {};
        _cleanup_close_ int fd = sysfs_open_type(parent, type);

        if (fd < 0)
                return;
        query_add_type(t, parent, type);
        if (with_devices)
                (void) !sysfs_list_type_devices(fd, &devices);
        for (size_t i = 0; i < devices.n; i++)
                query_add_device(t, devices.names[i], NULL, NULL);
}

int query_types(const Query *q, bool with_devices) {
        static const char *const fields[] = { "parent",    "type", "name",    "device_api", "description",
                                              "available", "used", "devices", "why_none",   NULL };
        static const TableColumn usual[] = { { "parent", 4 }, { "type", 0 }, { "available", 5 },
                                             { "used", 3 },   { "name", 2 }, { "why_none", 1 } };
        bool is_tree = q->format == FORMAT_TREE, found = !q->filter.parent;
        _cleanup_(string_list_done) StringList parents = {};
        _cleanup_(table_done) Table tree = {};
        json_object *rows;
        Columns columns;
        int status;

        status = query_choose_columns(q, fields, usual, ELEMENTSOF(usual), &columns);
        if (status != STATUS_DONE)
                return status;
        rows = json_object_new_array();
        query_begin_tree(&tree);
        (void) !sysfs_list_parents(&parents);
        for (size_t i = 0; i < parents.n; i++) {
                _cleanup_(string_list_done) StringList types = {};
                const char *parent = parents.names[i];

                if (q->filter.parent && strcmp(q->filter.parent, parent) != 0)
                        continue;
                found = true;
                if (is_tree)
                        query_add_parent(&tree, parent);
                (void) !sysfs_list_types(parent, &types);
                for (size_t j = 0; j < types.n; j++)
                        if (is_tree)
                                add_to_tree(&tree, parent, types.names[j], with_devices);
                        else
                                add_row(rows, type_to_json(parent, types.names[j]));
        }
        status = is_tree ? query_end_table(&tree) : print_array(q, fields, rows, &columns);
        json_object_put(rows);
        if (found)
                return status;
        return program_error_as(STATUS_NO_PARENT, q->filter.parent, "no parent " SYSFS_PARENT_FORMAT
                                " is registered (--parents lists them)", q->filter.parent);
}
