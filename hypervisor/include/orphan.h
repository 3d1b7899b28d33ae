/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What EL2 does in the place of a root Linux that has died: it writes what cells say, and its own log,
 * to the PL011 that was root's console.
 */
#ifndef CAISSON_ORPHAN_H
#define CAISSON_ORPHAN_H

#include <stdatomic.h>

#include "cell.h"

extern _Atomic bool root_dead; /* set by root_died(), for ever */

/* CAISSON_HC_ROOT_DIED, on a CPU of root, under cells_lock. */
void root_died(void);

/*
 * Writes bytes from..to of a ring (`size` is a power of two), each line behind the name `who`. Any CPU,
 * any context; waits for the PL011 as long as that takes bytes.
 */
void orphan_say(const char *who, const uint8_t *ring, uint32_t size, uint32_t from, uint32_t to);

/* Takes what the cell's output ring holds, as root did. Any CPU, no lock of a console held. */
void orphan_take(struct cell *cell);

#endif
