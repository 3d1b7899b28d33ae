/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the driver handed over (abi/caisson/image.h), after init.c has checked it. Constant from
 * then on.
 */
#ifndef CAISSON_BOOT_H
#define CAISSON_BOOT_H

#include <caisson/config.h>
#include <caisson/image.h>

/* NULL until then: root_doorbell(), which log_line() rings, asks before it looks. */
extern const struct caisson_boot *boot;
extern const void *system_config; /* the .sys blob, checked */

#endif
