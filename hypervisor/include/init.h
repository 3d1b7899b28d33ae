/* SPDX-License-Identifier: GPL-2.0-only */
/* Enabling and disabling [tour: 5, 11]. */
#ifndef CAISSON_INIT_H
#define CAISSON_INIT_H

#include "types.h"

struct regs;

/*
 * On every online CPU of root, IRQs masked by Linux: gives EL2 back and resumes at `pc` in EL1h
 * with `pstate` and x0 = 0. Returns only if refused (the error, the same on every CPU): nothing
 * has changed. CAISSON_E_CELLS_EXIST, or CAISSON_E_TIMEOUT when a CPU is missing or firmware
 * keeps one. No locks held, or the CPUs that are still to come would wait for them.
 */
uint32_t el2_disable(struct regs *regs, uint64_t pc, uint64_t pstate);

#endif
