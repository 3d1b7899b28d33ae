/* SPDX-License-Identifier: GPL-2.0-only */
/* Root and a cell with three CPUs each, for tests of what a CPU's trap leads to. */
#ifndef FAKE_TWO_CELLS_H
#define FAKE_TWO_CELLS_H

#include <traps.h>

#include "cell_ctl.h"

#define NCPUS 6u

extern struct cpu the_cpus[NCPUS];
extern struct cell *root, *cell;
extern struct regs regs; /* of whoever traps */

/* Before and after all tests. */
int two_cells_begin(void **state);
int two_cells_end(void **state);
/* Before each test: nothing but owners, affinities and numbers, and values in x0 to x30. */
void two_cells_reset(void);

#endif
