/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EL2's exception vectors [tour: 9]: all sixteen reach C by name. Those from EL2 itself are our own
 * bugs and end in trap_el2(); those from a cell save its general registers at the top of the stack,
 * which is empty whenever a cell runs.
 *
 * What cells do all the time is answered with fewer registers saved, and never parks the CPU: SGIs
 * and unknown HVCs right here, accesses to devices and other calls in C that may say no; everything
 * else, and what was refused, has the whole frame and trap_sync().
 */
#include <caisson/image.h>
#include "asm_offsets.h"
#include "gic_regs.h"
#include "regs.h"
#include "regs_asm.S"

/* What C changes (Makefile), but for x0 to x3: those are in the frame from the first on. */
	.macro save_light
	for_pairs stp, 4, 6, sp
	stp x16, x17, [sp, #16 * 8]
	str x30, [sp, #30 * 8]
	.endm

	.macro save_rest
	for_pairs stp, 8, 14, sp
	for_pairs stp, 18, 28, sp
	mrs x0, elr_el2
	mrs x1, spsr_el2
	stp x0, x1, [sp, #REGS_ELR]
	.endm

	/* A software step has to end behind the instruction: skip_instruction() does that (traps.h). */
	.macro unless_stepped
	mrs x0, spsr_el2
	tbnz x0, #21, sync_slow /* SPSR_SS */
	.endm

	.macro count cpu, scratch, offset
	ldr \scratch, [\cpu, #\offset]
	add \scratch, \scratch, #1
	str \scratch, [\cpu, #\offset]
	.endm

	/* Nothing is fetched speculatively past the exception return. */
	.macro return
	eret
	dsb nsh
	isb
	.endm

	/*
	 * SP_EL2 is the top of this CPU's stack whenever a cell runs. x0 becomes the C
	 * argument.
	 */
	.macro save_regs
	sub sp, sp, #REGS_SIZE
	for_pairs stp, 0, 28, sp
	mrs x0, elr_el2
	stp x30, x0, [sp, #30 * 8]
	mrs x0, spsr_el2
	str x0, [sp, #32 * 8]
	bl own_key
	mov x0, sp
	.endm

/* Synchronous, from AArch64. ESR_EL2 from bit 24 on: the class, IL, and a data abort's ISV. */
	.macro slot_sync
	.balign 128
0:	stp x0, x1, [sp, #-REGS_SIZE]!
	stp x2, x3, [sp, #16]
	mrs x1, esr_el2
	lsr w0, w1, #24
	cmp w0, #EC_DABT_LOW << 2 | 3
	b.eq data_abort
	bic w0, w0, #1 << 2 /* SMC or HVC */
	cmp w0, #EC_HVC64 << 2 | 2
	b.eq call
	ldr w2, =ESR_WRITE_SGI1R
	and w0, w1, #~(31 << 5)
	cmp w0, w2
	b.eq send_sgi
	b sync_slow
	.if (. - 0b) > 128
	.error "vector slot too long"
	.endif
	.endm

/*
 * IRQ, from AArch64, in the mode list: a PPI or SPI that finds all list registers empty, which is what
 * irq_list.c would do with it. x0 becomes what it has acknowledged, or IRQ_NOT_TAKEN. No DSB: that is
 * the cell's, after its own acknowledgement.
 */
	.macro slot_irq
	.balign 128
0:	stp x0, x1, [sp, #-REGS_SIZE]!
	stp x2, x3, [sp, #16]
	mrs x2, tpidr_el2
	ldr x1, [x2, #CPU_IDLE_LISTS]
	mov x0, #-1
	cbz x1, irq_slow
	mrs x3, ICH_ELRSR_EL2
	bics xzr, x1, x3
	b.ne irq_slow
	mrs x0, ICC_IAR1_EL1
	isb
	mrs x1, ICC_RPR_EL1
	sub w3, w0, #GIC_PPI_FIRST
	cmp w3, #GIC_SPECIAL - GIC_PPI_FIRST
	b.hs irq_slow
	/* The maintenance interrupt and EL2's timer are not the cell's. */
	sub w3, w0, #GIC_PPI_MAINTENANCE
	cmp w3, #GIC_PPI_CNTHP - GIC_PPI_MAINTENANCE
	b.ls irq_slow
	msr ICC_EOIR1_EL1, x0
	b irq_to_list
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
	mov x1, #-1
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
	slot_irq
	slot trap_irq, cell
	slot trap_serror, cell
	slot trap_sync, cell
	slot trap_irq, cell
	slot trap_irq, cell
	slot trap_serror, cell

/* Not guarded (hypervisor.lds.S), as send_sgi branches into a table; nothing else here is a target. */
	.section .unguarded, "ax"
/*
 * A load or store of one register. The light frame is enough for one of x0 to x7; with another one
 * the whole frame is needed, but still not the long way: only a load that extends the sign goes it.
 */
data_abort:
	unless_stepped
	ubfx w0, w1, #16, #6 /* ISS.SRT, and above it SSE */
	cmp w0, #8
	add x0, sp, x0, lsl #3
	b.hs 1f
	save_light
	bl fast_data_abort
	cbz x0, slow_after_light
return_light:
	for_pairs ldp, 2, 6, sp
	ldp x16, x17, [sp, #16 * 8]
	ldr x30, [sp, #30 * 8]
	ldp x0, x1, [sp], #REGS_SIZE
	return
1:	tbnz w1, #21, sync_slow /* ISS.SSE */
	save_light
	for_pairs stp, 8, 14, sp
	for_pairs stp, 18, 28, sp
	str xzr, [sp, #REGS_ELR] /* register 31 */
	bl fast_data_abort
	cbnz x0, return_same
	b slow_after_light

/*
 * The cheapest answer there is: the function that C refused last, again. SMCs and all else are looked
 * at in C.
 */
call:
	tbnz w1, #26, 2f /* EC_SMC64 */
	mrs x2, tpidr_el2
	ldr x0, [x2, #CPU_REFUSED_CALL]
	ldr x1, [sp]
	eon x0, x0, x1
	cbnz x0, 1f
	count x2, x0, CPU_EXITS_HVC
	mov x0, #-1
	ldr x1, [sp, #8]
	ldp x2, x3, [sp, #16]
	add sp, sp, #REGS_SIZE
	return
1:	save_light
	mov x0, sp
	bl fast_hvc
	cbnz x0, return_light
	b slow_after_light
2:	unless_stepped
	save_light
	mov x0, sp
	bl fast_smc
	cbnz x0, return_light
slow_after_light:
	save_rest
	bl own_key
	mov x0, sp
	bl trap_sync
	b return_to_cell
sync_slow:
	save_light
	b slow_after_light

/*
 * A write of ICC_SGI1R_EL1, as sysreg.c's send_sgi() does it, which also has all that is refused
 * here: only CPUs of the same cell are ever named, and SGI 15 is EL2's own. No ISB: eret is one.
 */
send_sgi:
	unless_stepped
	ubfx x0, x1, #5, #5 /* ISS.Rt */
	adr x1, 1f
	add x1, x1, x0, lsl #3
	br x1
1:	.irp n, 0,1,2,3
	ldr x0, [sp, #\n * 8]
	b 2f
	.endr
	.irp n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov x0, x\n
	b 2f
	.endr
	mov x0, xzr
2:	mrs x1, tpidr_el2
	ldr x2, [x1, #CPU_SGI_TARGETS]
	cbz x2, root_sgi
	/* Nothing but INTID and list: the cell's first 16 CPUs (CAISSON_CELL_AFFINITY). */
	bic x3, x0, #0xf000000
	lsr x3, x3, #16
	cbnz x3, sync_slow
	count x1, x3, CPU_EXITS_SGI
	ubfx x1, x0, #24, #4
	cmp x1, #KICK_SGI
	b.eq sgi_done
	ldr x3, [x2, #16 * 8] /* sgi_mask */
	ands x0, x0, x3
	b.eq sgi_done
3:	rbit x3, x0
	clz x3, x3
	ldr x3, [x2, x3, lsl #3]
	orr x3, x3, x1, lsl #24
	msr ICC_SGI1R_EL1, x3
	sub x3, x0, #1
	ands x0, x0, x3
	b.ne 3b
sgi_done:
	mrs x0, elr_el2
	add x0, x0, #4
	msr elr_el2, x0
	ldp x2, x3, [sp, #16]
	ldp x0, x1, [sp], #REGS_SIZE
	return

/* Root names CPUs by where they are: one write for those of the list that are its own. */
root_sgi:
	tbnz x0, #40, sync_slow /* IRM */
	count x1, x2, CPU_EXITS_SGI
	ubfx x1, x0, #24, #4
	cmp x1, #KICK_SGI
	b.eq sgi_done
	adrp x2, sgi_groups
	ldr x2, [x2, #:lo12:sgi_groups]
	/* Without INTID, list and what is RES0. */
	bic x1, x0, #0xff000000
	bic x1, x1, #0xffff
	bic x1, x1, #0xff00000000000000
	bic x1, x1, #0xe0000000000
1:	ldr x3, [x2], #16
	cmp x3, x1
	b.eq 2f
	tbz x3, #0, 1b
	b sgi_done
2:	ldr x2, [x2, #-8]
	ands x2, x2, x0
	b.eq sgi_done
	and x0, x0, #0xf000000
	orr x0, x0, x1
	orr x0, x0, x2
	msr ICC_SGI1R_EL1, x0
	b sgi_done

/* ICH_LR<n>_EL2: pending, HW, Group 1; its INTID twice, and its priority (IHI 0069 12.4.4). */
irq_to_list:
	bfi x0, x0, #32, #13
	bfi x0, x1, #48, #8
	orr x0, x0, #7 << 60
	msr ICH_LR0_EL2, x0
	count x2, x0, CPU_EXITS_IRQ
	ldp x2, x3, [sp, #16]
	ldp x0, x1, [sp], #REGS_SIZE
	return
irq_slow:
	save_light
	mov x5, x0
	save_rest
	bl own_key
	mov x0, sp
	mov x1, x5
	bl trap_irq
	b return_to_cell

/*
 * C signs its return addresses with a key of EL2's own, but for what is called with the light frame alone
 * (ARCH_UNSIGNED). EL1's goes into the frame at sp. x2 to x4 are lost. The ISB: instructions behind it
 * use the new key (D8.14.2).
 */
	.globl own_key
own_key:
	mrs x2, sctlr_el2
	tbz x2, #SCTLR_ENIA_SHIFT, 1f
	mrs x2, APIAKEYLO_EL1
	mrs x3, APIAKEYHI_EL1
	stp x2, x3, [sp, #REGS_KEY]
	adrp x4, key
	add x4, x4, #:lo12:key
	ldp x2, x3, [x4]
	msr APIAKEYLO_EL1, x2
	msr APIAKEYHI_EL1, x3
	isb
1:	ret

	.section .random, "a"
	.globl __stack_chk_guard
__stack_chk_guard:
	.quad 0
key:
	.quad 0, 0
	.previous

/* A canary is gone: whatever it stood before may be, too. */
	.globl __stack_chk_fail
__stack_chk_fail:
	brk #0

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
	mrs x0, sctlr_el2
	tbz x0, #SCTLR_ENIA_SHIFT, 1f
	ldp x0, x1, [sp, #REGS_KEY]
	msr APIAKEYLO_EL1, x0
	msr APIAKEYHI_EL1, x1
1:	ldp x0, x1, [sp, #REGS_ELR]
	msr elr_el2, x0
	msr spsr_el2, x1
return_same:
	ldr x30, [sp, #30 * 8]
	for_pairs ldp, 0, 28, sp
	add sp, sp, #REGS_SIZE
	return
