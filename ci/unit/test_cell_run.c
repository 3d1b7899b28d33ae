// SPDX-License-Identifier: GPL-2.0-only
/*
 * A cell's start, stop and pause, how it ends by itself, and what it notes.
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

/* --- start --- */

static void test_start_order(void **state)
{
	static const uint64_t args[4] = { 0x11, 2, 3, 4 };

	(void)state;
	make_ready();
	memset(machine_ram(MEM_PA), 0x77, PAGE_SIZE);
	cell->gicd_ctlr = 3;
	cell->page->reason = 1;
	cell->page->dropped = 5;
	cell->console.imsc = 0x7ff;
	assert_int_equal(cell_start(cell, IPA(MEM_IPA + 4), args), 0);
	/* The fake start asserts that the cell is open. No line about memory. */
	expect("doorbell running");
	expect("start 2 at %lx 11", U(MEM_IPA + 4));
	expect_end();
	assert_int_equal(*machine_ram(MEM_PA), 0x77);
	assert_false(cell->scrubbed);
	assert_int_equal(cell->gicd_ctlr, 0);
	assert_int_equal(cell->page->reason, 0);
	assert_int_equal(cell->page->dropped, 0);
	assert_int_equal(cell->console.imsc, 0);
	assert_int_equal(cell->running, 1);
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), -CAISSON_E_STATE);
	expect_end();
}

static void test_start_refused(void **state)
{
	static const uint64_t args[4];
	static const uint64_t entries[] = { MEM_IPA + MEM_SIZE, MEM_IPA - 4, ROM_IPA,
					    0x30000000,		MEM_IPA + 2, MEM_IPA + 1,
					    0x08000000,		BIT(39),     ~3ULL };

	(void)state;
	create_good();
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), -CAISSON_E_STATE);
	add_all();
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), -CAISSON_E_STATE);
	scrub_all();
	for (size_t n = 0; n < ARRAY_SIZE(entries); n++)
		assert_int_equal(cell_start(cell, IPA(entries[n]), args), -CAISSON_E_ENTRY_POINT);
	expect_end();
	assert_true(cell->closed);
	assert_true(cell->scrubbed);
	assert_int_equal(cell->state, CAISSON_CELL_READY);
}

/* A CPU that is physically off comes through firmware, which may refuse. */
static void test_start_firmware(void **state)
{
	static const uint64_t args[4];

	(void)state;
	make_ready();
	machine_cpus[2].state = CPU_FIRMWARE;
	machine_firmware = -3;
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), -CAISSON_E_TIMEOUT);
	expect("doorbell running");
	expect("start 2 at %lx 0", U(MEM_IPA));
	expect("firmware on 2");
	expect("doorbell stopped");
	expect_end();
	assert_true(cell->closed);
	machine_firmware = 0;
	scrub_all();
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), 0);
	assert_false(cell->closed);
}

/* --- stop --- */

static void expect_spis(void)
{
	/* Words from the top, bits from the bottom. */
	expect("spi 100 reset to cpu 2, owner cell");
	expect("spi 101 reset to cpu 2, owner cell");
	expect("spi 64 reset to cpu 2, owner cell");
	expect("spi 62 reset to cpu 2, owner cell");
	expect("spi 63 reset to cpu 2, owner cell");
}

/* Asked to shut down: only who runs and listens. */
static void test_ask(void **state)
{
	(void)state;
	make_running();
	assert_int_equal(cell_ask(cell), -CAISSON_E_DEAF);
	expect_end();
	machine_spi_in_use = 101;
	assert_int_equal(cell_ask(cell), 0);
	expect("pend 101");
	expect_end();
	assert_int_equal(cell_stop(cell), 0);
	events_forget();
	assert_int_equal(cell_ask(cell), -CAISSON_E_STATE);
	expect_end();
}

static void test_stop_order(void **state)
{
	(void)state;
	make_running();
	assert_int_equal(cell_stop(cell), 0);
	expect("park 2 closed");
	expect("park 3 closed");
	expect_spis();
	expect("doorbell stopped");
	expect_end();
	assert_false(cell->scrubbed);
	/* Once more: done already. */
	assert_int_equal(cell_stop(cell), 0);
	expect_end();
	/* Nothing but scrubbing gets it out of there. */
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, false), -CAISSON_E_STATE);
	expect_end();
	scrub_all();
	assert_int_equal(cell->state, CAISSON_CELL_READY);
}

