// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a cell ends: in which order root gets back what it lent, and that nothing is left.
 *
 * Sources: hypervisor/core/cell.c hypervisor/core/cell_own.c hypervisor/core/cell_scrub.c
 * Sources: hypervisor/core/cell_image.c hypervisor/core/cell_make.c hypervisor/core/s2.c
 * Sources: hypervisor/core/pool.c hypervisor/core/config_check.c hypervisor/core/vpl011.c
 * Sources: hypervisor/core/watchdog.c ci/unit/fake/machine.c ci/unit/fake/cells.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <caisson/error.h>

#include "cells.h"
#include "log.h"
#include "pool.h"

static void expect_given_back(void)
{
	expect("spi 62 reset to cpu 0, owner none");
	expect("spi 63 reset to cpu 0, owner none");
	expect("spi 64 reset to cpu 0, owner none");
	expect("spi 100 reset to cpu 0, owner none");
	expect("spi 101 reset to cpu 0, owner none");
	expect("root 9010000/1000 = map 9010000 rw");
	expect("publish");
	expect("root a001000/1000 = map a001000 rw");
	expect("publish");
}

static void test_destroy_order(void **state)
{
	struct snapshot before = snapshot();
	uint64_t page;

	(void)state;
	make_running();
	page = pool_pa(cell->page).v;
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	expect_end();
	assert_int_equal(cell_stop(cell), 0);
	scrub_all();
	/* A call that takes longer than it may does one piece. */
	machine_cpus[0].call_end = 0;
	assert_int_equal(cell_destroy(cell), CAISSON_AGAIN);
	/* No TLB has anything of this VMID before root gets the first page; its CPUs are parked. */
	expect("doorbell dying");
	expect("cell tlbi 0+8000000000");
	expect("root 50000000/200000 = map 50000000 rwx");
	expect("root 50200000/200000 = map 50200000 rwx");
	expect("publish");
	expect_end();
	assert_ptr_equal(machine_cpus[2].cell, cell);
	assert_int_equal(cell_destroy(cell), CAISSON_AGAIN);
	expect("root 5ffff000/1000 = map 5ffff000 rwx");
	for (uint64_t at = 0x60000000; at < ROM_PA + ROM_SIZE; at += PAGE_SIZE)
		expect("root %lx/1000 = map %lx rwx", U(at), U(at));
	expect("publish");
	/* Back into blocks, by break-before-make. */
	expect("root 5fe00000/200000 = pending");
	expect("root 60000000/200000 = pending");
	expect("root tlbi 5fe00000+400000");
	expect("root 5fe00000/200000 = map 5fe00000 rwx");
	expect("root 60000000/200000 = map 60000000 rwx");
	expect("publish");
	expect_end();
	machine_cpus[0].call_end = UINT64_MAX / 2;
	assert_int_equal(cell_destroy(cell), 0);
	expect_given_back();
	expect("root %lx/1000 = own 1", U(page));
	expect("root tlbi %lx+1000", U(page));
	expect_end();
	assert_ptr_equal(machine_cpus[2].cell, root_cell);
	assert_ptr_equal(machine_cpus[3].cell, root_cell);
	assert_int_equal(machine_cpus[3].vcpu, 3);
	machine_cpus[2].request = before.cpus[2].request;
	expect_same(&before);
}

/* With registers in the same page. */
static struct cell_blob neighbour(void)
{
	struct cell_blob other = good_cell;

	strcpy(other.cell.name, "other");
	other.cell.shutdown_intid = 0;
	other.cpu[0].first = 1;
	other.cpu[0].count = 1;
	machine_cpus[1].state = CPU_PARKED;
	other.device[0].pa = 0x09000000;
	other.device[1].ipa += 0x200;
	other.device[1].pa += 0x200;
	other.irq[0].first = 40;
	other.console.intid = 0;
	return other;
}

/*
 * A page of which both have registers would be root's again while the one that is being made, which
 * is in no list yet, counts on it: no cell ends until it is made, or given up.
 */
static void test_destroy_while_making(void **state)
{
	struct cell_blob other;
	struct cell *made;

	(void)state;
	create_good();
	made = cell;
	scrub_all();
	other = neighbour();
	machine_cpus[0].call_end = 0;
	for (int64_t result = create(&other); result;) {
		assert_int_equal(result, CAISSON_AGAIN);
		assert_int_equal(cell_destroy(made), -CAISSON_E_STATE);
		assert_int_equal(made->state, CAISSON_CELL_CREATED);
		result = cell_create(PA(BLOB_PA), sizeof(other), &cell, &refusal);
	}
	assert_ptr_not_equal(cell, made);
	machine_watched = made;
	while (cell_destroy(made) == CAISSON_AGAIN)
		;
	assert_int_equal(root_owner_of(IPA(TABLE_PAGE(SUBPAGE_PA))), S2_OWNER_EMULATED);
	destroy_it();
	assert_true(root_lookup(IPA(TABLE_PAGE(SUBPAGE_PA))).valid);
}

