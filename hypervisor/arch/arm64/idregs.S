/* SPDX-License-Identifier: GPL-2.0-only */
#include "regs.h"

/* Not guarded (hypervisor.lds.S): a branch into a table. */
	.section .unguarded, "ax"
	.globl id_read
/* uint64_t id_read(uint32_t n): S3_0_C0_C(n / 8)_(n % 8) as this CPU has it. */
id_read:
	adr x1, 1f
	add x1, x1, w0, uxtw #3
	br x1
1:	.irp crm, 0,1,2,3,4,5,6,7
	.irp op2, 0,1,2,3,4,5,6,7
	mrs x0, S3_0_C0_C\crm\()_\op2
	ret
	.endr
	.endr
