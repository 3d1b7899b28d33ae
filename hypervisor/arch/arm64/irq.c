// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt mode of this machine: driver and system configuration choose it, and all CPUs keep
 * it until `disable`. What is the same in all modes is here.
 */
#include <caisson/config.h>
#include <caisson/error.h>

#include "boot.h"
#include "gic.h"
#include "gic_regs.h"
#include "vgic.h"

#define KICK_TEST_SPINS 100000

/* An index: what is writable holds no function pointer. */
static uint32_t chosen;
uint32_t gic_kick;

static const struct irq_mode *mode(void)
{
	static const struct irq_mode *const modes[] = {
		[CAISSON_MODE_DIRECT_FIQ] = &irq_fiq,
		[CAISSON_MODE_DIRECT_REVOKE] = &irq_revoke,
		[CAISSON_MODE_LIST] = &irq_list,
	};

	return chosen < ARRAY_SIZE(modes) ? modes[chosen] : NULL;
}

uint32_t irq_choose(uint64_t wanted, bool group0_free)
{
	chosen = (uint32_t)wanted;
	if (!mode())
		return CAISSON_E_GIC_MODE;
	gic_quick_end = mode()->lists ? GICD_ICENABLER : GICD_IPRIORITYR;
	return mode()->group0 && !group0_free ? CAISSON_E_GROUP0 : 0;
}

bool irq_uses_group0(void)
{
	return mode()->group0;
}

bool irq_revokes(void)
{
	return mode()->revokes;
}

uint64_t irq_hcr_bits(void)
{
	return mode()->hcr;
}

/*
 * With DS = 0 firmware may keep SGI 15 in a secure group, and then its bits are RAZ/WI (IHI 0069,
 * GICR_ISENABLER0). What else is EL2's own on each CPU is its timer's PPI (BSA, table of PPIs), which
 * GICR_ISPENDR0 makes pending as the timer does. Linux enables it only where it runs in EL2 itself:
 * here it would be another device's.
 */
uint32_t irq_choose_kick(const struct cpu *cpu)
{
	uint32_t enabled;

	gicr_write32(cpu, GICR_ISENABLER0, 1u << VGIC_KICK_SGI);
	enabled = gicr_read32(cpu, GICR_ISENABLER0);
	gic_kick = enabled & 1u << VGIC_KICK_SGI ? VGIC_KICK_SGI : GIC_PPI_CNTHP;
	gic_own_private = GIC_KICK_BIT | (mode()->lists ? 1u << GIC_PPI_MAINTENANCE : 0);
	return gic_kick == GIC_PPI_CNTHP && enabled & GIC_KICK_BIT ? CAISSON_E_KICK : 0;
}

/* It is enabled, and nothing is more urgent. The timer that shares it is not set yet. */
static void take_kick(const struct cpu *cpu)
{
	uint32_t groups = gicr_read32(cpu, GICR_IGROUPR0);

	arch_timer_set(0);
	/* With DS = 0 all that we see is Group 1, and this is RAZ/WI (IHI 0069, GICR_IGROUPR0). */
	gicr_write32(cpu, GICR_IGROUPR0,
		     mode()->group0 ? groups & ~GIC_KICK_BIT : groups | GIC_KICK_BIT);
	gicr_write8(cpu, GICR_IPRIORITYR + gic_kick, 0);
	gicr_write32(cpu, GICR_ISENABLER0, GIC_KICK_BIT);
	gic_cpu_sync(cpu);
	if (mode()->group0)
		write_sysreg(ICC_BPR0_EL1, 0);
}

/* Linux finds the interrupt in Group 1 with its default priority. */
static void give_kick(const struct cpu *cpu)
{
	/* One still pending would reach Linux, in direct-fiq as FIQ, once HCR_EL2 is as found. */
	gicr_write32(cpu, GICR_ICENABLER0, GIC_KICK_BIT);
	gic_cpu_sync(cpu);
	gicr_write32(cpu, GICR_ICPENDR0, GIC_KICK_BIT);
	gicr_write32(cpu, GICR_IGROUPR0, cpu->igroup_shadow | GIC_KICK_BIT);
	gicr_write8(cpu, GICR_IPRIORITYR + gic_kick, 0xa0);
	gic_cpu_sync(cpu);
}

/*
 * Gone before the caller looks at what it was about: a later one is a new one. Of a level-sensitive
 * interrupt this takes back what ISPENDR0 did, and nothing of its signal (IHI 0069, GICR_ICPENDR0).
 */
bool irq_drop_kick(struct cpu *cpu)
{
	bool pending = gicr_read32(cpu, GICR_ICPENDR0) & GIC_KICK_BIT;

	gicr_write32(cpu, GICR_ICPENDR0, GIC_KICK_BIT);
	gic_cpu_sync(cpu);
	dsb(sy);
	return pending;
}

uint64_t irq_mirror_vmcr(const struct found *found)
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

/* What root wrote meanwhile went to the virtual registers: it becomes physical. */
void irq_restore_virtual(const struct found *found)
{
	uint64_t vmcr = read_sysreg(ICH_VMCR_EL2);
	uint64_t ctlr = found->icc_ctlr & ~(ICC_CTLR_EOIMODE | ICC_CTLR_CBPR);

	if (vmcr & ICH_VMCR_VEOIM)
		ctlr |= ICC_CTLR_EOIMODE;
	if (vmcr & ICH_VMCR_VCBPR)
		ctlr |= ICC_CTLR_CBPR;
	write_sysreg(ICC_CTLR_EL1, ctlr);
	write_sysreg(ICC_PMR_EL1, (vmcr >> ICH_VMCR_VPMR_SHIFT) & 0xff);
	/* In the direct modes BPR is the physical one all the time. */
	if (mode()->lists)
		write_sysreg(ICC_BPR1_EL1, (vmcr >> ICH_VMCR_VBPR1_SHIFT) & 7);
}

