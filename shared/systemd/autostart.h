/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/failure.h"
#include "base/string-list.h"

/* Whether systemd starts the unit of a device by itself: the links that systemctl enable and mask make for
 * mdev@UUID.service (systemctl(1)). start=auto in a definition is the other way to it, see definition.h. */

/* What lies where these links would be, for who asks about many devices: most have none, and each look for one that is
 * not there is a system call. */
typedef struct AutostartLinks {
        StringList wants[2], units[2]; /* in /etc and in /run */
} AutostartLinks;

/* Lists it; a directory that cannot be read counts as empty. */
void autostart_links_load(AutostartLinks *ret) _nonnull_(1);
void autostart_links_done(AutostartLinks *links);

/* True if the unit is enabled: it is linked from mdev.target.wants in /etc or /run. links may be NULL. */
bool autostart_is_enabled(const AutostartLinks *links, const char *uuid) _nonnull_(2);

/* True if the unit is masked: linked to /dev/null, and never started. links may be NULL. */
bool autostart_is_masked(const AutostartLinks *links, const char *uuid) _nonnull_(2);

/* True if somebody changed what the unit does, or depends on: there is a drop-in of it or of its template, or another
 * unit file in its place. */
bool autostart_is_customized(const AutostartLinks *links, const char *uuid) _nonnull_(1, 2);

/* True if systemd runs this host (sd_booted(3)). */
bool autostart_systemd_runs(void);

/* True if systemctl is installed, whether systemd runs or not (an image that is being made). */
bool autostart_available(void);

/* Does what systemctl enable and disable do, by them, but for the daemon-reload: autostart_reload() once all is in
 * place. Returns 1; 0 if it was so already; -ENOENT where systemctl is not installed; or another negative errno with
 * *f. */
int autostart_set(const char *uuid, bool enable, Failure *f) _nonnull_(1, 3) _must_check_;

/* Has systemd start the units of devices that are there, without waiting for that, if it runs. */
void autostart_start(const StringList *uuids) _nonnull_(1);

/* Has systemd run its generators again, if it runs. Returns 0, or a negative errno with *f. */
int autostart_reload(Failure *f) _nonnull_(1) _must_check_;
