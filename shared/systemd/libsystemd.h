/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-journal.h>

#include "base/macro.h"

/* libsystemd, loaded when a program first needs PID 1 or the journal. It depends on seven more libraries (systemd
 * 252), and loading them takes longer than most of our programs run. */

#define LIBSYSTEMD "libsystemd.so.0"

#define LIBSYSTEMD_FUNCTIONS(USE)         \
        USE(bus_call_method)              \
        USE(bus_flush_close_unref)        \
        USE(bus_get_property_string)      \
        USE(bus_get_property_trivial)     \
        USE(bus_match_signal)             \
        USE(bus_message_enter_container)  \
        USE(bus_message_read)             \
        USE(bus_message_unref)            \
        USE(bus_new)                      \
        USE(bus_open_system)              \
        USE(bus_path_encode)              \
        USE(bus_process)                  \
        USE(bus_set_address)              \
        USE(bus_start)                    \
        USE(bus_wait)                     \
        USE(journal_add_match)            \
        USE(journal_close)                \
        USE(journal_get_data)             \
        USE(journal_get_monotonic_usec)   \
        USE(journal_open)                 \
        USE(journal_previous)             \
        USE(journal_seek_tail)

/* sd_bus_call(3) and the others, named without "sd_". */
typedef struct Libsystemd {
#define LIBSYSTEMD_MEMBER(name) __typeof__(&sd_##name) name;
        LIBSYSTEMD_FUNCTIONS(LIBSYSTEMD_MEMBER)
#undef LIBSYSTEMD_MEMBER
} Libsystemd;

/* Loads the functions for the rest of the program's run (dlopen(3)). Returns 0, or -ELIBACC if libsystemd is missing
 * or too old. */
int libsystemd_load(const Libsystemd **ret) _nonnull_(1) _must_check_;
