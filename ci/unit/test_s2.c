// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage-2 tables: what is written, invalidated and published (fake/tables.h), and what is refused.
 *
 * Sources: hypervisor/core/s2.c hypervisor/core/pool.c ci/unit/fake/tables.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "caisson/error.h"
#include "pool.h"
#include "tables.h"

/* --- what was recorded --- */

/* Where a table lies is the pool's affair: only its type bits are compared. */
static uint64_t without_table(uint64_t desc)
{
	return (desc & 0xfffffffff000ULL) >= POOL_PA ? desc & 3 : desc;
}

static void expect_write(size_t i, uint64_t old, uint64_t new)
{
	assert_true(i < event_count);
	assert_int_equal(events[i].what, WRITE);
	assert_int_equal(without_table(events[i].old), old);
	assert_int_equal(without_table(events[i].new), new);
}

static void expect_invalidate(size_t i, uint64_t ipa, uint64_t size)
{
	assert_true(i < event_count);
	assert_int_equal(events[i].what, INVALIDATE);
	assert_int_equal(events[i].ipa, ipa);
	assert_int_equal(events[i].size, size);
}

/* `count` events in all, the last of them a barrier. */
static void expect_published(size_t count)
{
	assert_int_equal(event_count, count);
	assert_int_equal(events[count - 1].what, PUBLISH);
}

static void expect_mapped(uint64_t ipa, uint32_t level, uint64_t pa, uint32_t attrs)
{
	struct s2_entry found = s2_lookup(&s2, IPA(ipa));

	assert_true(found.valid);
	assert_int_equal(found.level, level);
	assert_int_equal(found.size, PAGE_SIZE << 9 * (3 - level));
	assert_int_equal(found.ipa.v, ipa & ~(found.size - 1));
	assert_int_equal(found.pa.v + (ipa - found.ipa.v), pa);
	assert_int_equal(found.attrs, attrs);
}

static void expect_invalid(uint64_t ipa, uint32_t level, uint32_t owner)
{
	struct s2_entry found = s2_lookup(&s2, IPA(ipa));

	assert_false(found.valid);
	assert_int_equal(found.level, level);
	assert_int_equal(found.ipa.v, ipa & ~(found.size - 1));
	assert_int_equal(found.owner, owner);
	assert_int_equal(found.attrs, 0);
}

/* Pages of the pool that are not free, as they are now, in memory of the caller. */
static uint8_t *snapshot(void)
{
	uint8_t *copy = malloc(POOL_PAGES * PAGE_SIZE);

	return memcpy(copy, memory, POOL_PAGES * PAGE_SIZE);
}

/* --- tables and descriptors --- */

static void test_ipa_bits(void **state)
{
	static const struct {
		uint32_t bits, level, pages;
	} rows[] = { { 32, 1, 1 }, { 36, 1, 1 }, { 39, 1, 1 },	{ 40, 1, 2 }, { 41, 1, 4 },
		     { 42, 1, 8 }, { 43, 1, 16 }, { 44, 0, 1 }, { 48, 0, 1 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t end = 1ULL << rows[i].bits;

		start(rows[i].bits);
		assert_int_equal(s2.start_level, rows[i].level);
		assert_int_equal(s2.root_pages, rows[i].pages);
		assert_int_equal(s2.ipa_bits, rows[i].bits);
		assert_int_equal(s2.vmid, 5);
		assert_int_equal(pool_pa(s2.root).v % (rows[i].pages * PAGE_SIZE), 0);
		assert_int_equal(pool_available(), pool_total() - rows[i].pages);
		expect_invalid(0, rows[i].level, 0);

		map(end - PAGE_SIZE, 0x1000, PAGE_SIZE, RWX);
		expect_mapped(end - PAGE_SIZE, 3, 0x1000, RWX);
		map(0, 0, PAGE_SIZE, S2_READ);
		expect_mapped(0, 3, 0, S2_READ);
		expect_invalid(end - 2 * PAGE_SIZE, 3, 0);
		assert_int_equal(s2_map(&s2, IPA(end), PA(0), PAGE_SIZE, RWX), CAISSON_E_RANGE);
		assert_false(s2_lookup(&s2, IPA(end)).valid);
		assert_false(s2_lookup(&s2, IPA(UINT64_MAX)).valid);
		disown(0, end, OWNER);
		expect_invalid(end - 1, rows[i].level, OWNER);
		merge(0, UINT64_MAX);
		assert_int_equal(pool_available(), pool_total() - rows[i].pages);
	}
}

static void test_descriptors(void **state)
{
	static const struct {
		uint32_t attrs, seen;
		uint64_t desc;
	} rows[] = {
		{ RWX, RWX, 0x7fd },
		{ S2_READ | S2_EXEC, S2_READ | S2_EXEC, 0x77d },
		{ S2_READ | S2_WRITE, S2_READ | S2_WRITE, BIT(54) | 0x7fd },
		{ S2_READ, S2_READ, BIT(54) | 0x77d },
		{ DEVICE, DEVICE, BLOCK_DEVICE },
		{ RWX | S2_DEVICE, DEVICE, BLOCK_DEVICE },
	};
	const uint64_t *root;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		start(39);
		root = s2.root;
		map(GIB(3), GIB(5), GIB(1), rows[i].attrs);
		assert_int_equal(root[3], GIB(5) | rows[i].desc);
		expect_mapped(GIB(3) + 0x123456, 1, GIB(5) + 0x123456, rows[i].seen);
	}
	disown(GIB(3), GIB(1), S2_OWNER_MAX);
	assert_int_equal(root[3], 0xffff0000);
	expect_invalid(GIB(3), 1, S2_OWNER_MAX);
}

