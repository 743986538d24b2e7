/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC. Apart from shared/event.c, because what needs only this need not load libudev. */
uint64_t clock_now(void);
