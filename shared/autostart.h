/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "failure.h"

/* Whether systemd starts the unit of a device by itself: the links that systemctl enable and mask make for
 * mdev@UUID.service (systemctl(1)). start=auto in a definition is the other way to it, see definition.h. */

/* True if the unit is enabled: it is linked from mdev.target.wants in /etc or /run. */
bool autostart_is_enabled(const char *uuid) _nonnull_(1);

/* True if the unit is masked: linked to /dev/null, and never started. */
bool autostart_is_masked(const char *uuid) _nonnull_(1);

/* True if systemd runs this host (sd_booted(3)). */
bool autostart_systemd_runs(void);

/* True if systemctl is installed, whether systemd runs or not (an image that is being made). */
bool autostart_available(void);

/* Does what systemctl enable and disable do, by them, but for the daemon-reload: autostart_reload() once all is in
 * place. Returns 1; 0 if it was so already; -ENOENT where systemctl is not installed; or another negative errno with
 * *f. */
int autostart_set(const char *uuid, bool enable, Failure *f) _nonnull_(1, 3) _must_check_;

/* Has systemd run its generators again, if it runs. Returns 0, or a negative errno with *f. */
int autostart_reload(Failure *f) _nonnull_(1) _must_check_;
