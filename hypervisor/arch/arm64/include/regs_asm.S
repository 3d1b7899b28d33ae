/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs of general registers to and from the x[] of a struct regs: for_pairs stp, 0, 28, sp
 * stores x0 to x29 below sp. For assembly alone.
 */
#ifndef CAISSON_REGS_ASM_H
#define CAISSON_REGS_ASM_H

	.altmacro
	.macro one_pair op, first, second, base
	\op x\first, x\second, [\base, #\first * 8]
	.endm
	.macro for_pairs op, first, last, base
	.set pair, \first
	.rept (\last - \first) / 2 + 1
	one_pair \op, %pair, %(pair + 1), \base
	.set pair, pair + 2
	.endr
	.endm

#endif
