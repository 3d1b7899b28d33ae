// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose memory is: what a cell is given, what that costs, and what root gets on first touch.
 *
 * Sources: hypervisor/core/cell.c hypervisor/core/cell_own.c hypervisor/core/cell_scrub.c
 * Sources: hypervisor/core/cell_image.c hypervisor/core/cell_make.c hypervisor/core/s2.c
 * Sources: hypervisor/core/pool.c hypervisor/core/config_check.c hypervisor/core/vpl011.c
 * Sources: hypervisor/core/watchdog.c ci/unit/fake/machine.c ci/unit/fake/cells.c
 * Sources: tools/cost.c tools/util.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <caisson/error.h>

#include "cells.h"
#include "pool.h"
#include "../../tools/cost.h"

static void test_memory_add_order(void **state)
{
	(void)state;
	create_good();
	assert_int_equal(add(MEM_IPA, MEM_PA, MEM_SIZE), 0);
	expect("cell 10000000/200000 = map 50000000 rwx");
	expect("cell 10200000/200000 = map 50200000 rwx");
	expect("publish");
	expect("root 50000000/200000 = own 17");
	expect("root 50200000/200000 = own 17");
	expect("root tlbi 50000000+400000");
	expect_end();
	for (uint64_t at = 0; at < MEM_SIZE; at += PAGE_SIZE) {
		assert_int_equal(root_owner_of(IPA(MEM_PA + at)), S2_OWNER_CELL + 1);
		assert_int_equal(s2_lookup(&cell->s2, IPA(MEM_IPA + at)).attrs,
				 S2_READ | S2_WRITE | S2_EXEC);
	}
	/* Across a border of blocks: both are split, with one invalidation for both. */
	assert_int_equal(add(ROM_IPA, ROM_PA, ROM_SIZE), 0);
	expect_skip("root");
	expect("root 5fe00000/200000 = pending");
	expect("root 60000000/200000 = pending");
	expect("root tlbi 5fe00000+400000");
	expect("root 5fe00000/200000 = table");
	expect("root 60000000/200000 = table");
	expect("publish");
	expect_end();
	assert_int_equal(s2_lookup(&cell->s2, IPA(ROM_IPA)).attrs, S2_READ);
	assert_true(root_lookup(IPA(ROM_PA - 1)).valid);
	assert_true(root_lookup(IPA(ROM_PA + ROM_SIZE)).valid);
	assert_int_equal(root_owner_of(IPA(ROM_PA)), S2_OWNER_CELL + 1);
	assert_int_equal(root_owner_of(IPA(ROM_PA + ROM_SIZE - 1)), S2_OWNER_CELL + 1);
	assert_int_equal(cell->state, CAISSON_CELL_CREATED);
	assert_false(cell->scrubbed);
}

static void test_memory_add_refused(void **state)
{
	static const struct {
		uint64_t ipa, pa, size;
		uint32_t code;
	} rows[] = {
		{ MEM_IPA, HV_PA, PAGE_SIZE, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_IPA, HV_PA - PAGE_SIZE, 2 * PAGE_SIZE, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_IPA, LOG_PA, PAGE_SIZE, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_IPA, 0x08000000, PAGE_SIZE, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_IPA, 0x09000000, PAGE_SIZE, CAISSON_E_MEM_NOT_RAM },
		{ MEM_IPA, DEVICE_PA, PAGE_SIZE, CAISSON_E_MEM_OWNED },
		{ MEM_IPA, MEM_PA, PAGE_SIZE, CAISSON_E_MEM_OWNED },
		{ MEM_IPA, MEM_PA - PAGE_SIZE, 2 * PAGE_SIZE, CAISSON_E_MEM_OWNED },
		{ MEM_IPA, 0x20000000, PAGE_SIZE, CAISSON_E_MEM_NOT_RAM },
		{ MEM_IPA, RAM_PA + RAM_SIZE - PAGE_SIZE, 2 * PAGE_SIZE, CAISSON_E_MEM_NOT_RAM },
		{ MEM_IPA, 0x51000000, PAGE_SIZE, CAISSON_E_OVERLAP },
		{ MEM_IPA, 0x51000000, 0, CAISSON_E_ALIGN },
		{ MEM_IPA, 0x51000800, PAGE_SIZE, CAISSON_E_ALIGN },
		{ MEM_IPA, ~0xfffULL, PAGE_SIZE, CAISSON_E_ALIGN },
		{ MEM_IPA + MEM_SIZE, 0x51000000, PAGE_SIZE, CAISSON_E_MEM_REGION },
		{ MEM_IPA + MEM_SIZE - PAGE_SIZE, 0x51000000, 2 * PAGE_SIZE, CAISSON_E_MEM_REGION },
		{ 0x30000000, 0x51000000, PAGE_SIZE, CAISSON_E_MEM_REGION },
		{ ROM_IPA, 0x51000000, PAGE_SIZE, CAISSON_E_ARGUMENT },
	};
	struct snapshot before;

	(void)state;
	create_good();
	assert_int_equal(add(MEM_IPA, MEM_PA, MEM_SIZE), 0);
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		before = snapshot();
		if (add(rows[n].ipa, rows[n].pa, rows[n].size) != -(int64_t)rows[n].code)
			fail_msg("row %zu", n);
		expect_end();
		/* But for the ticket of the cell's own lock. */
		assert_int_equal(pool_available(), before.available);
		free(before.pool);
	}
	assert_int_equal(s2_lookup(&cell->s2, IPA(MEM_IPA)).pa.v, MEM_PA);
	cell->state = CAISSON_CELL_READY;
	assert_int_equal(add(ROM_IPA, ROM_PA, ROM_SIZE), -CAISSON_E_STATE);
	expect_end();
}

