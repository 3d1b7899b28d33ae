// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt mode direct-fiq: a cell's interrupts are Group 1, taken, acknowledged and ended by
 * EL1 on the physical CPU interface (HCR_EL2.IMO = 0). EL2 owns one Group 0 interrupt, SGI 15 at
 * priority 0, which arrives as FIQ in EL2 (FMO = 1) whatever the cell masks in PSTATE.
 *
 * FMO = 1 also makes EL1's accesses to PMR, RPR, CTLR and DIR virtual (IHI 0069 4.6, 12.4). Root
 * keeps it so: ICH_VMCR_EL2 mirrors what it had, and its EOImode 1 becomes a virtual one: the
 * physical EOImode is 0, its EOIR write also deactivates, its DIR write does nothing. For cells, and
 * a root that masks by PMR (pseudo-NMI), these registers trap (ICH_HCR_EL2.TC) and are carried out
 * on the physical ones in sysreg.c, so that masking by PMR is real.
 */
#include "gic.h"
#include "gic_regs.h"
#include "vgic.h"

/* It comes here with IRQs masked: by PMR if that is what it does. */
static bool root_masks(const struct found *found)
{
	return (found->icc_pmr & 0xf0) != 0xf0;
}

/* Where PMR is virtual the physical one is open. */
static void fiq_load(const struct cpu *cpu)
{
	bool traps = cpu->cell->id || root_masks(&PRIVATE->found);

	write_sysreg(ICH_HCR_EL2, ICH_HCR_EN | (traps ? ICH_HCR_TC : 0));
	/* PMR 0: "everything masked" out of reset; the kick's priority 0 needs one step more. */
	write_sysreg(ICC_PMR_EL1, traps ? MAX(cpu->pmr, gic_pmr_kick) : 0xff);
	write_sysreg(ICC_IGRPEN0_EL1, 1);
	isb();
}

/*
 * A spurious INTID (1020 and up) means that an earlier trap has taken it. Between IAR
 * and EOIR the running priority is 0, so the end comes at once: nothing else would be
 * taken.
 */
static bool fiq_take(uint32_t taken)
{
	uint64_t intid = read_sysreg(ICC_IAR0_EL1) & 0xffffff;

	(void)taken;
	dsb(sy);
	if (intid >= 1020)
		return false;
	write_sysreg(ICC_EOIR0_EL1, intid);
	isb();
	/* EOImode is common to both groups, and a cell's to choose (IHI 0069 12.2.6). */
	if (read_sysreg(ICC_CTLR_EL1) & ICC_CTLR_EOIMODE) {
		write_sysreg(ICC_DIR_EL1, intid);
		isb();
	}
	/* Nobody else has a Group 0 interrupt: the kick, or EL2's timer. */
	return true;
}

static void fiq_enable(struct cpu *cpu, struct found *found)
{
	if (!root_masks(found)) {
		/* What root has acknowledged but not deactivated would stay active for ever. */
		gic_deactivate(cpu);
		write_sysreg(ICC_CTLR_EL1, found->icc_ctlr & ~(ICC_CTLR_EOIMODE | ICC_CTLR_CBPR));
		write_sysreg(ICH_VMCR_EL2, irq_mirror_vmcr(found));
	}
	fiq_load(cpu);
}

static void fiq_disable(struct cpu *cpu, const struct found *found)
{
	(void)cpu;
	if (!root_masks(found))
		irq_restore_virtual(found);
}

/* Only a kick may wake it: an interrupt of the old owner's devices would end each WFI. */
static void fiq_quiesce(struct cpu *cpu)
{
	(void)cpu;
	write_sysreg(ICC_IGRPEN1_EL1, 0);
	isb();
}

/* IMO stays 0: the whole point is that no interrupt of a cell exits. */
const struct irq_mode irq_fiq = {
	.hcr = HCR_FMO,
	.group0 = true,
	.enable = fiq_enable,
	.disable = fiq_disable,
	.load = fiq_load,
	.take = fiq_take,
	.quiesce = fiq_quiesce,
};
