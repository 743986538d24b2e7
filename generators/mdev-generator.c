/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* systemd.generator(7): writes what differs between the instances of mdev@.service. It reads only definitions, as at
 * boot there are no parents yet, and no udev, journal or D-Bus. */

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "cli/failure-text.h"
#include "cli/program.h"
#include "definition/defaults.h"
#include "definition/mode.h"
#include "definition/store.h"
#include "systemd/autostart.h"
#include "systemd/unitname.h"

static const char help[] =
        "Usage: mdev-generator DIRECTORY [EARLY LATE]\n"
        "Write drop-ins and links for units of mediated devices. Run by systemd.\n\n"
        "  -h, --help      print this help\n"
        "  -V, --version   print the version\n\n"
        "See mdev-generator(8) for details.\n";

/* Seconds of wait= that mdev-start in mdev@.service waits for a parent itself. */
#define UNIT_WAIT 2U

#define DEVICE_TEMPLATE SYSTEMUNITDIR "/mdev@.service"
#define PARENT_TEMPLATE SYSTEMUNITDIR "/mdev-parent@.service"

static Defaults defaults;
static FILE *messages;

/* Messages go to the kernel's log, as there is no other at this time of boot. One line is one record; the kernel
 * refuses lines that are longer than about this many bytes (kernel/printk: LOG_LINE_MAX). */
#define MESSAGE_MAX 900U
#define LEVEL_ERROR "<3>" /* sd-daemon(3) */
#define LEVEL_WARNING "<4>"

static void log_message(const char *level, const char *format, ...) _printf_(2, 3);
static void log_message(const char *level, const char *format, ...) {
        _cleanup_free_ char *text = NULL, *line = NULL;
        size_t size;
        va_list ap;
        FILE *f;
        int r;

        va_start(ap, format);
        r = vasprintf(&text, format, ap);
        va_end(ap);
        f = r < 0 ? NULL : open_memstream(&line, &size);
        if (!f)
                return;
        /* on stderr, the level would be noise */
        fprintf(f, "%smdev-generator: ", messages == stderr ? "" : level);
        text_print(f, text);
        if (fclose(f) != 0 || !line)
                return;
        fprintf(messages, "%.*s%s\n", (int) MESSAGE_MAX, line, size > MESSAGE_MAX ? "..." : "");
        fflush(messages);
}

static void log_notes(const Definition *d) {
        for (size_t i = 0; i < d->n_notes; i++) {
                const Note *n = &d->notes[i];
                const char *level = n->error ? LEVEL_ERROR : LEVEL_WARNING, *warning = n->error ? "" : "warning: ";

                if (n->line > 0)
                        log_message(level, "%s:%u: %s%s", d->path, n->line, warning, n->text);
                else
                        log_message(level, "%s%s%s%s", d->path ? d->path : "", d->path ? ": " : "", warning, n->text);
        }
}

/* Writes a value of a unit file. In it, '%' starts a specifier, and a single backslash at the end joins the next line
 * to it. It has no line breaks (keyvalue.c). */
static void write_value(FILE *f, const char *key, const char *value) {
        size_t backslashes = 0;

        if (!value)
                return;
        fprintf(f, "%s=", key);
        for (const char *p = value; *p; p++) {
                backslashes = *p == '\\' ? backslashes + 1 : 0;
                if (*p == '%')
                        fputc('%', f);
                fputc(*p, f);
        }
        if (backslashes % 2 == 1)
                fputc('\\', f);
        fputc('\n', f);
}

static int make_dir(int dirfd, const char *name) {
        return mkdirat(dirfd, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* Writes UNIT.d/50-mdev.conf. */
static int write_dropin(int dirfd, const char *unit, const char *text, size_t size) {
        _cleanup_close_ int fd = -EBADF;
        char path[PATH_MAX];
        int r;

        (void) snprintf(path, sizeof(path), "%s.d", unit);
        r = make_dir(dirfd, path);
        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "%s.d/50-mdev.conf", unit);
        fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0)
                return -errno;
        if (write(fd, text, size) != (ssize_t) size) {
                /* systemd would read the incomplete file although we fail */
                (void) unlinkat(dirfd, path, 0);
                return -EIO;
        }
        return 0;
}

