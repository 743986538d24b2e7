/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/macro.h"

/* The value of parent= if it is no kernel name, so that a definition survives renumbering: mdev-definition(5). This is
 * the syntax only; device/parent.h finds the parent. */

typedef enum SelectorKind {
        SELECTOR_VF,     /* pci:DDDD:BB:DD.F/vf=N: the Nth virtual function of this one, from 1 */
        SELECTOR_PATH,   /* path:VALUE: udev's ID_PATH */
        SELECTOR_SERIAL, /* serial:VALUE: udev's ID_SERIAL, or ID_SERIAL_SHORT */
} SelectorKind;

typedef struct Selector {
        SelectorKind kind;
        char function[32]; /* SELECTOR_VF: PCI address */
        unsigned vf;       /* from 1 */
        const char *value; /* of the other kinds; points into the parsed text */
} Selector;

/* True if it begins as a selector does, which no kernel name of a parent does. */
bool selector_is_meant(const char *parent) _nonnull_(1);

/* Returns 0, or -EINVAL. */
int selector_parse(const char *text, Selector *ret) _nonnull_(1, 2) _must_check_;
