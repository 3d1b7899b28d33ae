/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for hypervisor/arch/arm64/include/arch.h in host tests. Time passes only when a test
 * moves fake_ticks, or has each look at the clock move it; one tick is a nanosecond.
 */
#ifndef CAISSON_FAKE_ARCH_H
#define CAISSON_FAKE_ARCH_H

#include <stdint.h>

/* Weak: every source of a test includes this, and all share what it names. */
extern uint64_t fake_ticks;
__attribute__((weak)) uint64_t fake_ticks;
extern uint64_t fake_tick_step;
__attribute__((weak)) uint64_t fake_tick_step;
extern uint64_t fake_zero_ticks; /* what zeroing a page takes */
__attribute__((weak)) uint64_t fake_zero_ticks;
extern uint64_t fake_timer; /* what arch_timer_set() was told last */
__attribute__((weak)) uint64_t fake_timer;

#define ARCH_UNSIGNED

static inline void arch_relax(void)
{
}

static inline uint64_t arch_counter(void)
{
	return fake_ticks += fake_tick_step;
}

static inline uint64_t arch_counter_hz(void)
{
	return 1000000000;
}

static inline void arch_timer_set(uint64_t at)
{
	fake_timer = at;
}

#endif
