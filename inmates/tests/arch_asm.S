/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What arch.c cannot say in C: it is compiled without SIMD registers.
 */
	.arch	armv8-a
	.text

/* uint64_t simd_or(void): the OR of all bits of q0..q31, FPCR and FPSR. Leaves SIMD enabled. */
	.global simd_or
simd_or:
	mrs	x1, cpacr_el1
	orr	x1, x1, #(3 << 20)
	msr	cpacr_el1, x1
	isb
	mrs	x0, fpcr
	mrs	x1, fpsr
	orr	x0, x0, x1
	.macro or_vector n
	umov	x1, v\n\().d[0]
	umov	x2, v\n\().d[1]
	orr	x0, x0, x1
	orr	x0, x0, x2
	.endm
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	or_vector \n
	.endr
	.irp	n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	or_vector \n
	.endr
	ret

/*
 * uint64_t NAME(uint64_t x0): single-steps one instruction that a hypervisor may carry out; returns
 * how far behind it the step's exception came (its ELR is in x1, by note_step() in arch.c). Up to
 * there interrupts are masked, debug exceptions are not.
 */
	.macro stepped name, instruction:vararg
	.global \name
\name:
	mrs	x9, daif
	mov	x1, #-1
	mov	x2, #0x1c5		/* SPSR: EL1h, A, I and F masked */
	orr	x2, x2, #(1 << 21)	/* SS */
	msr	spsr_el1, x2
	adr	x2, 1f
	msr	elr_el1, x2
	msr	oslar_el1, xzr
	mov	x2, #0x2001		/* MDSCR_EL1: KDE, SS */
	msr	mdscr_el1, x2
	isb
	mov	x3, xzr
	eret
1:	\instruction
2:	nop
	nop
	msr	mdscr_el1, xzr
	isb
	msr	daif, x9
	adr	x2, 2b
	sub	x0, x1, x2
	ret
	.endm

	stepped	step_load, ldr w3, [x0]
	stepped	step_load_high, ldr w10, [x0]
	stepped	step_store, str wzr, [x0]
	stepped	step_sgi, msr icc_sgi1r_el1, x3
	stepped	step_sysreg, mrs x3, icc_pmr_el1
	stepped	step_smc, smc #0
	stepped	step_nop, nop

/*
 * uint64_t hvc_changes(uint64_t function): after HVC with that function the number of registers
 * among x4..x17 that changed (SMCCC 1.1, 2.6: none may).
 */
	.global hvc_changes
hvc_changes:
	.irp	n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17
	mov	x\n, #(0x5a00 + \n)
	.endr
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	hvc	#0
	mov	x0, xzr
	.irp	n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17
	mov	x1, #(0x5a00 + \n)
	cmp	x1, x\n
	cinc	x0, x0, ne
	.endr
	ret

/* uint64_t id_register(unsigned int n): S3_0_C0_C(n / 8)_(n % 8). */
	.global id_register
id_register:
	adr	x1, 1f
	add	x1, x1, w0, uxtw #3
	br	x1
1:	.irp	crm, 0,1,2,3,4,5,6,7
	.irp	op2, 0,1,2,3,4,5,6,7
	mrs	x0, S3_0_C0_C\crm\()_\op2
	ret
	.endr
	.endr

	.macro	save_preserved
	sub	sp, sp, #112
	stp	x18, x19, [sp, #16]
	stp	x20, x21, [sp, #32]
	stp	x22, x23, [sp, #48]
	stp	x24, x25, [sp, #64]
	stp	x26, x27, [sp, #80]
	stp	x28, x29, [sp, #96]
	stp	x0, x30, [sp]
	.endm
	.macro	restore_preserved
	ldp	x18, x19, [sp, #16]
	ldp	x20, x21, [sp, #32]
	ldp	x22, x23, [sp, #48]
	ldp	x24, x25, [sp, #64]
	ldp	x26, x27, [sp, #80]
	ldp	x28, x29, [sp, #96]
	ldr	x30, [sp, #8]
	add	sp, sp, #112
	.endm

/* void sgi_by_each(uint64_t value): writes it to ICC_SGI1R_EL1 from each of x0 to x30. */
	.global sgi_by_each
sgi_by_each:
	save_preserved
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	ldr	x\n, [sp]
	msr	icc_sgi1r_el1, x\n
	isb
	.endr
	restore_preserved
	ret

/*
 * bool load_by_each(volatile uint32_t *reg): a device register that does not change is the same in
 * each of w1 to w30, and neither the flags nor the registers loaded before are changed by that.
 */
	.global load_by_each
load_by_each:
	save_preserved
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	ldr	w\n, [x0]
	.endr
	cmp	x0, x0
	.irp	n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	ccmp	x\n, x1, #0, eq
	ldr	w\n, [x0]
	ccmp	x\n, x1, #0, eq
	.endr
	cset	w0, eq
	restore_preserved
	ret

/*
 * uint64_t el0_pair(uint64_t at, uint64_t ttbr0, uint64_t tcr): at EL0 `ldp w, w, [at], #8`, with these
 * tables, which map this code, or, if there are none, with the MMU off. The first word below the second;
 * 0 if the base register was not moved. IRQs masked; memory is not accessed meanwhile.
 */
	.global el0_pair
el0_pair:
	mrs	x3, daif
	msr	daifset, #15
	mrs	x4, sctlr_el1
	mrs	x5, vbar_el1
	mrs	x6, ttbr0_el1
	mrs	x7, tcr_el1
	adr	x9, el0_vectors
	msr	vbar_el1, x9
	bic	x8, x4, #1
	msr	sctlr_el1, x8
	isb
	cbz	x1, 1f
	msr	ttbr0_el1, x1
	msr	tcr_el1, x2
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	msr	sctlr_el1, x4
	isb
1:	mov	x9, #0x3c0
	msr	spsr_el1, x9
	adr	x9, 2f
	msr	elr_el1, x9
	add	x12, x0, #8
	eret
2:	ldp	w10, w11, [x0], #8
	svc	#0

	/* Only what comes from EL0 in AArch64 is expected. */
	.balign	2048
el0_vectors:
	.space	0x400
	msr	sctlr_el1, x8
	isb
	msr	ttbr0_el1, x6
	msr	tcr_el1, x7
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	msr	sctlr_el1, x4
	msr	vbar_el1, x5
	isb
	msr	daif, x3
	orr	x10, x10, x11, lsl #32
	cmp	x0, x12
	csel	x0, x10, xzr, eq
	ret
	.balign	2048

/*
 * uint64_t sp_load(uint64_t at): `ldr w, [sp], #16` at EL1t, with SP_EL0 = at; `at` is a multiple of 16.
 * The word, or ~0 if SP_EL0 was not moved.
 */
	.global sp_load
sp_load:
	msr	daifset, #15
	mrs	x1, sp_el0
	msr	sp_el0, x0
	msr	spsel, #0
	ldr	w2, [sp], #16
	mov	x3, sp
	msr	spsel, #1
	msr	sp_el0, x1
	msr	daifclr, #3
	sub	x3, x3, x0
	cmp	x3, #16
	csinv	x0, x2, xzr, eq
	ret
