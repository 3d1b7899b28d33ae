/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What arch.c cannot say in C: it is compiled without SIMD registers.
 */
	.arch	armv8-a
	.text

/* uint64_t simd_or(void): the OR of all bits of q0..q31, FPCR and FPSR. Leaves SIMD enabled. */
	.global simd_or
simd_or:
	mrs	x1, cpacr_el1
	orr	x1, x1, #(3 << 20)
	msr	cpacr_el1, x1
	isb
	mrs	x0, fpcr
	mrs	x1, fpsr
	orr	x0, x0, x1
	.macro or_vector n
	umov	x1, v\n\().d[0]
	umov	x2, v\n\().d[1]
	orr	x0, x0, x1
	orr	x0, x0, x2
	.endm
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	or_vector \n
	.endr
	.irp	n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	or_vector \n
	.endr
	ret

/*
 * uint64_t hvc_changes(uint64_t function): after HVC with that function the number of registers
 * among x4..x17 that changed (SMCCC 1.1, 2.6: none may).
 */
	.global hvc_changes
hvc_changes:
	.irp	n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17
	mov	x\n, #(0x5a00 + \n)
	.endr
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	hvc	#0
	mov	x0, xzr
	.irp	n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17
	mov	x1, #(0x5a00 + \n)
	cmp	x1, x\n
	cinc	x0, x0, ne
	.endr
	ret

/* uint64_t id_register(unsigned int n): S3_0_C0_C(n / 8)_(n % 8). */
	.global id_register
id_register:
	adr	x1, 1f
	add	x1, x1, w0, uxtw #3
	br	x1
1:	.irp	crm, 0,1,2,3,4,5,6,7
	.irp	op2, 0,1,2,3,4,5,6,7
	mrs	x0, S3_0_C0_C\crm\()_\op2
	ret
	.endr
	.endr
