/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Firmware for one CPU of QEMU virt with secure=on, virtualization=on: it starts Linux at EL1 of a
 * CPU that has EL2, keeps EL2 to nobody and disables HVC. hardware.py builds it, puts it into the
 * flash at 0 and the kernel and its device tree where it wants them.
 *
 * Registers: Arm ARM D17.2 (SCR_EL3 .117, HCR_EL2 .48, SPSR_EL3 C5.2.20), GICv3 12.9.4 (GICD_CTLR).
 */
#define KERNEL 0x40200000
#define TREE 0x48000000

#define SCR_NS 0x1
#define SCR_RES1 0x30
#define SCR_RW 0x400 /* and HCE, bit 8, is 0: that is what all this is for */
#define HCR_RW 0x80000000
#define SCTLR_EL1_RESET 0x30d00800
#define SPSR_EL1H_MASKED 0x3c5

#define GICD_CTLR 0x08000000
#define GICD_CTLR_DS_ARE 0x50 /* one security state: the whole GIC is Linux's */
#define ICC_SRE_EL3 s3_6_c12_c12_5
#define ICC_SRE_EL2 s3_4_c12_c9_5
#define ICC_SRE_ALL 0xf

#define PSCI_VERSION 0x84000000

	.text
	.globl _start
_start:
	ldr x0, =GICD_CTLR
	mov w1, #GICD_CTLR_DS_ARE
	str w1, [x0]
	mov x0, #ICC_SRE_ALL
	msr ICC_SRE_EL3, x0
	isb
	msr ICC_SRE_EL2, x0
	adr x0, vectors
	msr vbar_el3, x0
	msr cptr_el3, xzr
	msr mdcr_el3, xzr
	ldr x0, =HCR_RW
	msr hcr_el2, x0
	mov x0, #0x33ff /* no traps of FP and SIMD */
	msr cptr_el2, x0
	mov x0, #3 /* EL1 may use the physical timer and counter */
	msr cnthctl_el2, x0
	msr cntvoff_el2, xzr
	msr vttbr_el2, xzr
	mrs x0, midr_el1
	msr vpidr_el2, x0
	mrs x0, mpidr_el1
	msr vmpidr_el2, x0
	ldr x0, =SCTLR_EL1_RESET
	msr sctlr_el1, x0
	mov x0, #(SCR_NS | SCR_RES1 | SCR_RW)
	msr scr_el3, x0
	mov x0, #SPSR_EL1H_MASKED
	msr spsr_el3, x0
	ldr x0, =KERNEL
	msr elr_el3, x0
	ldr x0, =TREE
	mov x1, xzr
	mov x2, xzr
	mov x3, xzr
	eret
	.ltorg

/* PSCI by SMC from AArch64: its version, and nothing else. */
	.balign 2048
vectors:
	.skip 0x400
	ldr w1, =PSCI_VERSION
	cmp w0, w1
	mov x0, #0x10000
	b.eq 1f
	mov x0, #-1
1:	eret
	.ltorg
