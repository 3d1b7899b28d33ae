/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls to the firmware (SMCCC 1.1: x0..x17 may change, DEN0028 2.6). */
	.text
	.globl smc_forward
smc_forward:
	stp x19, x30, [sp, #-16]!
	mov x19, x0
	ldp x16, x17, [x19, #128]
	ldp x14, x15, [x19, #112]
	ldp x12, x13, [x19, #96]
	ldp x10, x11, [x19, #80]
	ldp x8, x9, [x19, #64]
	ldp x6, x7, [x19, #48]
	ldp x4, x5, [x19, #32]
	ldp x2, x3, [x19, #16]
	ldp x0, x1, [x19, #0]
	smc #0
	stp x0, x1, [x19, #0]
	stp x2, x3, [x19, #16]
	stp x4, x5, [x19, #32]
	stp x6, x7, [x19, #48]
	stp x8, x9, [x19, #64]
	stp x10, x11, [x19, #80]
	stp x12, x13, [x19, #96]
	stp x14, x15, [x19, #112]
	stp x16, x17, [x19, #128]
	ldp x19, x30, [sp], #16
	ret

	.globl smc_call
smc_call:
	smc #0
	ret
