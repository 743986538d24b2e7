/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* What may stand in parent= instead of a kernel name, so that a definition survives renumbering: mdev-definition(5).
 * Syntax only; which parent is meant is for parent.h. */

typedef enum SelectorKind {
        SELECTOR_VF,     /* pci:DDDD:BB:DD.F/vf=N: the Nth virtual function of this one, from 1 */
        SELECTOR_PATH,   /* path:VALUE: udev's ID_PATH */
        SELECTOR_SERIAL, /* serial:VALUE: udev's ID_SERIAL, or ID_SERIAL_SHORT */
} SelectorKind;

typedef struct Selector {
        SelectorKind kind;
        char function[32]; /* SELECTOR_VF: PCI address */
        unsigned vf;       /* from 1 */
        const char *value; /* else; points into what was parsed */
} Selector;

/* True if it begins as a selector does; no kernel name of a parent does. */
bool selector_is_meant(const char *parent) _nonnull_(1);

/* Returns 0, or -EINVAL. */
int selector_parse(const char *text, Selector *ret) _nonnull_(1, 2) _must_check_;
