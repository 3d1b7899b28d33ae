// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt mode direct-fiq: a cell's interrupts are Group 1, taken, acknowledged and ended by
 * EL1 on the physical CPU interface (HCR_EL2.IMO = 0). EL2 owns one Group 0 interrupt, SGI 15 at
 * priority 0, which arrives as FIQ in EL2 (FMO = 1) whatever the cell masks in PSTATE.
 *
 * FMO = 1 also makes EL1's accesses to PMR, RPR, CTLR and DIR virtual (IHI 0069 4.6, 12.4). Root
 * keeps it so: ICH_VMCR_EL2 mirrors what it had, and its EOImode 1 becomes a virtual one: the
 * physical EOImode is 0, its EOIR write also deactivates, its DIR write does nothing. For cells
 * these registers trap (ICH_HCR_EL2.TC) and are carried out on the physical ones in sysreg.c, so
 * that masking by PMR is real.
 */
#include <caisson/error.h>

#include "gic.h"
#include "gic_regs.h"
#include "vgic.h"

#define KICK_BIT (1u << VGIC_KICK_SGI)
#define KICK_TEST_SPINS 100000

/* IMO stays 0: the whole point is that no interrupt of a cell exits. */
uint64_t irq_hcr_bits(const struct cpu *cpu)
{
	(void)cpu;
	return HCR_FMO;
}

/* Root's physical PMR is open, since it writes the virtual one; a cell starts masked. */
void irq_load(const struct cpu *cpu)
{
	write_sysreg(ICH_HCR_EL2, ICH_HCR_EN | (cpu->cell->id ? ICH_HCR_TC : 0));
	/* PMR 0: "everything masked" out of reset; the kick's priority 0 needs one step more. */
	write_sysreg(ICC_PMR_EL1, cpu->cell->id ? gic_priority_step : 0xff);
	write_sysreg(ICC_IGRPEN0_EL1, 1);
	isb();
}

void irq_kick(const struct cpu *target)
{
	uint64_t aff0 = target->mpidr & 0xff;

	/*
	 * What the target is to look at was written before (a system register write is no
	 * store).
	 */
	dsb(ish);
	write_sysreg(ICC_SGI0R_EL1,
		     (uint64_t)VGIC_KICK_SGI << 24 | 1ULL << (aff0 & 15) | (aff0 >> 4) << 44 |
			     ((target->mpidr >> 8) & 0xff) << 16 |
			     ((target->mpidr >> 16) & 0xff) << 32 | (target->mpidr >> 32) << 48);
	isb();
}

/*
 * A spurious INTID (1020 and up) means that an earlier trap has taken it. Between IAR
 * and EOIR the running priority is 0, so the end comes at once: nothing else would be
 * taken.
 */
bool irq_ack_kick(void)
{
	uint64_t intid = read_sysreg(ICC_IAR0_EL1) & 0xffffff;

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
	return intid == VGIC_KICK_SGI;
}

/*
 * SCR_EL3 may route Group 0 elsewhere: prove that a kick becomes pending here.
 * IRQs and FIQs are masked here, so pending is all that there is to see
 * (ICC_HPPIR0_EL1).
 */
static bool kick_works(const struct cpu *cpu)
{
	irq_kick(cpu);
	for (uint32_t i = 0; i < KICK_TEST_SPINS; i++) {
		if ((read_sysreg(ICC_HPPIR0_EL1) & 0xffffff) == VGIC_KICK_SGI)
			return irq_ack_kick();
		arch_relax();
	}
	return false;
}

/* ICH_VMCR_EL2 with what root believes to be in PMR, BPR and CTLR. */
static uint64_t mirror_vmcr(const struct found *found)
{
	uint64_t vmcr = (found->icc_pmr & 0xff) << ICH_VMCR_VPMR_SHIFT | ICH_VMCR_VENG1 |
			(found->icc_bpr0 & 7) << ICH_VMCR_VBPR0_SHIFT |
			(read_sysreg(ICC_BPR1_EL1) & 7) << ICH_VMCR_VBPR1_SHIFT | ICH_VMCR_VFIQEN;

	if (found->icc_ctlr & ICC_CTLR_EOIMODE)
		vmcr |= ICH_VMCR_VEOIM;
	if (found->icc_ctlr & ICC_CTLR_CBPR)
		vmcr |= ICH_VMCR_VCBPR;
	return vmcr;
}

/*
 * SRE first, or the other ICC_* reads are UNDEFINED. Everything found is saved before anything
 * changes: irq_disable() undoes it on a rollback too.
 */
