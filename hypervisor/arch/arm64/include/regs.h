/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System registers and their fields, for C and assembly. Names and encodings are the Arm ARM's
 * (DDI 0487, chapter D19) and, for ICC_* and ICH_*, the GIC architecture's (IHI 0069, chapter
 * 12). Registers that the assembler may not know by name are given by encoding.
 */
#ifndef CAISSON_REGS_H
#define CAISSON_REGS_H

#define ICC_IAR0_EL1 S3_0_C12_C8_0
#define ICC_EOIR0_EL1 S3_0_C12_C8_1
#define ICC_HPPIR0_EL1 S3_0_C12_C8_2
#define ICC_BPR0_EL1 S3_0_C12_C8_3
#define ICC_AP0R0_EL1 S3_0_C12_C8_4
#define ICC_AP1R0_EL1 S3_0_C12_C9_0
#define ICC_DIR_EL1 S3_0_C12_C11_1
#define ICC_RPR_EL1 S3_0_C12_C11_3
#define ICC_SGI1R_EL1 S3_0_C12_C11_5
#define ICC_ASGI1R_EL1 S3_0_C12_C11_6
#define ICC_SGI0R_EL1 S3_0_C12_C11_7
#define ICC_IAR1_EL1 S3_0_C12_C12_0
#define ICC_EOIR1_EL1 S3_0_C12_C12_1
#define ICC_HPPIR1_EL1 S3_0_C12_C12_2
#define ICC_BPR1_EL1 S3_0_C12_C12_3
#define ICC_CTLR_EL1 S3_0_C12_C12_4
#define ICC_SRE_EL1 S3_0_C12_C12_5
#define ICC_IGRPEN0_EL1 S3_0_C12_C12_6
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7
#define ICC_PMR_EL1 S3_0_C4_C6_0
#define ICC_SRE_EL2 S3_4_C12_C9_5
#define ICH_AP0R0_EL2 S3_4_C12_C8_0
#define ICH_AP1R0_EL2 S3_4_C12_C9_0
#define ICH_HCR_EL2 S3_4_C12_C11_0
#define ICH_VTR_EL2 S3_4_C12_C11_1
#define ICH_ELRSR_EL2 S3_4_C12_C11_5
#define ICH_LR0_EL2 S3_4_C12_C12_0
#define ICH_VMCR_EL2 S3_4_C12_C11_7
#define APIAKEYLO_EL1 S3_0_C2_C1_0
#define APIAKEYHI_EL1 S3_0_C2_C1_1
#define SVCR S3_3_C4_C2_2
#define VDISR_EL2 S3_4_C12_C1_1
#define TPIDR2_EL0 S3_3_C13_C0_5
#define HFGRTR_EL2 S3_4_C1_C1_4
#define HFGWTR_EL2 S3_4_C1_C1_5
#define HFGITR_EL2 S3_4_C1_C1_6
#define ZCR_EL2 S3_4_C1_C2_0
#define HCRX_EL2 S3_4_C1_C2_2
#define SMCR_EL2 S3_4_C1_C2_6
#define HDFGRTR_EL2 S3_4_C3_C1_4
#define HDFGWTR_EL2 S3_4_C3_C1_5
#define HAFGRTR_EL2 S3_4_C3_C1_6
#define MPAM2_EL2 S3_4_C10_C5_0
#define HDFGRTR2_EL2 S3_4_C3_C1_0
#define HDFGWTR2_EL2 S3_4_C3_C1_1
#define HFGRTR2_EL2 S3_4_C3_C1_2
#define HFGWTR2_EL2 S3_4_C3_C1_3
#define HFGITR2_EL2 S3_4_C3_C1_7

