// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a cell reads in identification registers, field by field. The list is written down here from
 * the architecture (DDI 0487, D19.2) by what the fields mean, and not as masks; every field that
 * is not in it must read as zero whatever the CPU has.
 *
 * Sources: hypervisor/arch/arm64/idregs.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "traps.h"

/* A number, and no feature: all 16 values pass. */
#define NUMBER 15u

enum rule {
	UP_TO,	      /* values above the highest that is allowed read as that */
	UP_TO_OR_NONE /* and 15 says that there is nothing */
};

static const struct field {
	uint32_t crm, op2, shift, most;
	enum rule rule;
} fields[] = {
	{ 1, 0, 0, 1, UP_TO },	/* ID_PFR0.State0: A32 */
	{ 1, 0, 4, 3, UP_TO },	/* State1: T32 */
	{ 1, 0, 8, 1, UP_TO },	/* State2: Jazelle */
	{ 1, 0, 16, 1, UP_TO }, /* CSV2, without SCXTNUM */
	{ 1, 0, 24, 1, UP_TO }, /* DIT */

	{ 2, 0, 4, 1, UP_TO },	{ 2, 0, 8, 1, UP_TO },	{ 2, 0, 12, 1, UP_TO },
	{ 2, 0, 20, 1, UP_TO }, { 2, 0, 24, 2, UP_TO },
	{ 2, 1, 0, 1, UP_TO },	{ 2, 1, 4, 1, UP_TO },	{ 2, 1, 8, 1, UP_TO },
	{ 2, 1, 12, 2, UP_TO }, { 2, 1, 16, 1, UP_TO }, { 2, 1, 20, 1, UP_TO },
	{ 2, 1, 24, 3, UP_TO }, { 2, 1, 28, 1, UP_TO },
	{ 2, 2, 0, 2, UP_TO },	{ 2, 2, 4, 4, UP_TO },	{ 2, 2, 12, 2, UP_TO },
	{ 2, 2, 16, 3, UP_TO }, { 2, 2, 20, 2, UP_TO }, { 2, 2, 24, 1, UP_TO },
	{ 2, 2, 28, 2, UP_TO },
	{ 2, 3, 0, 1, UP_TO },	{ 2, 3, 4, 3, UP_TO },	{ 2, 3, 8, 1, UP_TO },
	{ 2, 3, 12, 2, UP_TO }, { 2, 3, 16, 1, UP_TO }, { 2, 3, 20, 1, UP_TO },
	{ 2, 3, 24, 1, UP_TO },
	{ 2, 4, 0, 2, UP_TO },	{ 2, 4, 4, 4, UP_TO },	{ 2, 4, 8, 1, UP_TO },
	{ 2, 4, 16, 1, UP_TO },
	{ 2, 5, 0, 1, UP_TO },	/* ID_ISAR5.SEVL */
	{ 2, 5, 4, 2, UP_TO },	/* AES, PMULL */
	{ 2, 5, 8, 1, UP_TO },	/* SHA1 */
	{ 2, 5, 12, 1, UP_TO }, /* SHA2 */
	{ 2, 5, 16, 1, UP_TO }, /* CRC32 */
	{ 2, 5, 24, 1, UP_TO }, /* RDM */
	{ 2, 5, 28, 1, UP_TO }, /* VCMA */
	{ 2, 7, 0, 1, UP_TO },	{ 2, 7, 4, 1, UP_TO },	{ 2, 7, 8, 1, UP_TO },
	{ 2, 7, 12, 1, UP_TO }, { 2, 7, 16, 1, UP_TO }, { 2, 7, 20, 1, UP_TO },
	{ 2, 7, 24, 1, UP_TO }, { 2, 7, 28, 1, UP_TO },

	{ 3, 0, 0, 2, UP_TO },	{ 3, 0, 4, 2, UP_TO },	{ 3, 0, 8, 2, UP_TO },
	{ 3, 0, 12, 1, UP_TO }, { 3, 0, 16, 1, UP_TO }, { 3, 0, 20, 1, UP_TO },
	{ 3, 0, 24, 1, UP_TO }, { 3, 0, 28, 1, UP_TO },
	{ 3, 1, 0, 1, UP_TO },	{ 3, 1, 4, 1, UP_TO },	{ 3, 1, 8, 1, UP_TO },
	{ 3, 1, 12, 1, UP_TO }, { 3, 1, 16, 1, UP_TO }, { 3, 1, 20, 2, UP_TO },
	{ 3, 1, 24, 3, UP_TO }, { 3, 1, 28, 1, UP_TO },
	{ 3, 2, 0, 3, UP_TO },	{ 3, 2, 4, 4, UP_TO },
	{ 3, 4, 0, 1, UP_TO },	{ 3, 4, 4, 1, UP_TO }, /* ID_PFR2: CSV3, SSBS */

	{ 4, 0, 0, 2, UP_TO },		/* ID_AA64PFR0.EL0: AArch32 too */
	{ 4, 0, 4, 1, UP_TO },		/* EL1: AArch64 alone */
	{ 4, 0, 16, 1, UP_TO_OR_NONE }, /* FP */
	{ 4, 0, 20, 1, UP_TO_OR_NONE }, /* AdvSIMD */
	{ 4, 0, 24, 1, UP_TO },		/* GIC: v3 */
	{ 4, 0, 48, 1, UP_TO },		/* DIT */
	{ 4, 0, 56, 1, UP_TO },		/* CSV2 */
	{ 4, 0, 60, 1, UP_TO },		/* CSV3 */
	{ 4, 1, 0, 1, UP_TO },		/* ID_AA64PFR1.BT */
	{ 4, 1, 4, 2, UP_TO },		/* SSBS */
	{ 4, 1, 32, 1, UP_TO },		/* CSV2_frac */

	{ 5, 0, 0, 6, UP_TO },		/* ID_AA64DFR0.DebugVer: v8.0 */
	{ 5, 0, 8, 8, UP_TO_OR_NONE },	/* PMUVer: v3p8 */
	{ 5, 0, 12, NUMBER, UP_TO },	/* BRPs */
	{ 5, 0, 20, NUMBER, UP_TO },	/* WRPs */
	{ 5, 0, 28, NUMBER, UP_TO },	/* CTX_CMPs */
	{ 5, 0, 36, 0, UP_TO_OR_NONE }, /* DoubleLock: 0 is that it exists */

	{ 6, 0, 4, 2, UP_TO },	/* ID_AA64ISAR0.AES */
	{ 6, 0, 8, 1, UP_TO },	/* SHA1 */
	{ 6, 0, 12, 2, UP_TO }, /* SHA2 */
	{ 6, 0, 16, 1, UP_TO }, /* CRC32 */
	{ 6, 0, 20, 3, UP_TO }, /* Atomic */
	{ 6, 0, 28, 1, UP_TO }, /* RDM */
	{ 6, 0, 32, 1, UP_TO }, /* SHA3 */
	{ 6, 0, 36, 1, UP_TO }, /* SM3 */
	{ 6, 0, 40, 1, UP_TO }, /* SM4 */
	{ 6, 0, 44, 1, UP_TO }, /* DP */
	{ 6, 0, 48, 1, UP_TO }, /* FHM */
	{ 6, 0, 52, 2, UP_TO }, /* TS */
	{ 6, 0, 56, 2, UP_TO }, /* TLB */
	{ 6, 0, 60, 1, UP_TO }, /* RNDR */
	{ 6, 1, 0, 2, UP_TO },	/* ID_AA64ISAR1.DPB */
	{ 6, 1, 4, 5, UP_TO },	/* APA */
	{ 6, 1, 8, 5, UP_TO },	/* API */
	{ 6, 1, 12, 1, UP_TO }, /* JSCVT */
	{ 6, 1, 16, 1, UP_TO }, /* FCMA */
	{ 6, 1, 20, 3, UP_TO }, /* LRCPC */
	{ 6, 1, 24, 1, UP_TO }, /* GPA */
	{ 6, 1, 28, 1, UP_TO }, /* GPI */
	{ 6, 1, 32, 1, UP_TO }, /* FRINTTS */
	{ 6, 1, 36, 1, UP_TO }, /* SB */
	{ 6, 1, 40, 1, UP_TO }, /* SPECRES */
	{ 6, 1, 44, 2, UP_TO }, /* BF16 */
	{ 6, 1, 48, 1, UP_TO }, /* DGH */
	{ 6, 1, 52, 1, UP_TO }, /* I8MM */
	{ 6, 2, 0, 2, UP_TO },	/* ID_AA64ISAR2.WFxT */
	{ 6, 2, 4, 1, UP_TO },	/* RPRES */
	{ 6, 2, 8, 1, UP_TO },	/* GPA3 */
	{ 6, 2, 12, 5, UP_TO }, /* APA3 */
	{ 6, 2, 20, 1, UP_TO }, /* BC */
	{ 6, 2, 24, 1, UP_TO }, /* PAC_frac */
	{ 6, 2, 28, 1, UP_TO }, /* CLRBHB */
	{ 6, 2, 48, 1, UP_TO }, /* RPRFM */
	{ 6, 2, 52, 1, UP_TO }, /* CSSC */

	{ 7, 0, 0, 5, UP_TO },		/* ID_AA64MMFR0.PARange: 48 bits */
	{ 7, 0, 4, 2, UP_TO },		/* ASIDBits */
	{ 7, 0, 20, 1, UP_TO },		/* TGran16 */
	{ 7, 0, 24, 0, UP_TO_OR_NONE }, /* TGran64 */
	{ 7, 0, 28, 0, UP_TO_OR_NONE }, /* TGran4 */
	{ 7, 0, 44, 1, UP_TO },		/* ExS */
	{ 7, 0, 60, 1, UP_TO },		/* ECV */
	{ 7, 1, 0, 2, UP_TO },		/* ID_AA64MMFR1.HAFDBS */
	{ 7, 1, 12, 1, UP_TO },		/* HPDS, without PBHA */
	{ 7, 1, 20, 3, UP_TO },		/* PAN */
	{ 7, 1, 24, 1, UP_TO },		/* SpecSEI */
	{ 7, 1, 36, 3, UP_TO },		/* ETS */
	{ 7, 1, 44, 1, UP_TO },		/* AFP */
	{ 7, 1, 48, 1, UP_TO },		/* nTLBPA */
	{ 7, 1, 52, 1, UP_TO },		/* TIDCP1 */
	{ 7, 1, 60, 1, UP_TO },		/* ECBHB */
	{ 7, 2, 0, 1, UP_TO },		/* ID_AA64MMFR2.CnP */
	{ 7, 2, 4, 1, UP_TO },		/* UAO */
	{ 7, 2, 8, 1, UP_TO },		/* LSM */
	{ 7, 2, 16, 1, UP_TO },		/* VARange */
	{ 7, 2, 20, 1, UP_TO },		/* CCIDX */
	{ 7, 2, 28, 1, UP_TO },		/* ST */
	{ 7, 2, 32, 1, UP_TO },		/* AT */
	{ 7, 2, 36, 1, UP_TO },		/* IDS */
	{ 7, 2, 48, 1, UP_TO },		/* TTL */
	{ 7, 2, 60, 1, UP_TO },		/* E0PD */
};

