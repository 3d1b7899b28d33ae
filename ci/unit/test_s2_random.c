// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage-2 tables against an oracle: each page of 64 GiB is compared with a flat array, a small TLB
 * with the tables, and the number of leaf entries with the least that this array allows.
 *
 * Sources: hypervisor/core/s2.c hypervisor/core/pool.c ci/unit/fake/tables.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "caisson/error.h"
#include "pool.h"
#include "tables.h"

/* --- random operations against an oracle --- */

#define SPACE GIB(64)
#define SPACE_PAGES (SPACE / PAGE_SIZE)
#define STEPS 6000

/* Per page: owner << 8, or 0x80 | attributes << 3 | which of the offsets. */
static uint32_t *oracle;
static const uint64_t offsets[] = { 0, GIB(1024), GIB(1), MIB(2), PAGE_SIZE, GIB(64) + MIB(6) };
static uint64_t seed;

static uint64_t any(uint64_t limit)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % limit;
}

static void compare(const struct s2_entry *found, uint64_t page)
{
	uint32_t value = oracle[page];

	if (found->valid != !!(value & 0x80))
		fail_msg("page %#llx", (unsigned long long)page);
	if (!found->valid && found->owner != value >> 8)
		fail_msg("owner of page %#llx", (unsigned long long)page);
	if (found->valid &&
	    (found->attrs != ((value >> 3) & 15) ||
	     found->pa.v - found->ipa.v != offsets[value & 7]))
		fail_msg("mapping of page %#llx", (unsigned long long)page);
}

static void compare_at(uint64_t ipa)
{
	struct s2_entry found = s2_lookup(&s2, IPA(ipa));

	if (ipa < SPACE)
		compare(&found, ipa / PAGE_SIZE);
}

static void compare_all(void)
{
	for (uint64_t ipa = 0; ipa < SPACE;) {
		struct s2_entry found = s2_lookup(&s2, IPA(ipa));

		assert_int_equal(found.ipa.v, ipa);
		for (; ipa < SPACE && ipa < found.ipa.v + found.size; ipa += PAGE_SIZE)
			compare(&found, ipa / PAGE_SIZE);
	}
}

static size_t tables_below(const uint64_t *table, uint32_t level, size_t entries)
{
	size_t count = 0;

	for (size_t i = 0; level < 3 && i < entries; i++) {
		assert_int_not_equal(table[i] & 3, PENDING);
		if (points_to_table(table[i]))
			count += 1 + tables_below(pool_va(PA(table[i] & 0xfffffffff000ULL)),
						  level + 1, 512);
	}
	return count;
}

/* Few places and a few more sizes, so that ranges meet, nest and complete each other. */
static void choose(uint64_t *ipa, uint64_t *size)
{
	static const uint64_t units[] = { PAGE_SIZE, PAGE_SIZE, MIB(2), MIB(2), MIB(2), GIB(1) };
	uint64_t unit = units[any(ARRAY_SIZE(units))];

	*ipa = any(4) * GIB(16) + any(2) * GIB(1);
	if (unit < GIB(1))
		*ipa += any(4) * MIB(64) + any(3) * MIB(2);
	if (unit < MIB(2))
		*ipa += any(512) * PAGE_SIZE;
	*size = unit * (1 + any(unit == PAGE_SIZE ? 1024 : unit == MIB(2) ? 40 : 3));
	if (!any(4))
		*size = ALIGN_UP(*ipa + *size, unit < MIB(2) ? MIB(2) : GIB(1)) - *ipa;
	assert_true(*ipa + *size <= SPACE);
}

static bool any_valid(uint64_t first, uint64_t count)
{
	for (uint64_t page = first; page < first + count; page++) {
		if (oracle[page] & 0x80)
			return true;
	}
	return false;
}

static void oracle_set(uint64_t ipa, uint64_t size, uint32_t value)
{
	for (uint64_t page = ipa / PAGE_SIZE; page < (ipa + size) / PAGE_SIZE; page++)
		oracle[page] = value;
}

/* One operation; returns its error. */
static uint32_t random_step(uint64_t ipa, uint64_t size)
{
	static const uint32_t kinds[] = { RWX, RWX, RWX, S2_READ, DEVICE };
	static const uint32_t owners[] = { 0, 0, OWNER, S2_OWNER_MAX };
	uint64_t offset = any(3) ? 0 : any(ARRAY_SIZE(offsets));
	uint32_t attrs = kinds[any(ARRAY_SIZE(kinds))], owner = owners[any(ARRAY_SIZE(owners))];
	bool overlap;
	uint32_t error;

	switch (any(5)) {
	case 0:
	case 1:
		overlap = any_valid(ipa / PAGE_SIZE, size / PAGE_SIZE);
		error = s2_map(&s2, IPA(ipa), PA(ipa + offsets[offset]), size, attrs);
		assert_true(error == CAISSON_E_POOL || overlap == (error == CAISSON_E_OVERLAP));
		if (!error)
			oracle_set(ipa, size, 0x80 | attrs << 3 | (uint32_t)offset);
		return error;
	case 2:
	case 3:
		error = s2_disown(&s2, IPA(ipa), size, owner);
		assert_true(error == 0 || error == CAISSON_E_POOL);
		if (!error)
			oracle_set(ipa, size, owner << 8);
		return error;
	default:
		s2_merge(&s2, IPA(ipa), size);
		return 0;
	}
}

