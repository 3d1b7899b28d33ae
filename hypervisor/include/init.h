/* SPDX-License-Identifier: GPL-2.0-only */
/* Enabling and disabling [tour: 5, 11]. */
#ifndef CAISSON_INIT_H
#define CAISSON_INIT_H

#include "types.h"

struct regs;

/*
 * On every online CPU of root, IRQs masked by Linux: gives EL2 back and resumes at regs->elr with x0 = 0.
 * Returns only if refused (the error, the same on every CPU): then nothing has changed.
 */
uint32_t el2_disable(struct regs *regs);

#endif
