// SPDX-License-Identifier: GPL-2.0-only
/*
 * Identification registers as a cell other than root reads them (HCR_EL2.TID3) [tour: 9]. A field
 * shows what a reset keeps apart between owners, or what has no state; anything else, and whatever
 * the architecture may add, does not show. Pure. What is hidden is trapped or off by vcpu.c.
 */
#include "traps.h"

/*
 * Per register, by CRm and op2 of S3_0_C0_CRm_op2 (DDI 0487, D19.2): the highest value of each
 * field of 4 bits, 15 where it is a number and no feature. In a field that has 15 in `none`, that
 * value means absence. AArch32 is for EL0, so ID_MMFR and ID_DFR, which are about EL1, are zero.
 */
static const struct {
	uint64_t limit, none;
} ids[8][8] = {
	[0][6] = { ~0ULL, 0 },	    /* REVIDR, which errata go by; traps with SMIDR (TID1) */
	[1][0] = { 0x01010131, 0 }, /* ID_PFR0: no AMU, RAS */
	[2][0] = { 0x02101110, 0 }, /* ID_ISAR0 to 5, 6 */
	[2][1] = { 0x13112111, 0 },
	[2][2] = { 0x21232042, 0 },
	[2][3] = { 0x01112131, 0 },
	[2][4] = { 0x00010142, 0 },
	[2][5] = { 0x11011121, 0 },
	[2][7] = { 0x11111111, 0 },
	[3][0] = { 0x11111222, 0 }, /* MVFR0 to 2 */
	[3][1] = { 0x13211111, 0 },
	[3][2] = { 0x00000043, 0 },
	[3][4] = { 0x00000011, 0 }, /* ID_PFR2: CSV3, SSBS */
	/* PFR0: no EL3, EL2, RAS, SVE, SEL2, MPAM, AMU, RME; CSV2 without SCXTNUM */
	[4][0] = { 0x1101000001110012, 0x0000000000ff0000 },
	/* PFR1: BT, SSBS, CSV2_frac; no MTE, SME, RNDR_trap, NMI, GCS */
	[4][1] = { 0x0000000100000021, 0 },
	/* DFR0: debug of v8.0, PMU up to v3p8; no trace, SPE, TRBE, BRBE */
	[5][0] = { 0x00000000f0f0f806, 0x000000f000000f00 },
	/* ISAR0: no TME. ISAR1: no XS, LS64. ISAR2: no MOPS, 128-bit registers */
	[6][0] = { 0x1221111110312120, 0 },
	[6][1] = { 0x0011211111311552, 0 },
	[6][2] = { 0x0011000011105112, 0 },
	/* MMFR0: 48 bits, so no LPA2; no BigEnd (emulate.c), SNSMem, FGT */
	[7][0] = { 0x1000100000100025, 0x00000000ff000000 },
	/* MMFR1: no VMIDBits, VH, HPDS2, LO, XNX, TWED, HCX, CMOW */
	[7][1] = { 0x1011103001301002, 0 },
	/* MMFR2: no IESB, NV, FWB, BBM, EVT */
	[7][2] = { 0x1001001110110111, 0 },
};

uint64_t id_register(uint32_t crm, uint32_t op2)
{
	uint64_t limit = ids[crm][op2].limit, none = ids[crm][op2].none;
	uint64_t raw = limit | none ? id_read(crm * 8 + op2) : 0, shown = 0;

	for (uint32_t shift = 0; shift < 64; shift += 4) {
		uint64_t field = (raw >> shift) & 15, most = (limit >> shift) & 15;

		if (field != 15 || !((none >> shift) & 15))
			field = MIN(field, most);
		shown |= field << shift;
	}
	return shown;
}
