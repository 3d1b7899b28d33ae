// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cells that EL2 restarts by itself: the image that it keeps, and each step of a restart.
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
#include "watchdog.h"

#define IMAGE_PA 0x52000000ULL
#define LOADED (MEM_PA + MIB(2)) /* a page, and the ROM's last two */

static int64_t keep(uint64_t ipa, uint64_t pa, uint64_t *size)
{
	memset(&refusal, 0, sizeof(refusal));
	events_forget();
	return cell_image_add(cell, IPA(ipa), PA(pa), size, &refusal);
}

/* Ready; what was loaded is in memory, and in the image. */
static void make_kept(uint32_t restarts)
{
	struct cell_blob blob = good_cell;
	uint64_t size = PAGE_SIZE;

	blob.cell.watchdog_ms = 2500;
	blob.cell.flags = CAISSON_CELL_KEEP_IMAGE;
	blob.cell.on_fault = CAISSON_ACTION_RESTART;
	blob.cell.restarts = restarts;
	make_ready_from(&blob);
	memset(machine_ram(LOADED), 0xc3, PAGE_SIZE);
	memset(machine_ram(ROM_PA + ROM_SIZE - 2 * PAGE_SIZE), 0x3c, 2 * PAGE_SIZE);
	assert_int_equal(keep(MEM_IPA + MIB(2), IMAGE_PA, &size), 0);
	size = 2 * PAGE_SIZE;
	assert_int_equal(keep(ROM_IPA + ROM_SIZE - size, IMAGE_PA + PAGE_SIZE, &size), 0);
	assert_int_equal(cell->images, 2);
}

static void start_kept(uint32_t restarts)
{
	make_kept(restarts);
	start_it();
	machine_cpus[3].state = CPU_RUNNING;
	memset(machine_ram(MEM_PA), 0xee, MEM_SIZE);
	memset(machine_ram(ROM_PA), 0xee, ROM_SIZE);
	events_forget();
}

/* On that CPU, which then parks. */
static void run_out(uint32_t cpu)
{
	fake_ticks = cell->watchdog_end;
	watchdog_look(&machine_cpus[cpu], 0x1234);
	if (machine_cpus[cpu].request & CPU_REQUEST_PARK)
		machine_cpus[cpu].state = CPU_PARKED;
	machine_cpus[cpu].request &= ~CPU_REQUEST_PARK;
}

static void share(uint32_t cpu)
{
	fake_this_cpu = &machine_cpus[cpu];
	cell_scrub_share(fake_this_cpu);
	fake_this_cpu = &machine_cpus[0];
}

static void expect_bytes(uint64_t at, uint64_t size, int byte)
{
	static uint8_t bytes[MEM_SIZE];

	memset(bytes, byte, size);
	assert_memory_equal(machine_ram(at), bytes, size);
}

static void expect_as_loaded(void)
{
	expect_bytes(MEM_PA, MIB(2), 0);
	expect_bytes(LOADED, PAGE_SIZE, 0xc3);
	expect_bytes(LOADED + PAGE_SIZE, MIB(2) - PAGE_SIZE, 0);
	expect_bytes(ROM_PA, ROM_SIZE - 2 * PAGE_SIZE, 0);
	expect_bytes(ROM_PA + ROM_SIZE - 2 * PAGE_SIZE, 2 * PAGE_SIZE, 0x3c);
}

static void expect_copied(uint64_t to, uint64_t from, unsigned int byte)
{
	expect("window A %lx", U(to));
	expect("window B %lx", U(from));
	expect("clean %lx+1000 first %02x", U(to), byte);
}

