/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The generic timer (Arm ARM D11): the virtual counter as clock, and EL1's two timers, which raise
 * machine.timer_virt_intid and machine.timer_phys_intid (both level-triggered).
 */
#ifndef INMATE_TIMER_H
#define INMATE_TIMER_H

#include "arch.h"

/* Ticks per second. */
static inline uint64_t timer_frequency(void)
{
	return sysreg_read(cntfrq_el0);
}

/* The virtual counter, not read ahead of earlier instructions. */
static inline uint64_t timer_now(void)
{
	isb();
	return sysreg_read(cntvct_el0);
}

/* Microseconds in ticks, rounded up. */
static inline uint64_t timer_ticks_us(uint64_t us)
{
	return (us * timer_frequency() + 999999) / 1000000;
}

/* Busy-waits. */
static inline void delay_us(uint64_t us)
{
	uint64_t end = timer_now() + timer_ticks_us(us);

	while (timer_now() < end)
		cpu_yield();
}

/* Lets the virtual timer's interrupt come when timer_now() reaches `ticks`. */
static inline void timer_virt_set(uint64_t ticks)
{
	sysreg_write(cntv_cval_el0, ticks);
	sysreg_write(cntv_ctl_el0, 1);
	isb();
}

static inline void timer_virt_stop(void)
{
	sysreg_write(cntv_ctl_el0, 0);
	isb();
}

/* The same for the physical timer, which compares with the physical counter. */
static inline uint64_t timer_phys_now(void)
{
	isb();
	return sysreg_read(cntpct_el0);
}

static inline void timer_phys_set(uint64_t ticks)
{
	sysreg_write(cntp_cval_el0, ticks);
	sysreg_write(cntp_ctl_el0, 1);
	isb();
}

static inline void timer_phys_stop(void)
{
	sysreg_write(cntp_ctl_el0, 0);
	isb();
}

#endif
