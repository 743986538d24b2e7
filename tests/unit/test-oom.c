/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <sched.h>
#include <sys/mount.h>

#include "definition/defaults.h"
#include "kernel/vfio-users.h"
#include "device/inventory.h"
#include "base/keyvalue.h"
#include "device/define.h"
#include "cli/program.h"
#include "definition/store.h"
#include "kernel/sysfs.h"
#include "systemd/unitname.h"

/* Each allocation of each operation fails in turn: the operation says so or does without, and gives back what it had. Not
 * under a sanitizer or valgrind, which have an allocator of their own. */

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ALLOCATOR 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ALLOCATOR 0
#endif
#endif
#ifndef HAVE_ALLOCATOR
#define HAVE_ALLOCATOR 1
#endif

static long left = -1; /* allocations until one fails; -1: none does */
static bool failed;
static long live; /* allocations that were not freed */

#if HAVE_ALLOCATOR
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static bool may_allocate(void) {
        if (left < 0)
                return true;
        if (left-- > 0)
                return true;
        left = -1;
        failed = true;
        errno = ENOMEM;
        return false;
}

void *malloc(size_t size) {
        void *p = may_allocate() ? __libc_malloc(size) : NULL;

        live += p ? 1 : 0;
        return p;
}

void *calloc(size_t n, size_t size) {
        void *p = may_allocate() ? __libc_calloc(n, size) : NULL;

        live += p ? 1 : 0;
        return p;
}

void *realloc(void *old, size_t size) {
        void *p = may_allocate() ? __libc_realloc(old, size) : NULL;

        live += p && !old ? 1 : 0;
        return p;
}

void free(void *p) {
        live -= p ? 1 : 0;
        __libc_free(p);
}
#endif

static const char text[] = "parent=p\ntype=t\nstart=auto\ndescription=d\nafter=a.service b.service\nrequires=c.service\n"
                           "wants=d.service\nwait=7\nnode_user=u\nnode_group=g\nnode_mode=0660\nattr.a=1,2\nattr.b=\"\\n\"\nX-a=b\nunknown=1\n";
static const char bad_text[] = "parent=p\nparent=q\n[x]\nattr.a=\nattr.remove=1\nafter=x\n";
static const char uuid[] = "00000000-0000-4000-8000-000000000001";

static int parse(void) {
        _cleanup_(definition_freep) Definition *d = definition_new();

        return d ? definition_parse(d, text, sizeof(text) - 1) : -ENOMEM;
}

static int parse_bad(void) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        _cleanup_free_ char *error = NULL;
        int r = d ? definition_parse(d, bad_text, sizeof(bad_text) - 1) : -ENOMEM;

        if (r != -EBADMSG)
                return r;
        error = definition_first_error(d);
        return error ? 0 : -ENOMEM;
}

static Definition *whole; /* of text */

static int format(void) {
        _cleanup_free_ char *s = NULL;

        return definition_format(whole, &s);
}

static int edit(void) {
        _cleanup_free_ char *s = NULL;
        const char *error;

        return definition_edit(text, sizeof(text) - 1, "a+=3", &s, &error);
}

static int names(void) {
        _cleanup_free_ char *a = unitname_device(uuid), *b = unitname_parent_device("a!b"),
                            *c = unitname_parent_service("a-b"), *d = store_path(ORIGIN_ETC, uuid);

        return a && b && c && d ? 0 : -ENOMEM;
}

static int list(void) {
        _cleanup_(definition_list_done) DefinitionList l = {};
        _cleanup_(failure_done) Failure f = {};
        int r = store_list(&l, &f);

        /* with a reason that is known, or it is the memory */
        return r < 0 && f.kind == FAILURE_NO_MEMORY ? -ENOMEM : r;
}

