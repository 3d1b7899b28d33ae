// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is in a cell's memory: zeros, then what root loads, and what root and EL2 read.
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

static void make_dirty(void)
{
	create_good();
	add_all();
	memset(machine_ram(MEM_PA), 0x5a, MEM_SIZE);
	memset(machine_ram(ROM_PA - PAGE_SIZE), 0x5a, ROM_SIZE + 2 * PAGE_SIZE);
}

static void expect_clean(void)
{
	assert_true(cell->scrubbed);
	assert_int_equal(cell->state, CAISSON_CELL_READY);
	for (uint64_t n = 0; n < MEM_SIZE; n += 8)
		assert_int_equal(*(uint64_t *)(void *)machine_ram(MEM_PA + n), 0);
	for (uint64_t n = 0; n < ROM_SIZE; n++)
		assert_int_equal(*machine_ram(ROM_PA + n), 0);
	/* Its neighbours are root's. */
	assert_int_equal(*machine_ram(ROM_PA - 1), 0x5a);
	assert_int_equal(*machine_ram(ROM_PA + ROM_SIZE), 0x5a);
}

/* Root asks; the cell's CPUs do it, every page once; READY is root's to say, behind the last. */
static void test_scrub(void **state)
{
	static const uint64_t args[4];

	(void)state;
	make_dirty();
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	expect("kick 2");
	expect("kick 3");
	expect_end();
	/* Until they have come, and while they are at it, root's CPU does nothing. */
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	expect_end();
	cell_scrub_share(&machine_cpus[2]);
	expect("cpu 2 scrubbing");
	expect_zeroes(MEM_PA, MEM_SIZE);
	expect_zeroes(ROM_PA, ROM_SIZE);
	/* No window outlives the work, and the CPU is not parked before. */
	expect("window clear");
	expect("cpu 2 parked");
	expect_end();
	assert_int_equal(cell->state, CAISSON_CELL_CREATED);
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), -CAISSON_E_STATE);
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	/* The other one comes late: nothing is left. */
	cell_scrub_share(&machine_cpus[3]);
	expect("cpu 3 scrubbing");
	expect("window clear");
	expect("cpu 3 parked");
	assert_int_equal(cell_scrub(cell), 0);
	expect("doorbell ready");
	expect_end();
	assert_string_equal(machine_log,
			    "cell good: 1030 pages zeroed by its own cpus, 0 by root's");
	expect_clean();
	assert_int_equal(cell_scrub(cell), 0);
	expect_end();
}

/* Who wakes after all is over finds nothing to do: the cell may be loaded by then. */
static void test_scrub_late(void **state)
{
	(void)state;
	make_dirty();
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	cell_scrub_share(&machine_cpus[2]);
	fake_ticks += arch_counter_hz();
	assert_int_equal(cell_scrub(cell), 0);
	expect_clean();
	memset(machine_ram(MEM_PA), 0x77, PAGE_SIZE);
	events_forget();
	cell_scrub_share(&machine_cpus[3]);
	expect_end();
	assert_int_equal(*machine_ram(MEM_PA), 0x77);
	assert_int_equal(machine_cpus[3].state, CPU_PARKED);
}

/* CPUs that are not in EL2, or do not hear: root's does it, a piece a call. */
static void test_scrub_by_root(void **state)
{
	uint64_t at[2] = { MEM_PA, ROM_PA }, seen = 0;
	int64_t result;

	for (int firmware = 0; firmware < 2; firmware++) {
		setup(state);
		make_dirty();
		if (firmware)
			machine_cpus[2].state = machine_cpus[3].state = CPU_FIRMWARE;
		else
			assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
		/* Twenty milliseconds are theirs. */
		fake_ticks += firmware ? 0 : arch_counter_hz() / 50 - 1;
		if (!firmware)
			assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
		fake_ticks += !firmware;
		events_forget();
		seen = 0;
		at[0] = MEM_PA;
		at[1] = ROM_PA;
		while ((result = cell_scrub(cell)) == CAISSON_AGAIN) {
			assert_int_equal(cell->state, CAISSON_CELL_CREATED);
			assert_in_range(events_count(), 2, 2 * 32);
			for (size_t n = 0; n < events_count(); n += 2, seen++) {
				uint64_t *next = &at[seen >= MEM_SIZE / PAGE_SIZE];

				expect_zeroes(*next, PAGE_SIZE);
				*next += PAGE_SIZE;
			}
			expect_end();
		}
		assert_int_equal(result, 0);
		assert_int_equal(seen, (MEM_SIZE + ROM_SIZE) / PAGE_SIZE);
		expect("doorbell ready");
		expect_end();
		expect_clean();
	}
}

