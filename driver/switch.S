/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The driver's instructions that C has no word for: into EL2 by the stub's soft restart, out of it
 * by a hypercall that returns elsewhere, the probe, and maintenance to the point of coherency:
 * steps 3 and 12 of the tour. Called by enter.c and image.c.
 */
#include <linux/linkage.h>
#include <asm/virt.h>

#include "switch.h"

#define BOOT_RETURN_PC 24	/* of struct caisson_cpu_boot; enter.c asserts both */
#define BOOT_LAST 56

/*
 * long caisson_enter_el2(entry_pa, boot_pa, index, boot, pstate, value)
 *
 * EL2 comes back at 1: with x0 and x1, whether it stayed or rolled back, and has kept x18..x30 and
 * SP_EL1; what AAPCS64 makes ours is on the stack nevertheless. The words that EL2 reads with its
 * MMU off are cleaned to the point of coherency: an entry of cpu[] may straddle two lines.
 * Return: x0 of EL2; 1 if the HVC came back as if it were unknown.
 */
SYM_FUNC_START(caisson_enter_el2)
	stp	x29, x30, [sp, #-112]!
	mov	x29, sp
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	stp	x5, xzr, [sp, #96]
	adr	x6, 1f
	stp	x6, x4, [x3, #BOOT_RETURN_PC]
	add	x6, x3, #BOOT_LAST
	dc	civac, x3
	dc	civac, x6
	dsb	sy
	mov	x3, x2
	mov	x2, x1
	mov	x1, x0
	mov	x4, xzr
	mov	x0, #HVC_SOFT_RESTART
	hvc	#0
	mov	x0, #1
	mov	x1, xzr
1:	ldr	x5, [sp, #96]
	str	x1, [x5]
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #112
	ret
SYM_FUNC_END(caisson_enter_el2)

/*
 * long caisson_leave_el2(function, pstate, value[2])
 *
 * CAISSON_HC_DISABLE: done, EL2 returns to the address it is given, refused to the one behind the
 * HVC; both are the same here. x18..x30 survive either way. value[0] and [1] are x1 and x2.
 * Return: x0 of EL2.
 */
SYM_FUNC_START(caisson_leave_el2)
	stp	x29, x30, [sp, #-32]!
	mov	x29, sp
	str	x2, [sp, #16]
	mov	x2, x1
	adr	x1, 1f
	hvc	#0
1:	ldr	x5, [sp, #16]
	stp	x1, x2, [x5]
	ldp	x29, x30, [sp], #32
	ret
SYM_FUNC_END(caisson_leave_el2)

/*
 * long caisson_probe_hvc(function)
 *
 * What whoever holds EL2 answers to it. Firmware may have disabled HVC (SCR_EL3.HCE = 0), which is
 * to be seen in no register of EL1: the instruction is undefined then, and a kernel dies of one of
 * its own. So for this one instruction the vectors are ours. With D, A, I and F masked nothing but
 * it can reach them, and ELR_EL1 and SPSR_EL1 hold nothing of anybody's here. x18 to x30 survive
 * every answer.
 * Return: x0 of the answer; PROBE_UNDEFINED.
 */
SYM_FUNC_START(caisson_probe_hvc)
	stp	x29, x30, [sp, #-32]!
	mov	x29, sp
	stp	x19, x20, [sp, #16]
	mrs	x19, daif
	mrs	x20, vbar_el1
	msr	daifset, #0xf
	adr	x1, probe_vectors
	msr	vbar_el1, x1
	isb
	hvc	#0
	msr	vbar_el1, x20
	isb
	msr	daif, x19
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #32
	ret
SYM_FUNC_END(caisson_probe_hvc)

/* Of the sixteen only "current EL with SP_ELx, synchronous" (Arm ARM D1.3.1, table D1-7). */
	.balign	2048
SYM_CODE_START_LOCAL(probe_vectors)
	.skip	0x200
	mrs	x0, elr_el1
	add	x0, x0, #4
	msr	elr_el1, x0
	ldr	x0, =PROBE_UNDEFINED
	eret
	.ltorg
SYM_CODE_END(probe_vectors)

/*
 * void caisson_clean_inval_poc(start, end)
 *
 * DC CIVAC over [start, end), both page aligned, by the smallest line of any cache
 * (CTR_EL0.DminLine, Arm ARM D24.2.34; no CPU has one of more than 1 KiB); the kernel's own
 * function is not exported.
 */
SYM_FUNC_START(caisson_clean_inval_poc)
	mrs	x3, ctr_el0
	ubfx	x3, x3, #16, #4
	mov	x2, #4
	lsl	x2, x2, x3
1:
	.rept	4
	dc	civac, x0
	add	x0, x0, x2
	.endr
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ret
SYM_FUNC_END(caisson_clean_inval_poc)

/*
 * void caisson_zero(start, end)
 *
 * Zeroes [start, end), both page aligned, by DC ZVA if it is allowed and its block no larger than
 * 256 bytes (DCZID_EL0).
 */
SYM_FUNC_START(caisson_zero)
	mrs	x3, dczid_el0
	and	x3, x3, #0x1f
	cmp	x3, #6
	b.hi	2f
	mov	x2, #4
	lsl	x2, x2, x3
1:
	.rept	16
	dc	zva, x0
	add	x0, x0, x2
	.endr
	cmp	x0, x1
	b.lo	1b
	ret
2:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	2b
	ret
SYM_FUNC_END(caisson_zero)
