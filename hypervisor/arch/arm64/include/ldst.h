/* SPDX-License-Identifier: GPL-2.0-only */
/* Loads and stores of general registers, as an access to an emulated device needs them. */
#ifndef CAISSON_LDST_H
#define CAISSON_LDST_H

#include "types.h"

struct ldst {
	uint32_t count; /* registers: 1 or 2, behind each other in memory */
	uint32_t size;	/* bytes of each: 1, 2, 4 or 8 */
	bool write;
	bool sign; /* loads: sign-extended */
	bool wide; /* loads: to 64 bits */
	bool writeback;
	uint32_t rt[2]; /* 31 is XZR */
	uint32_t rn;	/* 31 is SP */
	int64_t offset; /* from the base register to the first byte */
	int64_t step;	/* what write-back adds to the base register */
};

/*
 * What the A64 instruction `insn` does, if it is one of those whose abort comes without a valid
 * syndrome: a pair, or one register with write-back. Also taken are its neighbours, LDUR, LDTR and
 * the like. False: anything else, and what the architecture leaves unpredictable. Pure.
 */
bool ldst_decode(uint32_t insn, struct ldst *op);

#endif