/*
 * Two that end across each other, call by call: who is last to give the page back gives it to root.
 */
static void test_destroy_across(void **state)
{
	struct cell *ending[2];
	struct cell_blob other;
	int64_t result[2] = { CAISSON_AGAIN, CAISSON_AGAIN };

	(void)state;
	create_good();
	scrub_all();
	ending[0] = cell;
	other = neighbour();
	assert_int_equal(create(&other), 0);
	scrub_all();
	ending[1] = cell;
	machine_cpus[0].call_end = 0;
	while (result[0] || result[1])
		for (int n = 0; n < 2; n++) {
			assert_false(result[n] && result[n] != CAISSON_AGAIN);
			machine_watched = ending[n];
			if (result[n])
				result[n] = cell_destroy(ending[n]);
		}
	assert_true(root_lookup(IPA(TABLE_PAGE(SUBPAGE_PA))).valid);
}

/* Without memory, too; and only what was scrubbed. */
static void test_destroy_refused(void **state)
{
	struct snapshot before = snapshot();

	(void)state;
	create_good();
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	add_all();
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	events_forget();
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	scrub_all();
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, false), 0);
	events_forget();
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	assert_int_equal(cell_scrub(cell), -CAISSON_E_STATE);
	expect_end();
	assert_int_equal(cell_stop(cell), 0);
	scrub_all();
	while (cell_destroy(cell) == CAISSON_AGAIN)
		;
	events_forget();
	expect_same(&before);
	before = snapshot();
	create_good();
	scrub_all();
	assert_int_equal(cell->state, CAISSON_CELL_CREATED);
	assert_int_equal(cell_destroy(cell), 0);
	expect("doorbell dying");
	expect("cell tlbi 0+8000000000");
	expect_given_back();
	expect_skip("root tlbi 7c");
	expect_same(&before);
}

/* Giving back may need a table: the destroy fails, can be tried again, and ends the same way. */
static void test_destroy_pool(void **state)
{
	struct snapshot before = snapshot();
	struct cell_blob blob = good_cell;
	uint32_t failures = 0;

	(void)state;
	/* Blocks in root that are pages in the cell. */
	assert_int_equal(create(&blob), 0);
	machine_watched = cell;
	assert_int_equal(add(MEM_IPA + PAGE_SIZE, MEM_PA, MIB(2)), 0);
	scrub_all();
	for (int64_t result = CAISSON_AGAIN; result;) {
		void *taken = machine_starve(0);

		result = cell_destroy(cell);
		machine_feed(taken);
		if (result == CAISSON_AGAIN || !result)
			continue;
		failures++;
		assert_int_equal(result, -CAISSON_E_POOL);
		assert_int_equal(cell->state, CAISSON_CELL_DYING);
		assert_int_equal(cell_stop(cell), 0);
		assert_int_equal(cell_scrub(cell), 0);
		assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, false),
				 -CAISSON_E_STATE);
		assert_int_equal(cell_start(cell, IPA(MEM_IPA), (uint64_t[4]){ 0 }),
				 -CAISSON_E_STATE);
		assert_int_equal(add(ROM_IPA, ROM_PA, ROM_SIZE), -CAISSON_E_STATE);
		result = cell_destroy(cell);
		assert_in_range(result, 0, CAISSON_AGAIN);
	}
	assert_in_range(failures, 1, 100);
	events_forget();
	expect_end();
	expect_same(&before);
}

/* A hundred lives leave nothing behind. */
static void test_lives(void **state)
{
	struct snapshot before = snapshot();

	(void)state;
	for (int n = 0; n < 100; n++) {
		make_running();
		assert_int_equal(cell->id, 1);
		assert_int_equal(cell_stop(cell), 0);
		scrub_all();
		while (cell_destroy(cell) == CAISSON_AGAIN)
			;
		events_forget();
		expect_end();
	}
	machine_cpus[2].request = before.cpus[2].request;
	expect_same(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_destroy_order),
		TEST(test_destroy_while_making),
		TEST(test_destroy_across),
		TEST(test_destroy_refused),
		TEST(test_destroy_pool),
		TEST(test_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
