// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hvctl says that page tables cost, against the tables that EL2's own code makes: of mappings
 * chosen by hand, and of random ones.
 *
 * Sources: tools/cost.c tools/util.c hypervisor/core/s2.c hypervisor/core/pool.c
 * Sources: hypervisor/core/config_check.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pool.h"
#include "s2.h"
#include "../../tools/cost.h"

#define POOL_PAGES 16384u
#define APART 0x100000000000ULL /* where the pieces of memory without an address are */

void s2_arch_write(uint64_t *entry, uint64_t value)
{
	*entry = value;
}

void s2_arch_invalidate(const struct s2 *which, ipa_t ipa, uint64_t size)
{
	(void)which;
	(void)ipa;
	(void)size;
}

void s2_arch_publish(void)
{
}

static int setup(void **state)
{
	static void *memory;

	(void)state;
	memory = aligned_alloc(PAGE_SIZE, POOL_PAGES * PAGE_SIZE);
	assert_non_null(memory);
	memset(memory, 0, POOL_PAGES * PAGE_SIZE);
	pool_init(memory, PA(0x40000000), POOL_PAGES);
	return 0;
}

static void map(struct s2 *s2, uint64_t ipa, uint64_t pa, uint64_t size, const struct mapping *m)
{
	assert_int_equal(s2_map(s2, IPA(ipa), PA(pa), size, m->flags), 0);
	if (m->merges)
		s2_merge(s2, IPA(ipa), size);
}

/* Tables below the root's that EL2's code needs for the same. */
static uint64_t real_tables(const struct mapping *m, uint32_t count, uint32_t bits)
{
	size_t before = pool_available();
	uint64_t used, at, next;
	struct s2 s2;

	assert_int_equal(s2_init(&s2, 1, bits), 0);
	for (; count--; m++) {
		if (m->block == COST_1G) {
			map(&s2, m->ipa, m->ipa + m->offset, m->size, m);
			continue;
		}
		/* Each 2 MiB of it elsewhere. */
		for (at = m->ipa; at < m->ipa + m->size; at = next) {
			next = ALIGN_DOWN(at, COST_2M) + COST_2M;
			if (next > m->ipa + m->size)
				next = m->ipa + m->size;
			map(&s2, at, APART + 2 * ALIGN_DOWN(at, COST_2M) + at % COST_2M + m->offset,
			    next - at, m);
		}
	}
	used = before - pool_available() - s2.root_pages;
	s2_free(&s2);
	assert_int_equal(pool_available(), before);
	return used;
}

static void test_tables(void **state)
{
	static const struct {
		struct mapping m[2];
		uint32_t count, bits;
		uint64_t tables, least;
	} rows[] = {
		/* 16 MiB of memory, as most cells have it: a table of level 2 */
		{ { { COST_1G, 8 * COST_2M, 0, COST_2M, 7, 0 } }, 1, 39, 1, 1 },
		/* the same where no block fits, and at an odd end */
		{ { { COST_1G, 8 * COST_2M, 0x1000, COST_1G, 7, 1 } }, 1, 39, 9, 1 },
		{ { { COST_1G, COST_2M + 0x1000, 0, COST_2M, 7, 0 } }, 1, 39, 2, 1 },
		{ { { COST_1G + 0x1000, COST_2M, 0, COST_2M, 7, 0 } }, 1, 39, 3, 1 },
		/* a page, and two across a border */
		{ { { 0, 0x1000, 0, COST_2M, 7, 0 } }, 1, 39, 2, 2 },
		{ { { COST_2M - 0x1000, 0x2000, 0, COST_2M, 7, 0 } }, 1, 39, 3, 2 },
		/* 1 GiB as one entry, by entries of 2 MiB, and where no pieces are so large */
		{ { { COST_1G, COST_1G, 2 * COST_1G, COST_1G, 7, 1 } }, 1, 39, 0, 0 },
		{ { { COST_1G, COST_1G, COST_2M, COST_1G, 7, 1 } }, 1, 39, 1, 0 },
		{ { { COST_1G, COST_1G, 0, COST_2M, 7, 0 } }, 1, 39, 1, 1 },
		/* from the level 0 on there is one more */
		{ { { COST_1G, 8 * COST_2M, 0, COST_2M, 7, 0 } }, 1, 44, 2, 1 },
		{ { { 600 * COST_1G, COST_1G, 0, COST_1G, 7, 1 } }, 1, 44, 1, 0 },
		/* neighbours share tables, and grow together where all but the size is the same */
		{ { { COST_1G, 0x1000, 0, COST_1G, 3, 0 }, { COST_1G + 0x1000, 0x1000, 0, COST_1G, 7, 1 } },
		  2, 39, 2, 2 },
		{ { { COST_1G, COST_1G / 2, 0, COST_1G, 7, 1 },
		    { COST_1G + COST_1G / 2, COST_1G / 2, 0, COST_1G, 7, 1 } }, 2, 39, 0, 1 },
		{ { { COST_1G, COST_1G / 2, 0, COST_1G, 7, 1 },
		    { COST_1G + COST_1G / 2, COST_1G / 2, 0, COST_1G, 3, 1 } }, 2, 39, 1, 1 },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		struct mapping m[2];

		memcpy(m, rows[n].m, sizeof(m));
		if (real_tables(m, rows[n].count, rows[n].bits) != rows[n].tables)
			fail_msg("row %zu: EL2 needs %u", n,
				 (unsigned int)real_tables(m, rows[n].count, rows[n].bits));
		if (cost_tables(m, rows[n].count, rows[n].bits) != rows[n].tables)
			fail_msg("row %zu: not %u", n, (unsigned int)rows[n].tables);
		assert_int_equal(cost_least(&rows[n].m[0]), rows[n].least);
	}
}

static uint64_t random_below(uint64_t end)
{
	return ((uint64_t)rand() << 31 | (uint64_t)rand()) % end;
}

/* In pages, in blocks of 2 MiB or of 1 GiB, at most `most`. */
static uint64_t random_size(uint64_t most)
{
	static const uint64_t units[] = { COST_PAGE, COST_PAGE, COST_2M, COST_1G };
	uint64_t unit = units[random_below(4)], count = most / unit;

	return unit * (1 + random_below(count > 600 ? 600 : count));
}

static void test_random(void **state)
{
	static const uint64_t aligned[] = { COST_PAGE, COST_2M, COST_1G, COST_1G };

	(void)state;
	srand(1);
	for (uint32_t round = 0; round < 500; round++) {
		uint32_t count = 1 + (uint32_t)random_below(6), n;
		uint32_t bits = 38 + (uint32_t)random_below(8);
		uint64_t at = 0, real;
		struct mapping m[6];

		for (n = 0; n < count; n++) {
			uint64_t unit = aligned[random_below(4)];

			if (random_below(3))
				at = ALIGN_UP(at + random_size(COST_1G), unit);
			m[n] = (struct mapping){ .ipa = at,
						 .size = random_size(4 * COST_1G),
						 .offset = random_below(3) * unit,
						 .block = random_below(3) ? COST_1G : COST_2M,
						 .flags = random_below(2) ? 7 : 3,
						 .merges = 1 };
			if (m[n].block == COST_2M) {
				m[n].offset = 0;
				m[n].merges = 0;
			}
			at += m[n].size;
		}
		real = real_tables(m, count, bits);
		if (cost_tables(m, count, bits) != real)
			fail_msg("round %u: EL2 needs %u", round, (unsigned int)real);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("cost", tests, setup, NULL);
}