/* Blocks as large as both addresses allow, and never at level 0. */
static void test_block_sizes(void **state)
{
	(void)state;
	map(MIB(2) - PAGE_SIZE, GIB(4) + MIB(2) - PAGE_SIZE, GIB(2), RWX);
	expect_mapped(MIB(2) - PAGE_SIZE, 3, GIB(4) + MIB(2) - PAGE_SIZE, RWX);
	expect_mapped(MIB(2), 2, GIB(4) + MIB(2), RWX);
	expect_mapped(GIB(1), 1, GIB(5), RWX);
	expect_mapped(GIB(2), 3, GIB(6), RWX);
	expect_invalid(GIB(2) + MIB(2) - PAGE_SIZE, 3, 0);
	map(GIB(8), MIB(2), GIB(1), RWX);
	expect_mapped(GIB(8), 2, MIB(2), RWX);
	map(GIB(16), PAGE_SIZE, MIB(4), RWX);
	expect_mapped(GIB(16) + MIB(2), 3, MIB(2) + PAGE_SIZE, RWX);
	start(48);
	map(GIB(512), 0, GIB(512), RWX);
	expect_mapped(GIB(600), 1, GIB(88), RWX);
	assert_int_equal(pool_available(), pool_total() - 2);
}

/* --- the order of operations --- */

static void test_map_order(void **state)
{
	size_t available = pool_available();

	(void)state;
	/* A new table: linked only when its content is visible. */
	map(MIB(2), GIB(1), MIB(2), RWX);
	expect_write(0, 0, PENDING);
	assert_int_equal(events[1].what, PUBLISH);
	expect_write(2, PENDING, TABLE);
	expect_published(4);
	assert_int_equal(pool_available(), available - 1);
	/* None needed. */
	map(MIB(4), GIB(1) + MIB(4), MIB(4), RWX);
	expect_write(0, 0, (GIB(1) + MIB(4)) | BLOCK_RWX);
	expect_write(1, 0, (GIB(1) + MIB(6)) | BLOCK_RWX);
	expect_published(3);
	map(GIB(4), GIB(4), GIB(1), DEVICE);
	expect_write(0, 0, GIB(4) | BLOCK_DEVICE);
	expect_published(2);
	/* Two levels at once: one link. */
	map(GIB(2), GIB(7), PAGE_SIZE, RWX);
	expect_write(0, 0, PENDING);
	assert_int_equal(events[1].what, PUBLISH);
	expect_write(2, PENDING, TABLE);
	expect_published(4);
	map(GIB(2) + PAGE_SIZE, GIB(7), PAGE_SIZE, RWX);
	expect_write(0, 0, GIB(7) | PAGE_RWX);
	expect_published(2);
	assert_int_equal(pool_available(), available - 3);
}

/* An empty table under a block to be: walk caches may hold it, so it goes like a mapping. */
static void test_map_over_empty_table(void **state)
{
	size_t available = pool_available();

	(void)state;
	map(GIB(1), GIB(1), PAGE_SIZE, RWX);
	disown(GIB(1), PAGE_SIZE, OWNER);
	expect_invalid(GIB(1), 3, OWNER);
	map(GIB(1), GIB(1), GIB(1), RWX);
	expect_write(0, TABLE, PENDING);
	expect_invalidate(1, GIB(1), GIB(1));
	expect_write(2, PENDING, GIB(1) | BLOCK_RWX);
	expect_published(4);
	assert_int_equal(events[1].available, available - 2);
	assert_int_equal(pool_available(), available);
	expect_mapped(GIB(1), 1, GIB(1), RWX);
}

