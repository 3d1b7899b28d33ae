/* SPDX-License-Identifier: GPL-2.0-only */
/* SPIs that no wire reaches, for what EL2 raises in a cell: its console, its power button. */
#ifndef SPIS_H
#define SPIS_H

#include "machine.h"

/**
 * choose_spis - give what wants any SPI the first spare one that no cell has
 * @fd:	  from device_open(), with the hypervisor enabled
 * @m:	  whose cells to be have theirs as well; NULL: there are none
 * @blob: a checked .cell blob
 *
 * Without one a console stays polled, and the cell cannot be asked to shut down.
 *
 * Return: 0, or an exit code after a complaint.
 */
enum exit_code choose_spis(int fd, const struct machine *m, void *blob);

/* The same before the hypervisor is enabled, or off the board: by what is known of the board. */
void choose_spis_beforehand(const struct machine *m, void *blob);

#endif
