/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls to the firmware (SMCCC 1.1: x0..x17 may change, DEN0028 2.6). */
#include "regs_asm.S"

	.text
	.globl smc_forward
/*
 * x0 = struct regs. x19 is callee-saved for us and preserved by SMCCC: it keeps the
 * pointer across the call.
 */
smc_forward:
	stp x19, x30, [sp, #-16]!
	mov x19, x0
	for_pairs ldp, 0, 16, x19
	smc #0
	for_pairs stp, 0, 16, x19
	ldp x19, x30, [sp], #16
	ret

	.globl smc_call
/*
 * The C calling convention and SMCCC agree on x0..x3 and x0; what firmware may change
 * (x4..x17) is caller-saved.
 */
smc_call:
	smc #0
	ret