/* What a cell of 64 MiB costs: 32 writes and one invalidation. */
static void test_disown_order(void **state)
{
	(void)state;
	map(0, 0, MIB(512), RWX);
	disown(MIB(64), MIB(64), OWNER);
	for (size_t i = 0; i < 32; i++)
		expect_write(i, (MIB(64) + i * MIB(2)) | BLOCK_RWX, OWNED(OWNER));
	expect_invalidate(32, MIB(64), MIB(64));
	assert_int_equal(event_count, 33);
	/* Nothing was valid: nothing to invalidate; nothing differs: nothing to write. */
	disown(MIB(64), MIB(64), OWNER);
	assert_int_equal(event_count, 0);
	disown(MIB(64), MIB(2), S2_OWNER_NONE);
	expect_write(0, OWNED(OWNER), 0);
	assert_int_equal(event_count, 1);
	disown(GIB(5), PAGE_SIZE, S2_OWNER_NONE);
	assert_int_equal(event_count, 0);
}

static void test_split_order(void **state)
{
	size_t available = pool_available();

	(void)state;
	/* One block, two levels down. */
	map(0, 0, GIB(3), RWX);
	disown(GIB(1) + MIB(6) + PAGE_SIZE, PAGE_SIZE, OWNER);
	expect_write(0, GIB(1) | BLOCK_RWX, PENDING);
	expect_invalidate(1, GIB(1), GIB(1));
	expect_write(2, PENDING, TABLE);
	expect_published(4);
	assert_int_equal(pool_available(), available - 2);
	expect_mapped(GIB(1), 2, GIB(1), RWX);
	expect_mapped(GIB(1) + MIB(6), 3, GIB(1) + MIB(6), RWX);
	expect_invalid(GIB(1) + MIB(6) + PAGE_SIZE, 3, OWNER);
	expect_mapped(GIB(1) + MIB(8) - PAGE_SIZE, 3, GIB(1) + MIB(8) - PAGE_SIZE, RWX);

	/* Both ends inside blocks, one block whole: one invalidation for the three. */
	start(39);
	map(0, 0, GIB(3), DEVICE);
	disown(MIB(512), GIB(2), OWNER);
	expect_write(0, 0 | BLOCK_DEVICE, PENDING);
	expect_write(1, GIB(1) | BLOCK_DEVICE, OWNED(OWNER));
	expect_write(2, GIB(2) | BLOCK_DEVICE, PENDING);
	expect_invalidate(3, 0, GIB(3));
	expect_write(4, PENDING, TABLE);
	expect_write(5, PENDING, TABLE);
	expect_published(7);
	expect_mapped(MIB(510), 2, MIB(510), DEVICE);
	expect_invalid(MIB(512), 2, OWNER);
	expect_invalid(GIB(1), 1, OWNER);
	expect_mapped(GIB(2) + MIB(512), 2, GIB(2) + MIB(512), DEVICE);
}

/* Whole tables go, and not before the invalidation. */
static void test_disown_tables(void **state)
{
	size_t available = pool_available();

	(void)state;
	map(GIB(1) + PAGE_SIZE, PAGE_SIZE, GIB(1) - PAGE_SIZE, RWX);
	assert_int_equal(pool_available(), available - 2);
	disown(GIB(1), MIB(2), OWNER);
	expect_write(0, TABLE, PENDING);
	expect_invalidate(1, GIB(1), MIB(2));
	expect_write(2, PENDING, OWNED(OWNER));
	expect_published(4);
	assert_int_equal(events[1].available, available - 2);
	assert_int_equal(pool_available(), available - 1);
	expect_invalid(GIB(1), 2, OWNER);
	disown(GIB(1), GIB(1), S2_OWNER_EMULATED);
	expect_write(0, TABLE, PENDING);
	expect_invalidate(1, GIB(1), GIB(1));
	expect_write(2, PENDING, OWNED(S2_OWNER_EMULATED));
	expect_published(4);
	assert_int_equal(pool_available(), available);
	expect_invalid(GIB(1), 1, S2_OWNER_EMULATED);
}