/* Root keeps what it had, and the cell gets nothing, wherever the pool ends. */
static void test_memory_add_pool(void **state)
{
	size_t n;

	(void)state;
	create_good();
	for (n = 0; n < 20; n++) {
		void *taken = machine_starve(n);
		int64_t result = add(ROM_IPA, ROM_PA, ROM_SIZE);

		machine_feed(taken);
		if (!result)
			break;
		assert_int_equal(result, -CAISSON_E_POOL);
		for (size_t i = 0; i < events_count(); i++)
			assert_int_not_equal(strncmp(events_line(i), "root", 4), 0);
		assert_false(s2_lookup(&cell->s2, IPA(ROM_IPA)).valid);
		assert_true(root_lookup(IPA(ROM_PA)).valid);
		assert_true(root_lookup(IPA(ROM_PA + ROM_SIZE - 1)).valid);
	}
	/* Two of root's; one of the cell's, which keeps it from the second try on. */
	assert_int_equal(n, 2);
}

/* A block that comes in parts is a block in the end. */
static void test_memory_add_parts(void **state)
{
	(void)state;
	create_good();
	assert_int_equal(add(MEM_IPA, MEM_PA, PAGE_SIZE), 0);
	assert_int_equal(s2_lookup(&cell->s2, IPA(MEM_IPA)).size, PAGE_SIZE);
	assert_int_equal(add(MEM_IPA + PAGE_SIZE, MEM_PA + PAGE_SIZE, MEM_SIZE - PAGE_SIZE), 0);
	/* Root has lost it by then, and what was cut there is one entry as well. */
	expect_skip("root 501ff000/1000");
	expect("root 501ff000/1000 = own 17");
	expect("root tlbi 501c1000+3f000");
	expect("cell 10000000/200000 = pending");
	expect("cell tlbi 10000000+200000");
	expect("cell 10000000/200000 = map 50000000 rwx");
	expect("publish");
	expect("root 50000000/200000 = pending");
	expect("root tlbi 50000000+200000");
	expect("root 50000000/200000 = own 17");
	expect("publish");
	expect("cell 10200000/200000 = map 50200000 rwx");
	expect("publish");
	expect("root 50200000/200000 = own 17");
	expect("root tlbi 50200000+200000");
	expect_end();
}

/*
 * What hvctl reckons: the cell's own pages, and root's tables for the two blocks of 2 MiB that ROM
 * cuts.
 */
static void test_cost(void **state)
{
	size_t before = pool_available();

	(void)state;
	create_good();
	add_all();
	assert_int_equal(before - pool_available() - 2, cost_cell(&good_cell, sizeof(good_cell)));
	/*
	 * Root's RAM is no block of 1 GiB any more, because of the hypervisor's: two tables less.
	 */
	assert_int_equal(cost_root(&good_cell), 2 + 2);
}

/* --- first touch --- */

