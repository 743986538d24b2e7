/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <json-c/json.h>

#include "definition/mdevctl-json.h"

#define TEXT(s) s, sizeof(s) - 1

/* As mdevctl 1.2 and 1.4 write it. */
static void test_good(void) {
        static const struct {
                const char *json, *native;
        } rows[] = {
                { "{\"mdev_type\":\"t\",\"start\":\"manual\"}", "parent=p\ntype=t\n" },
                { "{\n  \"mdev_type\": \"t\",\n  \"start\": \"auto\"\n}\n", "parent=p\ntype=t\nstart=auto\n" },
                { "{\n  \"mdev_type\": \"vfio_ap-passthrough\",\n  \"start\": \"auto\",\n  \"attrs\": [\n    {\n"
                  "      \"assign_adapter\": \"5\"\n    },\n    {\n      \"assign_adapter\": \"6\"\n    },\n    {\n"
                  "      \"assign_domain\": \"0xab\"\n    }\n  ]\n}\n",
                  "parent=p\ntype=vfio_ap-passthrough\nstart=auto\nattr.assign_adapter=5,6\nattr.assign_domain=0xab\n" },
                { "{\"mdev_type\":\"t\",\"start\":\"manual\",\"attrs\":[]}", "parent=p\ntype=t\n" },
                { "{\"mdev_type\":\"t\",\"start\":\"manual\",\"attrs\":null}", "parent=p\ntype=t\n" },
                { "{\"mdev_type\":\"t\",\"start\":\"whatever\"}", "parent=p\ntype=t\n" },
                { "{\"mdev_type\":\"t\",\"start\":\"manual\",\"other\":{\"a\":[1]}}", "parent=p\ntype=t\n" },
                /* what is special in the native format */
                { "{\"mdev_type\":\"t\",\"start\":\"manual\",\"attrs\":[{\"a\":\"1,2\"},{\"a\":\"\\\"\\n\"}]}",
                  "parent=p\ntype=t\nattr.a=\"1,2\",\"\\\"\\n\"\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(definition_freep) Definition *d = definition_new(), *again = definition_new();
                _cleanup_free_ char *text = NULL;

                assert(d && again);
                expect_number(rows[i].json, mdevctl_parse(d, "p", rows[i].json, strlen(rows[i].json)), 0);
                expect_number(rows[i].json, d->n_notes, 0);
                assert(definition_format(d, &text) == 0);
                expect_string(rows[i].json, text, rows[i].native);
                expect_number(rows[i].json, definition_parse(again, text, strlen(text)), 0);
                expect_true(rows[i].json, definition_same_device(d, again));
        }
}

static void test_bad(void) {
        static const struct {
                const char *json;
                size_t size;
                const char *note; /* begins with this */
        } rows[] = {
                { TEXT(""), "not JSON: file is empty" },
                { TEXT("\n"), "not JSON" },
                { TEXT("{"), "not JSON" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"manual\""), "not JSON" },
                { TEXT("parent=p\ntype=t\n"), "not JSON" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"manual\"} x"), "not JSON: text behind" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"manual\"}\0"), "not JSON: text behind" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"manual\",}"), "not JSON" },
                { TEXT("{'mdev_type':'t','start':'manual'}"), "not JSON" },
                { TEXT("[]"), "not a JSON object" },
                { TEXT("\"x\""), "not a JSON object" },
                { TEXT("null\n"), "not JSON: null" },
                { TEXT("null"), "not JSON: the text ends" },
                /* what no native definition could hold, so that nothing is lost by an import */
                { TEXT("{\"mdev_type\":\"t \",\"start\":\"auto\"}"), "mdev_type 't ' is not" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a=b\":\"1\"}]}"), "attribute name 'a=b'" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a \":\"1\"}]}"), "attribute name 'a '" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a\":\"\\u001b\"}]}"),
                  "attribute a: control character in its value" },
                /* not UTF-8: json-c refuses it since 0.18, with words of its own */
                { TEXT("{\"mdev_type\":\"t\xff\",\"start\":\"auto\"}"), "" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a\":\"\xff\"}]}"), "" },
                { TEXT("{}"), "start is missing" },
                { TEXT("{\"mdev_type\":\"t\"}"), "start is missing" },
                { TEXT("{\"start\":\"auto\"}"), "type= is missing" },
                { TEXT("{\"mdev_type\":1,\"start\":\"auto\"}"), "mdev_type is not a string" },
                { TEXT("{\"mdev_type\":\"\",\"start\":\"auto\"}"), "mdev_type '' is not a kernel name" },
                { TEXT("{\"mdev_type\":\"../t\",\"start\":\"auto\"}"), "mdev_type '../t' is not a kernel name" },
                { TEXT("{\"mdev_type\":\"t\\u0000x\",\"start\":\"auto\"}"), "mdev_type has a NUL byte" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":true}"), "start is not a string" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":{}}"), "attrs is not an array" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[1]}"), "attrs holds something else" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{}]}"), "attrs holds something else" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a\":\"1\",\"b\":\"2\"}]}"),
                  "attrs holds something else" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a\":1}]}"), "a value in attrs is not a string" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a\":\"\"}]}"), "attribute a: empty value" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"../a\":\"1\"}]}"),
                  "attribute name '../a' is not allowed" },
                { TEXT("{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"remove\":\"1\"}]}"),
                  "attribute name 'remove' is not allowed" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(definition_freep) Definition *d = definition_new();
                /* an allocation of just this size, so that ASan sees a step beyond it */
                _cleanup_free_ char *copy = malloc(rows[i].size > 0 ? rows[i].size : 1);

                assert(d && copy);
                memcpy(copy, rows[i].json, rows[i].size);
                expect_number(rows[i].json, mdevctl_parse(d, "p", copy, rows[i].size), -EBADMSG);
                expect_true(rows[i].json, d->invalid && d->n_notes == 1 && d->notes[0].error);
                if (strncmp(d->notes[0].text, rows[i].note, strlen(rows[i].note)) != 0)
                        expect_string(rows[i].json, d->notes[0].text, rows[i].note);
                expect_string(rows[i].json, d->parent, "p");
        }
}

