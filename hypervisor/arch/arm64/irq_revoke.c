// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt mode direct-revoke, for machines whose firmware keeps Group 0 (GICD_CTLR.DS = 0): EL2
 * has no interrupt of its own. All interrupts are EL1's, taken, acknowledged and ended on the
 * physical CPU interface (HCR_EL2.IMO = FMO = 0), and nothing of root's interrupts changes. SGIs, and
 * with them PMR, CTLR, RPR and DIR, trap for everybody, root too (ICH_HCR_EL2.TC): sysreg.c carries
 * them out. Root's DIR is an exit for each interrupt that is no LPI.
 *
 * A cell that is to stop loses its stage 2 (park_all()), so that no CPU of it translates a further
 * fetch, whatever it masks: s2_revoke() says how far that reaches. One that sleeps in WFI fetches
 * nothing; the kick, at priority 0 in Group 1, wakes it. What EL1 does with it does not matter,
 * because there is no EL1 left: the vector is not fetched either. A cell that slept with Group 1
 * disabled, or in an interrupt of its own, would not hear it: its WFI traps (psci.c).
 *
 * A parked CPU sleeps in EL2. An interrupt that is routed to EL1 is not taken there, and yet it ends
 * the WFI (Arm ARM, "Wait for Interrupt": whatever PSTATE masks, and wherever it is routed): PMR lets
 * the kick alone pass. To be taken by nobody it must be gone before EL1 runs: gic_cpu_reset() sees to
 * that and, for one that was still under way, cpu_reset(); no more are sent by then, because kicks
 * are sent under the lock under which the CPU learns that it may enter.
 */
#include "gic.h"
#include "gic_regs.h"
#include "vgic.h"

/* Group 0 (TALL0) is nobody's: where it is firmware's, an access would end in EL3. */
static void revoke_load(const struct cpu *cpu)
{
	write_sysreg(ICH_HCR_EL2, ICH_HCR_TC | ICH_HCR_TALL0);
	write_sysreg(ICC_PMR_EL1, MAX(cpu->pmr, gic_pmr_kick));
	isb();
}

static bool revoke_take(uint32_t taken)
{
	(void)taken;
	return irq_drop_kick(this_cpu());
}

static void revoke_enable(struct cpu *cpu, struct found *found)
{
	(void)found;
	revoke_load(cpu);
}

/* PMR, BPR and EOImode are root's all the time. */
static void revoke_disable(struct cpu *cpu, const struct found *found)
{
	(void)cpu;
	(void)found;
}

static void revoke_quiesce(struct cpu *cpu)
{
	(void)cpu;
	write_sysreg(ICC_PMR_EL1, gic_pmr_kick);
	write_sysreg(ICC_IGRPEN1_EL1, 1);
	isb();
}

const struct irq_mode irq_revoke = {
	.revokes = true,
	.enable = revoke_enable,
	.disable = revoke_disable,
	.load = revoke_load,
	.take = revoke_take,
	.quiesce = revoke_quiesce,
};
