// SPDX-License-Identifier: GPL-2.0-only
/* Contracts are in two_cells.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "two_cells.h"

/* Root has CPUs 0 to 2; the cell has 5, 4 and 3, as its CPUs 0, 1 and 17. */
static const uint64_t mpidrs[NCPUS] = { 0x000, 0x001, 0x100, 0x110, 0x0300020105, 0x030002011f };

struct cpu the_cpus[NCPUS];
struct cell *root, *cell;
struct regs regs;

int two_cells_begin(void **state)
{
	(void)state;
	root = calloc(1, sizeof(*root));
	cell = calloc(1, sizeof(*cell));
	return root && cell ? 0 : -1;
}

int two_cells_end(void **state)
{
	(void)state;
	free(root);
	free(cell);
	return 0;
}

void two_cells_reset(void)
{
	memset(the_cpus, 0, sizeof(the_cpus));
	memset(root, 0, sizeof(*root));
	memset(cell, 0, sizeof(*cell));
	memset(&regs, 0, sizeof(regs));
	cell->id = 1;
	for (uint32_t n = 0; n < NCPUS; n++) {
		the_cpus[n].index = n;
		the_cpus[n].mpidr = mpidrs[n];
		the_cpus[n].cell = n < 3 ? root : cell;
		the_cpus[n].vcpu = n;
	}
	the_cpus[5].vcpu = 0;
	the_cpus[4].vcpu = 1;
	the_cpus[3].vcpu = 17;
	for (uint32_t n = 0; n < 31; n++)
		regs.x[n] = 0x1111111111111111ULL * (n % 15 + 1);
}
