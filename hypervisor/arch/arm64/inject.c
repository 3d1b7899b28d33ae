// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions given to EL1 as the architecture defines their entry (Arm ARM D1.3.1, D1.3.6).
 */
#include "traps.h"

#define SCTLR_SPAN BIT(23)
#define PSTATE_PAN BIT(22)

/*
 * The vector follows from where the guest was: same EL with SP_EL0 or SP_ELx, or EL0 in
 * either state. DAIF are set, as on any exception entry.
 */
static void enter_el1(struct regs *regs, uint64_t esr)
{
	uint64_t mode = regs->spsr & SPSR_MODE_MASK;
	uint64_t offset, pstate = SPSR_EL1H_MASKED;

	if (mode == SPSR_MODE_EL1H)
		offset = 0x200;
	else if (mode == SPSR_MODE_EL1T)
		offset = 0x000;
	else
		offset = mode & SPSR_AARCH32 ? 0x600 : 0x400;
	/*
	 * PAN is set on entry unless SCTLR_EL1.SPAN says to keep it; NZCV and the rest are
	 * cleared.
	 */
	if ((read_sysreg(id_aa64mmfr1_el1) >> 20) & 15)
		pstate |=
			read_sysreg(sctlr_el1) & SCTLR_SPAN ? regs->spsr & PSTATE_PAN : PSTATE_PAN;
	write_sysreg(elr_el1, regs->elr);
	write_sysreg(spsr_el1, regs->spsr);
	write_sysreg(esr_el1, esr);
	regs->elr = read_sysreg(vbar_el1) + offset;
	regs->spsr = pstate;
}

/* EC 0 with ELR at the instruction: what an unallocated encoding does (D1.4). */
void inject_undef(struct regs *regs)
{
	enter_el1(regs, (uint64_t)EC_UNKNOWN << 26 | ESR_IL);
}

/* ISV stays 0: EL1 gets no syndrome of the access, as for an abort of its own stage 1. */
void inject_abort(struct regs *regs, bool instruction, uint64_t far, uint32_t iss)
{
	uint64_t ec = instruction ? EC_IABT_LOW : EC_DABT_LOW;
	uint64_t mode = regs->spsr & SPSR_MODE_MASK;

	/* "Same level" unless it came from EL0: one more than "lower level" in both classes. */
	if (mode == SPSR_MODE_EL1H || mode == SPSR_MODE_EL1T)
		ec++;
	write_sysreg(far_el1, far);
	enter_el1(regs, ec << 26 | ESR_IL | iss);
}

/*
 * Hardware takes it once PSTATE.A allows, and clears VSE then: it is not lost, nor
 * repeated.
 */
void inject_serror(void)
{
	uint64_t hcr = read_sysreg(hcr_el2);

	write_sysreg(hcr_el2, hcr | HCR_VSE);
	isb();
}
