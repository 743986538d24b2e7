/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "definition/defaults.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/keyvalue.h"
#include "base/string-list.h"

#define CONFIG_DIR "/etc/mdev-tools"
#define CONFIG_FILE "mdev-tools.conf"
#define DROPIN_DIR "mdev-tools.conf.d"

static const char *set_key(Defaults *c, const char *key, const char *value) {
        if (strcmp(key, "mode") == 0) {
                Mode mode = mode_from_string(value);
                if (mode == _MODE_INVALID || mode == MODE_UNMANAGED)
                        return "mode= is transient, saved or persistent";
                c->mode = mode;
                return NULL;
        }
        if (strcmp(key, "wait") == 0)
                return keyvalue_parse_number(value, DEFINITION_WAIT_MAX, &c->wait) < 0
                        ? "wait= is a number of seconds from 0 to 86400"
                        : NULL;
        if (strcmp(key, "callout_timeout") == 0)
                return keyvalue_parse_number(value, DEFINITION_WAIT_MAX, &c->callout_timeout) < 0
                        ? "callout_timeout= is a number of seconds from 0 to 86400"
                        : NULL;
        return strncmp(key, "X-", 2) == 0 ? NULL : "unknown key, ignored";
}

static int note_unreadable(Defaults *c, const char *path, int error) {
        return definition_note(c->notes, 0, false, "%s: %s", path, file_reason(error));
}

static int load_file(Defaults *c, int dirfd, const char *name, const char *path) {
        _cleanup_(keyvalue_done) KeyValue kv = {};
        _cleanup_free_ char *text = NULL;
        const char *error;
        size_t size;
        int r;

        r = file_read_at(dirfd, name, KEYVALUE_SIZE_MAX, &text, &size);
        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return note_unreadable(c, path, r);
        kv.text = text;
        kv.size = size;
        while ((r = keyvalue_next(&kv, &error)) != 0) {
                if (r == -ENOMEM)
                        return r;
                if (r > 0)
                        error = set_key(c, kv.key, kv.value);
                if (error && definition_note(c->notes, 0, false, "%s:%u: %s", path, kv.line, error) == -ENOMEM)
                        return -ENOMEM;
        }
        return 0;
}

static int load_dropins(Defaults *c, int config_fd) {
        _cleanup_close_ int dirfd = file_open_dir(config_fd, DROPIN_DIR);
        _cleanup_(string_list_done) StringList names = {};
        int r;

        if (dirfd == -ENOENT)
                return 0;
        r = dirfd < 0 ? dirfd : string_list_read(dirfd, ".", &names);
        if (r < 0)
                return note_unreadable(c, CONFIG_DIR "/" DROPIN_DIR, r);
        for (size_t i = 0; i < names.n && r >= 0; i++) {
                _cleanup_free_ char *path = NULL;
                size_t n = strlen(names.names[i]);

                if (n <= strlen(".conf") || strcmp(names.names[i] + n - strlen(".conf"), ".conf") != 0)
                        continue;
                if (asprintf(&path, CONFIG_DIR "/" DROPIN_DIR "/%s", names.names[i]) < 0)
                        return -ENOMEM;
                r = load_file(c, dirfd, names.names[i], path);
        }
        return r;
}

int defaults_load(Defaults *ret) {
        _cleanup_close_ int dirfd = -EBADF;
        int r;

        *ret = (Defaults) { .mode = MODE_TRANSIENT, .wait = 5, .callout_timeout = 60, .notes = definition_new() };
        if (!ret->notes)
                return -ENOMEM;
        dirfd = file_open_dir(AT_FDCWD, CONFIG_DIR);
        if (dirfd == -ENOENT)
                return 0;
        r = dirfd < 0 ? note_unreadable(ret, CONFIG_DIR, dirfd)
                      : load_file(ret, dirfd, CONFIG_FILE, CONFIG_DIR "/" CONFIG_FILE);
        if (r >= 0 && dirfd >= 0)
                r = load_dropins(ret, dirfd);
        if (r < 0)
                defaults_done(ret);
        return r;
}

void defaults_done(Defaults *c) {
        c->notes = definition_free(c->notes);
}