/* Links unit, an instance of template, from WANTING.wants. */
static int write_wants(int dirfd, const char *wanting, const char *unit, const char *template) {
        char dir[PATH_MAX], path[PATH_MAX];
        int r;

        (void) snprintf(path, sizeof(path), "%s.wants/%s", wanting, unit);
        r = symlinkat(template, dirfd, path) < 0 ? -errno : 0;
        /* only the first link needs the directory to be created */
        if (r == -ENOENT) {
                (void) snprintf(dir, sizeof(dir), "%s.wants", wanting);
                r = make_dir(dirfd, dir);
                if (r >= 0)
                        r = symlinkat(template, dirfd, path) < 0 ? -errno : 0;
        }
        return r == -EEXIST ? 0 : r;
}

static int write_device_dropin(int dirfd, const Definition *d, const char *unit, const char *parent_device,
                               const char *parent_service) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        /* without comments, as PID 1 would read them for each device */
        fputs("[Unit]\n", f);
        write_value(f, "SourcePath", d->path);
        write_value(f, "Description", d->description);
        /* the start needs the parent, and reports if it does not appear */
        write_value(f, "Wants", parent_device);
        write_value(f, "After", parent_device);
        /* this service creates all devices without dependencies; concurrent starts of their units would make boot
         * half as long again */
        if (!definition_has_dependencies(d))
                write_value(f, "After", parent_service);
        write_value(f, "After", d->after);
        write_value(f, "Requires", d->requires);
        write_value(f, "After", d->requires);
        write_value(f, "Wants", d->wants);
        write_value(f, "After", d->wants);
        if (fclose(f) != 0 || !text)
                return -ENOMEM;
        return write_dropin(dirfd, unit, text, size);
}

/* Writes the drop-in and the links for one valid definition. */
static int write_device(int dirfd, const Definition *d, const AutostartLinks *links) {
        _cleanup_free_ char *unit = unitname_device(d->uuid), *device = unitname_parent_device(definition_parent(d)),
                            *service = unitname_parent_service(definition_parent(d));
        int r;

        if (!unit || !device || !service)
                return -ENOMEM;
        /* escaping can turn one character into four, and systemd limits the length of names */
        if (!unitname_is_valid(device) || !unitname_is_valid(service))
                return -ENAMETOOLONG;
        r = write_device_dropin(dirfd, d, unit, device, service);
        if (r < 0 || mode_of_linked(d, links) != MODE_PERSISTENT)
                return r;
        return write_wants(dirfd, service, unit, DEVICE_TEMPLATE);
}

/* Writes how long systemd waits for a parent, which is the longest wait= of its devices, and the links that start its
 * persistent devices. */
static int write_parent(int dirfd, const char *parent, unsigned wait, bool persistent) {
        _cleanup_free_ char *device = unitname_parent_device(parent), *service = unitname_parent_service(parent),
                            *text = NULL;
        int n, r = 0;

        if (!device || !service)
                return -ENOMEM;
        /* the service starts when the parent appears, and at boot, so that mdev.target waits for it */
        if (persistent)
                r = write_wants(dirfd, device, service, PARENT_TEMPLATE);
        if (persistent && r >= 0)
                r = write_wants(dirfd, "mdev.target", service, PARENT_TEMPLATE);
        if (r < 0)
                return r;
        /* 0 would mean no limit */
        n = asprintf(&text,
                     "# made by mdev-generator\n[Unit]\n"
                     "# the time counts from when udev looks at what is there, not from when the kernel starts\n"
                     "After=systemd-udev-trigger.service\nJobRunningTimeoutSec=%us\n",
                     wait > UNIT_WAIT ? wait - UNIT_WAIT : 1);
        return n < 0 ? -ENOMEM : write_dropin(dirfd, device, text, (size_t) n);
}

