// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a physical affinity to its CPU in constant time [tour: 9]: for root's PSCI calls, SGIs and
 * routes. A hash table behind cpus[], half empty at least, filled once at enable; affinities are as
 * sparse as a machine's maker likes.
 */
#include "percpu.h"

static uint16_t *table; /* CPU number plus 1; 0: empty */
static uint32_t table_bits;

size_t cpu_table_size(uint32_t count)
{
	table_bits = 1;
	while (BIT(table_bits) < 2 * count)
		table_bits++;
	return sizeof(*table) << table_bits;
}

/* Where affinity n goes first; the factor is 2^64 by the golden ratio, which spreads runs evenly. */
static uint64_t slot_of(uint64_t affinity)
{
	return (affinity * 0x9e3779b97f4a7c15) >> (64 - table_bits);
}

void cpu_table_init(void *memory)
{
	table = memory;
	for (uint32_t n = 0; n < ncpus; n++) {
		uint64_t slot = slot_of(cpus[n].mpidr);

		while (table[slot])
			slot = (slot + 1) % BIT(table_bits);
		table[slot] = (uint16_t)(n + 1);
	}
}

struct cpu *cpu_find(uint64_t affinity)
{
	for (uint64_t slot = slot_of(affinity); table[slot]; slot = (slot + 1) % BIT(table_bits))
		if (cpus[table[slot] - 1].mpidr == affinity)
			return &cpus[table[slot] - 1];
	return NULL;
}
