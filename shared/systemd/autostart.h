/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/failure.h"
#include "base/string-list.h"

/* Reads and sets the links by which "systemctl enable" and "systemctl mask" decide whether systemd starts
 * mdev@UUID.service at boot. The other way to enable a device is start=auto in its definition. */

/* Cached listing of the unit directories, to avoid system calls for each of many devices. */
typedef struct AutostartLinks {
        StringList wants[2], units[2]; /* in /etc and in /run */
} AutostartLinks;

/* Lists the directories; one that cannot be read counts as empty. */
void autostart_links_load(AutostartLinks *ret) _nonnull_(1);
void autostart_links_done(AutostartLinks *links);

/* True if the unit is enabled: it is linked from mdev.target.wants in /etc or /run. links may be NULL. */
bool autostart_is_enabled(const AutostartLinks *links, const char *uuid) _nonnull_(2);

/* True if the unit is masked: linked to /dev/null, and never started. links may be NULL. */
bool autostart_is_masked(const AutostartLinks *links, const char *uuid) _nonnull_(2);

/* True if an administrator changed the unit: there is a drop-in for it or for its template, or a unit file that
 * replaces it. */
bool autostart_is_customized(const AutostartLinks *links, const char *uuid) _nonnull_(1, 2);

/* True if systemd is the init of this host (sd_booted(3)). */
bool autostart_systemd_runs(void);

/* True if systemctl is installed, even if systemd does not run, as while an image is built. */
bool autostart_available(void);

/* Runs systemctl enable or disable without daemon-reload; call autostart_reload() once all files are written.
 * Returns 1; 0 if nothing had to be changed, or systemctl is not installed; or a negative errno with *f. */
int autostart_set(const char *uuid, bool enable, Failure *f) _nonnull_(1) _must_check_;

/* Tells systemd, if it runs, to start the units of existing devices, and does not wait for that. */
void autostart_start(const StringList *uuids) _nonnull_(1);

/* Tells systemd, if it runs, to run its generators again (daemon-reload). Returns 0, or a negative errno with *f. */
int autostart_reload(Failure *f) _must_check_;
