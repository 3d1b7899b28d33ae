/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in front of hypervisor/arch/arm64/include/arch_cpu.h in host tests: the same declarations
 * (so that a fake with another signature does not compile), but this_cpu() is what the test says.
 */
#ifndef CAISSON_FAKE_ARCH_CPU_H
#define CAISSON_FAKE_ARCH_CPU_H

#include <regs.h> /* the fake one, before the real header asks for its own */

#define this_cpu real_this_cpu
#include_next <arch_cpu.h>
#undef this_cpu

extern struct cpu *fake_this_cpu;

static inline struct cpu *this_cpu(void)
{
	return fake_this_cpu;
}

#endif