/* SCTLR_EL2: RES1 bits of the non-VHE layout, then what EL2 runs with. */
#define SCTLR_EL2_RES1 0x30c50830
#define SCTLR_M (1 << 0)
#define SCTLR_A (1 << 1)
#define SCTLR_C (1 << 2)
#define SCTLR_SA (1 << 3)
#define SCTLR_I (1 << 12)
#define SCTLR_WXN (1 << 19)
#define SCTLR_ENIA_SHIFT 31 /* as far as the CPU has pointer authentication: the driver says it */
#define SCTLR_EL2_VALUE \
	(SCTLR_EL2_RES1 | SCTLR_M | SCTLR_A | SCTLR_C | SCTLR_SA | SCTLR_I | SCTLR_WXN)
/* SCTLR_EL1 out of reset: MMU, caches off; the RES1 bits of ARMv8.0, SPAN, EIS, EOS among them. */
#define SCTLR_EL1_RESET 0x30d00800

/*
 * TCR_EL2: 48-bit input, 4 KiB granule, inner shareable, write-back walks; PS is added at run
 * time.
 */
#define TCR_EL2_VALUE ((1 << 31) | (1 << 23) | (3 << 12) | (1 << 10) | (1 << 8) | 16)
#define TCR_EL2_PS_SHIFT 16

#define HCR_VM (1ULL << 0)
#define HCR_SWIO (1ULL << 1)
#define HCR_FMO (1ULL << 3)
#define HCR_IMO (1ULL << 4)
#define HCR_AMO (1ULL << 5)
#define HCR_VSE (1ULL << 8)
#define HCR_TWI (1ULL << 13)
#define HCR_TID1 (1ULL << 16)
#define HCR_TID3 (1ULL << 18)
#define HCR_TSC (1ULL << 19)
#define HCR_TIDCP (1ULL << 20)
#define HCR_TACR (1ULL << 21)
#define HCR_TSW (1ULL << 22)
#define HCR_RW (1ULL << 31)
#define HCR_TLOR (1ULL << 35)
#define HCR_TERR (1ULL << 36)
#define HCR_APK (1ULL << 40)
#define HCR_API (1ULL << 41)
#define HCR_TID5 (1ULL << 58)

/* RES1 bits (SME: bit 12), SVE (TZ), trace (TTA) and activity monitors (TAM) trapped. */
#define CPTR_EL2_CELL (0x32ffULL | CPTR_TZ | (1ULL << 20) | (1ULL << 30))
#define CPTR_TZ (1ULL << 8)
#define CPTR_TSM (1ULL << 12)
#define HCRX_TALLINT (1ULL << 6)
#define MPAM2_TRAP_ALL (1ULL << 58 | 1ULL << 49 | 1ULL << 48) /* TIDR, TRAPMPAM0EL1, TRAPMPAM1EL1 */
#define MDCR_HPMD (1ULL << 17)
#define MDCR_TTRF (1ULL << 19)
#define MDCR_TPMS (1ULL << 14)
#define CNTHCTL_EL1_ALL 0x3ULL /* EL1PCTEN, EL1PCEN: the physical counter and timer are EL1's */

/* VTCR_EL2: 4 KiB granule, inner shareable, write-back walks, bit 31 RES1. */
#define VTCR_VALUE ((1ULL << 31) | (3ULL << 12) | (1ULL << 10) | (1ULL << 8))
#define VTCR_PS_SHIFT 16
#define VTCR_SL0_SHIFT 6

#define ICH_HCR_EN (1ULL << 0)
#define ICH_HCR_LRENPIE (1ULL << 2)
#define ICH_HCR_NPIE (1ULL << 3)
#define ICH_HCR_TC (1ULL << 10)
#define ICH_HCR_TALL0 (1ULL << 11)
#define ICH_HCR_TDIR (1ULL << 14)
#define ICH_HCR_EOICOUNT_SHIFT 27
#define ICH_VTR_TDS (1ULL << 19)
#define ICH_VMCR_VENG1 (1ULL << 1)
#define ICH_VMCR_VFIQEN (1ULL << 3)
#define ICH_VMCR_VCBPR (1ULL << 4)
#define ICH_VMCR_VEOIM (1ULL << 9)
#define ICH_VMCR_VBPR1_SHIFT 18
#define ICH_VMCR_VBPR0_SHIFT 21
#define ICH_VMCR_VPMR_SHIFT 24
#define ICC_CTLR_CBPR (1ULL << 0)
#define ICC_CTLR_EOIMODE (1ULL << 1)
#define ICC_SRE_ENABLE 0xfULL /* SRE, DFB, DIB, Enable (lower ELs may use ICC_SRE_EL1) */

