/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EL2's exception vectors [tour: 9]: all sixteen reach C by name. Those from EL2 itself are our own
 * bugs and end in trap_el2(); those from a cell save its general registers at the top of the stack,
 * which is empty whenever a cell runs.
 */
#include <caisson/image.h>
#include "asm_offsets.h"
#include "regs.h"
#include "regs_asm.S"

	/*
	 * SP_EL2 is the top of this CPU's stack whenever a cell runs; x30 pairs with
	 * ELR, so one instruction saves both. x0 becomes the C argument.
	 */
	.macro save_regs
	sub sp, sp, #REGS_SIZE
	for_pairs stp, 0, 28, sp
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
	.balign 128
	b el2_sync
	slot el2h_irq, 5
	slot el2h_fiq, 6
	slot el2h_serror, 7
	slot_sync
	slot trap_irq, cell
	slot trap_fiq, cell
	slot trap_serror, cell
	slot trap_sync, cell
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

/* may_fail.S is all leaves: x16 and x17 are free there, and of no use to anybody elsewhere. */
el2_sync:
	mrs x16, elr_el2
	adr x17, may_fail_start
	cmp x16, x17
	b.lo 1f
	adr x17, may_fail_end
	cmp x16, x17
	b.hs 1f
	adr x17, may_fail_failed
	msr elr_el2, x17
	eret
1:	mov x0, #4

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
	for_pairs ldp, 0, 28, sp
	add sp, sp, #REGS_SIZE
	eret
	/* Nothing is fetched speculatively past the exception return. */
	dsb nsh
	isb