/* An owner of much stays the owner of the rest when a part is taken or mapped. */
static void test_owner_split(void **state)
{
	(void)state;
	disown(0, GIB(2), OWNER);
	disown(MIB(4) + PAGE_SIZE, PAGE_SIZE, S2_OWNER_HYPERVISOR);
	expect_write(0, OWNED(OWNER), PENDING);
	assert_int_equal(events[1].what, PUBLISH);
	expect_write(2, PENDING, TABLE);
	expect_published(4);
	expect_invalid(0, 2, OWNER);
	expect_invalid(MIB(4), 3, OWNER);
	expect_invalid(MIB(4) + PAGE_SIZE, 3, S2_OWNER_HYPERVISOR);
	expect_invalid(MIB(6) - 1, 3, OWNER);
	expect_invalid(GIB(1) - 1, 2, OWNER);
	map(GIB(1) + MIB(2), MIB(2), MIB(2), RWX);
	expect_invalid(GIB(1), 2, OWNER);
	expect_mapped(GIB(1) + MIB(2), 2, MIB(2), RWX);
	expect_invalid(GIB(1) + MIB(4), 2, OWNER);
}

static void test_merge_order(void **state)
{
	size_t available = pool_available();

	(void)state;
	map(GIB(1), GIB(1), GIB(2), RWX);
	disown(GIB(1) + PAGE_SIZE, PAGE_SIZE, OWNER);
	merge(GIB(1), GIB(1));
	assert_int_equal(event_count, 0);
	map(GIB(1) + PAGE_SIZE, GIB(1) + PAGE_SIZE, PAGE_SIZE, RWX);
	/* Two levels at once, although the range given is one page. */
	merge(GIB(1) + MIB(500), PAGE_SIZE);
	expect_write(0, TABLE, PENDING);
	expect_invalidate(1, GIB(1), GIB(1));
	expect_write(2, PENDING, GIB(1) | BLOCK_RWX);
	expect_published(4);
	assert_int_equal(events[1].available, available - 2);
	assert_int_equal(pool_available(), available);
	/* Invalid entries of one owner. */
	disown(GIB(2), MIB(512), OWNER);
	disown(GIB(2) + MIB(512), MIB(512), OWNER);
	expect_invalid(GIB(2), 2, OWNER);
	merge(0, GIB(512));
	expect_write(0, TABLE, PENDING);
	expect_invalidate(1, GIB(2), GIB(1));
	expect_write(2, PENDING, OWNED(OWNER));
	expect_published(4);
	assert_int_equal(pool_available(), available);
	merge(0, 0);
	assert_int_equal(event_count, 0);
}

/* Tables that only look like blocks. */
static void test_merge_refused(void **state)
{
	(void)state;
	map(GIB(1), MIB(2), GIB(1), RWX); /* contiguous, not aligned */
	map(GIB(2), GIB(2), MIB(512), RWX); /* attributes */
	map(GIB(2) + MIB(512), GIB(2) + MIB(512), MIB(512), S2_READ);
	map(GIB(3), GIB(3), MIB(512), RWX); /* not contiguous */
	map(GIB(3) + MIB(512), GIB(5) + MIB(512), MIB(512), RWX);
	disown(GIB(4), MIB(512), OWNER); /* owners */
	disown(GIB(5) + PAGE_SIZE, MIB(2), OWNER);
	map(GIB(6), GIB(6), GIB(1) - PAGE_SIZE, RWX); /* a hole at the end */
	merge(0, GIB(512));
	assert_int_equal(event_count, 0);
	/* A block at level 0 does not exist; an owner there does. */
	start(48);
	map(0, 0, GIB(512), RWX);
	merge(0, GIB(512));
	assert_int_equal(event_count, 0);
	for (uint64_t ipa = 0; ipa < GIB(512); ipa += GIB(1))
		disown(ipa, GIB(1), OWNER);
	merge(0, GIB(512));
	expect_invalid(0, 0, OWNER);
	assert_int_equal(pool_available(), pool_total() - 1);
}

/* Root's memory lent and returned: the same tables in the end, to the bit. */
static void test_round_trip(void **state)
{
	static const struct {
		uint64_t ipa, size;
	} rows[] = {
		{ GIB(1), MIB(64) }, { GIB(1) + MIB(3), MIB(1) }, { MIB(512), GIB(2) },
		{ GIB(2) - PAGE_SIZE, 2 * PAGE_SIZE }, { GIB(2), GIB(1) }, { PAGE_SIZE, GIB(3) },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t available;
		uint8_t *before;

		start(40);
		map(0, 0, GIB(4), RWX);
		available = pool_available();
		before = snapshot();
		disown(rows[i].ipa, rows[i].size, OWNER);
		map(rows[i].ipa, rows[i].ipa, rows[i].size, RWX);
		merge(rows[i].ipa, rows[i].size);
		assert_int_equal(pool_available(), available);
		/* All but the first page, the pool's bitmap: it was compared by the count. */
		assert_memory_equal(memory + PAGE_SIZE, before + PAGE_SIZE,
				    (POOL_PAGES - 1) * PAGE_SIZE);
		free(before);
	}
}

