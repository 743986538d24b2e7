/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* The journal's own protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL): one entry with fields. libsystemd has it,
 * too, but to link a small program with that is most of what the program then does. */

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

typedef struct JournalField {
        const char *name;  /* upper case, digits, underscores (systemd.journal-fields(7)) */
        const char *value; /* any text; NULL or empty: the field is left out */
} JournalField;

/* True if what is written to fd goes to the journal; stream is what $JOURNAL_STREAM says (systemd.exec(5)), or
 * NULL. */
bool journal_is_stream(int fd, const char *stream);

/* Sends one entry to the socket at path. Waits a moment for a journal that is behind. Returns 0, or a negative errno:
 * -ENOENT, -ECONNREFUSED (there is no journal), -EAGAIN (it is too far behind), ... */
int journal_send(const char *path, const JournalField *fields, size_t n) _nonnull_(1, 2) _must_check_;