struct cpu *fake_this_cpu;
static uint64_t hardware[64];

uint64_t id_read(uint32_t n)
{
	/* CRm 0 has registers that are UNDEFINED. */
	assert_in_range(n, n == 6 ? 6 : 8, 63);
	return hardware[n];
}

uint64_t fake_read_sysreg(const char *name)
{
	(void)name;
	return 0;
}

static uint64_t expected(uint32_t crm, uint32_t op2, uint32_t shift, uint64_t raw)
{
	for (size_t n = 0; n < ARRAY_SIZE(fields); n++) {
		const struct field *f = &fields[n];

		if (f->crm != crm || f->op2 != op2 || f->shift != shift)
			continue;
		return raw == 15 && f->rule == UP_TO_OR_NONE ? 15 : MIN(raw, (uint64_t)f->most);
	}
	return 0;
}

/* Every value of every field of every register, with anything in the fields beside it. */
static void test_fields(void **state)
{
	(void)state;
	srandom(1);
	for (uint32_t n = 8; n < 64; n++)
		for (uint32_t shift = 0; shift < 64; shift += 4)
			for (uint64_t raw = 0; raw < 16; raw++) {
				uint64_t rest = (uint64_t)random() << 33 ^ (uint64_t)random() << 11,
					 seen;

				hardware[n] = (rest & ~(15ULL << shift)) | raw << shift;
				seen = id_register(n / 8, n % 8) >> shift & 15;
				if (seen != expected(n / 8, n % 8, shift, raw))
					fail_msg("S3_0_C0_C%u_%u[%u]: %u is shown as %u", n / 8,
						 n % 8, shift, (unsigned int)raw, (unsigned int)seen);
			}
}

/* QEMU's Cortex-A57 has nothing to hide but EL2 and EL3, and AArch32 at EL1. */
static void test_cortex_a57(void **state)
{
	(void)state;
	hardware[4 * 8] = 0x01002222;
	hardware[5 * 8] = 0x10305106;
	hardware[6 * 8] = 0x00011120;
	hardware[7 * 8] = 0x00001124;
	hardware[6] = 0x123456789abcdef0; /* REVIDR: errata go by it */
	assert_int_equal(id_register(0, 6), 0x123456789abcdef0);
	for (uint32_t op2 = 0; op2 < 8; op2++)
		assert_true(op2 == 6 || !id_register(0, op2));
	assert_int_equal(id_register(4, 0), 0x01000012);
	assert_int_equal(id_register(5, 0), 0x10305106);
	assert_int_equal(id_register(6, 0), 0x00011120);
	assert_int_equal(id_register(7, 0), 0x00000024); /* no secure memory, no mixed endianness */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_cortex_a57),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
