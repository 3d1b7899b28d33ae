// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU between owners: EL2's control registers per owner, and the complete reset of everything
 * EL1 can read, so that nothing of the last owner is found by the next (Arm ARM D1.10: what is
 * UNKNOWN out of reset is 0 here).
 *
 * Root's CPUs keep every EL2 control as found, plus our bits, because Linux's features depend on
 * them; a cell's get one fixed set, in which what we cannot reset is trapped. Everything here
 * runs on the CPU itself.
 */
#include "asm_offsets.h"
#include "cell.h"
#include "gic.h"
#include "lib.h"
#include "smccc.h"
#include "vgic.h"

_Static_assert(offsetof(struct caisson_cpu_boot, ttbr0) == BOOT_TTBR0, "entry.S");
_Static_assert(offsetof(struct caisson_cpu_boot, sctlr) == BOOT_SCTLR, "entry.S");
_Static_assert(offsetof(struct found, vbar) == 0 && offsetof(struct found, sctlr) == 40, "entry.S");
_Static_assert(offsetof(struct cpu, exits[CAISSON_EXIT_HVC]) == CPU_EXITS_HVC, "vectors.S");
_Static_assert(offsetof(struct cpu, exits[CAISSON_EXIT_SGI]) == CPU_EXITS_SGI, "vectors.S");
_Static_assert(offsetof(struct cpu, exits[CAISSON_EXIT_IRQ]) == CPU_EXITS_IRQ, "vectors.S");
_Static_assert(offsetof(struct cpu, idle_lists) == CPU_IDLE_LISTS, "vectors.S");
_Static_assert(offsetof(struct cpu, refused_call) == CPU_REFUSED_CALL, "vectors.S");
_Static_assert(offsetof(struct cpu, sgi_targets) == CPU_SGI_TARGETS, "vectors.S");
_Static_assert(offsetof(struct cell, sgi_mask) == offsetof(struct cell, sgi[16]), "vectors.S");
_Static_assert(sizeof(struct sgi_group) == 16 && VGIC_KICK_SGI == KICK_SGI, "vectors.S");
_Static_assert(sizeof(struct regs) == REGS_SIZE && offsetof(struct regs, elr) == REGS_ELR &&
		       offsetof(struct regs, key) == REGS_KEY,
	       "vectors.S");

#define VMPIDR_RES1 BIT(31)
#define PMCR_RESET 0x6ULL /* P and C: event counters and cycle counter to zero */

/* reset.S: what every CPU has of EL1's and EL0's own; the keys but APIA, which is in the frame; */
void el1_reset(void);
void pauth_reset(void);
/* may_fail.S */
void claim_reset(void);
uint64_t mpam2_read(void);
void mpam2_write(uint64_t value);
void simd_reset(void);
/* Breakpoints 0..`breakpoints` and watchpoints 0..`watchpoints`. */
void debug_reset(uint64_t breakpoints, uint64_t watchpoints);
/* List registers and active priorities that ICH_VTR_EL2 says exist. */
void lists_reset(uint64_t vtr);

/*
 * The controls of features that not every CPU has, saved or loaded. ZCR_EL2 and SMCR_EL2 trap to EL2
 * itself while CPTR_EL2 says so, as it does after a guest of KVM; its bits are RES1 without the
 * feature (D19.2.33), and the registers UNDEFINED. Leaves CPTR_EL2 open.
 */
static void copy_setup(uint64_t *at, bool load)
{
	uint64_t pfr0 = read_sysreg(id_aa64pfr0_el1);
	bool sve = pfr0 >> 32 & 15, sme = read_sysreg(id_aa64pfr1_el1) >> 24 & 15;
	bool hcx = read_sysreg(id_aa64mmfr1_el1) >> 40 & 15;
	uint32_t fgt = read_sysreg(id_aa64mmfr0_el1) >> 56 & 15, amu = pfr0 >> 44 & 15;
	bool mpam = pfr0 >> 40 & 15 || read_sysreg(id_aa64pfr1_el1) >> 16 & 15;

	write_sysreg(cptr_el2, CPTR_EL2_CELL & ~((sve ? CPTR_TZ : 0) | (sme ? CPTR_TSM : 0)));
	isb();
#define COPY(has, reg)                          \
	do {                                    \
		if ((has) && load)              \
			write_sysreg(reg, *at); \
		else if (has)                   \
			*at = read_sysreg(reg); \
		at++;                           \
	} while (0)
	COPY(sve, ZCR_EL2);
	COPY(sme, SMCR_EL2);
	if (mpam && load)
		mpam2_write(*at);
	else if (mpam)
		*at = mpam2_read();
	at++;
	COPY(hcx, HCRX_EL2);
	COPY(fgt, HFGRTR_EL2);
	COPY(fgt, HFGWTR_EL2);
	COPY(fgt, HFGITR_EL2);
	COPY(fgt, HDFGRTR_EL2);
	COPY(fgt, HDFGWTR_EL2);
	COPY(fgt && amu, HAFGRTR_EL2);
	COPY(fgt > 1, HFGRTR2_EL2);
	COPY(fgt > 1, HFGWTR2_EL2);
	COPY(fgt > 1, HFGITR2_EL2);
	COPY(fgt > 1, HDFGRTR2_EL2);
	COPY(fgt > 1, HDFGWTR2_EL2);
#undef COPY
}

