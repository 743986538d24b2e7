/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-c/json.h>

#include "cli/program.h"
#include "device/inventory.h"

/* The parts of mdev-diagnose. Each checks some of the things that a device needs, and adds a step for each of them. */

typedef struct Chain {
        json_object *steps;
        const char *failed; /* the first step that failed, or NULL */
        Status status;      /* exit status of that step */
} Chain;

/* Adds a step; name is a constant. */
void chain_add(Chain *c, const char *name, const char *state, Status status, const char *format, ...) _printf_(5, 6)
        _nonnull_(1, 2, 3, 5);
#define chain_ok(c, name, ...) chain_add(c, name, "ok", STATUS_DONE, __VA_ARGS__)
#define chain_failed(c, name, status, ...) chain_add(c, name, "failed", status, __VA_ARGS__)
#define chain_skipped(c, name, ...) chain_add(c, name, "skipped", STATUS_DONE, __VA_ARGS__)
void chain_failure(Chain *c, const char *name, const Failure *f) _nonnull_(1, 2, 3);

/* Adds to the last step what to try next. */
void chain_next(Chain *c, const char *format, ...) _printf_(2, 3) _nonnull_(1, 2);

/* Prints the steps, one per line, or as JSON. Returns 0 or -ENOMEM. */
int chain_print(const Chain *c, bool json) _nonnull_(1) _must_check_;

/* Checks the parent; true if it is registered. selector: its name in a definition, or NULL; parent is equal to it
 * if the selector matches no parent, or more than one. */
bool diagnose_parent(Chain *c, const char *parent, const char *selector) _nonnull_(1, 2) _must_check_;

/* Checks the type of a device and its available instances; its parent is registered. */
void diagnose_type(Chain *c, const DeviceRow *row) _nonnull_(1, 2);

/* Checks everything about a device. */
void diagnose_device(Chain *c, const char *uuid) _nonnull_(1, 2);

/* Checks the files that the package installed for udev and systemd, and whether these run: true if systemd does. */
bool diagnose_host(Chain *c) _nonnull_(1) _must_check_;

/* Checks what systemd knows of the parent (name or selector; NULL: none), and of a device (NULL: none) and its unit.
 * used: the device is in use. */
void diagnose_units(Chain *c, const char *parent, bool registered, const DeviceRow *row, bool used) _nonnull_(1);
