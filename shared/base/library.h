/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "base/macro.h"

/* Libraries that are loaded when a program first needs them: loading one can take longer than the rest of a short
 * run. */

/* Loads the library soname and stores the addresses of n functions in *ret, a structure of nothing but pointers to
 * functions, in the order of names. Returns 0, or -ELIBACC if the library is missing or lacks a function. */
int library_load(const char *soname, const char *const *names, size_t n, void *ret) _nonnull_(1, 2, 4) _must_check_;

/* Declares, at file scope, that this file loads the library `soname` at run time, in an ELF note that packaging
 * tools read (https://systemd.io/ELF_DLOPEN_METADATA/; "readelf -p .note.dlopen PROGRAM" shows it). The linker's
 * own list lacks the library. All are string literals without quotes in them; priority is required, recommended or
 * suggested. */
#define DLOPEN_NOTE(feature, description, priority, soname)                                                        \
        DLOPEN_NOTE_OF("[{\"feature\":\"" feature "\",\"description\":\"" description "\",\"priority\":\"" priority \
                       "\",\"soname\":[\"" soname "\"]}]")
#define DLOPEN_NOTE_OF(text)                                                                        \
        static const struct {                                                                       \
                uint32_t name_size, json_size, type;                                                \
                char name[sizeof("FDO")];                                                           \
                char json[sizeof(text)];                                                            \
        } dlopen_note __attribute__((used, section(".note.dlopen"), aligned(sizeof(uint32_t)))) = { \
                sizeof("FDO"), sizeof(text), 0x407c0c0a, "FDO", text                                \
        }
