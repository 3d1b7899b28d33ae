/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What cell_own.c and cell_make.c share. All of it under cells_lock, on a CPU of root.
 */
#ifndef CAISSON_CELL_OWN_H
#define CAISSON_CELL_OWN_H

#include "cell_ctl.h"

/* Bits of an address space that holds [0, end), at least `bits`, at most what the CPU has. */
uint32_t max_bits(uint64_t end, uint32_t bits);
/* Where the highest memory or device region of a configuration ends, in whole pages. */
uint64_t regions_end(const void *blob);
/* Root's alone, in as few entries as possible. 0, or as s2_map(): then nothing has changed. */
uint32_t root_map(uint64_t start, uint64_t size, uint32_t attrs);
/* RAM by the system configuration, whoever has it; throughout, and of one entry. */
bool in_root_ram(uint64_t pa, uint64_t size);
/* Why the page, which is not root's, is not to be had. */
uint32_t owner_error(ipa_t at);
/* The region of the cell's memory that holds [ipa, ipa + size), or NULL. */
const struct caisson_memory_entry *region_of(const struct cell *cell, uint64_t ipa, uint64_t size);
#define PIECE_ENTRIES 64u /* of a stage 2, that one call changes */
/*
 * How much of the beginning of [pa, pa + size) is so many entries at `ipa`, if they are as large as
 * the addresses allow. Whole pages, more than 0.
 */
uint64_t piece_size(uint64_t ipa, uint64_t pa, uint64_t size);

/*
 * The offset is that of the configuration's entry: the driver finds file and line
 * there.
 */
static inline int64_t refuse(struct refusal *refusal, uint32_t code, uint64_t offset,
			     uint64_t value)
{
	refusal->offset = offset;
	refusal->value = value;
	return -(int64_t)code;
}

#endif
