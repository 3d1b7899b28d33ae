// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watchdogs [tour: 9, 11]. The end of the present period is the one thing that a cell's CPUs
 * share: a pet moves it and touches no timer. A CPU whose timer comes before the end (others have
 * petted meanwhile) only sets it again. What makes the end earlier kicks the cell's CPUs, which
 * then do the same.
 */
#include <caisson/hypercall.h>

#include "arch.h"
#include "cell_ctl.h"
#include "gic.h"
#include "log.h"
#include "smccc.h"
#include "watchdog.h"

#define MS_PER_SECOND 1000

/* Linux, drivers/watchdog/arm_smc_wdt.c; times in seconds. */
enum smcwd_call {
	SMCWD_INIT,	   /* -> x1 the shortest, x2 the longest time */
	SMCWD_SET_TIMEOUT, /* x2 seconds */
	SMCWD_ENABLE,	   /* x2 1: let it run, 0: stop it */
	SMCWD_PET,
	SMCWD_GET_TIMELEFT, /* -> x1 seconds */
};

/* When a period that begins now ends. 0 would mean never: the counter is past that. */
static uint64_t next_end(struct cell *cell)
{
	return arch_counter() + atomic_load(&cell->watchdog_ticks);
}

/* Unless another CPU has stopped it, or petted, since it was found to end at `end`. */
static void pet(struct cell *cell, uint64_t end)
{
	if (end)
		atomic_compare_exchange_strong(&cell->watchdog_end, &end, next_end(cell));
}

/* Perhaps the end comes earlier now: each CPU that runs learns it by watchdog_look(). */
static void tell_cpus(struct cell *cell)
{
	/* A CPU that is not seen to run yet will see the new end. */
	atomic_thread_fence(memory_order_seq_cst);
	for (uint32_t n = 0; n < cell->ncpus; n++)
		if (cpus[cell->cpu[n]].state == CPU_RUNNING)
			irq_kick(&cpus[cell->cpu[n]]);
}

void watchdog_start(struct cell *cell)
{
	atomic_store(&cell->watchdog_ticks, cell->watchdog_ms * arch_counter_hz() / MS_PER_SECOND);
	if (cell->watchdog_ms)
		atomic_store(&cell->watchdog_end, next_end(cell));
}

void watchdog_resume(struct cell *cell)
{
	pet(cell, atomic_load(&cell->watchdog_end));
}

/* The exchange: one CPU alone reports, and none if a pet was faster. */
void watchdog_look(struct cpu *cpu, uint64_t pc)
{
	struct cell *cell = cpu->cell;
	uint64_t end = atomic_load(&cell->watchdog_end);

	if (end && arch_counter() >= end &&
	    atomic_compare_exchange_strong(&cell->watchdog_end, &end, 0)) {
		end = 0;
		log_line("cell %s: its watchdog ran out", cell->name);
		cell_fail(cpu, CAISSON_REASON_WATCHDOG, pc, 0);
	}
	arch_timer_set(end);
}

bool watchdog_call(struct cell *cell, uint64_t *x)
{
	uint32_t longest = cell->watchdog_ms / MS_PER_SECOND, argument = (uint32_t)x[2];
	uint64_t end = atomic_load(&cell->watchdog_end), now = arch_counter();

	if (!cell->watchdog_ms)
		return false;
	x[0] = PSCI_SUCCESS;
	switch ((uint32_t)x[1]) {
	case SMCWD_INIT:
		x[1] = 1;
		x[2] = longest;
		return true;
	case SMCWD_SET_TIMEOUT:
		if (!argument || argument > longest)
			break;
		atomic_store(&cell->watchdog_ticks, argument * arch_counter_hz());
		pet(cell, end);
		if (end)
			tell_cpus(cell);
		return true;
	case SMCWD_ENABLE:
		if (argument > 1)
			break;
		atomic_store(&cell->watchdog_end, argument ? next_end(cell) : 0);
		if (argument)
			tell_cpus(cell);
		return true;
	case SMCWD_PET:
		pet(cell, end);
		return true;
	case SMCWD_GET_TIMELEFT:
		x[1] = end > now ? (end - now) / arch_counter_hz() : 0;
		return true;
	default:
		break;
	}
	x[0] = (uint64_t)PSCI_INVALID_PARAMETERS;
	return true;
}
