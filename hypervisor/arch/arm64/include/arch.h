/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few instructions that core/ needs by name. Host tests put ci/unit/fake/arch.h in front of it.
 */
#ifndef CAISSON_ARCH_H
#define CAISSON_ARCH_H

#include "types.h"

/* Of functions that run with EL1's key: no signed return address, and only direct calls. */
#define ARCH_UNSIGNED __attribute__((target("branch-protection=none")))

/* A hint inside spin loops; without it an emulator's round-robin starves the CPU waited for. */
static inline void arch_relax(void)
{
	__asm__ volatile("yield" ::: "memory");
}

/*
 * The physical counter (CNTPCT_EL0), in ticks of arch_counter_hz(). ISB: not read early
 * (D11.1.2).
 */
static inline uint64_t arch_counter(void)
{
	uint64_t ticks;

	__asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(ticks)::"memory");
	return ticks;
}

static inline uint64_t arch_counter_hz(void)
{
	uint64_t hz;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	return hz;
}

/*
 * EL2's own timer on this CPU: its interrupt is pending from arch_counter() == `at` on; 0: never
 * (CNTHP, level-triggered: D11.2.4). Only a CPU whose cell has a watchdog lets it through.
 */
static inline void arch_timer_set(uint64_t at)
{
	__asm__ volatile("msr cnthp_cval_el2, %0\n\tmsr cnthp_ctl_el2, %1\n\tisb"
			 :
			 : "r"(at), "r"((uint64_t)(at != 0))
			 : "memory");
}

#endif