/* PSTATE of an exception taken to EL1h with everything masked, and its neighbours. */
#define SPSR_EL1H_MASKED 0x3c5ULL
#define SPSR_MODE_MASK 0x1fULL
#define SPSR_MODE_EL1T 0x4ULL
#define SPSR_MODE_EL1H 0x5ULL
#define SPSR_AARCH32 (1ULL << 4)
#define SPSR_BTYPE (3ULL << 10)
#define SPSR_IL (1ULL << 20)
#define SPSR_SS (1ULL << 21)
#define SPSR_IT (0xfc00ULL | 3ULL << 25) /* AArch32: ITSTATE[7:2], [1:0] */

/* ESR_EL2 (D19.2.39). */
#define ESR_EC(esr) (((esr) >> 26) & 0x3f)
#define ESR_IL (1ULL << 25)
#define ESR_ISS(esr) ((esr)&0x1ffffff)
#define EC_UNKNOWN 0x00
#define EC_WFX 0x01
#define EC_HVC64 0x16
#define EC_SMC64 0x17
#define EC_SYSREG 0x18
#define EC_IABT_LOW 0x20
#define EC_DABT_LOW 0x24
#define EC_DABT_SAME 0x25
#define EC_BRK 0x3c
#define EC_COUNT 64
#define ESR_WRITE_SGI1R 0x623a3016 /* of ICC_SGI1R_EL1 by MSR; the register, Rt, is bits 9..5 */

#define ISS_DABT_ISV (1u << 24)
#define ISS_DABT_SAS(iss) (((iss) >> 22) & 3)
#define ISS_DABT_SSE (1u << 21)
#define ISS_DABT_SRT(iss) (((iss) >> 16) & 31)
#define ISS_DABT_SF (1u << 15)
#define ISS_ABT_S1PTW (1u << 7)
#define ISS_DABT_WNR (1u << 6)
#define ISS_ABT_FSC(iss) ((iss)&0x3f)
#define FSC_TRANSLATION 0x04 /* + level */
#define FSC_PERMISSION 0x0c  /* + level */
#define FSC_EXTERNAL 0x10
#define FSC_ALIGNMENT 0x21

#ifndef __ASSEMBLER__
#include "types.h"

#define read_sysreg_(r)                                         \
	({                                                      \
		uint64_t value_;                                \
		__asm__ volatile("mrs %0, " #r : "=r"(value_)); \
		value_;                                         \
	})
#define read_sysreg(r) read_sysreg_(r)
#define write_sysreg_(r, v)                                                      \
	do {                                                                     \
		uint64_t value_ = (v);                                           \
		__asm__ volatile("msr " #r ", %x0" : : "rZ"(value_) : "memory"); \
	} while (0)
#define write_sysreg(r, v) write_sysreg_(r, v)

static inline void isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}

#define dsb(domain) __asm__ volatile("dsb " #domain ::: "memory")

/* What a trap saved, at the top of the CPU's stack; the order is that of vectors.S. */
struct regs {
	uint64_t x[31];
	uint64_t elr; /* where the cell goes on */
	uint64_t spsr;
	uint64_t key[2]; /* APIAKey_EL1, Lo and Hi, while EL2 has its own in there */
	uint64_t pad;
};
#endif

#define REGS_SIZE (36 * 8)
#define REGS_ELR (31 * 8)
#define REGS_KEY (33 * 8)

#endif
