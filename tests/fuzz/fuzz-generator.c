/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <fcntl.h>

/* the program as it is, but for its main() */
#define main generator_main
int generator_main(int argc, char *argv[]);
#include "../../generators/mdev-generator.c"
#undef main

#define OUTPUT "/run/units"
#define WANTS_DIR "/etc/systemd/system/mdev.target.wants"

int LLVMFuzzerInitialize(_unused_ int *argc, _unused_ char ***argv) {
        fuzz_sandbox();
        return 0;
}

/* Makes the files that the input describes: parts cut apart by form feeds, each a character for the place, one for
 * the UUID, and the text; for 'N' and 'P' a line with a name comes first. */
static void make_file(const uint8_t *data, size_t size) {
        _cleanup_free_ char *path = NULL, *name = NULL;
        char place = (char) data[0], uuid[UUID_LENGTH + 1];
        int r = 0;

        (void) snprintf(uuid, sizeof(uuid), "00000000-0000-4000-8000-00000000000%x", data[1] & 3U);
        data += 2;
        size -= 2;
        if (place == 'N' || place == 'P') {
                name = fuzz_line(&data, &size);
                if (name[0] == '.' || strchr(name, '/'))
                        return;
        }
        if (place == 'E' || place == 'R')
                r = asprintf(&path, "%s/mdev-tools/devices/%s.conf", place == 'E' ? "/etc" : "/run", uuid);
        else if (place == 'N')
                r = asprintf(&path, "/etc/mdev-tools/devices/%s.conf", name);
        else if (place == 'P' || place == 'M')
                r = asprintf(&path, "/etc/mdevctl.d/%s/%s", name ? name : "mtty", uuid);
        else if (place == 'D')
                r = asprintf(&path, "/etc/mdev-tools/mdev-tools.conf.d/a.conf");
        else if (place == 'W')
                r = asprintf(&path, WANTS_DIR "/mdev@%s.service", uuid);
        assert(r >= 0);
        if (path)
                fuzz_file(path, data, size);
}

static bool is_units(char *list) {
        for (char *save, *w = strtok_r(list, " ", &save); w; w = strtok_r(NULL, " ", &save))
                if (!unitname_is_valid(w))
                        return false;
        return true;
}

/* One line of a drop-in: nothing but keys of [Unit] that the generator knows, closed in itself. */
static bool is_good_line(char *line) {
        static const char *const units[] = { "After=", "Wants=", "Requires=" };
        size_t n = strlen(line), backslashes = 0;

        if (text_error(line, n, "\t"))
                return false;
        while (backslashes < n && line[n - 1 - backslashes] == '\\')
                backslashes++;
        if (backslashes % 2 == 1)
                return false;
        for (const char *p = line; (p = strchr(p, '%')); p += 2)
                if (p[1] != '%')
                        return false;
        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (strncmp(line, units[i], strlen(units[i])) == 0)
                        return is_units(line + strlen(units[i]));
        if (strncmp(line, "JobRunningTimeoutSec=", 21) == 0)
                return strspn(line + 21, "0123456789") + 1 == n - 21 && line[n - 1] == 's';
        return line[0] == '#' || strncmp(line, "SourcePath=/", 12) == 0 || strncmp(line, "Description=", 12) == 0;
}

static void check_dropin(const char *path) {
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        _cleanup_free_ char *line = NULL;
        size_t space = 0, sections = 0;
        ssize_t n;

        assert(f);
        while ((n = getline(&line, &space, f)) > 0) {
                assert(line[n - 1] == '\n' && strlen(line) == (size_t) n);
                line[n - 1] = '\0';
                if (strcmp(line, "[Unit]") == 0)
                        sections++;
                else
                        assert(is_good_line(line));
        }
        assert(sections == 1);
}

static bool has_form(const char *s, const char *prefix, const char *suffix) {
        size_t n = strlen(s), before = strlen(prefix), behind = strlen(suffix);

        return n >= before + behind && memcmp(s, prefix, before) == 0 && strcmp(s + n - behind, suffix) == 0;
}