uint32_t irq_enable(struct cpu *cpu, struct found *found)
{
	uint32_t priorities;

	found->icc_sre = read_sysreg(ICC_SRE_EL2);
	write_sysreg(ICC_SRE_EL2, found->icc_sre | ICC_SRE_ENABLE);
	isb();
	found->icc_ctlr = read_sysreg(ICC_CTLR_EL1);
	found->icc_pmr = read_sysreg(ICC_PMR_EL1);
	found->icc_bpr0 = read_sysreg(ICC_BPR0_EL1);
	found->icc_igrpen0 = read_sysreg(ICC_IGRPEN0_EL1);
	found->ich_hcr = read_sysreg(ICH_HCR_EL2);
	found->ich_vmcr = read_sysreg(ICH_VMCR_EL2);

	/*
	 * A root that masks by PMR (pseudo-NMI) would not be masked: its PMR becomes a virtual
	 * one.
	 */
	if ((found->icc_pmr & 0xf0) != 0xf0)
		return CAISSON_E_GIC_MODE;

	/* Active private interrupts of root would stay so: see gic_init(). */
	gicr_write32(cpu, GICR_ICACTIVER0, ~0u);
	cpu->igroup_shadow = gicr_read32(cpu, GICR_IGROUPR0);
	gicr_write32(cpu, GICR_IGROUPR0, cpu->igroup_shadow & ~KICK_BIT);
	priorities = gicr_read32(cpu, GICR_IPRIORITYR + 12);
	gicr_write32(cpu, GICR_IPRIORITYR + 12, priorities & 0x00ffffff);
	gicr_write32(cpu, GICR_ISENABLER0, KICK_BIT);
	gic_cpu_sync(cpu);

	write_sysreg(ICC_CTLR_EL1, found->icc_ctlr & ~(ICC_CTLR_EOIMODE | ICC_CTLR_CBPR));
	write_sysreg(ICC_BPR0_EL1, 0);
	write_sysreg(ICH_VMCR_EL2, mirror_vmcr(found));
	irq_load(cpu);
	return kick_works(cpu) ? 0 : CAISSON_E_KICK;
}

/*
 * On the CPU itself, in the meeting's aftermath; FMO is still 1. Linux finds its SGI 15
 * in Group 1 with its default priority.
 */
void irq_disable(struct cpu *cpu, const struct found *found)
{
	uint64_t vmcr = read_sysreg(ICH_VMCR_EL2);
	uint64_t ctlr = found->icc_ctlr & ~(ICC_CTLR_EOIMODE | ICC_CTLR_CBPR);

	/* Refused before anything was changed. */
	if (!(gicr_read32(cpu, GICR_ISENABLER0) & KICK_BIT))
		return;
	/* A kick still pending would reach Linux as FIQ once FMO is 0. */
	gicr_write32(cpu, GICR_ICENABLER0, KICK_BIT);
	gic_cpu_sync(cpu);
	gicr_write32(cpu, GICR_ICPENDR0, KICK_BIT);
	gicr_write32(cpu, GICR_IGROUPR0, cpu->igroup_shadow | KICK_BIT);
	gicr_write32(cpu, GICR_IPRIORITYR + 12,
		     (gicr_read32(cpu, GICR_IPRIORITYR + 12) & 0x00ffffff) | 0xa0000000);
	gic_cpu_sync(cpu);
	/* What root wrote meanwhile went to the virtual registers: it becomes physical. */
	if (vmcr & ICH_VMCR_VEOIM)
		ctlr |= ICC_CTLR_EOIMODE;
	if (vmcr & ICH_VMCR_VCBPR)
		ctlr |= ICC_CTLR_CBPR;
	write_sysreg(ICC_CTLR_EL1, ctlr);
	write_sysreg(ICC_PMR_EL1, (vmcr >> ICH_VMCR_VPMR_SHIFT) & 0xff);
	write_sysreg(ICC_BPR0_EL1, found->icc_bpr0);
	write_sysreg(ICC_IGRPEN0_EL1, found->icc_igrpen0);
	write_sysreg(ICH_HCR_EL2, found->ich_hcr);
	write_sysreg(ICH_VMCR_EL2, found->ich_vmcr);
	write_sysreg(ICC_SRE_EL2, found->icc_sre);
	isb();
}

/* Awake first: a sleeping redistributor forwards nothing (IHI 0069, GICR_WAKER). */
void irq_cold(struct cpu *cpu)
{
	uint32_t priorities = gicr_read32(cpu, GICR_IPRIORITYR + 12);

	gic_cpu_wake(cpu);
	gicr_write32(cpu, GICR_IGROUPR0, gicr_read32(cpu, GICR_IGROUPR0) & ~KICK_BIT);
	gicr_write32(cpu, GICR_IPRIORITYR + 12, priorities & 0x00ffffff);
	gicr_write32(cpu, GICR_ISENABLER0, KICK_BIT);
	gic_cpu_sync(cpu);
	write_sysreg(ICC_BPR0_EL1, 0);
	irq_load(cpu);
}
