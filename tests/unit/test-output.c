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

static void print_export(json_object *rows) {
        output_export(rows, "MDEV");
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
        _cleanup_free_ char *json = printed(output_json, rows), *export = printed(print_export, rows);

        json_object *parsed = json_tokener_parse(json);

        assert(json_object_is_type(parsed, json_type_array) && json_object_array_length(parsed) == 0);
        json_object_put(parsed);
        assert(json[strlen(json) - 1] == '\n');
        expect_string("export", export, "");
        json_object_put(rows);
}

static void test_rows(void) {
        json_object *rows = json_object_new_array();
        _cleanup_free_ char *json = NULL, *export = NULL;

        json_object_array_add(rows, row("a", "two words", 3));
        json_object_array_add(rows, row("bbbbbb", NULL, -1));
        json_object_array_add(rows, row("c/d", "", 0));
        json = printed(output_json, rows);
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
        _cleanup_free_ char *export = NULL;

        json_object_array_add(list, json_object_new_string("x"));
        output_set_string(pair, "name", "a");
        output_set_string(pair, "value", "1 2");
        json_object_array_add(list, pair);
        json_object_object_add(o, "list", list);
        json_object_array_add(array, o);
        export = printed(print_export, array);
        expect_string("list", export, "MDEV_LIST='x a=1 2'\n");
        json_object_put(array);
}

int main(void) {
        test_empty();
        test_rows();
        test_quotes();
        test_arrays();
        return 0;
}