/* Out of root's tables and TLBs, then written. A call does eight pages; what goes on grows. */
static void test_image_add(void **state)
{
	uint64_t size = MIB(1);

	(void)state;
	make_kept(1);
	assert_int_equal(keep(MEM_IPA, IMAGE_PA + MIB(2), &size), 0);
	assert_int_equal(size, 8 * PAGE_SIZE);
	expect_skip("root tlbi");
	expect("root tlbi %lx+200000", U(IMAGE_PA + MIB(2)));
	expect("root %lx/200000 = table", U(IMAGE_PA + MIB(2)));
	expect("publish");
	for (uint64_t at = 0; at < 8 * PAGE_SIZE; at += PAGE_SIZE)
		expect_copied(IMAGE_PA + MIB(2) + at, MEM_PA + at, 0);
	expect_end();
	assert_int_equal(cell->images, 3);
	size = PAGE_SIZE;
	assert_int_equal(keep(MEM_IPA + 0x8000, IMAGE_PA + MIB(2) + 0x8000, &size), 0);
	assert_int_equal(cell->images, 3);
	assert_int_equal(root_owner_of(IPA(IMAGE_PA + MIB(2) + 0x8000)), S2_OWNER_CELL + 1);
	/* It would not be in the image. */
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, false), -CAISSON_E_STATE);
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
}

static void test_image_refused(void **state)
{
	const struct {
		uint64_t ipa, pa, size;
		uint32_t code;
	} rows[] = {
		{ MEM_IPA + 8, 0x53000000, PAGE_SIZE, CAISSON_E_ALIGN },
		{ MEM_IPA, 0x53000010, PAGE_SIZE, CAISSON_E_ALIGN },
		{ MEM_IPA, 0x53000000, 0, CAISSON_E_ALIGN },
		{ MEM_IPA, 0x53000000, 0x1800, CAISSON_E_ALIGN },
		{ MEM_IPA, ~0xfffULL, 0x2000, CAISSON_E_ALIGN },
		{ 0x30000000, 0x53000000, PAGE_SIZE, CAISSON_E_MEM_REGION },
		{ MEM_IPA + MEM_SIZE - PAGE_SIZE, 0x53000000, 0x2000, CAISSON_E_MEM_REGION },
		{ ~0xfffULL, 0x53000000, PAGE_SIZE, CAISSON_E_MEM_REGION },
		{ MEM_IPA, MEM_PA, PAGE_SIZE, CAISSON_E_MEM_OWNED },
		{ MEM_IPA, IMAGE_PA, PAGE_SIZE, CAISSON_E_MEM_OWNED },
		{ MEM_IPA, HV_PA, PAGE_SIZE, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_IPA, 0x08000000, PAGE_SIZE, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_IPA, RAM_PA + RAM_SIZE, PAGE_SIZE, CAISSON_E_MEM_NOT_RAM },
	};
	uint64_t size = PAGE_SIZE, n;
	void *taken;

	(void)state;
	make_ready();
	assert_int_equal(keep(MEM_IPA, IMAGE_PA, &size), -CAISSON_E_STATE);
	destroy_it();
	make_kept(1);
	for (n = 0; n < ARRAY_SIZE(rows); n++) {
		size = rows[n].size;
		if (keep(rows[n].ipa, rows[n].pa, &size) != -(int64_t)rows[n].code)
			fail_msg("row %lu", U(n));
		expect_end();
	}
	/* No page for the table that root needs; then no entry for another piece. */
	size = PAGE_SIZE;
	taken = machine_starve(0);
	assert_int_equal(keep(MEM_IPA, 0x53000000, &size), -CAISSON_E_POOL);
	machine_feed(taken);
	for (n = cell->images; n < PAGE_SIZE / 24; n++)
		assert_int_equal(keep(MEM_IPA, 0x53000000 + 2 * n * PAGE_SIZE, &size), 0);
	assert_int_equal(keep(MEM_IPA, 0x53800000, &size), -CAISSON_E_POOL);
	start_it();
	assert_int_equal(keep(MEM_IPA, 0x53800000, &size), -CAISSON_E_STATE);
	assert_int_equal(cell_stop(cell), 0);
	destroy_it();
}