/* A cell's: nothing is allowed. TALLINT and MPAM's traps, of which TIDR may be RES0, are the other way. */
static uint64_t cell_setup[FOUND_SETUP] = { [2] = MPAM2_TRAP_ALL, [3] = HCRX_TALLINT };

void cpu_save_found(struct found *found)
{
#define X(name) found->name = read_sysreg(name##_el2);
	FOUND_CONTROLS(X)
#undef X
	copy_setup(found->setup, false);
}

void cpu_restore_found(const struct found *found)
{
#define X(name) write_sysreg(name##_el2, found->name);
	FOUND_CONTROLS(X)
#undef X
	isb();
}

/* ID_AA64DFR0_EL1.PMUVer: 0 none, 15 one that is not the architecture's. */
static bool has_pmu(void)
{
	uint64_t version = (read_sysreg(id_aa64dfr0_el1) >> 8) & 15;

	return version && version != 15;
}

/* PMCR_EL0.N, which MDCR_EL2.HPMN limits for EL1: EL2 itself reads all there are. */
static uint64_t pmu_counters(void)
{
	return has_pmu() ? (read_sysreg(pmcr_el0) >> 11) & 31 : 0;
}

/*
 * TSC, TSW and VM for every owner; TIDCP and TACR for cells, since what is
 * implementation defined may reach beyond the CPU. Of what idregs.c hides, TLOR and TERR trap
 * LORegions and RAS, TID1 and TID5 the identification of SME and MTE, and what HCR_EL2, HCRX_EL2 or
 * HFGxTR_EL2 would have to allow stays off. API
 * and APK: pointer authentication is the cell's, its keys are reset. A cell's CNTVOFF is 0: virtual and
 * physical time agree. VMPIDR renumbers, VPIDR does not, since errata go by the real
 * part number.
 */
void cpu_load_controls(struct cpu *cpu)
{
	const struct found *found = &PRIVATE->found;
	uint64_t hcr = HCR_RW | HCR_TSC | HCR_AMO | HCR_VM | HCR_TSW | HCR_SWIO | irq_hcr_bits();

	copy_setup(cpu->cell->id ? cell_setup : PRIVATE->found.setup, true);
	if (cpu->cell->id == 0) {
		hcr |= found->hcr;
		write_sysreg(cptr_el2, found->cptr);
		write_sysreg(mdcr_el2, found->mdcr);
		write_sysreg(cnthctl_el2, found->cnthctl);
		write_sysreg(cntvoff_el2, found->cntvoff);
		write_sysreg(hstr_el2, found->hstr);
		write_sysreg(vmpidr_el2, found->vmpidr);
	} else {
		hcr |= HCR_TIDCP | HCR_TACR | HCR_TID1 | HCR_TID3 | HCR_TID5 | HCR_TLOR | HCR_TERR |
		       HCR_API | HCR_APK;
		/* A sleeper that no kick wakes loses nothing with its stage 2: see irq_revoke.c. */
		hcr |= irq_revokes() || cpu->cell->flags & CAISSON_CELL_TRAP_WFI ? HCR_TWI : 0;
		write_sysreg(cptr_el2, CPTR_EL2_CELL);
		/* All counters are EL1's; EL2 itself is not counted (HPMD). */
		write_sysreg(mdcr_el2, pmu_counters() | MDCR_HPMD | MDCR_TTRF | MDCR_TPMS);
		write_sysreg(cnthctl_el2, CNTHCTL_EL1_ALL);
		write_sysreg(cntvoff_el2, 0);
		write_sysreg(hstr_el2, 0);
		write_sysreg(vmpidr_el2, VMPIDR_RES1 | CAISSON_CELL_AFFINITY(cpu->vcpu));
	}
	write_sysreg(vpidr_el2, found->vpidr);
	write_sysreg(hcr_el2, hcr);
	s2_load(&cpu->cell->s2);
	irq_load(cpu);
	isb();
}

