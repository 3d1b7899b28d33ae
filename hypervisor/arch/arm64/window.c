// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL2 holds no guest memory in its map but for these few pages, each mapped on one CPU for the
 * length of one operation. The tables are this CPU's own, so the maintenance is local.
 *
 * A mapping of Normal memory lets the CPU speculate into it, so none outlives its hypercall; and
 * an error in EL2 finds no guest memory to leak. Every slot has a guard page behind it.
 */
#include "arch_cpu.h"

#define DESC_PAGE 3ULL
#define DESC_AP1 (1ULL << 6) /* RES1 in a regime with one privilege level (D8.4.1) */
#define DESC_SH_INNER (3ULL << 8)
#define DESC_AF (1ULL << 10)
#define DESC_XN (1ULL << 54)

/* The level-3 table is mapped in the private area, where the driver put it (image.h). */
static volatile uint64_t *entry_of(enum window_slot slot, uint64_t *va)
{
	volatile uint64_t *l3 = (volatile uint64_t *)(CAISSON_VA_PRIVATE + CAISSON_PRIV_L3);

	*va = CAISSON_VA_PRIVATE + CAISSON_PRIV_WINDOW + slot * 2 * PAGE_SIZE;
	return &l3[(*va / PAGE_SIZE) & 511];
}

/* The first half of break-before-make (D8.14.1), on this CPU alone. */
static void unmap(volatile uint64_t *entry, uint64_t va)
{
	*entry = 0;
	dsb(nshst);
	__asm__ volatile("tlbi vae2, %0" : : "r"(va >> 12) : "memory");
	dsb(nsh);
}

/*
 * The same page again costs nothing, which is what accesses to a shared device do. Valid
 * to valid with another address needs an invalid entry between (D8.14.1); non-shareable
 * barriers suffice, since no other CPU walks this table.
 */
void *window_map(enum window_slot slot, pa_t pa)
{
	uint64_t va;
	volatile uint64_t *entry = entry_of(slot, &va);
	uint64_t type = slot == WINDOW_DEVICE ? CAISSON_MAIR_DEVICE : CAISSON_MAIR_NORMAL;
	uint64_t want = ALIGN_DOWN(pa.v, PAGE_SIZE) | DESC_PAGE | DESC_AP1 | DESC_SH_INNER |
			DESC_AF | DESC_XN | type << 2;

	if (*entry != want) {
		unmap(entry, va);
		*entry = want;
		dsb(nshst);
		isb();
	}
	return (void *)(va + (pa.v & PAGE_MASK));
}

void window_clear(void)
{
	for (enum window_slot slot = WINDOW_A; slot <= WINDOW_B; slot++) {
		uint64_t va;
		volatile uint64_t *entry = entry_of(slot, &va);

		if (*entry)
			unmap(entry, va);
	}
}
