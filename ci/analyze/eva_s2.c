// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks of stage-2 tables under Frama-C's Eva: see Makefile. Looking an address up, looking through
 * a range, freeing the tables: for every size of the address space, any address and range, and any
 * content of the tables. Whatever a descriptor of a table says, the next table is one of the
 * pool's; that s2.c writes no others, and what it changes, is for ci/unit/test_s2.c.
 */
#define CAISSON_LOCK_H /* hypervisor/include/lock.h: Eva has no C11 atomics, and needs none */

struct spinlock {
	int taken;
};

static void spin_lock(struct spinlock *lock)
{
	lock->taken = 1;
}

static void spin_unlock(struct spinlock *lock)
{
	lock->taken = 0;
}

#include "../../hypervisor/core/s2.c"

#include <__fc_builtin.h>

#define ROOT_PAGES 16

static uint64_t root[ROOT_PAGES * ENTRIES], table[ENTRIES];

/* One table that may say anything stands for all of them. */
void *pool_va(pa_t pa)
{
	(void)pa;
	return table;
}

pa_t pool_pa(const void *va)
{
	(void)va;
	return PA(Frama_C_unsigned_long_interval(0, ~0UL));
}

void *pool_alloc(size_t count)
{
	(void)count;
	return root;
}

void pool_free(void *va, size_t count)
{
	//@ assert freed: \valid((uint8_t *)va + (0 .. count * 4096 - 1));
	(void)va;
	(void)count;
}

void s2_arch_write(uint64_t *entry, uint64_t value)
{
	*entry = value;
}

void s2_arch_publish(void)
{
}

void s2_arch_invalidate(const struct s2 *s2, ipa_t ipa, uint64_t size)
{
	(void)s2;
	(void)ipa;
	(void)size;
}

static uint64_t any(void)
{
	return Frama_C_unsigned_long_interval(0, ~0UL);
}

static void begin(struct s2 *s2, uint32_t bits)
{
	s2_init(s2, 1, bits);
	Frama_C_make_unknown((char *)table, sizeof(table));
	Frama_C_make_unknown((char *)root, s2->root_pages * PAGE_SIZE);
}

void walks(void)
{
	struct s2 s2;
	uint32_t bits;
	ipa_t at;

	//@ loop unroll 17;
	for (bits = 32; bits <= 48; bits++) {
		begin(&s2, bits);
		s2_lookup(&s2, IPA(any()));
		s2_covers(&s2, IPA(any()), any(), (uint32_t)any(), any() & 1, (uint32_t)any(), &at);
		s2_free_table(&s2);
	}
}
