/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers in long rows, to zero: FP and SIMD (the only place where EL2 touches
 * them), EL1's own, debug, and the virtual CPU interface.
 */
#include "regs.h"

	.arch armv8-a+simd
	.text
	.globl simd_reset
/* All of V0..V31: the secrets of one owner's cryptography often end here. */
simd_reset:
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	movi v\n\().2d, #0
	.endr
	msr fpcr, xzr
	msr fpsr, xzr
	ret

	.globl el1_reset
/*
 * The OS lock and double lock are opened (OSLAR, OSDLR), as debug registers need it
 * next.
 */
el1_reset:
	.irp reg, tcr_el1, ttbr0_el1, ttbr1_el1, mair_el1, amair_el1, vbar_el1, cpacr_el1, esr_el1, far_el1, \
		afsr0_el1, afsr1_el1, elr_el1, spsr_el1, spsr_abt, spsr_und, spsr_irq, spsr_fiq, sp_el0, sp_el1, \
		contextidr_el1, tpidr_el0, tpidrro_el0, tpidr_el1, par_el1, csselr_el1, cntkctl_el1, \
		cntv_ctl_el0, cntv_cval_el0, cntp_ctl_el0, cntp_cval_el0, mdscr_el1, mdccint_el1, oslar_el1, osdlr_el1
	msr \reg, xzr
	.endr
	ret

/* APIA, APIB, APDA, APDB, APGA: two halves each. */
	.globl pauth_reset
pauth_reset:
	.irp key, C1_2, C1_3, C2_0, C2_1, C2_2, C2_3, C3_0, C3_1
	msr S3_0_C2_\key, xzr
	.endr
	ret

	.globl debug_reset
/*
 * The control register before the value: disabled first, so that no half-set breakpoint
 * fires.
 */
debug_reset:
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	cmp x0, #\n
	b.lo 1f
	msr dbgbcr\n\()_el1, xzr
	msr dbgbvr\n\()_el1, xzr
1:	cmp x1, #\n
	b.lo 1f
	msr dbgwcr\n\()_el1, xzr
	msr dbgwvr\n\()_el1, xzr
1:
	.endr
	ret

/* ICH_VTR_EL2: ListRegs in bits 4..0, PREbits in 28..26, both minus one (IHI 0069 12.4.7). */
	.globl lists_reset
lists_reset:
	and x1, x0, #31
	ubfx x2, x0, #26, #3
	msr S3_4_C12_C8_0, xzr
	msr S3_4_C12_C9_0, xzr
	cmp x2, #5
	b.lo 1f
	msr S3_4_C12_C8_1, xzr
	msr S3_4_C12_C9_1, xzr
	b.eq 1f
	.irp n, 2,3
	msr S3_4_C12_C8_\n, xzr
	msr S3_4_C12_C9_\n, xzr
	.endr
1:	.irp n, 0,1,2,3,4,5,6,7
	cmp x1, #\n
	b.lo 2f
	msr S3_4_C12_C12_\n, xzr
	.endr
	.irp n, 0,1,2,3,4,5,6,7
	cmp x1, #(8 + \n)
	b.lo 2f
	msr S3_4_C12_C13_\n, xzr
	.endr
2:	ret
