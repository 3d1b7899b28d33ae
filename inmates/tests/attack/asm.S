/* SPDX-License-Identifier: GPL-2.0-only */
/* What the inmate `attack` cannot say in C. */
#include "layout.h"
	.arch	armv8-a
	.text

/*
 * void run_insn(uint64_t code, struct operands *regs): calls `code`, which ends in RET, with x0 to
 * x29 from regs, and leaves in regs what it made of them.
 */
	.global run_insn
run_insn:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	stp	x0, x1, [sp, #-16]!
	mov	x30, x1
	ldp	x0, x1, [x30]
	ldp	x2, x3, [x30, #16]
	ldp	x4, x5, [x30, #32]
	ldp	x6, x7, [x30, #48]
	ldp	x8, x9, [x30, #64]
	ldp	x10, x11, [x30, #80]
	ldp	x12, x13, [x30, #96]
	ldp	x14, x15, [x30, #112]
	ldp	x16, x17, [x30, #128]
	ldp	x18, x19, [x30, #144]
	ldp	x20, x21, [x30, #160]
	ldp	x22, x23, [x30, #176]
	ldp	x24, x25, [x30, #192]
	ldp	x26, x27, [x30, #208]
	ldp	x28, x29, [x30, #224]
	ldr	x30, [sp]
	blr	x30
	ldr	x30, [sp, #8]
	stp	x0, x1, [x30]
	stp	x2, x3, [x30, #16]
	stp	x4, x5, [x30, #32]
	stp	x6, x7, [x30, #48]
	stp	x8, x9, [x30, #64]
	stp	x10, x11, [x30, #80]
	stp	x12, x13, [x30, #96]
	stp	x14, x15, [x30, #112]
	stp	x16, x17, [x30, #128]
	stp	x18, x19, [x30, #144]
	stp	x20, x21, [x30, #160]
	stp	x22, x23, [x30, #176]
	stp	x24, x25, [x30, #192]
	stp	x26, x27, [x30, #208]
	stp	x28, x29, [x30, #224]
	add	sp, sp, #16
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret

/*
 * Entry of a CPU that translates by garbage: x0 = eight words, TTBR0, TTBR1, TCR, MAIR, VBAR, SCTLR
 * and the address to go to, and nobody expects it back.
 */
	.global garbage_entry
garbage_entry:
	ldp	x1, x2, [x0]
	ldp	x3, x4, [x0, #16]
	ldp	x5, x6, [x0, #32]
	ldr	x7, [x0, #48]
	msr	ttbr0_el1, x1
	msr	ttbr1_el1, x2
	msr	tcr_el1, x3
	msr	mair_el1, x4
	msr	vbar_el1, x5
	tlbi	vmalle1
	dsb	nsh
	isb
	msr	sctlr_el1, x6
	isb
	br	x7

/* The forms of access, one word each: x0 the address, x1 to x3 what else they take. */
	.section .rodata
	.arch	armv8.1-a
	.arch_extension lse
	.global access_forms, access_forms_end
	.balign 8
access_forms:
#define FORM(...) __VA_ARGS__
#include "forms.h"
#undef FORM
access_forms_end:
