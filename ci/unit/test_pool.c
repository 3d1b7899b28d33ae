// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page pool: sizes, alignment by physical address, exhaustion, zeroes, and random use against a
 * list of who holds what.
 *
 * Sources: hypervisor/core/pool.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pool.h"

#define PAGES 200u
#define BASE 0x40003000ULL /* on purpose aligned to one page only */

static uint8_t *memory;

static int setup(void **state)
{
	(void)state;
	memory = aligned_alloc(PAGE_SIZE, PAGES * PAGE_SIZE);
	memset(memory, 0, PAGES * PAGE_SIZE);
	pool_init(memory, PA(BASE), PAGES);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(memory);
	return 0;
}

static bool is_zero(const uint8_t *page, size_t pages)
{
	for (size_t i = 0; i < pages * PAGE_SIZE; i++) {
		if (page[i])
			return false;
	}
	return true;
}

static void test_totals(void **state)
{
	uint8_t *large;

	(void)state;
	assert_int_equal(pool_total(), PAGES - 1);
	assert_int_equal(pool_available(), PAGES - 1);
	pool_init(memory, PA(BASE), 1);
	assert_int_equal(pool_total(), 0);
	assert_null(pool_alloc(1));
	pool_init(memory, PA(BASE), 0);
	assert_int_equal(pool_total(), 0);
	assert_null(pool_alloc(1));

	/* One page more than one page of bits can tell of. */
	large = calloc(8 * PAGE_SIZE + 1, PAGE_SIZE);
	pool_init(large, PA(0), 8 * PAGE_SIZE + 1);
	assert_int_equal(pool_total(), 8 * PAGE_SIZE - 1);
	assert_ptr_equal(pool_alloc(1), large + 2 * PAGE_SIZE);
	free(large);
}

static void test_addresses(void **state)
{
	uint8_t *page = pool_alloc(1);

	(void)state;
	assert_int_equal(pool_pa(page).v, BASE + (uint64_t)(page - memory));
	assert_ptr_equal(pool_va(pool_pa(page)), page);
	assert_int_equal(pool_pa(page + 5).v, BASE + (uint64_t)(page - memory) + 5);
}

static void test_alignment(void **state)
{
	static const struct {
		size_t count, align;
	} rows[] = { { 1, 1 }, { 2, 2 }, { 3, 4 }, { 4, 4 }, { 5, 8 }, { 16, 16 }, { 33, 64 } };
	size_t taken = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		void *va = pool_alloc(rows[i].count);

		assert_non_null(va);
		assert_int_equal(pool_pa(va).v % (rows[i].align * PAGE_SIZE), 0);
		taken += rows[i].count;
		assert_int_equal(pool_available(), PAGES - 1 - taken);
	}
}

static void test_exhaustion(void **state)
{
	uint8_t *page, *last = NULL;
	size_t count = 0;

	(void)state;
	assert_null(pool_alloc(0));
	assert_null(pool_alloc(PAGES));
	assert_null(pool_alloc(SIZE_MAX));
	while ((page = pool_alloc(1))) {
		assert_true(is_zero(page, 1));
		memset(page, 0xff, PAGE_SIZE);
		last = page;
		count++;
	}
	assert_int_equal(count, PAGES - 1);
	assert_int_equal(pool_available(), 0);
	pool_free(last, 1);
	assert_int_equal(pool_available(), 1);
	assert_null(pool_alloc(2));
	assert_ptr_equal(pool_alloc(1), last);
	assert_true(is_zero(last, 1));
}

/* Enough pages, but nowhere as many in a row. */
static void test_fragments(void **state)
{
	uint8_t *pages[PAGES - 1];

	(void)state;
	for (size_t i = 0; i < PAGES - 1; i++)
		pages[i] = pool_alloc(1);
	for (size_t i = 0; i < PAGES - 1; i += 2)
		pool_free(pages[i], 1);
	assert_null(pool_alloc(2));
	for (size_t i = 1; i < PAGES - 1; i += 2)
		pool_free(pages[i], 1);
	assert_int_equal(pool_available(), pool_total());
	assert_non_null(pool_alloc(64));
}

static size_t any(size_t limit)
{
	return (size_t)rand() % limit;
}

static void test_random(void **state)
{
	struct {
		uint8_t *va;
		size_t count;
	} held[64] = { 0 };
	uint8_t owner[PAGES] = { 1 };
	size_t available = PAGES - 1;

	(void)state;
	srand(1);
	for (int step = 0; step < 20000; step++) {
		size_t i = any(ARRAY_SIZE(held));
		size_t count = any(4) ? 1 : any(20) + 1;

		if (held[i].va) {
			memset(owner + (held[i].va - memory) / (long)PAGE_SIZE, 0, held[i].count);
			pool_free(held[i].va, held[i].count);
			available += held[i].count;
			held[i].va = NULL;
		} else {
			uint8_t *va = pool_alloc(count);

			if (!va) {
				assert_true(count > 1 || available == 0);
				continue;
			}
			assert_true(is_zero(va, count));
			for (size_t page = 0; page < count; page++) {
				size_t n = (size_t)(va - memory) / PAGE_SIZE + page;
				size_t byte = page * PAGE_SIZE + any(PAGE_SIZE);

				assert_in_range(n, 1, PAGES - 1);
				assert_int_equal(owner[n], 0);
				owner[n] = 1;
				va[byte] = 0xee;
			}
			held[i].va = va;
			held[i].count = count;
			available -= count;
		}
		assert_int_equal(pool_available(), available);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_totals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_alignment, setup, teardown),
		cmocka_unit_test_setup_teardown(test_exhaustion, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fragments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
