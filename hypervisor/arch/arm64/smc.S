/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls to the firmware (SMCCC 1.1: x0..x17 may change, DEN0028 2.6). */
#include "regs_asm.S"

	.text
/* x8 to x15 are preserved in EL2 (Makefile), not by firmware. */
	.macro save
	sub sp, sp, #128
	stp x19, x30, [sp]
	for_pairs stp, 8, 14, sp
	.endm
	.macro restore
	for_pairs ldp, 8, 14, sp
	ldp x19, x30, [sp]
	add sp, sp, #128
	.endm

	.globl smc_forward
/*
 * x0 = struct regs. x19 is callee-saved for us and preserved by SMCCC: it keeps the
 * pointer across the call.
 */
smc_forward:
	save
	mov x19, x0
	for_pairs ldp, 0, 16, x19
	smc #0
	for_pairs stp, 0, 16, x19
	restore
	ret

	.globl smc_call
/* The C calling convention and SMCCC agree on x0..x3 and x0. */
smc_call:
	save
	smc #0
	restore
	ret
