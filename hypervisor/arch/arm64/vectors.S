/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EL2's exception vectors [tour: 9]: all sixteen reach C by name. Those from EL2 itself are our own
 * bugs and end in trap_el2(); those from a cell save its general registers at the top of the stack,
 * which is empty whenever a cell runs.
 */
#include <caisson/image.h>
#include "asm_offsets.h"
#include "regs.h"

	.macro save_regs
	sub sp, sp, #REGS_SIZE
	stp x0, x1, [sp, #0]
	stp x2, x3, [sp, #16]
	stp x4, x5, [sp, #32]
	stp x6, x7, [sp, #48]
	stp x8, x9, [sp, #64]
	stp x10, x11, [sp, #80]
	stp x12, x13, [sp, #96]
	stp x14, x15, [sp, #112]
	stp x16, x17, [sp, #128]
	stp x18, x19, [sp, #144]
	stp x20, x21, [sp, #160]
	stp x22, x23, [sp, #176]
	stp x24, x25, [sp, #192]
	stp x26, x27, [sp, #208]
	stp x28, x29, [sp, #224]
	mrs x1, elr_el2
	stp x30, x1, [sp, #240]
	mrs x1, spsr_el2
	str x1, [sp, #256]
	mov x0, sp
	.endm

/* Synchronous, from AArch64: HVCs are looked at before anything is saved. */
	.macro slot_sync
	.balign 128
0:	stp x0, x1, [sp, #-16]!
	mrs x1, esr_el2
	lsr x1, x1, #26
	cmp x1, #EC_HVC64
	b.eq refuse_call
	ldp x0, x1, [sp], #16
	b sync_slow
	.if (. - 0b) > 128
	.error "vector slot too long"
	.endif
	.endm

/* One slot; assembly stops when it outgrows its 128 bytes. */
	.macro slot name, kind
	.balign 128
0:
	.ifc \kind, cell
	save_regs
	bl \name
	b return_to_cell
	.else
	mov x0, #\kind
	b el2_fault
	.endif
	.if (. - 0b) > 128
	.error "vector slot too long"
	.endif
	.endm

	.section .vectors, "ax"
	.balign 2048
	.globl vectors
vectors:
	slot el2t_sync, 0
	slot el2t_irq, 1
	slot el2t_fiq, 2
	slot el2t_serror, 3
	slot el2h_sync, 4
	slot el2h_irq, 5
	slot el2h_fiq, 6
	slot el2h_serror, 7
	slot_sync
	slot trap_irq, cell
	slot trap_fiq, cell
	slot trap_serror, cell
	slot trap_sync32, cell
	slot trap_irq, cell
	slot trap_fiq, cell
	slot trap_serror, cell

	.text
/*
 * The cheapest answer there is: a cell asks for a function that nobody has, again. Architecture and
 * standard calls (owners 0 and 4, DEN0028 table 2-1) and everything of root's take the long way, as
 * does a CPU's first refusal, which is logged. x0, x1 are on the stack.
 */
refuse_call:
	ubfx w1, w0, #24, #6
	cbz w1, 1f
	cmp w1, #4
	b.eq 1f
	mrs x1, tpidr_el2
	ldr x0, [x1, #CPU_REFUSES_CALLS]
	cbz x0, 1f
	ldr x0, [x1, #CPU_EXITS_TOTAL]
	add x0, x0, #1
	str x0, [x1, #CPU_EXITS_TOTAL]
	ldr x0, [x1, #CPU_EXITS_HVC]
	add x0, x0, #1
	str x0, [x1, #CPU_EXITS_HVC]
	mov x0, #-1
	ldr x1, [sp, #8]
	add sp, sp, #16
	eret
	dsb nsh
	isb
1:	ldp x0, x1, [sp], #16
sync_slow:
	save_regs
	bl trap_sync
	b return_to_cell

/* An exception out of EL2: the stack may be the reason, so it starts anew. */
el2_fault:
	mrs x1, esr_el2
	mrs x2, elr_el2
	mrs x3, far_el2
	ldr x4, =CAISSON_VA_PRIVATE + CAISSON_PRIV_STACK_TOP
	mov sp, x4
	b trap_el2

	.globl return_to_cell
return_to_cell:
	ldr x1, [sp, #256]
	msr spsr_el2, x1
	ldp x30, x1, [sp, #240]
	msr elr_el2, x1
	ldp x28, x29, [sp, #224]
	ldp x26, x27, [sp, #208]
	ldp x24, x25, [sp, #192]
	ldp x22, x23, [sp, #176]
	ldp x20, x21, [sp, #160]
	ldp x18, x19, [sp, #144]
	ldp x16, x17, [sp, #128]
	ldp x14, x15, [sp, #112]
	ldp x12, x13, [sp, #96]
	ldp x10, x11, [sp, #80]
	ldp x8, x9, [sp, #64]
	ldp x6, x7, [sp, #48]
	ldp x4, x5, [sp, #32]
	ldp x2, x3, [sp, #16]
	ldp x0, x1, [sp, #0]
	add sp, sp, #REGS_SIZE
	eret
	/* Nothing is fetched speculatively past the exception return. */
	dsb nsh
	isb
