/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a cell costs EL2, in 4 KiB pages of its pool: computed from the configuration alone, as
 * hypervisor/core/ will lay it out. Pure. ci/unit/test_cost.c compares it with the real thing.
 */
#ifndef COST_H
#define COST_H

#include <stdbool.h>
#include <stdint.h>

#define COST_PAGE 0x1000ULL
#define COST_2M 0x200000ULL
#define COST_1G 0x40000000ULL

/* A range that a stage 2 maps, or takes away. */
struct mapping {
	uint64_t ipa;
	uint64_t size;
	uint64_t offset; /* PA minus IPA */
	uint64_t block;	 /* the largest leaf that is to be had: a page, COST_2M or COST_1G */
	uint32_t flags;	 /* neighbours grow together where this and `offset' are the same... */
	uint32_t merges; /* ...and both say so */
};

/**
 * cost_tables - page tables below the root of a stage 2
 * @m:	   mappings, none of which meet; sorted by this call
 * @count: of them
 * @bits:  of the address space
 */
uint64_t cost_tables(struct mapping *m, uint32_t count, uint32_t bits);

/*
 * How EL2 will map the @i-th MEMORY, or DEVICE, of a checked cell; false: it will not map it at
 * all.
 */
bool cost_memory(const void *blob, uint32_t i, struct mapping *m);
bool cost_device(const void *blob, uint32_t i, struct mapping *m);

/* The same at the address where nothing is wasted: what one has to pay for its size. */
uint64_t cost_least(const struct mapping *m);

/* All pages of a checked cell's own. */
uint64_t cost_cell(const void *blob, uint32_t size);

/*
 * What root's tables grow by when the cell takes its memory out of them. Memory without an address
 * is reckoned as Linux usually has it: in pieces of 256 MiB, each of which splits a block.
 */
uint64_t cost_root(const void *blob);

#endif