/* --- refusals --- */

static void test_range(void **state)
{
	static const struct {
		uint64_t ipa, pa, size;
	} rows[] = {
		{ GIB(512), 0, PAGE_SIZE },
		{ GIB(512) - PAGE_SIZE, 0, 2 * PAGE_SIZE },
		{ 0, 0, GIB(512) + PAGE_SIZE },
		{ PAGE_SIZE, PAGE_SIZE, UINT64_MAX - PAGE_SIZE + 1 },
		{ UINT64_MAX - PAGE_SIZE + 1, 0, 2 * PAGE_SIZE },
		{ 0x800, 0, PAGE_SIZE },
		{ 0, 0, 0x800 },
		{ 0, 0x800, PAGE_SIZE },
		{ 0, BIT(48), PAGE_SIZE },
		{ 0, BIT(48) - PAGE_SIZE, 2 * PAGE_SIZE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(s2_map(&s2, IPA(rows[i].ipa), PA(rows[i].pa), rows[i].size, RWX),
				 CAISSON_E_RANGE);
		if (i < 7)
			assert_int_equal(s2_disown(&s2, IPA(rows[i].ipa), rows[i].size, OWNER),
					 CAISSON_E_RANGE);
	}
	assert_int_equal(s2_disown(&s2, IPA(0), PAGE_SIZE, S2_OWNER_MAX + 1), CAISSON_E_RANGE);
	assert_int_equal(event_count, 0);
	/* Nothing is done for nothing. */
	map(PAGE_SIZE, 0, 0, RWX);
	disown(PAGE_SIZE, 0, OWNER);
	assert_int_equal(event_count, 0);
	assert_int_equal(pool_available(), pool_total() - 1);
}

static void test_overlap(void **state)
{
	static const struct {
		uint64_t ipa, size;
	} rows[] = {
		{ GIB(1) + MIB(2), MIB(2) },		 /* the very same */
		{ GIB(1) + MIB(3), PAGE_SIZE },		 /* inside a block */
		{ GIB(1), GIB(1) },			 /* a table with it below */
		{ 0, GIB(8) },
		{ GIB(1) + MIB(4) - PAGE_SIZE, MIB(4) }, /* its end */
		{ GIB(1), MIB(2) + PAGE_SIZE },		 /* its beginning */
		{ GIB(3), MIB(4) },			 /* a page, two tables down */
	};
	uint8_t *before;

	(void)state;
	map(GIB(1) + MIB(2), GIB(1), MIB(2), RWX);
	map(GIB(3) + MIB(2), GIB(1), PAGE_SIZE, RWX);
	before = snapshot();
	forget_events();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(s2_map(&s2, IPA(rows[i].ipa), PA(rows[i].ipa), rows[i].size, RWX),
				 CAISSON_E_OVERLAP);
	assert_int_equal(event_count, 0);
	assert_memory_equal(memory, before, POOL_PAGES * PAGE_SIZE);
	free(before);
}

/* Leaves `left` pages in the pool; returns a chain of the others. */
static void *drain(size_t left)
{
	void *chain = NULL;

	while (pool_available() > left) {
		void **page = pool_alloc(1);

		*page = chain;
		chain = page;
	}
	return chain;
}

static void refill(void *chain)
{
	while (chain) {
		void *next = *(void **)chain;

		pool_free(chain, 1);
		chain = next;
	}
}

static uint32_t grow(int which)
{
	switch (which) {
	case 0: /* below two entries of the root, two levels and three */
		return s2_map(&s2, IPA(GIB(512) - PAGE_SIZE), PA(0), MIB(4), RWX);
	case 1: /* splits at both ends, two levels each */
		return s2_disown(&s2, IPA(GIB(1) + PAGE_SIZE), GIB(2), OWNER);
	case 2: /* of invalid entries */
		return s2_disown(&s2, IPA(GIB(8) + PAGE_SIZE), GIB(2), S2_OWNER_EMULATED);
	default: /* many, and one that is there is used */
		return s2_map(&s2, IPA(GIB(12)), PA(GIB(12) + PAGE_SIZE), MIB(16), RWX);
	}
}

static void test_exhaustion(void **state)
{
	(void)state;
	for (int which = 0; which < 4; which++) {
		uint32_t error = CAISSON_E_POOL;
		size_t left;

		start(48);
		map(0, 0, GIB(4), RWX);
		disown(GIB(8), GIB(8), OWNER);
		map(GIB(12) + MIB(2), 0, PAGE_SIZE, RWX);
		disown(GIB(12) + MIB(2), PAGE_SIZE, OWNER);
		for (left = 0; error; left++) {
			void *chain = drain(left);
			uint8_t *before = snapshot();

			forget_events();
			error = grow(which);
			if (error) {
				assert_int_equal(error, CAISSON_E_POOL);
				assert_int_equal(event_count, 0);
				assert_int_equal(pool_available(), left);
				assert_memory_equal(memory, before, POOL_PAGES * PAGE_SIZE);
			} else {
				assert_int_equal(pool_available(), 0);
			}
			free(before);
			refill(chain);
		}
		assert_int_equal(left - 1, ((const size_t[]){ 6, 4, 4, 7 })[which]);
	}
}

static void test_init_exhaustion(void **state)
{
	void *chain = drain(1);
	struct s2 other;

	(void)state;
	assert_int_equal(s2_init(&other, 1, 40), CAISSON_E_POOL);
	s2_free(&other);
	assert_int_equal(pool_available(), 1);
	refill(chain);
}

static void test_covers(void **state)
{
	ipa_t at;

	(void)state;
	map(GIB(1), GIB(1), GIB(1), RWX);
	map(GIB(2), GIB(2), MIB(2), S2_READ);
	map(GIB(2) + MIB(2), GIB(8), MIB(2), S2_READ);
	assert_true(s2_covers(&s2, IPA(GIB(1)), GIB(1), RWX, true, ~0u, &at));
	assert_true(s2_covers(&s2, IPA(GIB(1) + 4), 8, S2_WRITE, true, ~0u, &at));
	assert_true(s2_covers(&s2, IPA(GIB(1)), GIB(1) + MIB(4), S2_READ, false, ~0u, &at));
	assert_true(s2_covers(&s2, IPA(0), 0, RWX, true, ~0u, &at));
	assert_false(s2_covers(&s2, IPA(GIB(1)), GIB(1) + MIB(4), RWX, false, ~0u, &at));
	assert_int_equal(at.v, GIB(2));
	assert_false(s2_covers(&s2, IPA(GIB(1)), GIB(1) + MIB(4), S2_READ, true, ~0u, &at));
	assert_int_equal(at.v, GIB(2) + MIB(2));
	assert_false(s2_covers(&s2, IPA(GIB(1)), GIB(2), S2_READ, false, ~0u, &at));
	assert_int_equal(at.v, GIB(2) + MIB(4));
	assert_false(s2_covers(&s2, IPA(GIB(1) - 4), 8, S2_READ, false, ~0u, &at));
	assert_int_equal(at.v, GIB(1) - 4);
	assert_false(s2_covers(&s2, IPA(GIB(1)), GIB(1), RWX | S2_DEVICE, true, ~0u, &at));
	/* The last page, and what lies beyond or wraps around. */
	map(GIB(512) - PAGE_SIZE, 0, PAGE_SIZE, RWX);
	assert_true(s2_covers(&s2, IPA(GIB(512) - PAGE_SIZE), PAGE_SIZE, RWX, false, ~0u, &at));
	assert_false(s2_covers(&s2, IPA(GIB(512) - PAGE_SIZE), UINT64_MAX, RWX, false, ~0u, &at));
	assert_int_equal(at.v, GIB(512));
	assert_false(s2_covers(&s2, IPA(UINT64_MAX), 2, 0, false, ~0u, &at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ipa_bits),
		TEST(test_descriptors),
		TEST(test_block_sizes),
		TEST(test_map_order),
		TEST(test_map_over_empty_table),
		TEST(test_disown_order),
		TEST(test_split_order),
		TEST(test_disown_tables),
		TEST(test_owner_split),
		TEST(test_merge_order),
		TEST(test_merge_refused),
		TEST(test_round_trip),
		TEST(test_range),
		TEST(test_overlap),
		TEST(test_exhaustion),
		TEST(test_init_exhaustion),
		TEST(test_covers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
