/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The measured pieces of bench.c: what is timed must be these instructions and no others.
 */
	.text

/*
 * uint64_t bench_latency(uint64_t compare, bool asleep): programs the virtual timer, waits for
 * its interrupt asleep or spinning with IRQs unmasked and returns the counter as bench_vectors'
 * first instruction read it; ~0 if another interrupt came. Call with IRQs masked; VBAR_EL1 =
 * bench_vectors. The vector changes x0 and x2 only: the loops below use neither.
 */
	.global bench_latency
bench_latency:
	msr	cntv_cval_el0, x0
	mov	x2, #1
	msr	cntv_ctl_el0, x2
	isb
	msr	daifclr, #2
	cbz	w1, 2f
1:	wfi
	b	1b
2:	nop
	b	2b

bench_irq:
	mrs	x2, icc_iar1_el1
	msr	cntv_ctl_el0, xzr	/* after the acknowledgement: it is a level */
	isb
	cmp	w2, #27
	csinv	x0, x0, xzr, eq
	msr	icc_eoir1_el1, x2
	isb
	mrs	x2, spsr_el1
	orr	x2, x2, #0x80		/* back to the caller with IRQs masked again */
	msr	spsr_el1, x2
	msr	elr_el1, x30
	eret

/* Only the IRQ vector of EL1h is real; anything else stays visible in a debugger. */
	.macro only_irq_vector
	.balign 2048
	.rept	5
	.balign 128
	b	.
	.endr
	.balign 128
	.endm

	.macro other_vectors
	.rept	10
	.balign 128
	b	.
	.endr
	.balign 128
	.endm

	.balign 2048
	.global bench_vectors
bench_vectors:
	only_irq_vector
	mrs	x0, cntvct_el0
	b	bench_irq
	other_vectors

	.balign 2048
	.global bench_sgi_vectors
bench_sgi_vectors:
	only_irq_vector
	mrs	x12, icc_iar1_el1
	mov	w13, #0
	msr	icc_eoir1_el1, x12
	eret
	other_vectors

/*
 * uint64_t NAME(uint64_t a, uint64_t b, uint64_t calls): what the counter advances by while a loop
 * does that many times what stands between the two macros. The loop itself takes two instructions:
 * subs, b.ne. x19 = a, x20 = b: firmware may change x4 to x17 in a call.
 */
	.macro operation name
	.global \name
\name:
	stp	x19, x20, [sp, #-32]!
	stp	x21, x22, [sp, #16]
	mov	x19, x0
	mov	x20, x1
	mov	x21, x2
	isb
	mrs	x22, cntvct_el0
1:
	.endm

	.macro end_operation
	subs	x21, x21, #1
	b.ne	1b
	isb
	mrs	x0, cntvct_el0
	sub	x0, x0, x22
	ldp	x21, x22, [sp, #16]
	ldp	x19, x20, [sp], #32
	ret
	.endm

	/* a is the function, b its first argument, the second one 0. */
	operation bench_hvc
	mov	x0, x19
	mov	x1, x20
	mov	x2, #0
	hvc	#0
	end_operation

	operation bench_smc
	mov	x0, x19
	mov	x1, x20
	mov	x2, #0
	smc	#0
	end_operation

	operation bench_read
	ldr	w0, [x19]
	end_operation

	operation bench_write
	str	w20, [x19]
	end_operation

	operation bench_sgi
	msr	icc_sgi1r_el1, x19
	isb
	end_operation

	/* IRQs are open, VBAR_EL1 = bench_sgi_vectors: w13 says that the interrupt was taken. */
	operation bench_sgi_self
	mov	w13, #1
	msr	icc_sgi1r_el1, x19
	isb
2:	cbnz	w13, 2b
	end_operation