/* A link to a template from what wants its instance: a device's from its parent's service, that service from the
 * parent's device unit, and both from mdev.target. */
static void check_link(const char *path, const char *dir, const char *unit) {
        bool parent = has_form(unit, "mdev-parent@", ".service");
        char uuid[UUID_LENGTH + 1] = "", target[64];
        ssize_t n;

        assert(unitname_is_valid(unit));
        if (!parent) {
                assert(has_form(unit, "mdev@", ".service") && strlen(unit) == 5 + UUID_LENGTH + 8);
                memcpy(uuid, unit + 5, UUID_LENGTH);
                assert(uuid_is_canonical(uuid));
        }
        assert(has_form(dir, "/mdev.target.wants/", "") ||
               (parent ? has_form(dir, "/sys-class-mdev_bus-", "") || has_form(dir, "/mdev-parent-", "")
                       : has_form(dir, "/mdev-parent@", "")));
        n = readlink(path, target, sizeof(target) - 1);
        assert(n > 0);
        target[n] = '\0';
        assert(strcmp(target, parent ? PARENT_TEMPLATE : DEVICE_TEMPLATE) == 0);
}

/* What may be there: UNIT.d/50-mdev.conf for a device or a parent, and links to the templates in UNIT.wants. */
static int check_entry(const char *path, const struct stat *st, _unused_ int type, struct FTW *ftw) {
        _cleanup_free_ char *dir = strdup(path + strlen(OUTPUT));
        const char *name = path + ftw->base;

        if (ftw->level == 0)
                return 0;
        if (ftw->level == 1) {
                dir[strlen(dir) - (has_form(dir, "", ".wants") ? 6 : 2)] = '\0';
                assert(S_ISDIR(st->st_mode) && (has_form(path, OUTPUT, ".d") || has_form(path, OUTPUT, ".wants")));
                assert(unitname_is_valid(dir + 1));
                return 0;
        }
        assert(ftw->level == 2);
        if (S_ISREG(st->st_mode)) {
                assert(strcmp(name, "50-mdev.conf") == 0);
                assert(has_form(dir, "/mdev@", ".service.d/50-mdev.conf") ||
                       has_form(dir, "/sys-class-mdev_bus-", ".device.d/50-mdev.conf") ||
                       has_form(dir, "/mdev-parent-", ".device.d/50-mdev.conf"));
                check_dropin(path);
                return 0;
        }
        assert(S_ISLNK(st->st_mode));
        check_link(path, dir, name);
        return 0;
}

static void check_messages(const char *text) {
        for (const char *p = text, *end; *p; p = end + 1) {
                end = strchr(p, '\n');
                assert(end && (strncmp(p, "<3>", 3) == 0 || strncmp(p, "<4>", 3) == 0));
                assert(strncmp(p + 3, "mdev-generator: ", 16) == 0);
                assert(end - p < 976); /* the kernel's log takes no longer line */
        }
}

/* Any definitions, mdevctl's too, and defaults: what systemd gets are names and lines of known form, and for each
 * bad file a message. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = NULL;
        _cleanup_close_ int dirfd = -EBADF;
        size_t text_size;

        while (size > 0) {
                const uint8_t *feed = memchr(data, '\f', size);
                size_t n = feed ? (size_t) (feed - data) : size;

                if (n > 2)
                        make_file(data, n);
                n += feed ? 1 : 0;
                data += n;
                size -= n;
        }
        assert(mkdir(OUTPUT, 0755) == 0);
        dirfd = open(OUTPUT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        messages = open_memstream(&text, &text_size);
        assert(dirfd >= 0 && messages);
        assert(defaults_load(&defaults) == 0);
        (void) write_all_units(dirfd);
        defaults_done(&defaults);
        fclose(messages);
        check_messages(text);
        assert(nftw(OUTPUT, check_entry, 16, FTW_PHYS) == 0);
        fuzz_empty("/etc");
        fuzz_empty("/run");
        return 0;
}
