/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions that may fail, in leaf functions: the exception is taken in EL2, and vectors.S
 * sends what it finds between the two labels to may_fail_failed. These are accesses to devices
 * on a cell's behalf, which the device may refuse; a walk of a cell's tables, which may be anywhere;
 * and registers that not every machine lets through: of debug in QEMU 7.2, of MPAM where firmware keeps
 * it to itself.
 *
 * bool device_load(volatile void *at, uint32_t size, uint64_t *value)
 * bool device_store(volatile void *at, uint32_t size, uint64_t *value)
 *
 * bool stage1_walk(uint64_t va)
 *
 * False: the device, or what is in the tables' place, refused.
 */
#include "regs.h"

	.text
	.globl device_load, device_store, stage1_walk, claim_reset, mpam2_read, mpam2_write
	.globl may_fail_start, may_fail_end, may_fail_failed
may_fail_start:
/* The debugger's claim tags and channel would carry a bit pattern from one owner to the next. */
claim_reset:
	mov x0, #0xff
	msr dbgclaimclr_el1, x0
	msr osdtrrx_el1, xzr
	msr osdtrtx_el1, xzr
	msr oseccr_el1, xzr
	ret
mpam2_read:
	mrs x0, MPAM2_EL2
	ret
mpam2_write:
	msr MPAM2_EL2, x0
	ret
stage1_walk:
	at s1e1r, x0
	isb
	mov w0, #1
	ret
device_load:
	tbnz w1, #3, 8f
	tbnz w1, #2, 4f
	tbnz w1, #1, 2f
	ldrb w3, [x0]
	b 1f
2:	ldrh w3, [x0]
	b 1f
4:	ldr w3, [x0]
	b 1f
8:	ldr x3, [x0]
1:	str x3, [x2]
	mov w0, #1
	ret
/* The DSB completes the store here, before the cell goes on. */
device_store:
	ldr x3, [x2]
	tbnz w1, #3, 8f
	tbnz w1, #2, 4f
	tbnz w1, #1, 2f
	strb w3, [x0]
	b 1f
2:	strh w3, [x0]
	b 1f
4:	str w3, [x0]
	b 1f
8:	str x3, [x0]
1:	dsb sy
	mov w0, #1
	ret
may_fail_end:
may_fail_failed:
	mov w0, #0
	ret