/* One is lost in its piece: nobody knows what it will still write, so nothing is given back. */
static void test_scrub_lost(void **state)
{
	(void)state;
	make_dirty();
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	machine_cpus[3].state = CPU_SCRUBBING;
	cell_scrub_share(&machine_cpus[2]);
	events_forget();
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	fake_ticks += 5 * arch_counter_hz();
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	fake_ticks++;
	assert_int_equal(cell_scrub(cell), -CAISSON_E_TIMEOUT);
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	expect_end();
	assert_int_equal(cell->state, CAISSON_CELL_CREATED);
	/* It comes back after all. */
	machine_cpus[3].state = CPU_PARKED;
	assert_int_equal(cell_scrub(cell), 0);
	expect_clean();
}

/* Slow is not lost, as long as there is a page from time to time. */
static void test_scrub_slow(void **state)
{
	(void)state;
	make_dirty();
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	machine_cpus[3].state = CPU_SCRUBBING;
	fake_zero_ticks = arch_counter_hz();
	assert_true(cell_scrub_piece(cell, true));
	fake_ticks += 5 * arch_counter_hz();
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	fake_ticks++;
	assert_int_equal(cell_scrub(cell), -CAISSON_E_TIMEOUT);
}

/* Something is missing: scrubbed (it may be destroyed), but not ready. */
static void test_scrub_missing(void **state)
{
	(void)state;
	create_good();
	assert_int_equal(add(MEM_IPA + MIB(2), MEM_PA, PAGE_SIZE), 0);
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	events_forget();
	cell_scrub_share(&machine_cpus[2]);
	expect("cpu 2 scrubbing");
	expect_zeroes(MEM_PA, PAGE_SIZE);
	expect("window clear");
	expect("cpu 2 parked");
	expect_end();
	assert_int_equal(cell_scrub(cell), 0);
	expect_end();
	assert_int_equal(cell->state, CAISSON_CELL_CREATED);
	assert_true(cell->scrubbed);
	/* The rest arrives: all of it once more, also if that was under way. */
	assert_int_equal(add(MEM_IPA, MIB(1) + MEM_PA, MIB(2)), 0);
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	cell_scrub_share(&machine_cpus[3]);
	assert_int_equal(add(MEM_IPA + MIB(2) + PAGE_SIZE, MEM_PA + MIB(8), MIB(2) - PAGE_SIZE), 0);
	assert_int_equal(add(ROM_IPA, ROM_PA, ROM_SIZE), 0);
	assert_false(cell->scrubbed);
	memset(machine_ram(MEM_PA), 0x5a, PAGE_SIZE);
	scrub_all();
	assert_int_equal(cell->state, CAISSON_CELL_READY);
	assert_int_equal(*machine_ram(MEM_PA), 0);
}

/* --- load --- */

static void test_load(void **state)
{
	(void)state;
	create_good();
	add_all();
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, false), -CAISSON_E_STATE);
	scrub_all();
	memset(machine_ram(SOURCE_PA), 0xc3, PAGE_SIZE);
	assert_int_equal(
		cell_copy(cell, IPA(MEM_IPA + MIB(2) + 0x100), PA(SOURCE_PA + 0x20), 0xf00, false), 0);
	expect("window A %lx", U(MEM_PA + MIB(2) + 0x100));
	expect("window B %lx", U(SOURCE_PA + 0x20));
	/* It was copied when it was cleaned. */
	expect("clean %lx+f00 first c3", U(MEM_PA + MIB(2) + 0x100));
	expect_end();
	assert_false(cell->scrubbed);
	assert_int_equal(*machine_ram(MEM_PA + MIB(2) + 0xff), 0);
	assert_int_equal(*machine_ram(MEM_PA + MIB(2) + 0xfff), 0xc3);
	assert_int_equal(*machine_ram(MEM_PA + MIB(2) + 0x1000), 0);
	/* What the cell itself may not write is loaded as well; not its device, not beyond. */
	assert_int_equal(cell_copy(cell, IPA(ROM_IPA), PA(SOURCE_PA), PAGE_SIZE, false), 0);
	events_forget();
	assert_int_equal(cell_copy(cell, IPA(0x30000000), PA(SOURCE_PA), 16, false),
			 -CAISSON_E_MEM_REGION);
	assert_int_equal(cell_copy(cell, IPA(0x08000000), PA(SOURCE_PA), 16, false),
			 -CAISSON_E_MEM_REGION);
	assert_int_equal(cell_copy(cell, IPA(BIT(60)), PA(SOURCE_PA), 16, false), -CAISSON_E_MEM_REGION);
	expect_end();
}

