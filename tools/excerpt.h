/* SPDX-License-Identifier: GPL-2.0-only */
/* The line of the source that an entry was written in. */
#ifndef EXCERPT_H
#define EXCERPT_H

#include <stdint.h>

/**
 * excerpt_print - show the line on stderr, and a caret under the entry's word
 * @blob:     checked as far as its sources go
 * @offset:   of the entry
 * @compiled: the file that @blob was read from
 *
 * Shows nothing if there is no such file at the path that the blob names, seen from here, or if it
 * has been changed since @compiled was made: its lines may be others.
 */
void excerpt_print(const void *blob, uint32_t offset, const char *compiled);

#endif
