// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Page tables for start.S to load (Arm ARM D5.2, 4 KiB granule, T0SZ = 24: level 0 has 2 entries).
 * mmu_tables[0] is level 0, the next two are level 1, the rest is taken as blocks are split.
 */
#include "arch.h"
#include "machine.h"
#include "mmu.h"

#define TABLES 12
#define DESC_VALID 0x1ULL
#define DESC_TABLE 0x3ULL /* also a level 3 page */
#define DESC_BLOCK 0x1ULL
#define DESC_ADDRESS 0x0000fffffffff000ULL

#define DESC_NORMAL (1ULL << 2) /* MAIR index 1; 0 is Device */
#define DESC_READ_ONLY (1ULL << 7)
#define DESC_INNER_SHAREABLE (3ULL << 8)
#define DESC_ACCESS (1ULL << 10)
#define DESC_PXN (1ULL << 53)
#define DESC_UXN (1ULL << 54)

extern char __image_start[], __rodata_start[], __data_start[], __image_end[];
extern uint64_t mmu_tables[TABLES][512];

uint64_t mmu_tables[TABLES][512] __attribute__((aligned(4096)));
static unsigned int tables_used;

static uint64_t attribute_bits(enum mmu_attribute attribute)
{
	const uint64_t normal = DESC_ACCESS | DESC_UXN | DESC_INNER_SHAREABLE | DESC_NORMAL;

	switch (attribute) {
	case MMU_TEXT:
		return normal | DESC_READ_ONLY;
	case MMU_ANY:
		return normal;
	case MMU_RODATA:
		return normal | DESC_READ_ONLY | DESC_PXN;
	case MMU_DATA:
		return normal | DESC_PXN;
	case MMU_DEVICE:
	default:
		return DESC_ACCESS | DESC_UXN | DESC_PXN;
	}
}

/* Replaces a descriptor, with break-before-make if it was valid and may be in a TLB. */
static void set_entry(uint64_t *entry, uint64_t value)
{
	if ((*entry & DESC_VALID) && (sysreg_read(sctlr_el1) & 1)) {
		*(volatile uint64_t *)entry = 0;
		dsb(ishst);
		__asm__ volatile("tlbi vmalle1is" : : : "memory");
		dsb(ish);
		isb();
	}
	*(volatile uint64_t *)entry = value;
	dsb(ishst);
	isb();
}

/* Gives a block entry of `shift` bits a table of the next level that maps the same. */
static uint64_t *split(uint64_t *entry, unsigned int shift)
{
	uint64_t old = *entry, *table, i;

	if (tables_used == TABLES)
		return NULL;
	table = mmu_tables[tables_used++];
	for (i = 0; (old & DESC_VALID) && i < 512; i++)
		table[i] = (old + (i << (shift - 9))) | (shift - 9 == 12 ? DESC_TABLE : DESC_BLOCK);
	set_entry(entry, (uint64_t)table | DESC_TABLE);
	return table;
}

/* Maps the largest naturally aligned piece at `at`; returns its size, or 0. */
static uint64_t map_piece(uint64_t at, uint64_t end, uint64_t bits)
{
	uint64_t *table = mmu_tables[0];
	unsigned int shift = 39;

	for (;; shift -= 9) {
		uint64_t *entry = &table[(at >> shift) & 511];
		uint64_t size = 1ULL << shift;
		bool is_table = shift > 12 && (*entry & DESC_TABLE) == DESC_TABLE;

		if (shift < 39 && !is_table && !(at & (size - 1)) && end - at >= size) {
			set_entry(entry, at | bits | (shift == 12 ? DESC_TABLE : DESC_BLOCK));
			return size;
		}
		table = is_table ? (uint64_t *)(*entry & DESC_ADDRESS) : split(entry, shift);
		if (!table)
			return 0;
	}
}

bool mmu_map(uint64_t start, uint64_t end, enum mmu_attribute attribute)
{
	uint64_t step;

	if (((start | end) & 0xfff) || start > end || end > MMU_LIMIT)
		return false;
	for (; start < end; start += step) {
		step = map_piece(start, end, attribute_bits(attribute));
		if (!step)
			return false;
	}
	return true;
}

bool mmu_init(void)
{
	unsigned int i;
	bool ok;

	tables_used = 1; /* splitting the two empty level 0 entries takes the next two */
	ok = mmu_map(0, MMU_LIMIT, MMU_DEVICE);
	for (i = 0; i < machine.nmemory; i++) {
		const struct range *r = &machine.memory[i];

		ok = ok && r->size <= MMU_LIMIT &&
		     mmu_map(r->base & ~0xfffULL, (r->base + r->size) & ~0xfffULL, MMU_DATA);
	}
	return ok && mmu_map((uint64_t)__image_start, (uint64_t)__rodata_start, MMU_TEXT) &&
	       mmu_map((uint64_t)__rodata_start, (uint64_t)__data_start, MMU_RODATA) &&
	       mmu_map((uint64_t)__data_start, (uint64_t)__image_end, MMU_DATA);
}