/* By the CPU that found it out; each step behind the one that it relies on. */
static void test_restart_order(void **state)
{
	(void)state;
	start_kept(1);
	cell->gicd_ctlr = 2;
	run_out(3);
	expect("park 2 closed");
	expect("doorbell restarting");
	expect_end();
	assert_int_equal(cell->page->restarts, 1);
	share(3);
	expect("cpu 3 scrubbing");
	expect("spi 100 reset to cpu 2, owner cell");
	expect("spi 101 reset to cpu 2, owner cell");
	expect("spi 64 reset to cpu 2, owner cell");
	expect("spi 62 reset to cpu 2, owner cell");
	expect("spi 63 reset to cpu 2, owner cell");
	expect_zeroes(MEM_PA, MEM_SIZE);
	expect_zeroes(ROM_PA, ROM_SIZE);
	expect_copied(LOADED, IMAGE_PA, 0xc3);
	expect_copied(ROM_PA + ROM_SIZE - 2 * PAGE_SIZE, IMAGE_PA + PAGE_SIZE, 0x3c);
	expect_copied(ROM_PA + ROM_SIZE - PAGE_SIZE, IMAGE_PA + 2 * PAGE_SIZE, 0x3c);
	expect("doorbell running");
	expect("start 2 at %lx 0", U(MEM_IPA));
	expect("window clear");
	expect("cpu 3 parked");
	expect_end();
	expect_as_loaded();
	assert_int_equal(machine_cpus[2].state, CPU_PENDING);
	assert_int_equal(cell->gicd_ctlr, 0);
	assert_int_equal(cell->page->reason, 0);
	assert_int_equal(cell->watchdog_end, fake_ticks + PERIOD);
	/* So often and no more; by hand it begins anew. */
	machine_cpus[2].state = CPU_RUNNING;
	run_out(2);
	expect_skip("doorbell");
	expect("doorbell failed");
	expect_end();
	assert_int_equal(cell->page->restarts, 1);
	assert_int_equal(machine_cpus[2].request & CPU_REQUEST_SCRUB, 0);
}

/* The first CPU starts itself. Any number of times. */
static void test_restart_by_first(void **state)
{
	(void)state;
	start_kept(CAISSON_RESTARTS_UNLIMITED);
	for (uint32_t n = 1; n < 5; n++) {
		run_out(2);
		share(2);
		assert_int_equal(cell->state, CAISSON_CELL_RUNNING);
		assert_int_equal(machine_cpus[2].state, CPU_PENDING);
		expect_as_loaded();
		assert_int_equal(cell->page->restarts, n);
		machine_cpus[2].state = CPU_RUNNING;
		memset(machine_ram(MEM_PA), 0xee, MEM_SIZE);
		events_forget();
	}
	/* Not who was asked to shut down, nor by anything but the watchdog. */
	assert_int_equal(cell_ask(cell), -CAISSON_E_DEAF);
	machine_spi_in_use = 101;
	assert_int_equal(cell_ask(cell), 0);
	run_out(2);
	assert_int_equal(cell->state, CAISSON_CELL_FAILED);
	assert_int_equal(cell_stop(cell), 0);
	scrub_all();
	assert_int_equal(cell->images, 0);
	start_it();
	cell_fail(&machine_cpus[2], 0x93000046, 0x1234, HV_PA);
	assert_int_equal(cell->state, CAISSON_CELL_FAILED);
	events_forget();
	assert_int_equal(cell_stop(cell), 0);
	events_forget();
}

/* A CPU that does not hear loses its stage 2, and if that does not help the cell has failed. */
static void test_restart_deaf(void **state)
{
	(void)state;
	start_kept(1);
	machine_cpus_obey = false;
	fake_tick_step = arch_counter_hz() / 1000;
	run_out(3);
	share(3);
	expect("park 2 closed");
	expect("doorbell restarting");
	expect("cpu 3 scrubbing");
	expect("revoke");
	expect("doorbell failed");
	expect("window clear");
	expect("cpu 3 parked");
	expect_end();
	assert_int_equal(cell->page->reason, CAISSON_REASON_WATCHDOG);
	/* It can be stopped when the CPU comes after all. */
	machine_cpus[2].state = CPU_PARKED;
	assert_int_equal(cell_stop(cell), 0);
	expect("park 2 closed");
	expect("park 3 closed");
	expect("restore");
	events_forget();
}

