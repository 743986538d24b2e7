/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <limits.h>

#include "definition/definition.h"
#include "base/keyvalue.h"

#define MINIMAL "parent=p\ntype=t\n"
#define TEXT(s) s, sizeof(s) - 1

static Definition *parse(const char *text, size_t size, int *ret) {
        /* an allocation of just this size, so that ASan sees a step beyond it */
        _cleanup_free_ char *copy = malloc(size > 0 ? size : 1);
        Definition *d = definition_new();

        assert(copy && d);
        memcpy(copy, text, size);
        *ret = definition_parse(d, copy, size);
        return d;
}

/* Good texts, and how they are written again: every key and every way to write a value. */
static void test_good(void) {
        static const struct {
                const char *text;
                const char *formatted; /* NULL: as it is */
        } rows[] = {
                { MINIMAL, NULL },
                { "type=t\nparent=p", MINIMAL },
                { "parent=p\ntype=t\nstart=auto\ndescription=a  b # %i \\\nafter=a.service b.service\n"
                  "requires=c.service\nwants=d.target\nwait=7\nnode_user=u\nnode_group=g\nnode_mode=0640\nattr.a=1\nattr.b=2,3\n", NULL },
                { MINIMAL "start=manual\n", MINIMAL },
                { MINIMAL "start=auto\nstart=manual\n", MINIMAL },
                { MINIMAL "wait=0\n", NULL },
                { MINIMAL "wait=86400\n", NULL },
                { MINIMAL "node_user=libvirt-qemu\nnode_group=64055\n", NULL },
                { MINIMAL "node_user=AD\\some.one$\n", NULL },
                { MINIMAL "node_mode=660\n", MINIMAL "node_mode=0660\n" },
                { MINIMAL "node_mode=0000\nnode_mode=0777\n", MINIMAL "node_mode=0777\n" },
                { MINIMAL "X-anything=x\nX-=\n", MINIMAL },
                /* lists of units add up */
                { MINIMAL "after=a.service\nafter=\t b.service   c.service\n",
                  MINIMAL "after=a.service b.service c.service\n" },
                { MINIMAL "after=\n", MINIMAL },
                /* names as kernels make them */
                { "parent=0000:3b:00.0\ntype=nvidia-63\n", NULL },
                { "parent=odd!x\ntype=two words\n", NULL },
                { "parent=a=b\ntype=c=d\n", NULL },
                { "parent=pci:0000:3b:00.0/vf=3\ntype=t\n", NULL },
                { "parent=path:pci-0000:00:02.0\ntype=t\n", NULL },
                { "parent=serial:A=1\ntype=t\n", NULL },
                /* values */
                { MINIMAL "attr.a=1,2,3\n", NULL },
                { MINIMAL "attr.a= 1 ,\t2 , 3 \n", MINIMAL "attr.a=1,2,3\n" },
                { MINIMAL "attr.a=1\nattr.b=2\nattr.a=3\n", NULL },
                { MINIMAL "attr.a=1\nattr.a=2\n", MINIMAL "attr.a=1,2\n" },
                { MINIMAL "attr.a=x=y\n", NULL },
                { MINIMAL "attr.a=\"1,2\",3\n", NULL },
                { MINIMAL "attr.a=\"1\" , \"2\"\n", MINIMAL "attr.a=1,2\n" },
                { MINIMAL "attr.a=\" x \"\n", NULL },
                { MINIMAL "attr.a=\"a\\nb\\\"c\\\\d\"\n", NULL },
                { MINIMAL "attr.a=\"\\n\"\n", NULL },
                { MINIMAL "attr.a=a\\nb\n", MINIMAL "attr.a=\"a\\\\nb\"\n" },
                { MINIMAL "attr.a='x'\n", NULL },
                { MINIMAL "attr.a=\xc3\xa9\n", NULL },
                { MINIMAL "attr.nvidia/vgpu_params=x=1\n", NULL },
                { MINIMAL "attr.a.b=1\n", NULL },
                { MINIMAL "attr.sub/remove=1\n", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(definition_freep) Definition *d = NULL, *again = NULL;
                _cleanup_free_ char *text = NULL, *text_again = NULL;
                int r;

                d = parse(rows[i].text, strlen(rows[i].text), &r);
                expect_number(rows[i].text, r, 0);
                expect_number(rows[i].text, d->n_notes, 0);
                assert(definition_format(d, &text) == 0);
                expect_string(rows[i].text, text, rows[i].formatted ? rows[i].formatted : rows[i].text);

                /* and it means the same */
                again = parse(text, strlen(text), &r);
                expect_number(rows[i].text, r, 0);
                assert(definition_format(again, &text_again) == 0);
                expect_string(rows[i].text, text_again, text);
                expect_true(rows[i].text, definition_same_device(d, again));
        }
}

static void test_fields(void) {
        _cleanup_(definition_freep) Definition *d = NULL;
        int r;

        d = parse(TEXT("parent=p\ntype=t\nattr.a=\"1,\\n\",2\nattr.b=3\nattr.a=4\n"), &r);
        assert(r == 0);
        assert(d->wait == -1);
        assert(definition_wait(d, 5) == 5);
        assert(!d->start_auto && !d->invalid);
        assert(d->n_attributes == 4);
        expect_string("order", d->attributes[0].name, "a");
        expect_string("order", d->attributes[0].value, "1,\n");
        expect_string("order", d->attributes[1].value, "2");
        expect_string("order", d->attributes[2].name, "b");
        expect_string("order", d->attributes[3].name, "a");
        expect_string("order", d->attributes[3].value, "4");
        d->wait = 0;
        assert(definition_wait(d, 5) == 0);
}

/* Bad texts: one note each, with its line. What else is in the text stays readable. */
static void test_bad(void) {
        static const struct {
                const char *text;
                size_t size;
                unsigned line;
                const char *note; /* begins with this */
        } rows[] = {
                { TEXT(""), 0, "file is empty" },
                { TEXT("\n"), 0, "parent= is missing" },
                { TEXT("type=t\n"), 0, "parent= is missing" },
                { TEXT("parent=p\n"), 0, "type= is missing" },
                { TEXT("# nothing\n\nattr.a=1\n"), 0, "parent= is missing" },
                { TEXT("parent=../p\ntype=t\n"), 1, "parent '../p' is not a kernel name" },
                { TEXT("parent=..\ntype=t\n"), 1, "parent '..' is not a kernel name" },
                { TEXT("parent=/p\ntype=t\n"), 1, "parent '/p' is not a kernel name" },
                { TEXT("parent=p\ntype=../t\n"), 2, "type '../t' is not a kernel name" },
                { TEXT("parent=p\ntype=.t\n"), 2, "type '.t' is not a kernel name" },
                { TEXT("parent=pci:0000:3b:00.0/vf=0\ntype=t\n"), 1, "parent 'pci:0000:3b:00.0/vf=0' is not pci:DDDD" },
                { TEXT("parent=path:a/b\ntype=t\n"), 1, "parent 'path:a/b' is not pci:DDDD" },
                { TEXT("parent=path:a\nparent=path:a\ntype=t\n"), 2, "parent= is given twice" },
                { TEXT("parent=\ntype=t\n"), 1, "parent= is empty" },
                { TEXT("parent=p\nparent=p\ntype=t\n"), 2, "parent= is given twice" },
                { TEXT(MINIMAL "type=t\n"), 3, "type= is given twice" },
                { TEXT(MINIMAL "description=a\ndescription=b\n"), 4, "description= is given twice" },
                { TEXT(MINIMAL "description=\n"), 3, "description= is empty" },
                { TEXT(MINIMAL "start=yes\n"), 3, "start= is auto or manual, not 'yes'" },
                { TEXT(MINIMAL "start=\n"), 3, "start= is auto or manual, not ''" },
                { TEXT(MINIMAL "start=Auto\n"), 3, "start= is auto or manual" },
                { TEXT(MINIMAL "wait=\n"), 3, "wait= is a number" },
                { TEXT(MINIMAL "wait=-1\n"), 3, "wait= is a number" },
                { TEXT(MINIMAL "wait=5s\n"), 3, "wait= is a number" },
                { TEXT(MINIMAL "wait=86401\n"), 3, "wait= is a number of seconds from 0 to 86400, not '86401'" },
                { TEXT(MINIMAL "after=a.service b\n"), 3, "after= 'b' is not the name of a unit" },
                { TEXT(MINIMAL "requires=a@.service\n"), 3, "requires= 'a@.service' is not" },
                { TEXT(MINIMAL "wants=../a.service\n"), 3, "wants= '../a.service' is not" },
                { TEXT(MINIMAL "node_user=\n"), 3, "node_user= is empty" },
                { TEXT(MINIMAL "node_user=a\nnode_user=a\n"), 4, "node_user= is given twice" },
                { TEXT(MINIMAL "node_user=a b\n"), 3, "node_user= is one name or number, not 'a b'" },
                { TEXT(MINIMAL "node_user=-1\n"), 3, "node_user= is one name or number, not '-1'" },
                { TEXT(MINIMAL "node_user=a:b\n"), 3, "node_user= is one name or number" },
                { TEXT(MINIMAL "node_group=../a\n"), 3, "node_group= is one name or number, not '../a'" },
                { TEXT(MINIMAL "node_group=\n"), 3, "node_group= is empty" },
                { TEXT(MINIMAL "node_mode=\n"), 3, "node_mode= is who may do what" },
                { TEXT(MINIMAL "node_mode=persistent\n"), 3, "node_mode= is who may do what" },
                { TEXT(MINIMAL "node_mode=60\n"), 3, "node_mode= is who may do what" },
                { TEXT(MINIMAL "node_mode=0680\n"), 3, "node_mode= is who may do what" },
                { TEXT(MINIMAL "node_mode=1777\n"), 3, "node_mode= is who may do what" },
                { TEXT(MINIMAL "node_mode=00660\n"), 3, "node_mode= is who may do what" },
                { TEXT(MINIMAL "node_mode=-660\n"), 3, "node_mode= is who may do what" },
                { TEXT(MINIMAL "node_mode=0x1b0\n"), 3, "node_mode= is who may do what" },
                { TEXT(MINIMAL "attr.=1\n"), 3, "attribute name '' is not allowed" },
                { TEXT(MINIMAL "attr.../a=1\n"), 3, "attribute name '../a' is not allowed" },
                { TEXT(MINIMAL "attr.a/../b=1\n"), 3, "attribute name 'a/../b' is not allowed" },
                { TEXT(MINIMAL "attr./a=1\n"), 3, "attribute name '/a' is not allowed" },
                { TEXT(MINIMAL "attr.a//b=1\n"), 3, "attribute name 'a//b' is not allowed" },
                { TEXT(MINIMAL "attr.a/=1\n"), 3, "attribute name 'a/' is not allowed" },
                { TEXT(MINIMAL "attr.remove=1\n"), 3, "attribute name 'remove' is not allowed" },
                { TEXT(MINIMAL "attr.driver/unbind=1\n"), 3, "attribute name 'driver/unbind' is not allowed" },
                { TEXT(MINIMAL "attr.a=\n"), 3, "attribute a: empty value" },
                { TEXT(MINIMAL "attr.a=1,\n"), 3, "attribute a: empty value" },
                { TEXT(MINIMAL "attr.a=,1\n"), 3, "attribute a: empty value" },
                { TEXT(MINIMAL "attr.a=1,,2\n"), 3, "attribute a: empty value" },
                { TEXT(MINIMAL "attr.a=\"\"\n"), 3, "attribute a: empty value" },
                { TEXT(MINIMAL "attr.a=\"1\n"), 3, "attribute a: quote is not closed" },
                { TEXT(MINIMAL "attr.a=\"1\\\"\n"), 3, "attribute a: quote is not closed" },
                { TEXT(MINIMAL "attr.a=\"1\\t\"\n"), 3, "attribute a: unknown escape" },
                { TEXT(MINIMAL "attr.a=\"1\\"), 3, "attribute a: unknown escape" },
                { TEXT(MINIMAL "attr.a=\"1\"2\n"), 3, "attribute a: text behind a closing quote" },
                { TEXT(MINIMAL "attr.a=1\"2\"\n"), 3, "attribute a: quote in the middle of a value" },
                { TEXT(MINIMAL "[Section]\n"), 3, "sections are not known here" },
                { TEXT(MINIMAL "{\n"), 3, "not key=value" },
                { TEXT(MINIMAL "a=\0\n"), 3, "NUL byte" },
                { TEXT(MINIMAL "description=\xff\n"), 3, "not UTF-8" },
                { TEXT("parent=p\ntype=t\r\n"), 2, "carriage return" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(definition_freep) Definition *d = NULL;
                int r;

                d = parse(rows[i].text, rows[i].size, &r);
                expect_number(rows[i].text, r, -EBADMSG);
                expect_true(rows[i].text, d->invalid && d->n_notes == 1 && d->notes[0].error);
                expect_number(rows[i].text, d->notes[0].line, rows[i].line);
                if (strncmp(d->notes[0].text, rows[i].note, strlen(rows[i].note)) != 0)
                        expect_string(rows[i].text, d->notes[0].text, rows[i].note);
        }
}

/* Each bad line has its note, and the good ones between them count. */
static void test_many_errors(void) {
        _cleanup_(definition_freep) Definition *d = NULL;
        _cleanup_free_ char *error = NULL;
        int r;

        d = parse(TEXT("parent=p\nnonsense\ntype=t\nfoo=1\nstart=auto\nwait=x\nattr.a=1\n"), &r);
        assert(r == -EBADMSG);
        assert(d->n_notes == 3);
        assert(d->notes[0].line == 2 && d->notes[0].error);
        assert(d->notes[1].line == 4 && !d->notes[1].error);
        expect_string("warning", d->notes[1].text, "unknown key 'foo', ignored");
        assert(d->notes[2].line == 6 && d->notes[2].error);
        assert(d->start_auto && d->n_attributes == 1);
        expect_string("parent", d->parent, "p");

        error = definition_first_error(d);
        expect_string("without a path", error, "definition:2: not key=value");
        free(error);
        d->path = strdup("/x/y.conf");
        error = definition_first_error(d);
        expect_string("with a path", error, "/x/y.conf:2: not key=value");
}

static void test_warning_only(void) {
        _cleanup_(definition_freep) Definition *d = NULL;
        int r;

        d = parse(TEXT(MINIMAL "Parent=q\nuser=1\ngroup=1\nmode=0660\n"), &r);
        assert(r == 0 && !d->invalid && !definition_names_owner(d));
        assert(d->n_notes == 4 && d->notes[0].line == 3 && !d->notes[0].error);
        expect_string("no key", d->notes[3].text, "unknown key 'mode', ignored");
}

/* What one write to sysfs carries: 4096 bytes, and not one more. */
static void test_long_value(void) {
        char text[sizeof(MINIMAL "attr.a=") + 4097];

        for (size_t n = 4096; n <= 4097; n++) {
                _cleanup_(definition_freep) Definition *d = NULL;
                int r;

                strcpy(text, MINIMAL "attr.a=");
                memset(text + strlen(text), 'x', n);
                d = parse(text, strlen(MINIMAL "attr.a=") + n, &r);
                expect_number("length", r, n == 4096 ? 0 : -EBADMSG);
                expect_true("length", n == 4096 ? strlen(d->attributes[0].value) == n : d->n_attributes == 0);
        }
}

static void test_names(void) {
        static const char *const good[] = { "a", "0000:00:02.0", "a b", "a..b", "\xc3\xa9", "-", "~" };
        static const char *const bad[] = { "",  ".",  "..",   ".a",   "a/b",     "/",       "a\n",
                                           " ", " a", "a ",   "\t",   "\x7f",    "a\xff",   "\xc2\x9b" };
        static const char *const good_attributes[] = { "a", "a/b", "a/b/c", "a b", "powered", "x/power", "a..b/c" };
        static const char *const bad_attributes[] = {
                "",       "/",        "/a",           "a/",     "a//b",  "..",    "../a",  "a/..",
                "a/../b", ".",        "./a",          "a/./b",  ".a",    "a/.b",  "a\nb",  "remove",
                "uevent", "driver",   "driver/bind",  "driver_override", "subsystem/x", "iommu_group",
                "power/control", "mdev_type", "mdev_type/create", "a=b", "a=", " a", "a /b", "a/ b", "\xff", "a/\xc2\x80",
        };
        char longest[NAME_MAX + 2];
        char path[PATH_MAX + 2];

        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                expect_true(good[i], definition_name_is_valid(good[i]));
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                expect_true(bad[i], !definition_name_is_valid(bad[i]));
        for (size_t i = 0; i < ELEMENTSOF(good_attributes); i++)
                expect_true(good_attributes[i], definition_attribute_is_valid(good_attributes[i]));
        for (size_t i = 0; i < ELEMENTSOF(bad_attributes); i++)
                expect_true(bad_attributes[i], !definition_attribute_is_valid(bad_attributes[i]));

        memset(longest, 'a', sizeof(longest));
        longest[NAME_MAX + 1] = '\0';
        assert(!definition_name_is_valid(longest));
        assert(!definition_attribute_is_valid(longest));
        longest[NAME_MAX] = '\0';
        assert(definition_name_is_valid(longest));
        assert(definition_attribute_is_valid(longest));
        for (size_t i = 0; i < sizeof(path); i++)
                path[i] = i % 2 == 0 ? 'a' : '/';
        path[PATH_MAX + 1] = '\0';
        assert(!definition_attribute_is_valid(path));
        path[PATH_MAX - 1] = '\0';
        assert(definition_attribute_is_valid(path));
}

static void test_same_device(void) {
        static const struct {
                const char *a, *b;
                bool same;
        } rows[] = {
                { MINIMAL, MINIMAL, true },
                { MINIMAL, MINIMAL "start=auto\ndescription=x\nwait=1\nafter=a.service\n", true },
                { MINIMAL "attr.a=1,2\n", MINIMAL "attr.a=1\nattr.a=\"2\"\n", true },
                { MINIMAL, "parent=q\ntype=t\n", false },
                { MINIMAL, "parent=p\ntype=u\n", false },
                { MINIMAL, MINIMAL "attr.a=1\n", false },
                { MINIMAL "attr.a=1,2\n", MINIMAL "attr.a=2,1\n", false },
                { MINIMAL "attr.a=1\n", MINIMAL "attr.b=1\n", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(definition_freep) Definition *a = NULL, *b = NULL;
                int r;

                a = parse(rows[i].a, strlen(rows[i].a), &r);
                assert(r == 0);
                b = parse(rows[i].b, strlen(rows[i].b), &r);
                assert(r == 0);
                expect_true(rows[i].b, definition_same_device(a, b) == rows[i].same);
        }
}

#define FILE_TEXT                \
        "# of db1\n"             \
        "parent=p\n"             \
        "type=t\n"               \
        "\n"                     \
        "  # comment, \xc3\xa9\n" \
        "X-other=kept\n"         \
        "attr.a=1\n"             \
        " attr.b = 2\n"          \
        "attr.a=3\n"             \
        "# end"

static void test_edit(void) {
        static const struct {
                const char *text, *assignment, *want; /* NULL: refused */
        } rows[] = {
                /* replace: in place of the first, the others go */
                { "a=1\n# c\nparent=p\nb=2\n", "parent=q", "a=1\n# c\nparent=q\nb=2\n" },
                { "attr.x=1\nb=2\nattr.x=3\n", "x=4", "attr.x=4\nb=2\n" },
                { "attr.x=1\n", "attr.x=2", "attr.x=2\n" },
                { " attr.x = 1", "x=2", "attr.x=2\n" },
                { "parent=p\n", "start=auto", "parent=p\nstart=auto\n" },
                { "parent=p", "start=auto", "parent=p\nstart=auto\n" },
                { "", "start=auto", "start=auto\n" },
                { "# end", "x=1", "# end\nattr.x=1\n" },
                { "#attr.x=1\n", "x=2", "#attr.x=1\nattr.x=2\n" },
                { "attr.xy=1\n", "x=2", "attr.xy=1\nattr.x=2\n" },
                { "attr.x/y=1\n", "x=2", "attr.x/y=1\nattr.x=2\n" },
                { "a=1\n", "X-mine=2", "a=1\nX-mine=2\n" },
                { "a=1\n", "node_user=u", "a=1\nnode_user=u\n" },
                { "a=1\n", "user=u", "a=1\nattr.user=u\n" },
                { "a=1\n", "x=y=z", "a=1\nattr.x=y=z\n" },
                { "a=1\n", "x=\"1,2\"", "a=1\nattr.x=\"1,2\"\n" },
                { "attr.x=1\n", "x = 2", "attr.x= 2\n" },
                { "attr.x=1\n", " \tattr.x\t=2", "attr.x=2\n" },
                { "attr.x=1\nb=2\n", "x += 3", "attr.x=1\nattr.x= 3\nb=2\n" },
                /* append: behind the last */
                { "attr.x=1\nb=2\n", "x+=3", "attr.x=1\nattr.x=3\nb=2\n" },
                { "attr.x=1\nb=2\nattr.x=3\n# c\n", "x+=4", "attr.x=1\nb=2\nattr.x=3\nattr.x=4\n# c\n" },
                { "b=2\nattr.x=3", "x+=4", "b=2\nattr.x=3\nattr.x=4\n" },
                { "b=2\n", "x+=4", "b=2\nattr.x=4\n" },
                { "after=a.service\n", "after+=b.service", "after=a.service\nafter=b.service\n" },
                /* remove */
                { "a=1\nattr.x=1\nb=2\nattr.x=3\n", "x=", "a=1\nb=2\n" },
                { "a=1\n# c", "x=", "a=1\n# c" },
                { "start=auto\n", "start=", "" },
                { "a=1\nstart=auto", "start=", "a=1\n" },
                /* the rest is untouched, byte by byte */
                { FILE_TEXT, "b=9", "# of db1\nparent=p\ntype=t\n\n  # comment, \xc3\xa9\nX-other=kept\nattr.a=1\n"
                                    "attr.b=9\nattr.a=3\n# end" },
                { FILE_TEXT, "a=", "# of db1\nparent=p\ntype=t\n\n  # comment, \xc3\xa9\nX-other=kept\n"
                                   " attr.b = 2\n# end" },
                { "garbage\n\x01=\n", "x=1", "garbage\n\x01=\nattr.x=1\n" },
                /* none of these */
                { "a=1\n", "x", NULL },
                { "a=1\n", "", NULL },
                { "a=1\n", "=", NULL },
                { "a=1\n", "=x", NULL },
                { "a=1\n", "+=x", NULL },
                { "a=1\n", " =x", NULL },
                { "a=1\n", "\t+=x", NULL },
                { "a=1\n", "x+=", NULL },
                { "a=1\n", "x=1\nparent=evil", NULL },
                { "a=1\n", "x\n=1", NULL },
                { "a=1\n", "x=1\r", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                size_t size = strlen(rows[i].text);
                _cleanup_free_ char *copy = malloc(size > 0 ? size : 1), *edited = NULL;
                const char *error = NULL;
                int r;

                assert(copy);
                memcpy(copy, rows[i].text, size);
                r = definition_edit(copy, size, rows[i].assignment, &edited, &error);
                expect_number(rows[i].assignment, r, rows[i].want ? 0 : -EINVAL);
                expect_string(rows[i].assignment, edited, rows[i].want);
                expect_true(rows[i].assignment, rows[i].want || error);
        }
}

/* Values of any bytes survive being written and read. */
static void test_round_trip(void) {
        static const char *const values[] = { "a", " ", ",", "\"", "\\", "\n", "\\n", "a,b", "\"a\"", " a", "a ",
                                              "\t", "a\nb\n", "=", "#", "\xc3\xa9,", "a\"b,c\\d\ne " };

        for (size_t i = 0; i < ELEMENTSOF(values); i++)
                for (size_t j = 0; j < ELEMENTSOF(values); j++) {
                        _cleanup_(definition_freep) Definition *d = NULL, *again = NULL;
                        _cleanup_free_ char *text = NULL;
                        int r;

                        d = parse(TEXT(MINIMAL), &r);
                        assert(definition_add_attribute(d, 0, "x", values[i]) == 0);
                        assert(definition_add_attribute(d, 0, "x", values[j]) == 0);
                        assert(definition_add_attribute(d, 0, "y", values[i]) == 0);
                        assert(definition_format(d, &text) == 0);
                        again = parse(text, strlen(text), &r);
                        expect_number(text, r, 0);
                        expect_true(text, definition_same_device(d, again));
                }
}

static void test_largest(void) {
        _cleanup_free_ char *text = malloc(KEYVALUE_SIZE_MAX);
        _cleanup_(definition_freep) Definition *d = NULL;
        int r;

        assert(text);
        memset(text, '\n', KEYVALUE_SIZE_MAX);
        memcpy(text + KEYVALUE_SIZE_MAX - strlen("x"), "x", 1);
        d = parse(text, KEYVALUE_SIZE_MAX, &r);
        assert(r == -EBADMSG);
        expect_number("the last line", d->notes[0].line, KEYVALUE_SIZE_MAX);
}

int main(void) {
        test_good();
        test_fields();
        test_bad();
        test_many_errors();
        test_warning_only();
        test_long_value();
        test_names();
        test_same_device();
        test_edit();
        test_round_trip();
        test_largest();
        return 0;
}
