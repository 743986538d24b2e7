/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "cli/output.h"

/* What a function prints on stdout. */
static char *printed(void (*print)(json_object *), json_object *rows) {
        char *text = calloc(1, 4096);
        FILE *f = tmpfile();
        int saved;

        assert(text && f);
        fflush(stdout);
        saved = dup(STDOUT_FILENO);
        assert(saved >= 0 && dup2(fileno(f), STDOUT_FILENO) >= 0);
        print(rows);
        fflush(stdout);
        assert(dup2(saved, STDOUT_FILENO) >= 0);
        close(saved);
        rewind(f);
        assert(fread(text, 1, 4095, f) < 4095);
        fclose(f);
        return text;
}

static void print_rows(json_object *rows, const char *export_prefix) {
        Output o = { .export_prefix = export_prefix };

        for (size_t i = 0; i < json_object_array_length(rows); i++)
                output_row(&o, json_object_get(json_object_array_get_idx(rows, i)));
        assert(output_end(&o) == 0);
}

static void print_export(json_object *rows) {
        print_rows(rows, "MDEV");
}

static void print_json(json_object *rows) {
        print_rows(rows, NULL);
}

static json_object *row(const char *uuid, const char *type_name, int left) {
        json_object *o = json_object_new_object();

        output_set_string(o, "uuid", uuid);
        output_set_string(o, "type_name", type_name);
        json_object_object_add(o, "left", left < 0 ? NULL : json_object_new_int(left));
        return o;
}

static void test_empty(void) {
        json_object *rows = json_object_new_array();
        _cleanup_free_ char *json = printed(print_json, rows), *export = printed(print_export, rows);

        expect_string("json", json, "[]\n");
        expect_string("export", export, "");
        json_object_put(rows);
}

static void test_rows(void) {
        json_object *rows = json_object_new_array();
        _cleanup_free_ char *json = NULL, *export = NULL;

        json_object_array_add(rows, row("a", "two words", 3));
        json_object_array_add(rows, row("bbbbbb", NULL, -1));
        json_object_array_add(rows, row("c/d", "", 0));
        json = printed(print_json, rows);
        export = printed(print_export, rows);
        expect_string("export", export,
                      "MDEV_UUID=a\nMDEV_TYPE_NAME='two words'\nMDEV_LEFT=3\n\n"
                      "MDEV_UUID=bbbbbb\nMDEV_TYPE_NAME=''\nMDEV_LEFT=''\n\n"
                      "MDEV_UUID=c/d\nMDEV_TYPE_NAME=''\nMDEV_LEFT=0\n");
        /* empty is null, slashes stay readable */
        assert(strstr(json, "\"uuid\": \"c/d\""));
        assert(strstr(json, "\"type_name\": null"));
        json_object_put(rows);
}

/* Values that would do something in a shell; tests/host feeds the like to a real one. */
static void test_quotes(void) {
        static const struct {
                const char *value, *quoted;
        } rows[] = {
                { "plain-1_2.3/4:5@6,7+8=9", "plain-1_2.3/4:5@6,7+8=9" },
                { "$(reboot)", "'$(reboot)'" },
                { "`reboot`", "'`reboot`'" },
                { "a'b", "'a'\\''b'" },
                { "'", "''\\'''" },
                { "a\nb", "'a\nb'" },
                { "a;b", "'a;b'" },
                { "~", "'~'" },
                { "*", "'*'" },
                { "!", "'!'" },
                { "\\", "'\\'" },
                { "\"", "'\"'" },
                { "\xc3\xa9", "'\xc3\xa9'" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                json_object *array = json_object_new_array();
                _cleanup_free_ char *export = NULL;
                char want[128];

                json_object_array_add(array, row(rows[i].value, NULL, -1));
                export = printed(print_export, array);
                (void) snprintf(want, sizeof(want), "MDEV_UUID=%s\nMDEV_TYPE_NAME=''\nMDEV_LEFT=''\n", rows[i].quoted);
                expect_string(rows[i].value, export, want);
                json_object_put(array);
        }
}

static void test_arrays(void) {
        json_object *array = json_object_new_array(), *o = json_object_new_object(), *list = json_object_new_array(),
                    *pair = json_object_new_object();
        _cleanup_free_ char *export = NULL, *json = NULL;

        json_object_array_add(list, json_object_new_string("x"));
        output_set_string(pair, "name", "a");
        output_set_string(pair, "value", "1 2");
        json_object_array_add(list, pair);
        json_object_object_add(o, "list", list);
        json_object_object_add(o, "empty", json_object_new_array());
        json_object_array_add(array, o);
        json_object_array_add(array, row("[ ]", "[\n]\x7f\xc2\x9b\xff", 1));
        export = printed(print_export, array);
        assert(strstr(export, "MDEV_LIST='x a=1 2'\nMDEV_EMPTY=''\n\n"));
        json = printed(print_json, array);
        expect_string("json", json,
                      "[\n"
                      "  {\n"
                      "    \"list\": [\n"
                      "      \"x\",\n"
                      "      {\n"
                      "        \"name\": \"a\",\n"
                      "        \"value\": \"1 2\"\n"
                      "      }\n"
                      "    ],\n"
                      "    \"empty\": []\n"
                      "  },\n"
                      "  {\n"
                      "    \"uuid\": \"[ ]\",\n"
                      "    \"type_name\": \"[\\n]\\u007f\\u009b\\ufffd\",\n"
                      "    \"left\": 1\n"
                      "  }\n"
                      "]\n");
        json_object_put(array);
}

/* Rows are missing: what is there must not look like all of them. */
static void print_broken(json_object *rows) {
        Output o = {};

        output_row(&o, json_object_get(json_object_array_get_idx(rows, 0)));
        output_row(&o, NULL);
        output_row(&o, json_object_get(json_object_array_get_idx(rows, 0)));
        assert(output_end(&o) == -ENOMEM);
}

static void test_out_of_memory(void) {
        json_object *rows = json_object_new_array();
        _cleanup_free_ char *json = NULL;

        json_object_array_add(rows, row("a", NULL, 1));
        json = printed(print_broken, rows);
        expect_string("open", json, "[\n  {\n    \"uuid\": \"a\",\n    \"type_name\": null,\n    \"left\": 1\n  }");
        json_object_put(rows);
}

int main(void) {
        test_empty();
        test_rows();
        test_quotes();
        test_arrays();
        test_out_of_memory();
        return 0;
}