/* The MMU goes off first, so that no walk uses registers that are half reset. */
static void reset_el1_system(void)
{
	write_sysreg(sctlr_el1, SCTLR_EL1_RESET);
	isb();
	el1_reset();
	/* With AMO = 1 it is DISR_EL1 for EL1, which has no trap (D19.2, RAS). */
	if (read_sysreg(id_aa64pfr0_el1) >> 28 & 15)
		write_sysreg(VDISR_EL2, 0);
	/* SCXTNUM_EL0, SCXTNUM_EL1, with FEAT_CSV2_2. */
	if (((read_sysreg(id_aa64pfr0_el1) >> 56) & 15) >= 2) {
		write_sysreg(S3_3_C13_C0_7, 0);
		write_sysreg(S3_0_C13_C0_7, 0);
	}
	/*
	 * Pointer authentication, if there is an algorithm (ID_AA64ISAR1_EL1 APA, API, GPA, GPI;
	 * ID_AA64ISAR2_EL1 APA3, GPA3).
	 */
	if (read_sysreg(id_aa64isar1_el1) & 0xff000ff0 || read_sysreg(S3_0_C0_C6_2) & 0xff00)
		pauth_reset();
}

/* Index registers that are named by number only: all there can be of them, by selector. */
static void reset_pmu(void)
{
	uint64_t counters = pmu_counters();

	if (!has_pmu())
		return;
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

/* ID_AA64DFR0_EL1.BRPs and WRPs: numbers minus one. */
static void reset_debug(void)
{
	uint64_t dfr0 = read_sysreg(id_aa64dfr0_el1);

	claim_reset();
	debug_reset((dfr0 >> 12) & 15, (dfr0 >> 20) & 15);
}

/* FMO = 1 makes EL1's Group 0 registers the virtual ones, which only these reach. */
static void reset_virtual_interface(void)
{
	write_sysreg(ICH_VMCR_EL2, ICH_VMCR_VFIQEN);
	lists_reset(read_sysreg(ICH_VTR_EL2));
	isb();
}

/*
 * What the last owner taught the branch predictor: firmware's mitigation, if it has one
 * (DEN0070).
 * A negative answer of ARCH_FEATURES, read as 32 bits, means that there is none
 * (DEN0028).
 */
static void reset_branch_predictor(void)
{
	if ((int32_t)smc_call(SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_3, 0, 0) >= 0)
		smc_call(SMCCC_ARCH_WORKAROUND_3, 0, 0, 0);
	else if ((int32_t)smc_call(SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_1, 0, 0) >= 0)
		smc_call(SMCCC_ARCH_WORKAROUND_1, 0, 0, 0);
}

void cpu_keep_regs(struct cpu *cpu, const struct regs *regs)
{
	bool own_sp = (regs->spsr & SPSR_MODE_MASK) == SPSR_MODE_EL1H;

	memcpy(cpu->kept, regs->x, sizeof(regs->x));
	cpu->kept[CAISSON_REGS_SP] = own_sp ? read_sysreg(sp_el1) : read_sysreg(sp_el0);
	cpu->kept[CAISSON_REGS_PC] = regs->elr;
	cpu->kept[CAISSON_REGS_PSTATE] = regs->spsr;
}

/*
 * At the end of cpu_park() and for a cold start; no locks. The order: EL1's state first, its walks
 * off, the GIC's next, the new owner's controls last, and then
 * TLB and instruction cache, so that nothing fetched under the old ones survives.
 */
void cpu_reset(struct cpu *cpu, struct regs *regs)
{
	reset_el1_system();
	reset_debug();
	reset_pmu();
	/*
	 * EL2 itself never uses FP; CPTR_EL2 may still trap it for the last owner, who may have left
	 * the CPU in streaming mode, where SIMD instructions are illegal.
	 */
	copy_setup(cell_setup, true);
	if (read_sysreg(id_aa64pfr1_el1) >> 24 & 15) {
		write_sysreg(SVCR, 0);
		write_sysreg(TPIDR2_EL0, 0);
	}
	simd_reset();
	reset_virtual_interface();
	gic_cpu_reset(cpu);
	arch_timer_set(atomic_load(&cpu->cell->watchdog_end));
	cpu->pmr = 0;
	cpu->refused_call = 0;
	reset_branch_predictor();
	cpu_load_controls(cpu);
	tlb_flush_cell_local();
	icache_inval_all();
	/* A kick in Group 1 that was on its way when gic_cpu_reset() looked would be the cell's. */
	if (irq_revokes())
		irq_take(IRQ_NOT_TAKEN);

	*regs = (struct regs){ .elr = cpu->entry, .spsr = SPSR_EL1H_MASKED };
	for (unsigned int n = 0; n < ARRAY_SIZE(cpu->args); n++)
		regs->x[n] = cpu->args[n];
}
