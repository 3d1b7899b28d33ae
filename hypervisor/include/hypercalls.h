/* SPDX-License-Identifier: GPL-2.0-only */
/* Root's hypercalls [tour: 8]: abi/caisson/hypercall.h says what each does. */
#ifndef CAISSON_HYPERCALLS_H
#define CAISSON_HYPERCALLS_H

#include "arch_cpu.h"
#include "percpu.h"

struct regs;

/*
 * regs->x[0] is in our range; answers in x0..x2. The caller's CPU belongs to root.
 * No locks held; takes cells_lock where the call needs it. Does not return from a
 * DISABLE that succeeds.
 */
void hypercall(struct cpu *cpu, struct regs *regs);

/* This call has taken some 8 us: it shall come to an end, if need be with CAISSON_AGAIN. */
static inline bool hypercall_is_long(void)
{
	return (int64_t)(arch_counter() - this_cpu()->call_end) >= 0;
}

#endif