/* A cell that holds the kick off loses its stage 2 after 20 ms, and has it back once stopped. */
static void test_stop_revoke(void **state)
{
	uint64_t limit = arch_counter_hz() / 50;

	(void)state;
	make_running();
	machine_cpus_obey = false;
	for (int n = 0; n < 4; n++) {
		assert_int_equal(cell_stop(cell), CAISSON_WAIT);
		expect("park 2 closed");
		expect("park 3 closed");
		if (n == 2)
			expect("revoke");
		expect_end();
		assert_int_equal(cell->state, CAISSON_CELL_RUNNING);
		fake_ticks += n ? 1 : limit; /* not at the limit, but behind it */
	}
	machine_cpus[2].state = CPU_PARKED;
	assert_int_equal(cell_stop(cell), 0);
	expect("park 2 closed");
	expect("park 3 closed");
	expect("restore");
	expect_spis();
	expect("doorbell stopped");
	expect_end();
	assert_false(cell->s2.revoked);
	assert_int_equal(cell->stop_since, 0);
	/* The next stop has its own 20 ms. */
	scrub_all();
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), (uint64_t[4]){ 0 }), 0);
	machine_cpus[2].state = CPU_RUNNING;
	events_forget();
	assert_int_equal(cell_stop(cell), CAISSON_WAIT);
	expect("park 2 closed");
	expect("park 3 closed");
	expect_end();
}

/* In direct-revoke that comes first: before any CPU is woken, and once. */
static void test_stop_by_revoking(void **state)
{
	struct cell_blob blob = good_cell;

	(void)state;
	machine_revokes = true;
	make_running();
	machine_cpus_obey = false;
	for (int n = 0; n < 3; n++) {
		assert_int_equal(cell_stop(cell), CAISSON_WAIT);
		if (!n)
			expect("revoke");
		expect("park 2 closed");
		expect("park 3 closed");
		expect_end();
		fake_ticks += arch_counter_hz();
	}
	machine_cpus[2].state = machine_cpus[3].state = CPU_PARKED;
	assert_int_equal(cell_stop(cell), 0);
	expect("park 2 closed");
	expect("park 3 closed");
	expect("restore");
	expect_spis();
	expect("doorbell stopped");
	expect_end();
	/* By one of its own CPUs: that one is in EL2 and not kicked. */
	scrub_all();
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), (uint64_t[4]){ 0 }), 0);
	events_forget();
	cell_halt(&machine_cpus[2], CAISSON_CELL_RESET);
	expect("revoke");
	expect("park 3 closed");
	expect("doorbell reset");
	expect_end();
	/* EL2 has no timer interrupt. */
	blob.cell.name[0] = 'x';
	blob.cell.watchdog_ms = 2500;
	assert_int_equal(create(&blob), -CAISSON_E_WATCHDOG_MODE);
}

/* --- pause --- */

static void test_pause(void **state)
{
	uint64_t limit = arch_counter_hz() / 50;

	(void)state;
	create_good();
	assert_int_equal(cell_pause(cell), -CAISSON_E_STATE);
	add_all();
	scrub_all();
	/* Nothing of it runs. */
	events_forget();
	assert_int_equal(cell_pause(cell), 0);
	expect("pause 2");
	expect("pause 3");
	assert_int_equal(cell_resume(cell), 0);
	expect("resume 2");
	expect("resume 3");
	expect_end();
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), (uint64_t[4]){ 0 }), 0);
	machine_cpus[2].state = CPU_RUNNING;
	events_forget();
	/*
	 * One that runs and one that is off; who does not come loses its stage 2, and gets it back.
	 */
	machine_cpus_obey = false;
	for (int n = 0; n < 3; n++) {
		assert_int_equal(cell_pause(cell), CAISSON_WAIT);
		expect("pause 2");
		expect("pause 3");
		if (n == 2)
			expect("revoke");
		expect_end();
		fake_ticks += n ? 1 : limit;
	}
	assert_true(cell_maps(cell, IPA(0x20000000)));
	machine_cpus_obey = true;
	assert_int_equal(cell_pause(cell), 0);
	expect("pause 2");
	expect("pause 3");
	expect("restore");
	expect_end();
	assert_false(cell_maps(cell, IPA(0x20000000)));
	assert_int_equal(cell->state, CAISSON_CELL_RUNNING);
	assert_int_equal(cell_resume(cell), 0);
	expect("resume 2");
	expect("resume 3");
	expect_end();
	/* Given up: it has its stage 2 back, and the next time its 20 ms. */
	machine_cpus_obey = false;
	assert_int_equal(cell_pause(cell), CAISSON_WAIT);
	fake_ticks += 2 * limit;
	assert_int_equal(cell_pause(cell), CAISSON_WAIT);
	assert_true(cell->s2.revoked);
	assert_int_equal(cell_resume(cell), 0);
	assert_false(cell->s2.revoked);
	assert_int_equal(cell->stop_since, 0);
	/* One that has ended meanwhile keeps what stops it. */
	cell_halt(&machine_cpus[2], CAISSON_CELL_RESET);
	s2_revoke(&cell->s2);
	assert_int_equal(cell_resume(cell), 0);
	assert_true(cell->s2.revoked);
}

