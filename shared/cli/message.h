/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/failure.h"

/* What can come of a helper's work, for MESSAGE_ID= in the journal: one identifier for each, which never changes, and
 * an entry of conf/mdev-tools.catalog (journalctl -x). A new one: systemd-id128 new. */

/* A device was made. */
#define MESSAGE_MADE "c56a9949096c48068a55226bd2bfcbfe"
/* A device was there already, and is taken as it is. */
#define MESSAGE_TAKEN "a3c6ae2653b54b8d9aae152bf3cab2f8"
/* A device was defined, and not started. */
#define MESSAGE_DEFINED "fa03640562354b069331311a41ab5c3a"
/* A device was removed. */
#define MESSAGE_REMOVED "3f3cfe2cd5a24d0f8085a3f3f847b4a1"
/* Only the definition of a device was removed. */
#define MESSAGE_UNDEFINED "fd9eab4a79914a62b431a982f22da6e7"
/* A device was to be removed, and was gone already. */
#define MESSAGE_GONE "3363cd8517e64e7b9a22082b67f0f9d1"
/* mdev-device-added: a device came, and its unit is started. */
#define MESSAGE_UNIT_STARTED "5003678800af430985fda2bf1d606254"
/* mdev-device-removed: a device went, and its unit is stopped. */
#define MESSAGE_UNIT_STOPPED "3637816b21ac4bc382028662bb4bf955"
/* mdev-parent-registered: a parent came, and its persistent devices are started. */
#define MESSAGE_REGISTERED "76f9d84c16ac4642a910d2e53f90b372"
/* mdev-device-added, mdev-device-removed, mdev-parent-registered: systemd could not be told. */
#define MESSAGE_NOT_FOLLOWED "afb21b47b32149dba13e6d6ef2ef5cfa"

/* Failures, one for each exit status (failure.h). */
#define MESSAGE_FAILURE "2ab9870cccb34c28a30757e294bc24c0"
#define MESSAGE_NOT_FOUND "9e28b39dde61486c816549bfd6143f31"
#define MESSAGE_NO_PARENT "2853f1212ada426b913b219bee7b6d1b"
#define MESSAGE_NO_TYPE "18a6b81c15274d149e872e48daf69786"
#define MESSAGE_NO_INSTANCE "104c762bba8d49cc95b0e0559ba1c5e6"
#define MESSAGE_EXISTS "d1d9d786bc22416080e978909fcf2759"
#define MESSAGE_ATTRIBUTE "6db09fe60b2d456989753a646012f38d"
#define MESSAGE_ATTRIBUTE_LEFT "59898fa015254586b7074ca17018036e"
#define MESSAGE_IN_USE "fd8015776d2040ec89cfe4c55f6f2041"
#define MESSAGE_INVALID "469ae2366cc8403e819c7247bfaf9ed0"
#define MESSAGE_NOT_PERMITTED "0bf0a5b361c3451ba2bec87dda039d98"
#define MESSAGE_CALLOUT "a1576159b57d4190bf2b88919854f7e6"
#define MESSAGE_TIMED_OUT "94d59652bcbf4c12ab719f27bbda64c7"

/* The identifier of a failure; NULL for STATUS_DONE and STATUS_USAGE, which are none. */
const char *message_of_status(Status status);