/*
 * SCR_EL3 may route Group 0 elsewhere: prove that a kick becomes pending here, before anybody relies
 * on it. Interrupts are masked, so that is all there is to see.
 */
static bool kick_works(const struct cpu *cpu)
{
	irq_kick(cpu);
	for (uint32_t i = 0; i < KICK_TEST_SPINS; i++) {
		uint64_t pending =
			mode()->group0 ? read_sysreg(ICC_HPPIR0_EL1) : read_sysreg(ICC_HPPIR1_EL1);

		if ((pending & 0xffffff) == gic_kick)
			return mode()->take(IRQ_NOT_TAKEN);
		arch_relax();
	}
	return false;
}

/*
 * SRE first, or the other ICC_* reads are UNDEFINED. Everything found is saved before anything
 * changes: irq_disable() undoes it on a rollback too.
 */
uint32_t irq_enable(struct cpu *cpu, struct found *found)
{
	found->icc_sre = read_sysreg(ICC_SRE_EL2);
	write_sysreg(ICC_SRE_EL2, found->icc_sre | ICC_SRE_ENABLE);
	isb();
	found->icc_ctlr = read_sysreg(ICC_CTLR_EL1);
	found->icc_pmr = read_sysreg(ICC_PMR_EL1);
	/* Without Group 0 these may trap to EL3, which nobody expects there (SCR_EL3.FIQ). */
	if (mode()->group0) {
		found->icc_bpr0 = read_sysreg(ICC_BPR0_EL1);
		found->icc_igrpen0 = read_sysreg(ICC_IGRPEN0_EL1);
	}
	found->ich_hcr = read_sysreg(ICH_HCR_EL2);
	found->ich_vmcr = read_sysreg(ICH_VMCR_EL2);
	cpu->igroup_shadow = gicr_read32(cpu, GICR_IGROUPR0);
	cpu->pmr = (uint32_t)found->icc_pmr;
	take_kick(cpu);
	mode()->enable(cpu, found);
	return kick_works(cpu) ? 0 : CAISSON_E_KICK;
}

/* On the CPU itself, in the meeting's aftermath; HCR_EL2 is still ours. */
void irq_disable(struct cpu *cpu, const struct found *found)
{
	give_kick(cpu);
	mode()->disable(cpu, found);
	if (mode()->group0) {
		write_sysreg(ICC_BPR0_EL1, found->icc_bpr0);
		write_sysreg(ICC_IGRPEN0_EL1, found->icc_igrpen0);
	}
	write_sysreg(ICH_HCR_EL2, found->ich_hcr);
	write_sysreg(ICH_VMCR_EL2, found->ich_vmcr);
	write_sysreg(ICC_SRE_EL2, found->icc_sre);
	isb();
}

uint64_t irq_left(const struct cpu *cpu)
{
	const uint32_t *lpis = PRIVATE->lists.lpis;

	if (!mode()->lists || !*lpis)
		return 0;
	return boot->memory_pa + boot->private_off + cpu->index * boot->private_size +
	       ((uint64_t)lpis & PAGE_MASK);
}

/* Awake first: a sleeping redistributor forwards nothing (IHI 0069, GICR_WAKER). */
void irq_cold(struct cpu *cpu)
{
	gic_cpu_wake(cpu);
	take_kick(cpu);
	mode()->load(cpu);
}

void irq_load(const struct cpu *cpu)
{
	mode()->load(cpu);
}

void irq_kick(const struct cpu *target)
{
	/* What the target is to look at was written before (a system register write is no store). */
	dsb(ish);
	if (gic_kick != VGIC_KICK_SGI) {
		gicr_write32(target, GICR_ISPENDR0, GIC_KICK_BIT);
		/* The write is acknowledged early: it has arrived before the caller's lock is free. */
		gicr_read32(target, GICR_ISPENDR0);
	} else if (mode()->group0) {
		write_sysreg(ICC_SGI0R_EL1, irq_sgi(target, VGIC_KICK_SGI));
	} else {
		write_sysreg(ICC_SGI1R_EL1, irq_sgi(target, VGIC_KICK_SGI));
	}
	isb();
}

bool irq_take(uint32_t intid)
{
	return mode()->take(intid);
}

void irq_quiesce(struct cpu *cpu)
{
	mode()->quiesce(cpu);
}

void irq_wait(void)
{
	/* A virtual interrupt ends no WFI of EL2's (D1.6.2). */
	if (!mode()->lists || !mode()->lists->waiting())
		__asm__ volatile("dsb sy\n\twfi" ::: "memory");
}

void irq_serve(struct cpu *cpu)
{
	atomic_fetch_and(&cpu->request, ~CPU_REQUEST_LISTS);
	if (mode()->lists)
		mode()->lists->serve(cpu);
}

void irq_lost(const struct cell *cell)
{
	for (uint32_t n = 0; mode()->lists && n < ncpus; n++)
		if (cpus[n].cell == cell && cpus[n].state == CPU_RUNNING) {
			atomic_fetch_or(&cpus[n].request, CPU_REQUEST_LISTS);
			irq_kick(&cpus[n]);
		}
}

uint32_t irq_access(struct cell *cell, struct cpu *cpu, enum irq_bank bank, uint32_t first, bool write,
		    uint32_t bits, uint32_t value)
{
	if (!mode()->lists)
		return value;
	return mode()->lists->access(cell, cpu, bank, first, write, bits, value);
}

bool irq_register(enum irq_register reg, uint64_t *value, bool write)
{
	return mode()->lists && mode()->lists->reg(reg, value, write);
}
