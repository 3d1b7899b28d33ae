// SPDX-License-Identifier: GPL-2.0-only
/*
 * A cell's watchdog: when it runs out, and what the cell may say to it.
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

#include "cells.h"
#include "smccc.h"
#include "watchdog.h"

enum { INIT, SET_TIMEOUT, ENABLE, PET, TIMELEFT };

static void make_guarded(void)
{
	struct cell_blob blob = good_cell;

	blob.cell.watchdog_ms = 2500;
	make_ready_from(&blob);
	start_it();
	assert_int_equal(cell->watchdog_end, fake_ticks + PERIOD);
}

/* Returns x0; the others stay in x[]. */
static uint64_t x[3];

static uint64_t smcwd(uint64_t call, uint64_t argument)
{
	x[0] = CAISSON_SMC_WATCHDOG;
	x[1] = call;
	x[2] = argument;
	assert_true(watchdog_call(cell, x));
	return x[0];
}

static void test_watchdog_expires(void **state)
{
	uint64_t end;

	(void)state;
	make_guarded();
	machine_cpus[3].state = CPU_RUNNING;
	fake_ticks += SECOND;
	assert_int_equal(smcwd(PET, 0), 0);
	end = fake_ticks + PERIOD;
	assert_int_equal(cell->watchdog_end, end);
	/* A pet is no more than that: each CPU finds out when its timer comes, too early. */
	expect_end();
	fake_timer = 1;
	fake_ticks = end - 1;
	watchdog_look(&machine_cpus[3], 0x1234);
	assert_int_equal(fake_timer, end);
	assert_int_equal(cell->state, CAISSON_CELL_RUNNING);
	fake_ticks = end;
	machine_cpus_obey = false;
	watchdog_look(&machine_cpus[3], 0x1234);
	expect("park 2 closed");
	expect("doorbell failed");
	assert_int_equal(fake_timer, 0);
	assert_int_equal(cell->page->reason, CAISSON_REASON_WATCHDOG);
	assert_int_equal(cell->page->reason_pc, 0x1234);
	/* The other one's comes before it parks: the cell has failed already. */
	fake_timer = 1;
	watchdog_look(&machine_cpus[2], 0x5678);
	assert_int_equal(fake_timer, 0);
	assert_int_equal(cell->page->reason_pc, 0x1234);
	smcwd(PET, 0);
	assert_int_equal(cell->watchdog_end, 0);
	expect_end();
	machine_cpus_obey = true;
	/* Its next start has all of its time again. */
	assert_int_equal(cell_stop(cell), 0);
	scrub_all();
	fake_ticks += PERIOD;
	start_it();
	assert_int_equal(cell->watchdog_end, fake_ticks + PERIOD);
}

static void test_watchdog_calls(void **state)
{
	const uint64_t invalid = (uint64_t)PSCI_INVALID_PARAMETERS;

	(void)state;
	make_guarded();
	assert_int_equal(smcwd(INIT, 0), 0);
	assert_int_equal(x[1], 1);
	assert_int_equal(x[2], 2);
	/* No time that is no time, or longer than the configuration allows. */
	assert_int_equal(smcwd(SET_TIMEOUT, 0), invalid);
	assert_int_equal(smcwd(SET_TIMEOUT, 3), invalid);
	assert_int_equal(smcwd(SET_TIMEOUT, 0xffffffff), invalid);
	assert_int_equal(smcwd(ENABLE, 2), invalid);
	assert_int_equal(smcwd(5, 0), invalid);
	assert_int_equal(cell->watchdog_end, fake_ticks + PERIOD);
	expect_end();
	/* Shorter than before: who runs has to know. The second CPU is off. */
	assert_int_equal(smcwd(SET_TIMEOUT, 1), 0);
	assert_int_equal(cell->watchdog_end, fake_ticks + SECOND);
	expect("kick 2");
	expect_end();
	/* Numbers of this call have 32 bits. */
	assert_int_equal(smcwd(1ULL << 32 | TIMELEFT, 0), 0);
	assert_int_equal(x[1], 1);
	fake_ticks += SECOND / 2;
	smcwd(TIMELEFT, 0);
	assert_int_equal(x[1], 0);
	assert_int_equal(smcwd(ENABLE, 0), 0);
	smcwd(PET, 0);
	assert_int_equal(smcwd(SET_TIMEOUT, 2), 0);
	assert_int_equal(cell->watchdog_end, 0);
	smcwd(TIMELEFT, 0);
	assert_int_equal(x[1], 0);
	watchdog_look(&machine_cpus[2], 0);
	assert_int_equal(fake_timer, 0);
	expect_end();
	assert_int_equal(smcwd(ENABLE, 1), 0);
	assert_int_equal(cell->watchdog_end, fake_ticks + 2 * SECOND);
	expect("kick 2");
	expect_end();
	assert_int_equal(cell_stop(cell), 0);
	assert_int_equal(cell->watchdog_end, 0);
}

static void test_watchdog_none(void **state)
{
	uint64_t none[3] = { CAISSON_SMC_WATCHDOG, ENABLE, 1 };

	(void)state;
	make_running();
	assert_false(watchdog_call(cell, none));
	assert_int_equal(none[0], CAISSON_SMC_WATCHDOG);
	assert_int_equal(cell->watchdog_end, 0);
	expect_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_watchdog_expires),
		TEST(test_watchdog_calls),
		TEST(test_watchdog_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
