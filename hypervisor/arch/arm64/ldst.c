// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes loads and stores that ESR_EL2 does not (Arm ARM C4.1.94; ISS encoding for an exception
 * from a Data Abort: ISV is 0 for pairs and for write-back) [tour: 9].
 *
 * Of general registers alone: SIMD, exclusives, atomics and tags have no use on a device, and each is
 * one more thing that EL2 would have to get right.
 */
#include "ldst.h"

static uint32_t bits(uint32_t insn, uint32_t low, uint32_t count)
{
	return (insn >> low) & ((1u << count) - 1);
}

/* A signed immediate. */
static int64_t simm(uint32_t insn, uint32_t low, uint32_t count)
{
	return (int64_t)((uint64_t)insn << (64 - low - count)) >> (64 - count);
}

/* LDP, STP, LDPSW, LDNP, STNP: opc, then the mode in bits 24:23, L, imm7, Rt2, Rn, Rt. */
static bool decode_pair(uint32_t insn, struct ldst *op)
{
	uint32_t opc = bits(insn, 30, 2), mode = bits(insn, 23, 2);

	/* opc 1 is LDPSW, which has no store (STGP) and no LDNP. */
	if (opc == 3 || (opc == 1 && (op->write || !mode)))
		return false;
	op->count = 2;
	op->size = opc == 2 ? 8 : 4;
	op->sign = op->wide = opc == 1;
	op->wide |= opc == 2;
	op->rt[1] = bits(insn, 10, 5);
	op->step = simm(insn, 15, 7) * op->size;
	op->writeback = mode & 1;
	op->offset = mode == 1 ? 0 : op->step;
	return op->write || op->rt[0] != op->rt[1];
}

/* LDUR, LDTR, post- and pre-index: size, opc, imm9, the mode in bits 11:10, Rn, Rt. */
static bool decode_single(uint32_t insn, struct ldst *op)
{
	uint32_t size = bits(insn, 30, 2), opc = bits(insn, 22, 2), mode = bits(insn, 10, 2);

	/* opc: store, load, load with sign to 64 bits, and to 32, which are more than `size`. */
	if (opc + size > 4)
		return false;
	op->count = 1;
	op->size = 1u << size;
	op->write = !opc;
	op->sign = opc > 1;
	op->wide = opc == 2 || size == 3;
	op->step = simm(insn, 12, 9);
	op->writeback = mode & 1;
	op->offset = mode == 1 ? 0 : op->step;
	return true;
}

bool ldst_decode(uint32_t insn, struct ldst *op)
{
	bool known;

	*op = (struct ldst){
		.write = !bits(insn, 22, 1),
		.rt = { bits(insn, 0, 5) },
		.rn = bits(insn, 5, 5),
	};
	if ((insn & 0x3e000000) == 0x28000000)
		known = decode_pair(insn, op);
	else if ((insn & 0x3f200000) == 0x38000000)
		known = decode_single(insn, op);
	else
		return false;
	/* The base is loaded or stored as well: unpredictable, but for SP, which is no XZR. */
	return known && !(op->writeback && op->rn != 31 &&
			  (op->rt[0] == op->rn || (op->count == 2 && op->rt[1] == op->rn)));
}