/* --- as few leaf entries as there can be --- */

struct leaves {
	size_t gib, mib2, pages;
};

/* What the tables have, by walks. */
static struct leaves leaves(uint64_t from, uint64_t to)
{
	struct leaves count = { 0 };

	for (uint64_t ipa = from; ipa < to;) {
		struct s2_entry found = s2_lookup(&s2, IPA(ipa));

		count.gib += found.valid && found.size == GIB(1);
		count.mib2 += found.valid && found.size == MIB(2);
		count.pages += found.valid && found.size == PAGE_SIZE;
		ipa = found.ipa.v + found.size;
	}
	return count;
}

/* Whether one entry could map [ipa, ipa + size): page for page alike, and aligned where it goes. */
static bool one_leaf(uint64_t ipa, uint64_t size)
{
	uint32_t value = oracle[ipa / PAGE_SIZE];

	if (!(value & 0x80) || (ipa + offsets[value & 7]) % size)
		return false;
	for (uint64_t page = ipa / PAGE_SIZE; page < (ipa + size) / PAGE_SIZE; page++) {
		if (oracle[page] != value)
			return false;
	}
	return true;
}

/* What the oracle allows; whole GiB. */
static struct leaves fewest(uint64_t from, uint64_t to)
{
	struct leaves count = { 0 };

	for (uint64_t gib = from; gib < to; gib += GIB(1)) {
		if (one_leaf(gib, GIB(1))) {
			count.gib++;
			continue;
		}
		for (uint64_t mib2 = gib; mib2 < gib + GIB(1); mib2 += MIB(2)) {
			if (one_leaf(mib2, MIB(2))) {
				count.mib2++;
				continue;
			}
			for (uint64_t at = mib2; at < mib2 + MIB(2); at += PAGE_SIZE)
				count.pages += one_leaf(at, PAGE_SIZE);
		}
	}
	return count;
}

static void expect_fewest(uint64_t from, uint64_t to)
{
	struct leaves have = leaves(from, to), least = fewest(from, to);

	assert_int_equal(have.gib, least.gib);
	assert_int_equal(have.mib2, least.mib2);
	assert_int_equal(have.pages, least.pages);
}

/* Mapped and merged part by part, as the driver gives a cell its memory. */
static void map_in_parts(uint64_t ipa, uint64_t size, uint32_t offset, uint64_t part)
{
	for (uint64_t done = 0; done < size; done += part) {
		uint64_t length = MIN(part, size - done);

		map(ipa + done, ipa + done + offsets[offset], length, RWX);
		merge(ipa + done, length);
	}
	oracle_set(ipa, size, 0x80 | RWX << 3 | offset);
}

/* Every alignment of IPA, PA and end, in one part and in several. */
static void test_fewest(void **state)
{
	static const uint64_t starts[] = { 0, PAGE_SIZE, MIB(2), MIB(2) - PAGE_SIZE, GIB(1) - MIB(2),
					   GIB(1) - PAGE_SIZE };
	static const uint64_t sizes[] = { PAGE_SIZE, MIB(2), MIB(2) + PAGE_SIZE, MIB(6),
					  GIB(1), GIB(1) + MIB(2), GIB(2), GIB(2) + PAGE_SIZE };
	static const uint64_t parts[] = { GIB(4), GIB(1), MIB(256), MIB(2) * 3, MIB(18) + PAGE_SIZE };

	(void)state;
	oracle = calloc(SPACE_PAGES, sizeof(*oracle));
	for (size_t i = 0; i < ARRAY_SIZE(starts) * ARRAY_SIZE(sizes) * ARRAY_SIZE(offsets); i++) {
		uint64_t ipa = starts[i % ARRAY_SIZE(starts)];
		uint64_t size = sizes[i / ARRAY_SIZE(starts) % ARRAY_SIZE(sizes)];
		uint32_t offset = (uint32_t)(i / ARRAY_SIZE(starts) / ARRAY_SIZE(sizes));

		/* Misaligned by a page it is pages only, more than the pool has tables for. */
		if (offsets[offset] % MIB(2) && size > MIB(6))
			continue;
		start(39);
		map_in_parts(ipa, size, offset, parts[i % ARRAY_SIZE(parts)]);
		expect_fewest(0, GIB(4));
		oracle_set(ipa, size, 0);
	}
	free(oracle);
}

