/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in front of hypervisor/arch/arm64/include/traps.h in host tests: the same declarations,
 * behind the fake arch_cpu.h. In what follows (no system header may), an assembly statement becomes
 * a call with its text.
 */
#ifndef CAISSON_FAKE_TRAPS_H
#define CAISSON_FAKE_TRAPS_H

#include <arch_cpu.h>
#include_next <traps.h>

void fake_asm(const char *what);

#define __asm__
#define volatile(...) fake_asm(#__VA_ARGS__)

#endif