static void test_load_source(void **state)
{
	const struct {
		uint64_t pa, size;
		uint32_t code;
	} rows[] = {
		{ HV_PA, 16, CAISSON_E_MEM_HYPERVISOR },
		{ LOG_PA, 16, CAISSON_E_MEM_HYPERVISOR },
		{ POOL_PA, 16, CAISSON_E_MEM_HYPERVISOR },
		{ (make_ready(), pool_pa(cell->page).v), 16, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_PA, 16, CAISSON_E_MEM_OWNED },
		{ DEVICE_PA, 16, CAISSON_E_MEM_OWNED },
		{ 0x09000000, 16, CAISSON_E_MEM_NOT_RAM },
		{ 0x08000000, 16, CAISSON_E_MEM_HYPERVISOR },
		{ 0x20000000, 16, CAISSON_E_MEM_NOT_RAM },
		{ RAM_PA + RAM_SIZE, 16, CAISSON_E_MEM_NOT_RAM },
		{ ~0xfffULL, 16, CAISSON_E_MEM_NOT_RAM },
		{ SOURCE_PA, 0, CAISSON_E_ARGUMENT },
		{ SOURCE_PA + 8, PAGE_SIZE, CAISSON_E_ARGUMENT },
		{ SOURCE_PA, BIT(63), CAISSON_E_ARGUMENT },
	};

	(void)state;
	assert_true(root_lookup(cell->page ? IPA(pool_pa(cell->page).v) : IPA(0)).valid);
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++)
		if (cell_copy(cell, IPA(MEM_IPA), PA(rows[n].pa), rows[n].size, false) !=
		    -(int64_t)rows[n].code)
			fail_msg("row %zu", n);
	expect_end();
	/* A window that root touched is mapped, and no RAM. */
	assert_true(root_map_on_touch(IPA(0x8000000000)));
	events_forget();
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(0x8000000000), 16, false),
			 -CAISSON_E_MEM_NOT_RAM);
	expect_end();
	assert_true(cell->scrubbed);
}

/* --- read --- */

static void test_read(void **state)
{
	(void)state;
	create_good();
	add_all();
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, true), -CAISSON_E_STATE);
	scrub_all();
	memset(machine_ram(MEM_PA), 0xc3, PAGE_SIZE);
	events_forget();
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), PAGE_SIZE, true), 0);
	expect("window A %lx", U(MEM_PA));
	expect("window B %lx", U(SOURCE_PA));
	/* Before it is read: what is in memory is newer than what is in a clean line. */
	expect("clean %lx+1000 first c3", U(MEM_PA));
	expect_end();
	assert_true(cell->scrubbed);
	assert_int_equal(*machine_ram(SOURCE_PA), 0xc3);
	assert_int_equal(*machine_ram(SOURCE_PA + 0xfff), 0xc3);
	/* Running, or ended. */
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), (uint64_t[4]){ 0 }), 0);
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, true), 0);
	cell_halt(&machine_cpus[2], CAISSON_CELL_OFF);
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, true), 0);
	events_forget();
	/* Nothing but its memory, and into nothing but root's. */
	assert_int_equal(cell_copy(cell, IPA(0x30000000), PA(SOURCE_PA), 16, true),
			 -CAISSON_E_MEM_REGION);
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(HV_PA), 16, true), -CAISSON_E_MEM_HYPERVISOR);
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(LOG_PA), 16, true),
			 -CAISSON_E_MEM_HYPERVISOR);
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(MEM_PA), 16, true), -CAISSON_E_MEM_OWNED);
	expect_end();
}

/* A word of code, from memory itself, and no window is left when the lock is free. */
static void test_fetch(void **state)
{
	uint32_t word = 0;

	(void)state;
	make_running();
	memcpy(machine_ram(MEM_PA + 0x124), "\x1f\x20\x03\xd5", 4);
	events_forget();
	assert_true(cell_fetch(cell, IPA(MEM_IPA + 0x124), &word));
	assert_int_equal(word, 0xd503201f);
	expect("window A %lx", U(MEM_PA + 0x124));
	expect("clean %lx+4 first 1f", U(MEM_PA + 0x124));
	expect("window clear");
	expect_end();
	/* Nothing is there, or no address. */
	assert_false(cell_fetch(cell, IPA(0x30000000), &word));
	assert_false(cell_fetch(cell, IPA(1ULL << 50), &word));
	expect_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_scrub),
		TEST(test_scrub_late),
		TEST(test_scrub_by_root),
		TEST(test_scrub_lost),
		TEST(test_scrub_slow),
		TEST(test_scrub_missing),
		TEST(test_load),
		TEST(test_load_source),
		TEST(test_read),
		TEST(test_fetch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
