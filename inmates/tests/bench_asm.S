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
	.balign 2048
	.global bench_vectors
bench_vectors:
	.rept	5
	.balign 128
	b	.
	.endr
	.balign 128
	mrs	x0, cntvct_el0
	b	bench_irq
	.rept	10
	.balign 128
	b	.
	.endr
	.balign 128

/*
 * uint64_t bench_hvc(uint64_t function, uint64_t calls): counter ticks for that many HVCs, with the
 * loop: mov, hvc, subs, b.ne.
 */
	.global bench_hvc
bench_hvc:
	mov	x9, x0
	mov	x10, x1
	isb
	mrs	x11, cntvct_el0
1:	mov	x0, x9
	hvc	#0
	subs	x10, x10, #1
	b.ne	1b
	isb
	mrs	x0, cntvct_el0
	sub	x0, x0, x11
	ret

/* uint64_t bench_loop(uint64_t unused, uint64_t calls): the same without the HVC. */
	.global bench_loop
bench_loop:
	mov	x9, x0
	mov	x10, x1
	isb
	mrs	x11, cntvct_el0
1:	mov	x0, x9
	subs	x10, x10, #1
	b.ne	1b
	isb
	mrs	x0, cntvct_el0
	sub	x0, x0, x11
	ret
