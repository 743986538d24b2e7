/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Devices and definitions as mdevctl has them. */
#include "commands.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "base/file.h"
#include "base/keyvalue.h"
#include "definition/mdevctl-json.h"
#include "kernel/sysfs.h"

/* A device that is being made has no type for a moment, and nothing tells of the end of that: look again, so
 * often, after so many milliseconds. */
#define LOOKS_MAX 100
#define LOOK_AGAIN 10

bool find_live(const char *uuid, Live *ret) {
        for (int i = 0; i < LOOKS_MAX; i++) {
                _cleanup_close_ int device = sysfs_open_device(uuid);

                if (device < 0)
                        return false;
                if (sysfs_device_identity(uuid, device, ret->parent, ret->type) >= 0)
                        return true;
                (void) poll(NULL, 0, LOOK_AGAIN);
        }
        warn("Device %s is still being made or removed", uuid);
        return false;
}

int fail_invalid(const Definition *d) {
        _cleanup_free_ char *error = definition_first_error(d);

        return fail(NULL, "Invalid definition %s", error ? error : d->path);
}

int find_defined(const char *uuid, const char *parent, DefinitionList *ret) {
        _cleanup_(failure_done) Failure f = {};
        int r;

        r = store_list_mdevctl(uuid, parent, ret, &f);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                warn("%s", reason(&f));
        for (size_t i = 0; i < ret->n; i++) {
                const Definition *d = ret->items[i];
                _cleanup_free_ char *error = d->invalid ? definition_first_error(d) : NULL;

                if (d->uuid[0] == '\0')
                        warn("Can't determine uuid for file '%s'", strrchr(d->path, '/') + 1);
                else if (d->invalid)
                        warn("Invalid definition %s", error ? error : d->path);
        }
        return 0;
}

Definition *one_defined(const DefinitionList *list, const char *uuid, const char *parent) {
        const char *slash = parent ? "/" : "";

        if (!parent)
                parent = "";
        if (list->n == 0)
                (void) fail(NULL, "Mediated device %s%s%s is not defined", parent, slash, uuid);
        else if (list->n > 1)
                (void) fail(NULL, "Multiple definitions found for %s, specify a parent", uuid);
        else if (list->items[0]->invalid)
                (void) fail_invalid(list->items[0]);
        else
                return list->items[0];
        return NULL;
}

/* As mdevctl says it, of start and of the others. */
static int cannot_read(const char *what, const char *path, int error) {
        _cleanup_free_ char *cause = NULL;

        if (asprintf(&cause, "%s (os error %d)", failure_reason(error), -error) < 0)
                cause = NULL;
        return fail(cause, "Unable to read %s \"%s\"", what, path);
}

int read_jsonfile(const char *what, const char *path, const char *uuid, const char *parent, Definition **ret) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        _cleanup_free_ char *text = NULL;
        _cleanup_close_ int fd = -EBADF;
        size_t size;
        int r;

        /* whatever it is: libvirt gives /dev/stdin */
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return cannot_read(what, path, -errno);
        r = file_read_stream(fd, KEYVALUE_SIZE_MAX, &text, &size);
        if (r < 0)
                return cannot_read("jsonfile", path, r);
        if (!d || !(d->path = strdup(path)))
                return fail(NULL, "out of memory");
        if (!definition_name_is_valid(parent))
                return fail(NULL, "Invalid parent '%s'", parent);
        strcpy(d->uuid, uuid);
        r = mdevctl_parse(d, parent, text, size);
        if (r == -ENOMEM)
                return fail(NULL, "out of memory");
        if (r < 0) {
                _cleanup_free_ char *cause = definition_first_error(d);

                return fail(cause, "invalid json");
        }
        *ret = STEAL_PTR(d);
        return 0;
}

bool is_effective(const Definition *d) {
        for (;;) {
                _cleanup_(definition_freep) Definition *first = NULL;
                _cleanup_close_ int device = -EBADF;

                if (store_load(d->uuid, &first, NULL) < 0)
                        return false;
                if (first->origin != ORIGIN_RUN)
                        return strcmp(first->path, d->path) == 0;
                device = sysfs_open_device(d->uuid);
                if (device != -ENODEV || store_remove(first, NULL) < 0)
                        return false;
        }
}