/* As mdevctl 1.2 and 1.4 write it, to the byte; with each version of json-c. */
static void test_format(void) {
        static const struct {
                const char *native;
                bool pretty;
                const char *json;
        } rows[] = {
                { "parent=p\ntype=t\n", false, "{\"mdev_type\":\"t\",\"start\":\"manual\",\"attrs\":[]}" },
                { "parent=p\ntype=t\nstart=auto\n", true,
                  "{\n  \"mdev_type\": \"t\",\n  \"start\": \"auto\",\n  \"attrs\": []\n}" },
                { "parent=p\ntype=t\nstart=auto\nattr.a=1,2\nattr.b=\"3,4\"\n", false,
                  "{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a\":\"1\"},{\"a\":\"2\"},{\"b\":\"3,4\"}]}" },
                { "parent=p\ntype=t\nattr.a=1,2\n", true,
                  "{\n  \"mdev_type\": \"t\",\n  \"start\": \"manual\",\n  \"attrs\": [\n    {\n      \"a\": \"1\"\n"
                  "    },\n    {\n      \"a\": \"2\"\n    }\n  ]\n}" },
                { "parent=p\ntype=t\nattr.a/b=\"\\\"\\\\/\\n\t[]\"\n", true,
                  "{\n  \"mdev_type\": \"t\",\n  \"start\": \"manual\",\n  \"attrs\": [\n    {\n"
                  "      \"a/b\": \"\\\"\\\\/\\n\\t[]\"\n    }\n  ]\n}" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(definition_freep) Definition *d = definition_new(), *again = definition_new();
                _cleanup_free_ char *text = NULL;

                assert(d && again);
                assert(definition_parse(d, rows[i].native, strlen(rows[i].native)) == 0);
                text = rows[i].pretty ? mdevctl_file_text(d, d->start_auto) : mdevctl_line(d, d->start_auto);
                assert(text);
                expect_string(rows[i].native, text, rows[i].json);
                expect_number(rows[i].native, mdevctl_parse(again, "p", text, strlen(text)), 0);
                expect_true(rows[i].native, definition_same_device(d, again) && d->start_auto == again->start_auto);
        }
}

/* What sysfs may contain: only what has to be escaped is. */
static void test_format_string(void) {
        static const struct {
                const char *s, *json;
        } rows[] = {
                { "", "\"\"" },
                { "mtty-1", "\"mtty-1\"" },
                { "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
                { "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
                { "\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"" },
                { "\xc3\xa9\xe2\x82\xac", "\"\xc3\xa9\xe2\x82\xac\"" },
                { "\xff", "\"\xff\"" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *text = NULL, *expected = NULL;
                const Definition d = { .type = (char *) rows[i].s };

                text = mdevctl_line(&d, true);
                assert(text);
                assert(asprintf(&expected, "{\"mdev_type\":%s,\"start\":\"auto\",\"attrs\":[]}", rows[i].json) > 0);
                expect_string(rows[i].s, text, expected);
        }
}

/* Arrays within arrays, and empty ones wherever they are. */
static void test_json_text(void) {
        struct json_object *root = json_object_new_array(), *object;
        const char *text;

        assert(root);
        expect_string("empty", json_text(root), "[]");
        object = mdevctl_json_add(root, NULL, json_object_new_object());
        assert(mdevctl_json_add(object, "p/\"", json_object_new_array()));
        assert(mdevctl_json_add(object, "q", json_object_new_int64(-3)));
        text = json_text(root);
        assert(text);
        expect_string("pretty", text, "[\n  {\n    \"p/\\\"\": [],\n    \"q\": -3\n  }\n]");
        text = json_object_to_json_string_ext(root, JSON_LINE_FLAGS);
        assert(text);
        expect_string("line", text, "[{\"p/\\\"\":[],\"q\":-3}]");
        /* nothing is added to what could not be allocated */
        assert(!mdevctl_json_add(NULL, "x", json_object_new_array()) && !mdevctl_json_add(root, NULL, NULL));
        json_object_put(root);
}

/* What a callout prints. */
static void test_attributes(void) {
        static const struct {
                const char *json;
                int r;
                size_t n;
        } rows[] = {
                { "", 0, 0 },
                { "[]", 0, 0 },
                { "[]\n", 0, 0 },
                { "null", -EBADMSG, 0 },
                { "[{}]", 0, 0 },
                { "[{}]\n", 0, 0 },
                { " [ { } ] \n\n", 0, 0 },
                { "[{\"assign_adapter\": \"5\"},{\"assign_domain\": \"171\"}]\n", 0, 2 },
                { "[{},{}]", -EBADMSG, 0 },
                { "[{\"a\":\"1\"},{}]", -EBADMSG, 1 },
                { "[{\"a\":\"1\",\"b\":\"2\"}]", -EBADMSG, 0 },
                { "[{\"a\":1}]", -EBADMSG, 0 },
                { "[\"a\"]", -EBADMSG, 0 },
                { "{}", -EBADMSG, 0 },
                { "[{\"../a\":\"1\"}]", -EBADMSG, 0 },
                { "nonsense", -EBADMSG, 0 },
                { "[] x", -EBADMSG, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(definition_freep) Definition *d = definition_new();

                assert(d);
                expect_number(rows[i].json, mdevctl_parse_attributes(d, rows[i].json, strlen(rows[i].json)), rows[i].r);
                expect_number(rows[i].json, d->n_attributes, rows[i].n);
                expect_true(rows[i].json, d->invalid == (rows[i].r < 0));
        }
}

/* Deep nesting must not use up the stack. */
static void test_deep(void) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        char text[60000];

        assert(d);
        memset(text, '[', sizeof(text));
        assert(mdevctl_parse(d, "p", text, sizeof(text)) == -EBADMSG);
}

/* The parent is a kernel name, whatever the directory is called. */
static void test_no_selector(void) {
        static const char text[] = "{\"mdev_type\":\"t\",\"start\":\"manual\"}";
        _cleanup_(definition_freep) Definition *d = definition_new();

        assert(d);
        assert(mdevctl_parse(d, "path:p", text, sizeof(text) - 1) == -EBADMSG);
        expect_string("note", d->notes[0].text, "parent 'path:p' is no kernel name, and mdevctl has no selectors");
}

int main(void) {
        test_no_selector();
        test_good();
        test_bad();
        test_format();
        test_format_string();
        test_json_text();
        test_attributes();
        test_deep();
        return 0;
}
