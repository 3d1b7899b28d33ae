/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * First instructions of an inmate: on its first CPU (_start) and on those that PSCI CPU_ON
 * brings up (secondary_entry). Both keep the registers they were entered with, get a stack and
 * vectors, turn MMU and caches on and go on in C (boot.c). The file begins with an arm64 Image
 * header, so that QEMU's -kernel and other boot loaders take the .bin and pass a device tree in
 * x0.
 *
 * Everything addresses itself relative to the PC: the image runs at any 4 KiB aligned address.
 */
#include "layout.h"

	.section .head, "ax"
	.global _start
_start:
	b	boot_entry
	.long	0
	.quad	0			/* offset from a 2 MiB boundary */
	.quad	__image_end - _start	/* bss and stacks included */
	.quad	0xa			/* little-endian, 4 KiB pages, anywhere in memory */
	.quad	0
	.quad	0
	.quad	0
	.ascii	"ARM\x64"
	.long	0

	.text

/* x19 = this CPU's area: keeps the system registers that the library is about to change. */
	.macro save_system_registers
	mrs	x2, sctlr_el1
	mrs	x3, daif
	stp	x2, x3, [x19, #ENTRY_SCTLR]
	mrs	x2, CurrentEL
	mrs	x3, tpidr_el1
	stp	x2, x3, [x19, #ENTRY_CURRENTEL]
	mrs	x2, vbar_el1
	mrs	x3, cpacr_el1
	stp	x2, x3, [x19, #ENTRY_VBAR]
	mrs	x2, ttbr0_el1
	mrs	x3, tcr_el1
	stp	x2, x3, [x19, #ENTRY_TTBR0]
	mrs	x2, mair_el1
	mrs	x3, sp_el0
	stp	x2, x3, [x19, #ENTRY_MAIR]
	mrs	x2, SPSel
	str	x2, [x19, #ENTRY_SPSEL]
	.endm

/* \base = the area; x0 and x1 are saved by the caller */
	.macro save_x2_to_x30 base
	stp	x2, x3, [\base, #ENTRY_X + 16]
	stp	x4, x5, [\base, #ENTRY_X + 32]
	stp	x6, x7, [\base, #ENTRY_X + 48]
	stp	x8, x9, [\base, #ENTRY_X + 64]
	stp	x10, x11, [\base, #ENTRY_X + 80]
	stp	x12, x13, [\base, #ENTRY_X + 96]
	stp	x14, x15, [\base, #ENTRY_X + 112]
	stp	x16, x17, [\base, #ENTRY_X + 128]
	stp	x18, x19, [\base, #ENTRY_X + 144]
	stp	x20, x21, [\base, #ENTRY_X + 160]
	stp	x22, x23, [\base, #ENTRY_X + 176]
	stp	x24, x25, [\base, #ENTRY_X + 192]
	stp	x26, x27, [\base, #ENTRY_X + 208]
	stp	x28, x29, [\base, #ENTRY_X + 224]
	str	x30, [\base, #ENTRY_X + 240]
	.endm

/* Stack, per-CPU pointer, vectors, EL1h: from here on C may run (with the MMU off). */
	.macro prepare_for_c
	msr	SPSel, #1
	add	x2, x19, #CPU_SIZE
	mov	sp, x2
	msr	tpidr_el1, x19
	adrp	x2, vectors
	add	x2, x2, :lo12:vectors
	msr	vbar_el1, x2
	isb
	.endm

boot_entry:
	/* A register is needed before anything can be stored: FAR_EL1 holds x1 meanwhile. */
	msr	far_el1, x1
	adrp	x1, cpu_areas
	save_x2_to_x30 x1
	mov	x19, x1
	mrs	x1, far_el1
	stp	x0, x1, [x19, #ENTRY_X]
	mov	x20, x0
	save_system_registers

	adrp	x0, __bss_start
	add	x0, x0, :lo12:__bss_start
	adrp	x1, __bss_end
	add	x1, x1, :lo12:__bss_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b

	prepare_for_c
	mov	x0, x20
	bl	boot_early		/* MMU off: device tree, page tables */
	cbz	w0, hang
	adrp	x0, __data_start	/* everything written so far: data, bss, CPU areas */
	adrp	x1, __image_end
	bl	mmu_on
	b	boot_main

/* x0 = this CPU's area, as given to PSCI CPU_ON (its context ID) */
	.global secondary_entry
secondary_entry:
	stp	x0, x1, [x0, #ENTRY_X]
	save_x2_to_x30 x0
	mov	x19, x0
	save_system_registers
	prepare_for_c
	mov	x0, x19
	add	x1, x19, #CPU_SIZE
	bl	mmu_on
	b	boot_secondary

hang:
	wfi
	b	hang

/*
 * mmu_on(x0 = start, x1 = end): invalidates the range, which was written with caches off and may be
 * in them as it was before (B2.8, "mismatched memory attributes"), and turns MMU and caches on.
 * Uses no stack.
 */
mmu_on:
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x2, x3, x2		/* bytes of the smallest data cache line */
1:	dc	ivac, x0
	add	x0, x0, x2
	cmp	x0, x1
	b.lo	1b
	dsb	sy

	mov	x2, #0xff04		/* MAIR: 0 Device-nGnRE, 1 Normal write-back */
	msr	mair_el1, x2
	ldr	x2, =0x803518		/* T0SZ 24 (40 bits), write-back shareable walks, EPD1 */
	mrs	x3, id_aa64mmfr0_el1
	and	x3, x3, #7		/* PARange; 52 bits would need more: at most 48 */
	cmp	x3, #5
	mov	x4, #5
	csel	x3, x3, x4, lo
	bfi	x2, x3, #32, #3
	msr	tcr_el1, x2
	adrp	x2, mmu_tables
	msr	ttbr0_el1, x2
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	mrs	x2, sctlr_el1
	mov	x3, #0x1005		/* I, C, M */
	orr	x2, x2, x3
	bic	x2, x2, #2		/* no alignment checks */
	msr	sctlr_el1, x2
	isb
	ret
