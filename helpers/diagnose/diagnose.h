/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-c/json.h>

#include "device/inventory.h"
#include "query/query.h"

/* The parts of mdev-query --why: each looks at some of what a device needs, and adds a step for each thing. */

typedef struct Chain {
        json_object *steps;
        const char *failed; /* the first step that failed, or NULL */
        Status status;      /* of that */
} Chain;

/* Adds a step; name is a constant. */
void chain_ok(Chain *c, const char *name, const char *format, ...) _printf_(3, 4) _nonnull_(1, 2, 3);
void chain_failed(Chain *c, const char *name, Status status, const char *format, ...) _printf_(4, 5)
        _nonnull_(1, 2, 4);
void chain_skipped(Chain *c, const char *name, const char *format, ...) _printf_(3, 4) _nonnull_(1, 2, 3);

/* What to try about the last step. */
void chain_next(Chain *c, const char *format, ...) _printf_(2, 3) _nonnull_(1, 2);

/* Prints the steps, a line each, or as JSON. */
void chain_print(const Chain *c, Format format) _nonnull_(1);

/* True if the parent is registered. selector: what it is called in a definition, or NULL; then parent is that, too, as long
 * as nobody is meant. */
bool why_parent(Chain *c, const char *parent, const char *selector) _nonnull_(1, 2) _must_check_;

/* The type of a device and what is left of it; its parent is registered. */
void why_type(Chain *c, const DeviceRow *row) _nonnull_(1, 2);

/* All steps of a device. */
void why_device(Chain *c, const char *uuid) _nonnull_(1, 2);

/* What the package put where udev and systemd look, and whether these run: true if systemd does. */
bool why_host(Chain *c) _nonnull_(1) _must_check_;

/* What systemd knows of the parent, by its name or selector (NULL: there is none), and of the device (NULL: none) and its
 * unit. used: somebody has it open. */
void why_units(Chain *c, const char *parent, bool registered, const DeviceRow *row, bool used) _nonnull_(1);