static int compare_parents(const void *a, const void *b) {
        return strcmp(definition_parent(*(Definition *const *) a), definition_parent(*(Definition *const *) b));
}

/* Writes the units of all parents. list has only valid definitions. */
static int write_parents(int dirfd, Definition **list, size_t n, const AutostartLinks *links) {
        int error = 0;

        if (n > 0)
                qsort(list, n, sizeof(*list), compare_parents);
        for (size_t i = 0, j; i < n; i = j) {
                bool persistent = false;
                unsigned wait = 0;
                int r;

                for (j = i; j < n && strcmp(definition_parent(list[i]), definition_parent(list[j])) == 0; j++) {
                        unsigned w = definition_wait(list[j], defaults.wait);
                        if (w > wait)
                                wait = w;
                        persistent = persistent || mode_of_linked(list[j], links) == MODE_PERSISTENT;
                }
                r = write_parent(dirfd, definition_parent(list[i]), wait, persistent);
                if (r < 0) {
                        log_message(LEVEL_ERROR, "parent %s: cannot write its wiring: %s", definition_parent(list[i]),
                                    failure_reason(r));
                        error = r;
                }
        }
        return error;
}

static int write_all_units(int dirfd) {
        _cleanup_(autostart_links_done) AutostartLinks links = {};
        _cleanup_(definition_list_done) DefinitionList list = {};
        _cleanup_free_ Definition **valid = NULL;
        _cleanup_free_ char *text = NULL;
        size_t n_valid = 0;
        _cleanup_(failure_done) Failure f = {};
        int error, r;

        error = store_list(&list, &f);
        if (error < 0) {
                text = failure_text(&f);
                log_message(LEVEL_ERROR, "%s", text ? text : "out of memory");
        }
        autostart_links_load(&links);
        valid = calloc(list.n + 1, sizeof(*valid));
        if (!valid)
                return -ENOMEM;
        for (size_t i = 0; i < list.n; i++) {
                Definition *d = list.items[i];

                log_notes(d);
                if (!d->invalid) {
                        valid[n_valid++] = d;
                        r = write_device(dirfd, d, &links);
                } else if (d->start_auto && d->uuid[0]) {
                        /* so that its unit fails visibly */
                        _cleanup_free_ char *unit = unitname_device(d->uuid);
                        r = unit ? write_wants(dirfd, "mdev.target", unit, DEVICE_TEMPLATE) : -ENOMEM;
                } else
                        r = 0;
                if (r < 0) {
                        log_message(LEVEL_ERROR, "%s: cannot write its wiring: %s", d->path, failure_reason(r));
                        error = r;
                }
        }
        r = write_parents(dirfd, valid, n_valid, &links);
        return r < 0 ? r : error;
}

static int run(int argc, char *argv[]) {
        _cleanup_close_ int dirfd = -EBADF;
        const char *initrd = getenv("SYSTEMD_IN_INITRD");
        int r;

        if (argc != 1 && argc != 3) {
                program_error(NULL, "takes one or three directories (--help)");
                return STATUS_USAGE;
        }
        /* the run on the host itself reads the definitions */
        if (initrd && strcmp(initrd, "1") == 0)
                return STATUS_DONE;
        umask(0022);
        /* whoever runs it by hand sees the messages */
        messages = argc == 3 ? fopen("/dev/kmsg", "we") : NULL;
        if (!messages)
                messages = stderr;
        dirfd = open(argv[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dirfd < 0) {
                log_message(LEVEL_ERROR, "cannot open %s: %s", argv[0], strerror(errno));
                return STATUS_FAILURE;
        }
        r = defaults_load(&defaults);
        if (r >= 0) {
                log_notes(defaults.notes);
                r = write_all_units(dirfd);
                defaults_done(&defaults);
        }
        return r < 0 ? STATUS_FAILURE : STATUS_DONE;
}

DEFINE_MAIN_FUNCTION(.help = help, .run = run)