#define LENT GIB(4)
#define LENDERS 12
#define LENDINGS 400

/* A piece of root's memory that one of the cells has. */
static struct {
	uint64_t ipa, size;
} lent[LENDERS];

static void lend(size_t which)
{
	uint64_t ipa, size, page;

	choose(&ipa, &size);
	ipa %= LENT;
	size = MIN(size, LENT - ipa);
	for (page = ipa / PAGE_SIZE; page < (ipa + size) / PAGE_SIZE; page++) {
		if (!(oracle[page] & 0x80))
			return;
	}
	disown(ipa, size, OWNER + (uint32_t)which);
	oracle_set(ipa, size, (OWNER + (uint32_t)which) << 8);
	lent[which].ipa = ipa;
	lent[which].size = size;
}

/* Pieces as cell_destroy() finds them: of any size, the cell's own entries being smaller. */
static void take_back(size_t which)
{
	static const uint64_t pieces[] = { PAGE_SIZE * 64, MIB(2), MIB(2) + PAGE_SIZE, GIB(1) };
	uint64_t piece = pieces[lent[which].size > MIB(64) ? 3 : any(ARRAY_SIZE(pieces))];

	map_in_parts(lent[which].ipa, lent[which].size, 0, piece);
	lent[which].size = 0;
}

/* Cells come and go in any order, and next to each other: root's map never has a leaf too many. */
static void test_fewest_lent(void **state)
{
	struct leaves before;
	size_t available, borrowed = 0;

	(void)state;
	start(40);
	oracle = calloc(SPACE_PAGES, sizeof(*oracle));
	seed = 8;
	map_in_parts(0, LENT, 0, LENT);
	/* EL2's own memory. */
	disown(GIB(1) - MIB(4) - 3 * PAGE_SIZE, MIB(1), S2_OWNER_HYPERVISOR);
	oracle_set(GIB(1) - MIB(4) - 3 * PAGE_SIZE, MIB(1), S2_OWNER_HYPERVISOR << 8);
	before = leaves(0, LENT);
	available = pool_available();
	for (int step = 0; step < LENDINGS; step++) {
		size_t which = any(LENDERS);

		if (lent[which].size)
			take_back(which);
		else
			lend(which);
		borrowed += !!lent[which].size;
		expect_fewest(0, LENT);
	}
	assert_true(borrowed > LENDINGS / 4);
	for (size_t which = 0; which < LENDERS; which++) {
		if (lent[which].size)
			take_back(which);
	}
	expect_fewest(0, LENT);
	assert_int_equal(leaves(0, LENT).gib, before.gib);
	assert_int_equal(leaves(0, LENT).pages, before.pages);
	assert_int_equal(pool_available(), available);
	free(oracle);
}

static void run_random(uint32_t ipa_bits)
{
	size_t errors[CAISSON_E_COUNT] = { 0 };

	start(ipa_bits);
	oracle = calloc(SPACE_PAGES, sizeof(*oracle));
	seed = ipa_bits;
	for (int step = 0; step < STEPS; step++) {
		uint64_t ipa, size;
		uint32_t error;
		size_t available = pool_available();

		choose(&ipa, &size);
		for (int i = 0; i < 64; i++)
			tlb_touch(ipa + any(size / PAGE_SIZE + 1) * PAGE_SIZE);
		tlb_touch(ipa - PAGE_SIZE);
		forget_events();
		error = random_step(ipa, size);
		errors[error]++;
		if (error) {
			assert_int_equal(event_count, 0);
			assert_int_equal(pool_available(), available);
		}
		tlb_check();
		assert_int_equal(broken_count, 0);
		compare_at(ipa - PAGE_SIZE);
		compare_at(ipa);
		compare_at(ipa + any(size));
		compare_at(ipa + size - 1);
		compare_at(ipa + size);
		assert_int_equal(pool_total() - pool_available(),
				 s2.root_pages + tables_below(s2.root, s2.start_level,
							      512 * s2.root_pages));
		if (step % 600 == 599)
			compare_all();
	}
	/* All three outcomes were met, success most of the time. */
	assert_true(errors[0] > STEPS / 2 && errors[CAISSON_E_OVERLAP] && errors[CAISSON_E_POOL]);
	merge(0, SPACE);
	expect_fewest(0, SPACE);
	free(oracle);
	disown(0, SPACE, 0);
	merge(0, SPACE);
	assert_int_equal(pool_total() - pool_available(), s2.root_pages);
}

static void test_random_level_1(void **state)
{
	(void)state;
	run_random(40);
}

static void test_random_level_0(void **state)
{
	(void)state;
	run_random(48);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fewest),
		TEST(test_fewest_lent),
		TEST(test_random_level_1),
		TEST(test_random_level_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
