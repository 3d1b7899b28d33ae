/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first instructions of same.c, before the library's: they stand in front of it in .head, so
 * the .bin has no Image header and starts here. Nothing is written but `same_areas`.
 */
#include "same.h"

	.arch	armv8-a+simd

	.macro	keep value
	str	\value, [x1], #8
	.endm

	.section .head, "ax"
	msr	far_el1, x1
	adrp	x1, same_areas
	str	x30, [x1, #240]
	bl	keep_state
	adrp	x0, same_areas
	ldr	x0, [x0]
	b	_start

	.text
/* PSCI CPU_ON brings the second CPU here. */
	.global	same_second
same_second:
	msr	far_el1, x1
	adrp	x1, same_areas + SAME_AREA
	str	x30, [x1, #240]
	bl	keep_state
	mov	w0, #2
	movk	w0, #0x8400, lsl #16	/* CPU_OFF */
	hvc	#0

/* x1 the area, which has x30 already; x1 itself is in FAR_EL1. */
keep_state:
	stp	x2, x3, [x1, #16]
	stp	x4, x5, [x1, #32]
	stp	x6, x7, [x1, #48]
	stp	x8, x9, [x1, #64]
	stp	x10, x11, [x1, #80]
	stp	x12, x13, [x1, #96]
	stp	x14, x15, [x1, #112]
	stp	x16, x17, [x1, #128]
	stp	x18, x19, [x1, #144]
	stp	x20, x21, [x1, #160]
	stp	x22, x23, [x1, #176]
	stp	x24, x25, [x1, #192]
	stp	x26, x27, [x1, #208]
	stp	x28, x29, [x1, #224]
	mov	x2, sp
	str	x2, [x1, #248]
	mrs	x2, far_el1
	stp	x0, x2, [x1]
	mov	x0, x1
	add	x1, x1, #256
#define X(name) mrs x2, name; keep x2;
	SAME_REGISTERS(X)
#undef X
	mrs	x2, cpacr_el1
	orr	x3, x2, #(3 << 20)
	msr	cpacr_el1, x3
	isb
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	str	q\n, [x1], #16
	.endr
	mrs	x3, fpcr
	keep	x3
	mrs	x3, fpsr
	keep	x3
	msr	cpacr_el1, x2
	mrs	x2, id_aa64isar1_el1
	mov	x3, #0x0ff0
	movk	x3, #0xff00, lsl #16
	tst	x2, x3
	b.eq	1f
	.irp	key, 1_0, 1_1, 1_2, 1_3, 2_0, 2_1, 2_2, 2_3, 3_0, 3_1
	mrs	x2, s3_0_c2_c\key
	keep	x2
	.endr
1:	add	x2, x0, #SAME_AREA
	mov	sp, x2
	mov	x19, x30
	bl	same_digest		/* of the values in [x0, x1) */
	br	x19

/*
 * void same_dirty_text(uint64_t at): writes to a word of the image's own text, with the MMU off,
 * as its map is read-only.
 */
	.global	same_dirty_text
same_dirty_text:
	mrs	x1, sctlr_el1
	mov	x2, #5			/* M, C */
	bic	x2, x1, x2
	msr	sctlr_el1, x2
	isb
	mov	w3, #-1
	str	w3, [x0]
	dsb	sy
	msr	sctlr_el1, x1
	isb
	ret

/* void same_dirty_registers(void): what C does not need and EL1 may write. */
	.global	same_dirty_registers
same_dirty_registers:
	mrs	x0, cpacr_el1
	orr	x0, x0, #(3 << 20)
	msr	cpacr_el1, x0
	isb
	mov	x0, #0x5a5a
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	dup	v\n\().2d, x0
	.endr
	mov	x1, #0x03000000
	msr	fpcr, x1
	msr	fpsr, x0
	.irp	name, ttbr1_el1, amair_el1, afsr0_el1, afsr1_el1, sp_el0, contextidr_el1, tpidr_el0, \
		tpidrro_el0, csselr_el1, cntkctl_el1, cntv_cval_el0, cntp_cval_el0, dbgbvr0_el1, \
		dbgwvr0_el1, dbgbvr1_el1, dbgwvr1_el1, pmovsset_el0, pmintenset_el1, pmccntr_el0
	msr	\name, x0
	.endr
	mov	x1, #0x1e0		/* not enabled: what it would match with */
	msr	dbgbcr0_el1, x1
	msr	dbgwcr1_el1, x1
	mov	x1, #1			/* timers on, their interrupts not masked; counters on */
	msr	cntv_ctl_el0, x1
	msr	cntp_ctl_el0, x1
	msr	pmcr_el0, x1
	msr	pmuserenr_el0, x1
	mov	x1, #0x80000000
	msr	pmcntenset_el0, x1
	msr	pmccfiltr_el0, x1
	mov	x1, #3
	msr	pmselr_el0, x1
	msr	icc_bpr1_el1, x1
	msr	icc_ctlr_el1, x1	/* EOImode, CBPR */
	mov	x1, #0x40
	msr	icc_pmr_el1, x1
	mrs	x1, id_aa64isar1_el1
	mov	x2, #0x0ff0
	movk	x2, #0xff00, lsl #16
	tst	x1, x2
	b.eq	1f
	.irp	key, 1_0, 1_1, 1_2, 1_3, 2_0, 2_1, 2_2, 2_3, 3_0, 3_1
	msr	s3_0_c2_c\key, x0
	.endr
1:	isb
	ret
