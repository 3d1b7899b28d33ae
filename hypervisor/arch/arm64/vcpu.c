/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A CPU between owners: EL2's control registers per owner, and the complete reset of everything EL1
 * can read, so that nothing of the last owner is found by the next (Arm ARM D1.10: what is UNKNOWN out
 * of reset is 0 here).
 */
#include "asm_offsets.h"
#include "cell.h"
#include "gic.h"
#include "smccc.h"
#include "vgic.h"

_Static_assert(offsetof(struct caisson_cpu_boot, ttbr0) == BOOT_TTBR0, "entry.S");
_Static_assert(offsetof(struct found, vbar) == 0 && offsetof(struct found, sctlr) == 40, "entry.S");
_Static_assert(offsetof(struct cpu, exits[CAISSON_EXIT_TOTAL]) == CPU_EXITS_TOTAL, "vectors.S");
_Static_assert(offsetof(struct cpu, exits[CAISSON_EXIT_HVC]) == CPU_EXITS_HVC, "vectors.S");
_Static_assert(offsetof(struct cpu, refuses_calls) == CPU_REFUSES_CALLS, "vectors.S");
_Static_assert(sizeof(struct regs) == REGS_SIZE && offsetof(struct regs, elr) == REGS_ELR, "vectors.S");

#define VMPIDR_RES1 BIT(31)
#define PMCR_RESET 0x6ULL /* P and C: event counters and cycle counter to zero */

void cpu_save_found(struct found *found)
{
	found->hcr = read_sysreg(hcr_el2);
	found->cptr = read_sysreg(cptr_el2);
	found->mdcr = read_sysreg(mdcr_el2);
	found->cnthctl = read_sysreg(cnthctl_el2);
	found->cntvoff = read_sysreg(cntvoff_el2);
	found->hstr = read_sysreg(hstr_el2);
	found->vtcr = read_sysreg(vtcr_el2);
	found->vttbr = read_sysreg(vttbr_el2);
	found->vmpidr = read_sysreg(vmpidr_el2);
	found->vpidr = read_sysreg(vpidr_el2);
}

void cpu_restore_found(const struct found *found)
{
	write_sysreg(hcr_el2, found->hcr);
	write_sysreg(cptr_el2, found->cptr);
	write_sysreg(mdcr_el2, found->mdcr);
	write_sysreg(cnthctl_el2, found->cnthctl);
	write_sysreg(cntvoff_el2, found->cntvoff);
	write_sysreg(hstr_el2, found->hstr);
	write_sysreg(vtcr_el2, found->vtcr);
	write_sysreg(vttbr_el2, found->vttbr);
	write_sysreg(vmpidr_el2, found->vmpidr);
	write_sysreg(vpidr_el2, found->vpidr);
	isb();
	tlb_flush_cell_local();
}

void cpu_load_controls(struct cpu *cpu)
{
	const struct found *found = &PRIVATE->found;
	uint64_t hcr = found->hcr | HCR_RW | HCR_TSC | HCR_AMO | HCR_VM | irq_hcr_bits(cpu);

	if (cpu->cell->id == 0) {
		write_sysreg(cptr_el2, found->cptr);
		write_sysreg(mdcr_el2, found->mdcr);
		write_sysreg(cnthctl_el2, found->cnthctl);
		write_sysreg(cntvoff_el2, found->cntvoff);
		write_sysreg(hstr_el2, found->hstr);
		write_sysreg(vmpidr_el2, found->vmpidr);
	} else {
		uint64_t counters = (read_sysreg(pmcr_el0) >> 11) & 31;

		hcr |= HCR_TSW | HCR_SWIO | HCR_TIDCP | HCR_TACR;
		write_sysreg(cptr_el2, CPTR_EL2_CELL);
		/* All counters are EL1's; EL2 itself is not counted (HPMD). */
		write_sysreg(mdcr_el2, counters | MDCR_HPMD | MDCR_TTRF | MDCR_TPMS);
		write_sysreg(cnthctl_el2, CNTHCTL_EL1_ALL);
		write_sysreg(cntvoff_el2, 0);
		write_sysreg(hstr_el2, 0);
		write_sysreg(vmpidr_el2, VMPIDR_RES1 | cpu->vcpu);
	}
	write_sysreg(vpidr_el2, found->vpidr);
	write_sysreg(hcr_el2, hcr);
	s2_load(&cpu->cell->s2);
	irq_load(cpu);
	isb();
}

static void reset_el1_system(void)
{
	write_sysreg(sctlr_el1, SCTLR_EL1_RESET);
	isb();
	write_sysreg(tcr_el1, 0);
	write_sysreg(ttbr0_el1, 0);
	write_sysreg(ttbr1_el1, 0);
	write_sysreg(mair_el1, 0);
	write_sysreg(amair_el1, 0);
	write_sysreg(vbar_el1, 0);
	write_sysreg(cpacr_el1, 0);
	write_sysreg(esr_el1, 0);
	write_sysreg(far_el1, 0);
	write_sysreg(afsr0_el1, 0);
	write_sysreg(afsr1_el1, 0);
	write_sysreg(elr_el1, 0);
	write_sysreg(spsr_el1, 0);
	write_sysreg(spsr_abt, 0);
	write_sysreg(spsr_und, 0);
	write_sysreg(spsr_irq, 0);
	write_sysreg(spsr_fiq, 0);
	write_sysreg(sp_el0, 0);
	write_sysreg(sp_el1, 0);
	write_sysreg(contextidr_el1, 0);
	write_sysreg(tpidr_el0, 0);
	write_sysreg(tpidrro_el0, 0);
	write_sysreg(tpidr_el1, 0);
	write_sysreg(par_el1, 0);
	write_sysreg(csselr_el1, 0);
}