static int load(void) {
        static const char *const uuids[] = { "00000000-0000-4000-8000-000000000001",
                                             "00000000-0000-4000-8000-000000000002",
                                             "00000000-0000-4000-8000-000000000003" };

        for (size_t i = 0; i < ELEMENTSOF(uuids); i++) {
                _cleanup_(definition_freep) Definition *d = NULL;
                int r = store_load(uuids[i], &d, NULL);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int store(void) {
        _cleanup_(definition_freep) Definition *d = NULL;
        _cleanup_(failure_done) Failure f = {};
        char *read;
        size_t size;
        int r;

        r = store_write(ORIGIN_RUN, "00000000-0000-4000-8000-000000000009", text, true, &f);
        if (r < 0)
                return r;
        r = store_load("00000000-0000-4000-8000-000000000009", &d, &f);
        if (r < 0)
                return r;
        r = store_read(d, &read, &size, &f);
        if (r < 0)
                return r;
        free(read);
        return store_remove(d, &f);
}

static int defaults(void) {
        Defaults c;
        int r = defaults_load(&c);

        if (r >= 0)
                defaults_done(&c);
        return r;
}

static int inventory(void) {
        _cleanup_(inventory_done) Inventory i = {};

        return inventory_load(NULL, true, &i, NULL);
}

static int list_sysfs(void) {
        _cleanup_(string_list_done) StringList parents = {}, types = {};
        int r = sysfs_list_parents(&parents);

        return r < 0 ? r : sysfs_list_types("p", &types);
}

static int holders(void) {
        _cleanup_(vfio_user_list_done) VfioUserList l = {};

        return vfio_user_list(&l);
}

static int define(void) {
        static const char path[] = "/run/mdev-tools/devices/00000000-0000-4000-8000-00000000000a.conf";
        _cleanup_(operation_done) Operation op = OPERATION_NEW(program_forward);
        _cleanup_(definition_freep) Definition *d = NULL;
        int r;

        strcpy(whole->uuid, "00000000-0000-4000-8000-00000000000a");
        r = define_device(&op, whole, text, MODE_TRANSIENT);
        if (r < 0) {
                expect_true("all or nothing", access(path, F_OK) < 0);
                return r;
        }
        r = store_load(whole->uuid, &d, NULL);
        if (r >= 0)
                r = undefine_device(&op, d);
        (void) unlink(path);
        return r;
}

static int say(void) {
        program_error("object", "text %d", 1);
        return failed ? -ENOMEM : 0;
}

typedef struct Row {
        const char *name;
        int (*run)(void);
} Row;

static void sweep(const Row *row) {
        bool more = true;
        long n;

        for (n = 0; more; n++) {
                long before = live;
                int r;

                failed = false;
                left = n;
                r = row->run();
                left = -1;
                more = failed;
                /* one that failed may have been one that could be done without: asprintf(3) gives back what it does
                 * not need */
                if (!failed || r >= 0)
                        expect_true(row->name, r >= 0);
                else
                        expect_number(row->name, r, -ENOMEM);
                /* the first time, the C library makes itself at home */
                if (n > 0 && more)
                        expect_number(row->name, live - before, 0);
        }
        printf("%s: %ld\n", row->name, n - 1);
}

static void make_dirs(const char *path) {
        char copy[128];

        strcpy(copy, path);
        for (char *p = copy; (p = strchr(p + 1, '/'));) {
                *p = '\0';
                (void) mkdir(copy, 0755);
                *p = '/';
        }
}

static void write_path(const char *path, const char *content) {
        make_dirs(path);
        test_text(AT_FDCWD, path, content);
}

/* Definitions, and one live device, in an /etc, /run and /sys of its own. */
static bool sandbox(void) {
        if (unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
                return false;
        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                return false;
        assert(mount("tmpfs", "/etc", "tmpfs", 0, "mode=755") == 0);
        assert(mount("tmpfs", "/run", "tmpfs", 0, "mode=755") == 0);
        assert(mount("tmpfs", "/sys", "tmpfs", 0, "mode=755") == 0);
        write_path("/etc/mdev-tools/devices/00000000-0000-4000-8000-000000000001.conf", text);
        write_path("/etc/mdev-tools/devices/stray.conf", bad_text);
        write_path("/run/mdev-tools/devices/00000000-0000-4000-8000-000000000002.conf", text);
        /* none of mdevctl's: json-c 0.16 itself crashes without memory (json_object_object_add_ex) */
        write_path("/etc/mdev-tools/mdev-tools.conf", "mode=saved\nbad\n");
        write_path("/etc/mdev-tools/mdev-tools.conf.d/a.conf", "wait=1\nunknown=2\n");
        write_path("/run/mdev-tools/devices/00000000-0000-4000-8000-000000000003.conf", text);
        write_path("/sys/devices/p/00000000-0000-4000-8000-000000000001/remove", "");
        write_path("/sys/devices/p/mdev_supported_types/t/name", "n\n");
        write_path("/sys/devices/p/mdev_supported_types/t/device_api", "vfio-pci\n");
        make_dirs("/sys/class/mdev_bus/");
        make_dirs("/sys/bus/mdev/devices/");
        assert(symlink("../../devices/p", "/sys/class/mdev_bus/p") == 0);
        assert(symlink("../../../devices/p/00000000-0000-4000-8000-000000000001",
                       "/sys/bus/mdev/devices/00000000-0000-4000-8000-000000000001") == 0);
        assert(symlink("../mdev_supported_types/t",
                       "/sys/devices/p/00000000-0000-4000-8000-000000000001/mdev_type") == 0);
        return true;
}

int main(void) {
        static const Row rows[] = {
                { "parse", parse },   { "parse_bad", parse_bad }, { "format", format },
                { "edit", edit },     { "names", names },         { "say", say },
        };
        static const Row sandboxed[] = {
                { "list", list },           { "load", load },        { "store", store },
                { "defaults", defaults },   { "inventory", inventory }, { "list_sysfs", list_sysfs },
                { "holders", holders },      { "define", define },
        };

        if (!HAVE_ALLOCATOR || getenv("MDEV_VALGRIND"))
                return 0;
        whole = definition_new();
        assert(whole && definition_parse(whole, text, sizeof(text) - 1) == 0);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                sweep(&rows[i]);
        if (!sandbox())
                printf("no private mount namespace: the rest is left out\n");
        else
                for (size_t i = 0; i < ELEMENTSOF(sandboxed); i++)
                        sweep(&sandboxed[i]);
        definition_free(whole);
        return 0;
}
