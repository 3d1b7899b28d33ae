/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest of vm.c: rounds without end, each an MMIO read and write, an HVC, an SGI to itself and
 * a timer interrupt. What a round needs is set up once, before the first one: a round after the
 * hypervisor came and went proves that KVM kept it. MMU off; copied to GUEST_RAM, so no addresses.
 *
 * x19 rounds, x20 INTID that was taken or 0, x21 GUEST_MMIO; the handler uses x20 and x28.
 */
#include "vm_guest.h"

#define ICC_PMR_EL1 S3_0_C4_C6_0
#define ICC_SGI1R_EL1 S3_0_C12_C11_5
#define ICC_IAR1_EL1 S3_0_C12_C12_0
#define ICC_EOIR1_EL1 S3_0_C12_C12_1
#define ICC_SRE_EL1 S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7
#define GICR_SGI_BASE (GUEST_GICR + 0x10000)
#define PSCI_VERSION 0x84000000

	.section .rodata
	.globl guest_start, guest_entry, guest_end
	.balign 2048
guest_start:
	.set vector, 0
	.rept 16
	.balign 128
	.if vector == 5 /* IRQ, current EL with SP_EL1 */
	b irq
	.else
	mov w0, #vector
	str w0, [x21, #MMIO_FAULT]
	b .
	.endif
	.set vector, vector + 1
	.endr

irq:	mrs x20, ICC_IAR1_EL1
	msr cntv_ctl_el0, xzr
	isb
	msr ICC_EOIR1_EL1, x20
	eret

/* Sleeps, masked, until an interrupt is pending, and takes it; none is missed in between. */
	.macro take
	mov x20, #0
1:	wfi
	msr daifclr, #2
	isb
	msr daifset, #2
	cbz x20, 1b
	.endm

	.macro store value, address
	ldr x0, =\address
	ldr w1, =\value
	str w1, [x0]
	.endm

guest_entry:
	ldr x21, =GUEST_MMIO
	mov x19, #0
	adr x0, guest_start
	msr vbar_el1, x0
	store 0x12, GUEST_GICD			/* CTLR: affinity routing, Group 1 */
	store -1, GICR_SGI_BASE + 0x80		/* IGROUPR0 */
	store (1 << GUEST_SGI | 1 << GUEST_TIMER), GICR_SGI_BASE + 0x100	/* ISENABLER0 */
	mov x0, #1
	msr ICC_SRE_EL1, x0
	isb
	mov x1, #0xf0
	msr ICC_PMR_EL1, x1
	msr ICC_IGRPEN1_EL1, x0
	isb

round:	ldr w0, [x21, #MMIO_IN]
	add w0, w0, #1
	str w0, [x21, #MMIO_OUT]
	mov x0, #0x10000			/* so that it is in the guest for most of the time */
1:	subs x0, x0, #1
	b.ne 1b
	ldr x0, =PSCI_VERSION
	hvc #0
	str w0, [x21, #MMIO_HVC]

	ldr x0, =(GUEST_SGI << 24 | 1)		/* to CPU 0 of affinity 0 */
	msr ICC_SGI1R_EL1, x0
	take
	str w20, [x21, #MMIO_SGI]

	mov x0, #10000
	msr cntv_tval_el0, x0
	mov x0, #1
	msr cntv_ctl_el0, x0
	take
	str w20, [x21, #MMIO_TIMER]

	add w19, w19, #1
	str w19, [x21, #MMIO_ROUND]
	b round
	.ltorg
guest_end:

	.section .note.GNU-stack, "", %progbits