static void reset_timers(void)
{
	write_sysreg(cntkctl_el1, 0);
	write_sysreg(cntv_ctl_el0, 0);
	write_sysreg(cntv_cval_el0, 0);
	write_sysreg(cntp_ctl_el0, 0);
	write_sysreg(cntp_cval_el0, 0);
}

/* Index registers that are named by number only: all there can be of them, by selector. */
static void reset_pmu(void)
{
	uint64_t counters = (read_sysreg(pmcr_el0) >> 11) & 31;

	write_sysreg(pmcr_el0, PMCR_RESET);
	write_sysreg(pmcntenclr_el0, ~0U);
	write_sysreg(pmintenclr_el1, ~0U);
	write_sysreg(pmovsclr_el0, ~0U);
	write_sysreg(pmuserenr_el0, 0);
	write_sysreg(pmccfiltr_el0, 0);
	write_sysreg(pmccntr_el0, 0);
	for (uint64_t n = 0; n < counters; n++) {
		write_sysreg(pmselr_el0, n);
		isb();
		write_sysreg(pmxevtyper_el0, 0);
		write_sysreg(pmxevcntr_el0, 0);
	}
	write_sysreg(pmselr_el0, 0);
}

/* Control and value of the n-th of `last` + 1; those that the CPU lacks are UNDEFINED. */
#define CLEAR_DEBUG(kind, n, last)                                                                 \
	do {                                                                                       \
		if ((n) <= (last)) {                                                               \
			write_sysreg(dbg##kind##cr##n##_el1, 0);                                   \
			write_sysreg(dbg##kind##vr##n##_el1, 0);                                   \
		}                                                                                  \
	} while (0)
#define EACH_DEBUG(kind, last)                                                                     \
	do {                                                                                       \
		CLEAR_DEBUG(kind, 0, last);                                                     \
		CLEAR_DEBUG(kind, 1, last);                                                     \
		CLEAR_DEBUG(kind, 2, last);                                                     \
		CLEAR_DEBUG(kind, 3, last);                                                     \
		CLEAR_DEBUG(kind, 4, last);                                                     \
		CLEAR_DEBUG(kind, 5, last);                                                     \
		CLEAR_DEBUG(kind, 6, last);                                                     \
		CLEAR_DEBUG(kind, 7, last);                                                     \
		CLEAR_DEBUG(kind, 8, last);                                                     \
		CLEAR_DEBUG(kind, 9, last);                                                     \
		CLEAR_DEBUG(kind, 10, last);                                                    \
		CLEAR_DEBUG(kind, 11, last);                                                    \
		CLEAR_DEBUG(kind, 12, last);                                                    \
		CLEAR_DEBUG(kind, 13, last);                                                    \
		CLEAR_DEBUG(kind, 14, last);                                                    \
		CLEAR_DEBUG(kind, 15, last);                                                    \
	} while (0)

static void reset_debug(void)
{
	uint64_t dfr0 = read_sysreg(id_aa64dfr0_el1);

	write_sysreg(mdscr_el1, 0);
	write_sysreg(oslar_el1, 0);
	/* ID_AA64DFR0_EL1: number of breakpoints and watchpoints, minus one (D19.2.59). */
	EACH_DEBUG(b, (int)(dfr0 >> 12 & 15));
	EACH_DEBUG(w, (int)(dfr0 >> 20 & 15));
}

/* Pointer authentication keys, if the CPU has any algorithm (ID_AA64ISAR1_EL1 APA, API, GPA, GPI). */
static void reset_pauth(void)
{
	if (!(read_sysreg(id_aa64isar1_el1) & 0xff000ff0))
		return;
	write_sysreg(S3_0_C2_C1_0, 0);
	write_sysreg(S3_0_C2_C1_1, 0);
	write_sysreg(S3_0_C2_C1_2, 0);
	write_sysreg(S3_0_C2_C1_3, 0);
	write_sysreg(S3_0_C2_C2_0, 0);
	write_sysreg(S3_0_C2_C2_1, 0);
	write_sysreg(S3_0_C2_C2_2, 0);
	write_sysreg(S3_0_C2_C2_3, 0);
	write_sysreg(S3_0_C2_C3_0, 0);
	write_sysreg(S3_0_C2_C3_1, 0);
}

/* What the last owner taught the branch predictor: firmware's mitigation, if it has one (DEN0070). */
static void reset_branch_predictor(void)
{
	if (smc_call(SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_3, 0, 0) >= 0)
		smc_call(SMCCC_ARCH_WORKAROUND_3, 0, 0, 0);
	else if (smc_call(SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_1, 0, 0) >= 0)
		smc_call(SMCCC_ARCH_WORKAROUND_1, 0, 0, 0);
}

void simd_reset(void);

void cpu_reset(struct cpu *cpu, struct regs *regs)
{
	reset_el1_system();
	reset_timers();
	reset_debug();
	reset_pmu();
	/* EL2 itself never uses FP; CPTR_EL2 may still trap it for the last owner. */
	write_sysreg(cptr_el2, CPTR_EL2_CELL);
	isb();
	simd_reset();
	write_sysreg(ICH_VMCR_EL2, ICH_VMCR_VFIQEN);
	gic_cpu_reset(cpu);
	cpu->pmr = 0;
	cpu->refuses_calls = 0;
	reset_pauth();
	reset_branch_predictor();
	cpu_load_controls(cpu);
	tlb_flush_cell_local();
	icache_inval_all();

	*regs = (struct regs){ .elr = cpu->entry, .spsr = SPSR_EL1H_MASKED };
	for (unsigned int n = 0; n < ARRAY_SIZE(cpu->args); n++)
		regs->x[n] = cpu->args[n];
}