static void test_pause_by_revoking(void **state)
{
	(void)state;
	machine_revokes = true;
	make_running();
	assert_int_equal(cell_pause(cell), 0);
	/* First, as the kick is EL1's to see. */
	expect("revoke");
	expect("pause 2");
	expect("pause 3");
	expect("restore");
	expect_end();
}

/* --- what it does by itself --- */

/* The first four of each kind that differ, until the next start; a zero is one, too. */
static void test_notes(void **state)
{
	struct caisson_refused *row;

	(void)state;
	make_running();
	row = cell->page->refused[CAISSON_REFUSED_SMC];
	assert_true(cell_note(cell, CAISSON_REFUSED_SMC, 0, 0x1000));
	assert_false(cell_note(cell, CAISSON_REFUSED_SMC, 0, 0x2000));
	for (uint64_t n = 1; n < 6; n++)
		assert_int_equal(cell_note(cell, CAISSON_REFUSED_SMC, n, n), n < 4);
	for (uint64_t n = 0; n < 4; n++) {
		assert_int_equal(row[n].what, CAISSON_REFUSED_VALID | n);
		assert_int_equal(row[n].pc, n ? n : 0x1000);
	}
	/* Other kinds have places of their own, up to the end of the last. */
	for (uint32_t kind = 0; kind < CAISSON_REFUSED_KINDS; kind++)
		if (kind != CAISSON_REFUSED_SMC)
			assert_true(cell_note(cell, kind, 1ULL << 62, 8));
	assert_int_equal(row[4].what, CAISSON_REFUSED_VALID | 1ULL << 62);
	assert_true(sizeof(*cell->page) <= PAGE_SIZE);
	assert_int_equal(cell_stop(cell), 0);
	assert_int_equal(row[3].pc, 3);
	scrub_all();
	start_it();
	assert_true(cell_note(cell, CAISSON_REFUSED_SMC, 0, 0x3000));
	assert_int_equal(row[1].what | row[4].what, 0);
}

/* The last CPU of its own: closed, and told to root. */
static void test_off_by_itself(void **state)
{
	(void)state;
	make_running();
	cell_cpu_off(&machine_cpus[2]);
	expect("park 3 closed");
	expect("doorbell off");
	expect_end();
	assert_int_equal(machine_cpus[2].request, CPU_REQUEST_PARK);
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), (uint64_t[4]){ 0 }), -CAISSON_E_STATE);
	expect_end();
}

static void test_fail(void **state)
{
	(void)state;
	make_running();
	cell_fail(&machine_cpus[2], 0x93000046, 0x1234, HV_PA);
	expect("park 3 closed");
	expect("doorbell failed");
	expect_end();
	assert_int_equal(cell->page->reason, 0x93000046);
	assert_int_equal(cell->page->reason_pc, 0x1234);
	assert_int_equal(cell->page->reason_addr, HV_PA);
	assert_non_null(strstr(machine_log, "owner 1"));
}

/* Illegal transitions are refused by name, and change nothing. */
static void test_states(void **state)
{
	(void)state;
	make_ready();
	assert_false(cell_set_state(cell, CAISSON_CELL_CREATED));
	assert_string_equal(machine_log, "cell good: illegal transition ready to created");
	assert_false(cell_set_state(cell, CAISSON_CELL_FAILED));
	expect_end();
	assert_int_equal(cell->state, CAISSON_CELL_READY);
	assert_int_equal(cell->page->state, CAISSON_CELL_READY);
	assert_true(cell_set_state(cell, CAISSON_CELL_DYING));
	for (uint32_t to = 0; to < CAISSON_CELL_STATE_COUNT; to++)
		assert_false(cell_set_state(cell, to));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_start_order),
		TEST(test_start_refused),
		TEST(test_start_firmware),
		TEST(test_ask),
		TEST(test_stop_order),
		TEST(test_stop_revoke),
		TEST(test_stop_by_revoking),
		TEST(test_pause),
		TEST(test_pause_by_revoking),
		TEST(test_notes),
		TEST(test_off_by_itself),
		TEST(test_fail),
		TEST(test_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
