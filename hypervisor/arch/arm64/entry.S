/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Into EL2 [tour: 4] and out of it [tour: 12]. Linux's stub branches to caisson_entry with the
 * MMU off; firmware starts a CPU that was off at cold_entry. Both run at their physical address
 * in the idmap page, load EL2's translation and jump to the linked address.
 *
 * With the MMU off every data access is Device memory: only aligned loads here, no stores
 * (B2.9).
 */
#include <caisson/image.h>
#include "asm_offsets.h"
#include "regs.h"
#include "regs_asm.S"

	.section .idmap.text, "ax"

/* x0 PA of struct caisson_cpu_boot, x1 CPU number; x18..x30 and SP_EL1 belong to the driver. */
	.globl caisson_entry
caisson_entry:
	mov x17, #0
	b 1f
/*
 * x0 PA of struct caisson_cpu_boot: the context ID that EL2 gave to PSCI CPU_ON. EL2, all
 * unknown.
 */
	.globl cold_entry
cold_entry:
	mov x17, #1
	/* E2H decides what TTBR0, TCR and CPTR mean, and is UNKNOWN like the rest: off (HCR_EL2.RW). */
	mov x3, #0x80000000
	msr hcr_el2, x3
	isb
1:	msr daifset, #15
	mrs x9, vbar_el2
	mrs x10, ttbr0_el2
	mrs x11, tcr_el2
	mrs x12, mair_el2
	mrs x13, tpidr_el2
	mrs x14, sctlr_el2
	adr x2, early_vectors
	msr vbar_el2, x2

	ldr x3, [x0, #BOOT_TTBR0]
	msr ttbr0_el2, x3
	mov x3, #CAISSON_MAIR_EL2
	msr mair_el2, x3
	/* PS: what the CPU has, but never more than 48 bits (D8.1.9). */
	mrs x3, id_aa64mmfr0_el1
	and x3, x3, #15
	mov x4, #5
	cmp x3, x4
	csel x3, x3, x4, lo
	ldr x4, =TCR_EL2_VALUE
	orr x3, x4, x3, lsl #TCR_EL2_PS_SHIFT
	msr tcr_el2, x3
	isb
	/*
	 * Stale translations and instructions of whoever had EL2 before (D8.13, D7.5): its guests'
	 * VMIDs will be our cells'.
	 */
	tlbi alle2
	tlbi alle1
	ic iallu
	dsb nsh
	isb
	ldr x3, =SCTLR_EL2_VALUE
	ldr x4, [x0, #BOOT_SCTLR]
	orr x3, x3, x4
	msr sctlr_el2, x3
	isb

	/* The boot structure's linear address: x0 - PA of the image + link address. */
	adr x2, caisson_entry
	ldr x3, =caisson_entry
	sub x2, x3, x2
	add x0, x0, x2
	ldr x3, =linked_entry
	br x3
	.ltorg
	.globl idmap_leave
/*
 * x9..x14 found SCTLR, VBAR, TTBR0, TCR, MAIR, TPIDR; ELR_EL2, SPSR_EL2 and all other registers are
 * the guest's. Nothing touches memory from here on.
 */
idmap_leave:
	msr sctlr_el2, x9
	isb
	msr vbar_el2, x10
	msr ttbr0_el2, x11
	msr tcr_el2, x12
	msr mair_el2, x13
	msr tpidr_el2, x14
	isb
	/* Those of KVM's guests too: it may have asked us in vain to invalidate some. */
	tlbi alle2
	tlbi alle1
	dsb nsh
	isb
	eret

	.section .idmap.vectors, "ax"
/* Until the real vectors are mapped: a fault here is our own bug, and the rendezvous reports it. */
	.balign 2048
early_vectors:
	.rept 16
	.balign 128
1:	wfe
	b 1b
	.endr

	.text
/*
 * The stack exists from here: the private area is mapped. What was found in x9..x14
 * goes into struct found before C may use those registers.
 */
linked_entry:
	hint #36 /* BTI j */
	ldr x2, =CAISSON_VA_PRIVATE + CAISSON_PRIV_STACK_TOP
	mov sp, x2
	ldr x2, =vectors
	msr vbar_el2, x2
	isb
	sub sp, sp, #REGS_SIZE
	mov x1, sp
	cbnz x17, 1f
	ldr x2, =CAISSON_VA_PRIVATE + CAISSON_PRIV_DATA
	stp x9, x10, [x2, #0]
	stp x11, x12, [x2, #16]
	stp x13, x14, [x2, #32]
	for_pairs stp, 18, 28, sp
	str x30, [sp, #30 * 8]
	bl own_key
	bl el2_enter
	b return_to_cell
1:	bl own_key
	bl el2_cold
	b return_to_cell

/* void el2_leave(struct regs *regs, const struct found *found, uint64_t image_pa) */
	.globl el2_leave
/*
 * All values go into registers while EL2's map is still on; x15 is the physical address
 * of the code that switches it off. x9..x17 are lost, as over any call.
 */
el2_leave:
	ldr x3, =idmap_leave
	ldr x4, =__image_start
	sub x3, x3, x4
	add x15, x2, x3
	mov x16, x0
	mrs x9, sctlr_el2
	tbz x9, #SCTLR_ENIA_SHIFT, 1f
	ldp x2, x3, [x16, #REGS_KEY]
	msr APIAKEYLO_EL1, x2
	msr APIAKEYHI_EL1, x3
1:	ldp x10, x11, [x1, #0]
	ldp x12, x13, [x1, #16]
	ldp x14, x9, [x1, #32]
	ldp x2, x3, [x16, #REGS_ELR]
	msr elr_el2, x2
	msr spsr_el2, x3
	for_pairs ldp, 0, 6, x16
	ldr x8, [x16, #64]
	for_pairs ldp, 18, 28, x16
	ldr x30, [x16, #30 * 8]
	br x15