static void test_touch(void **state)
{
	struct cell_blob blob = good_cell;
	uint64_t device = 0x8040000000;

	(void)state;
	/* Owners stay: hypervisor, GIC, a cell's memory, device and register. */
	make_ready();
	assert_false(root_map_on_touch(IPA(HV_PA)));
	assert_false(root_map_on_touch(IPA(POOL_PA)));
	assert_false(root_map_on_touch(IPA(0x08000000)));
	assert_false(root_map_on_touch(IPA(0x0811fffc)));
	assert_false(root_map_on_touch(IPA(MEM_PA + MIB(3))));
	assert_false(root_map_on_touch(IPA(ROM_PA)));
	assert_false(root_map_on_touch(IPA(DEVICE_PA)));
	assert_false(root_map_on_touch(IPA(SUBPAGE_PA)));
	assert_false(root_map_on_touch(IPA(BIT(40))));
	assert_false(root_map_on_touch(IPA(~0ULL)));
	/* What another CPU has just mapped, or just taken apart, is there. */
	assert_true(root_map_on_touch(IPA(RAM_PA)));
	expect_end();
	/* A window: all of its gibibyte, never executable. */
	assert_true(root_map_on_touch(IPA(0x8000001234)));
	expect("root 8000000000/40000000 = map 8000000000 rw");
	expect("publish");
	expect_end();
	/* In an untouched one a cell has a page: the rest comes, the page does not. */
	blob.cell.name[0] = 'x';
	blob.cpu[0].first = 1;
	blob.cpu[0].count = 1;
	machine_cpus[1].state = CPU_PARKED;
	blob.irq[0].first = 70;
	blob.console.intid = 0;
	blob.cell.shutdown_intid = 0;
	blob.device[0].pa = device;
	blob.device[1].ipa += 0x200;
	blob.device[1].pa += 0x200;
	assert_int_equal(create(&blob), 0);
	events_forget();
	assert_false(root_map_on_touch(IPA(device)));
	expect_end();
	assert_true(root_map_on_touch(IPA(device + PAGE_SIZE)));
	expect("root 8040001000/1000 = map 8040001000 rw");
	expect("publish");
	assert_true(root_map_on_touch(IPA(device + MIB(2))));
	expect("root 8040200000/200000 = map 8040200000 rw");
	expect("publish");
	expect_end();
	assert_int_equal(root_owner_of(IPA(device)), S2_OWNER_CELL + 2);
	/* Had the page been taken between the look and the map, the map would have been refused. */
	assert_int_equal(s2_map(&root_cell->s2, IPA(device), PA(device), PAGE_SIZE,
				S2_READ | S2_WRITE | S2_FRESH),
			 CAISSON_E_OVERLAP);
	expect_end();
}

/* What a cell had out of an untouched window: as root touches the rest, it grows together. */
static void test_touch_merges(void **state)
{
	struct cell_blob blob = good_cell;
	uint64_t window = 0x8040000000, device = window + MIB(4);

	(void)state;
	blob.device[0].pa = device;
	assert_int_equal(create(&blob), 0);
	machine_watched = cell;
	scrub_all();
	while (cell_destroy(cell) == CAISSON_AGAIN)
		;
	assert_int_equal(root_lookup(IPA(device)).size, PAGE_SIZE);
	for (uint64_t at = window; at < window + GIB(1); at += PAGE_SIZE)
		assert_true(root_map_on_touch(IPA(at)));
	assert_int_equal(root_lookup(IPA(device)).size, GIB(1));
	events_forget();
	expect_end();
}

/* With 48 bits one entry of the topmost table is 512 GiB: one gibibyte is mapped all the same. */
static void test_touch_clamped(void **state)
{
	struct system_blob big = system_blob;

	(void)state;
	machine_pa_range = 5;
	big.device[3].ipa = big.device[3].pa = BIT(46);
	machine_start(&big);
	machine_pa_range = 2;
	assert_int_equal(root_cell->s2.start_level, 0);
	assert_true(root_map_on_touch(IPA(BIT(46) + GIB(3) + 8)));
	assert_true(root_lookup(IPA(BIT(46) + GIB(3))).valid);
	assert_int_equal(root_lookup(IPA(BIT(46) + GIB(3))).size, GIB(1));
	assert_false(root_lookup(IPA(BIT(46) + GIB(2))).valid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_memory_add_order),
		TEST(test_memory_add_refused),
		TEST(test_memory_add_pool),
		TEST(test_memory_add_parts),
		TEST(test_cost),
		TEST(test_touch),
		TEST(test_touch_merges),
		TEST(test_touch_clamped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
