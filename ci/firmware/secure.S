/* SPDX-License-Identifier: GPL-2.0-only */
/* Reset, exceptions and the way down of secure.c: every CPU comes to _start, as QEMU starts them all. */
#define STACK_SHIFT 12 /* struct stack of secure.c */

#define FRAME_SIZE 128
#define EC_SMC64 0x17
#define SCTLR_EL2_RES1 0x30c50830
#define SPSR_EL2H_MASKED 0x3c9

#define ICC_IAR0_EL1 s3_0_c12_c8_0
#define ICC_EOIR0_EL1 s3_0_c12_c8_1

	/* Its stack, empty. Only called once a CPU is to begin anew. */
	.macro own_stack
	mrs x9, mpidr_el1
	and x9, x9, #0xf
	ldr x10, =stacks
	add x9, x9, #1
	add x10, x10, x9, lsl #STACK_SHIFT
	mov sp, x10
	.endm

	.macro frame insn
	\insn x4, x5, [sp]
	\insn x6, x7, [sp, #16]
	\insn x8, x9, [sp, #32]
	\insn x10, x11, [sp, #48]
	\insn x12, x13, [sp, #64]
	\insn x14, x15, [sp, #80]
	\insn x16, x17, [sp, #96]
	\insn x18, x30, [sp, #112]
	.endm

	.macro vector target
	.balign 128
	b \target
	.endm

	.text
	.globl _start
_start:
	adr x0, vectors
	msr vbar_el3, x0
	msr cptr_el3, xzr
	msr mdcr_el3, xzr
	own_stack
	b cpu_reset

/*
 * void enter(uint64_t pc, uint64_t x0): in EL2 of the Non-secure state, MMU off. All else of EL2 is as
 * its last user left it, as out of a reset nobody may rely on it.
 */
	.globl enter
enter:
	own_stack
	msr elr_el3, x0
	mov x0, #SPSR_EL2H_MASKED
	msr spsr_el3, x0
	ldr x0, =SCTLR_EL2_RES1
	msr sctlr_el2, x0
	mov x0, x1
	mov x1, xzr
	mov x2, xzr
	mov x3, xzr
	eret

/* x4 and up are the caller's (SMCCC 1.1); a function that does not return leaves by enter(). */
smc_call:
	sub sp, sp, #FRAME_SIZE
	frame stp
	mrs x4, esr_el3
	lsr x4, x4, #26
	cmp x4, #EC_SMC64
	b.ne broken
	bl smc
	frame ldp
	add sp, sp, #FRAME_SIZE
	eret

/* Nobody sends one but CPU_ON, whose target takes it itself: what is left of it. */
secure_interrupt:
	str x0, [sp, #-16]!
	mrs x0, ICC_IAR0_EL1
	msr ICC_EOIR0_EL1, x0
	ldr x0, [sp], #16
	eret

/* An access that traps to EL3, a fault of our own: the test's end, with something to read. */
broken:	mrs x0, esr_el3
	mrs x1, elr_el3
	b fatal

	.balign 2048
vectors:
	.rept 8
	vector broken
	.endr
	vector smc_call
	vector broken
	vector secure_interrupt
	.rept 5
	vector broken
	.endr
