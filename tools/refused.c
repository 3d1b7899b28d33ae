// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a cell was refused, in words.
 */
#include <inttypes.h>
#include <stdio.h>

#include "refusal.h"
#include "refused.h"

/* What keeps EL2 from emulating an A64 instruction (Arm ARM C4.1): the first row that fits. */
static const struct {
	uint32_t mask, value;
	const char *text;
} instructions[] = {
	{ 0xffffffff, CAISSON_REFUSED_AARCH32, "of AArch32" },
	{ 0xfff80000, 0xd5080000, "cache maintenance" },
	{ 0x08000000, 0x00000000, "no load or store" },
	{ 0x02000000, 0x02000000, "no load or store" },
	{ 0x04000000, 0x04000000, "SIMD" },
	{ 0x3f000000, 0x08000000, "exclusive, ordered, or compare and swap" },
	{ 0x3f200c00, 0x38200000, "atomic" },
	{ 0xff200000, 0xd9200000, "memory tag" },
	{ 0xfe400000, 0x68000000, "memory tag" },
	{ 0x3e000000, 0x28000000, "across two pages, or unpredictable" },
	{ 0x3f200000, 0x38000000, "across two pages, or unpredictable" },
	{ 0, 0, "another load or store" },
};

static const char *instruction_kind(uint32_t insn)
{
	size_t i = 0;

	while ((insn & instructions[i].mask) != instructions[i].value)
		i++;
	return instructions[i].text;
}

void refused_text(enum caisson_refusal kind, uint64_t what, char *text, size_t size)
{
	uint32_t esr = (uint32_t)what;

	switch (kind) {
	case CAISSON_REFUSED_HVC:
	case CAISSON_REFUSED_SMC:
		snprintf(text, size, "%s 0x%08" PRIx64, kind == CAISSON_REFUSED_HVC ? "HVC" : "SMC",
			 what);
		break;
	case CAISSON_REFUSED_TRAP:
		if (esr >> 26 != 0x18) { /* MSR, MRS and the like: ISS as in the Arm ARM */
			refusal_reason(esr, text, size);
			break;
		}
		snprintf(text, size, "%s of S%u_%u_C%u_C%u_%u", esr & 1 ? "read" : "write",
			 esr >> 20 & 3, esr >> 14 & 7, esr >> 10 & 15, esr >> 1 & 15,
			 esr >> 17 & 7);
		break;
	case CAISSON_REFUSED_ACCESS:
		snprintf(text, size, "access to 0x%" PRIx64 ": nothing is mapped there", what);
		break;
	default:
		snprintf(text, size, "instruction 0x%08" PRIx32 " on an emulated device: %s", esr,
			 instruction_kind(esr));
	}
}