static int64_t stopped;

static void stop_meanwhile(void)
{
	struct cpu *self = fake_this_cpu;

	fake_this_cpu = &machine_cpus[0];
	stopped = cell_stop(cell);
	assert_int_equal(cell_pause(cell), CAISSON_WAIT);
	fake_this_cpu = self;
}

static void revoke_meanwhile(void)
{
	cell->s2.revoked = true;
	for (uint32_t n = 0; n < 512 * cell->s2.root_pages; n++)
		((uint64_t *)cell->s2.root)[n] &= ~1ULL;
}

/* Root stops the cell at any moment: the restart ends there, and its CPU parks. */
static void test_restart_stopped(void **state)
{
	static const char *const moments[] = {
		"spi 63 reset to cpu 2, owner cell", "zero 50000000", "zero 50200000",
		"zero 60004000", "clean 50200000+1000 first c3", "clean 60004000+1000 first 3c",
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(moments); n++) {
		start_kept(1);
		run_out(3);
		stopped = 0;
		machine_when = moments[n];
		machine_meanwhile = stop_meanwhile;
		share(3);
		assert_null(machine_meanwhile);
		assert_int_equal(stopped, CAISSON_WAIT);
		assert_int_equal(machine_cpus[3].state, CPU_PARKED);
		assert_int_equal(machine_cpus[2].state, CPU_PARKED);
		assert_int_equal(cell->state, CAISSON_CELL_FAILED);
		assert_true(cell->closed);
		events_forget();
		assert_int_equal(cell_stop(cell), 0);
		destroy_it();
		machine_cpus[2].request = machine_cpus[3].request = 0;
	}
	/* Before it began. */
	start_kept(1);
	run_out(3);
	assert_int_equal(cell_stop(cell), 0);
	share(3);
	assert_int_equal(cell->state, CAISSON_CELL_STOPPED);
	destroy_it();
}

/* Without its tables memory is not found: no cell begins in what was not zeroed. */
static void test_restart_revoked(void **state)
{
	static const char *const moments[] = { "zero 50000000", "clean 50200000+1000 first c3" };

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(moments); n++) {
		setup(NULL);
		start_kept(1);
		run_out(3);
		machine_when = moments[n];
		machine_meanwhile = revoke_meanwhile;
		share(3);
		assert_null(machine_meanwhile);
		assert_int_equal(cell->state, CAISSON_CELL_FAILED);
		events_forget();
	}
}

/* The next scrub gives the image back, zeroed, in pieces; if the pool is empty, later. */
static void test_image_given_back(void **state)
{
	struct snapshot before = snapshot();
	void *taken;

	(void)state;
	start_kept(1);
	assert_int_equal(cell_stop(cell), 0);
	events_forget();
	taken = machine_starve(0);
	assert_int_equal(cell_scrub(cell), CAISSON_AGAIN);
	machine_feed(taken);
	expect_zeroes(IMAGE_PA + PAGE_SIZE, 2 * PAGE_SIZE);
	expect_skip("publish");
	expect("publish");
	expect_end();
	assert_int_equal(cell->images, 1);
	assert_int_equal(cell_scrub(cell), CAISSON_AGAIN);
	expect_zeroes(IMAGE_PA, PAGE_SIZE);
	events_forget();
	assert_int_equal(root_lookup(IPA(IMAGE_PA)).size, MIB(2));
	assert_int_equal(*machine_ram(IMAGE_PA), 0);
	destroy_it();
	events_forget();
	for (uint32_t n = 2; n < MACHINE_CPUS; n++)
		machine_cpus[n].request = before.cpus[n].request;
	expect_same(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_image_add),
		TEST(test_image_refused),
		TEST(test_restart_order),
		TEST(test_restart_by_first),
		TEST(test_restart_deaf),
		TEST(test_restart_stopped),
		TEST(test_restart_revoked),
		TEST(test_image_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
