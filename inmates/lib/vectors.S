/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The 16 exception vectors (Arm ARM D1.3). An IRQ from EL1h saves what C may change and calls
 * irq_dispatch() (gic.c); everything else saves all and calls exception_entry() (exception.c),
 * which may change the frame.
 */
#include "layout.h"

	.macro vector number
	.balign 128
1:	sub	sp, sp, #FRAME_SIZE
	stp	x0, x1, [sp, #FRAME_X]
	mov	x1, #\number
	b	exception_common
	.if	. - 1b > 128
	.error	"a vector outgrew its slot"
	.endif
	.endm

	.text
	.balign 2048
	.global vectors
vectors:
	vector	0
	vector	1
	vector	2
	vector	3
	vector	4
	.balign 128
	sub	sp, sp, #FRAME_SIZE
	b	irq_common
	vector	6
	vector	7
	vector	8
	vector	9
	vector	10
	vector	11
	vector	12
	vector	13
	vector	14
	vector	15
	.balign 128

irq_common:
	stp	x0, x1, [sp, #FRAME_X]
	stp	x2, x3, [sp, #FRAME_X + 16]
	stp	x4, x5, [sp, #FRAME_X + 32]
	stp	x6, x7, [sp, #FRAME_X + 48]
	stp	x8, x9, [sp, #FRAME_X + 64]
	stp	x10, x11, [sp, #FRAME_X + 80]
	stp	x12, x13, [sp, #FRAME_X + 96]
	stp	x14, x15, [sp, #FRAME_X + 112]
	stp	x16, x17, [sp, #FRAME_X + 128]
	stp	x18, x29, [sp, #FRAME_X + 144]
	mrs	x0, elr_el1
	mrs	x1, spsr_el1
	str	x30, [sp, #FRAME_X + 240]
	stp	x0, x1, [sp, #FRAME_ELR]
	bl	irq_dispatch
	ldp	x0, x1, [sp, #FRAME_ELR]
	ldr	x30, [sp, #FRAME_X + 240]
	msr	elr_el1, x0
	msr	spsr_el1, x1
	ldp	x0, x1, [sp, #FRAME_X]
	ldp	x2, x3, [sp, #FRAME_X + 16]
	ldp	x4, x5, [sp, #FRAME_X + 32]
	ldp	x6, x7, [sp, #FRAME_X + 48]
	ldp	x8, x9, [sp, #FRAME_X + 64]
	ldp	x10, x11, [sp, #FRAME_X + 80]
	ldp	x12, x13, [sp, #FRAME_X + 96]
	ldp	x14, x15, [sp, #FRAME_X + 112]
	ldp	x16, x17, [sp, #FRAME_X + 128]
	ldp	x18, x29, [sp, #FRAME_X + 144]
	add	sp, sp, #FRAME_SIZE
	eret

/* x1 = vector number; x0 and x1 are in the frame already */
exception_common:
	stp	x2, x3, [sp, #FRAME_X + 16]
	stp	x4, x5, [sp, #FRAME_X + 32]
	stp	x6, x7, [sp, #FRAME_X + 48]
	stp	x8, x9, [sp, #FRAME_X + 64]
	stp	x10, x11, [sp, #FRAME_X + 80]
	stp	x12, x13, [sp, #FRAME_X + 96]
	stp	x14, x15, [sp, #FRAME_X + 112]
	stp	x16, x17, [sp, #FRAME_X + 128]
	stp	x18, x19, [sp, #FRAME_X + 144]
	stp	x20, x21, [sp, #FRAME_X + 160]
	stp	x22, x23, [sp, #FRAME_X + 176]
	stp	x24, x25, [sp, #FRAME_X + 192]
	stp	x26, x27, [sp, #FRAME_X + 208]
	stp	x28, x29, [sp, #FRAME_X + 224]
	mrs	x2, elr_el1
	stp	x30, x2, [sp, #FRAME_X + 240]
	mrs	x2, spsr_el1
	mrs	x3, esr_el1
	stp	x2, x3, [sp, #FRAME_SPSR]
	mrs	x2, far_el1
	str	x2, [sp, #FRAME_FAR]
	mov	x0, sp
	bl	exception_entry
	ldp	x30, x2, [sp, #FRAME_X + 240]
	msr	elr_el1, x2
	ldr	x2, [sp, #FRAME_SPSR]
	msr	spsr_el1, x2
	ldp	x0, x1, [sp, #FRAME_X]
	ldp	x2, x3, [sp, #FRAME_X + 16]
	ldp	x4, x5, [sp, #FRAME_X + 32]
	ldp	x6, x7, [sp, #FRAME_X + 48]
	ldp	x8, x9, [sp, #FRAME_X + 64]
	ldp	x10, x11, [sp, #FRAME_X + 80]
	ldp	x12, x13, [sp, #FRAME_X + 96]
	ldp	x14, x15, [sp, #FRAME_X + 112]
	ldp	x16, x17, [sp, #FRAME_X + 128]
	ldp	x18, x19, [sp, #FRAME_X + 144]
	ldp	x20, x21, [sp, #FRAME_X + 160]
	ldp	x22, x23, [sp, #FRAME_X + 176]
	ldp	x24, x25, [sp, #FRAME_X + 192]
	ldp	x26, x27, [sp, #FRAME_X + 208]
	ldp	x28, x29, [sp, #FRAME_X + 224]
	add	sp, sp, #FRAME_SIZE
	eret
