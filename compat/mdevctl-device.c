/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Live devices, definitions, and the file of --jsonfile. */
#include "mdevctl.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "base/file.h"
#include "base/keyvalue.h"
#include "definition/mdevctl-json.h"
#include "kernel/sysfs.h"

/* A device that is being created has no type for a moment, and no event tells when it has: it is read again, this
 * often, at this interval in milliseconds. */
#define READS_MAX 100
#define READ_INTERVAL 10

bool read_live_device(const char *uuid, LiveDevice *ret) {
        for (int i = 0; i < READS_MAX; i++) {
                _cleanup_close_ int device = sysfs_open_device(uuid);

                if (device < 0)
                        return false;
                if (sysfs_device_identity(uuid, device, ret->parent, ret->type) >= 0)
                        return true;
                (void) poll(NULL, 0, READ_INTERVAL);
        }
        report_warning("Device %s is still being made or removed", uuid);
        return false;
}

bool is_live(const Definition *d) {
        LiveDevice live;

        return read_live_device(d->uuid, &live) && strcmp(live.parent, d->parent) == 0 &&
                strcmp(live.type, d->type) == 0;
}

int report_invalid_definition(const Definition *d) {
        _cleanup_free_ char *error = definition_first_error(d);

        return report_error("Invalid definition %s", error ? error : d->path);
}

int list_definitions(const char *uuid, const char *parent, DefinitionList *ret) {
        _cleanup_(failure_done) Failure f = {};
        int r;

        r = store_list_mdevctl(uuid, parent, ret, &f);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                report_failure_as_warning(&f);
        for (size_t i = 0; i < ret->n; i++) {
                const Definition *d = ret->items[i];
                _cleanup_free_ char *error = d->invalid ? definition_first_error(d) : NULL;

                if (d->uuid[0] == '\0')
                        report_warning("Can't determine uuid for file '%s'", strrchr(d->path, '/') + 1);
                else if (d->invalid)
                        report_warning("Invalid definition %s", error ? error : d->path);
        }
        return 0;
}

Definition *get_single_definition(const DefinitionList *list, const char *uuid, const char *parent) {
        const char *slash = parent ? "/" : "";

        if (!parent)
                parent = "";
        if (list->n == 0)
                (void) report_error("Mediated device %s%s%s is not defined", parent, slash, uuid);
        else if (list->n > 1)
                (void) report_error("Multiple definitions found for %s, specify a parent", uuid);
        else if (list->items[0]->invalid)
                (void) report_invalid_definition(list->items[0]);
        else
                return list->items[0];
        return NULL;
}

static int report_unreadable(const char *what, const char *path, int error) {
        _cleanup_free_ char *cause = NULL;

        if (asprintf(&cause, "%s (os error %d)", failure_reason(error), -error) < 0)
                cause = NULL;
        return report_error_with_cause(cause, "Unable to read %s \"%s\"", what, path);
}

int read_jsonfile(const char *what, const char *path, const char *uuid, const char *parent, Definition **ret) {
        _cleanup_(definition_freep) Definition *d = definition_new();
        _cleanup_free_ char *text = NULL;
        _cleanup_close_ int fd = -EBADF;
        size_t size;
        int r;

        /* any kind of file: libvirt passes /dev/stdin */
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return report_unreadable(what, path, -errno);
        r = file_read_stream(fd, KEYVALUE_SIZE_MAX, &text, &size);
        if (r < 0)
                return report_unreadable("jsonfile", path, r);
        if (!d || !(d->path = strdup(path)))
                return report_no_memory();
        if (!definition_name_is_valid(parent))
                return report_error("Invalid parent '%s'", parent);
        strcpy(d->uuid, uuid);
        r = mdevctl_parse(d, parent, text, size);
        if (r == -ENOMEM)
                return report_no_memory();
        if (r < 0) {
                _cleanup_free_ char *cause = definition_first_error(d);

                return report_error_with_cause(cause, "invalid json");
        }
        *ret = STEAL_PTR(d);
        return 0;
}

bool is_definition_of_unit(const Definition *d) {
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
