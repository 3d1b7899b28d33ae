/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A second opinion on compiled configurations, for tests alone: written from
 * Documentation/configuration.md and the layout in abi/caisson/config.h, not from the validator.
 */
#ifndef SLOW_CHECK_H
#define SLOW_CHECK_H

#include <stddef.h>
#include <stdint.h>

/*
 * NULL: every rule is kept. Otherwise, in words, one that is not. Reads [blob, blob + size) alone.
 */
const char *slow_check(const uint8_t *blob, size_t size);

#endif
