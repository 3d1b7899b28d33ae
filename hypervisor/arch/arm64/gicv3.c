// SPDX-License-Identifier: GPL-2.0-only
/*
 * The physical distributor, redistributors and CPU interface (IHI 0069). No policy: vgic.c
 * decides what a cell may do, irq.c how interrupts and kicks travel.
 *
 * Distributor registers are shared: whoever changes a part of one holds gicd_lock. A
 * redistributor is written by its own CPU, or by one of its cell that vgic.c let through under
 * that CPU's lock. A disable has taken effect only once RWP reads 0 (IHI 0069, GICD_CTLR).
 */
#include <caisson/error.h>

#include "boot.h"
#include "gic.h"
#include "gic_regs.h"
#include "vgic.h"

struct spinlock gicd_lock;
uint32_t gic_spi_end;
uint32_t gic_own_private;
uint32_t gic_quick_end;
uint32_t gic_priority_step;
uint32_t gic_pmr_step;
uint32_t gic_pmr_kick;

/* A register write completes in bounded time; a distributor that never says so is broken. */
#define RWP_SPINS 1000000

/* Bounded: a wait without end in EL2 would take the CPU from everybody. */
static void gicd_wait(void)
{
	for (uint32_t i = 0; i < RWP_SPINS && (gicd_read32(GICD_CTLR) & GICD_CTLR_RWP); i++)
		arch_relax();
}

/*
 * The read of the same frame also orders the writes before it, which Device-nGnRE acknowledges
 * early.
 */
void gic_cpu_sync(const struct cpu *cpu)
{
	for (uint32_t i = 0; i < RWP_SPINS && (gicr_read32(cpu, GICR_CTLR) & GICR_CTLR_RWP); i++)
		arch_relax();
}

/* Group 0 was switched on by us, and is to be off again when we leave. */
static bool group0_switched;

/*
 * With DS = 0 we see the lower half of the priorities, one bit to the left, and so have a bit fewer:
 * in the distributor always, in ICC_PMR_EL1 if firmware takes FIQs (SCR_EL3.FIQ = 1). What is
 * written there to the lowest bit that there is gets lost then (IHI 0069 4.8, ICC_PMR_EL1). Otherwise
 * all that is ours is at 0x80 and beyond. ICC_CTLR_EL1.PRIbits: priorities have that many bits plus
 * one, from the top, whoever asks (12.2.6). False: firmware has DS = 1 and takes FIQs, and so PMR
 * counts differently from all else.
 */
static bool learn_priorities(bool ds)
{
	uint32_t lowest = 1u << (7 - ((read_sysreg(ICC_CTLR_EL1) >> 8) & 7));
	uint64_t pmr = read_sysreg(ICC_PMR_EL1);
	bool shifted;

	write_sysreg(ICC_PMR_EL1, lowest);
	shifted = !read_sysreg(ICC_PMR_EL1);
	write_sysreg(ICC_PMR_EL1, pmr);
	gic_priority_step = lowest << !ds;
	gic_pmr_step = lowest << shifted;
	gic_pmr_kick = gic_pmr_step + (ds || shifted ? 0 : 0x80);
	return !(ds && shifted);
}

uint32_t gic_init(void)
{
	uint32_t ctlr = gicd_read32(GICD_CTLR);
	uint32_t typer = gicd_read32(GICD_TYPER);
	uint32_t code = irq_choose(boot->irq_mode, ctlr & GICD_CTLR_DS);

	if (code)
		return code;
	if (!(ctlr & GICD_CTLR_ARE) || !learn_priorities(ctlr & GICD_CTLR_DS))
		return CAISSON_E_GIC_MODE;
	gic_spi_end = MIN(32 * ((typer & GICD_TYPER_IT_LINES) + 1), 1020u);
	if (irq_uses_group0() && !(ctlr & GICD_CTLR_ENABLE_GRP0)) {
		gicd_write32(GICD_CTLR, ctlr | GICD_CTLR_ENABLE_GRP0);
		gicd_wait();
		group0_switched = true;
	}
	return 0;
}

void gic_deactivate(const struct cpu *cpu)
{
	for (uint32_t n = 1; n < (gic_spi_end + 31) / 32; n++)
		gicd_write32(GICD_ICACTIVER + 4 * n, ~0u);
	gicr_write32(cpu, GICR_ICACTIVER0, ~0u);
	gic_cpu_sync(cpu);
}

/* By one CPU, after all have met to leave and none sends kicks any more. */
void gic_leave(void)
{
	if (!group0_switched)
		return;
	gicd_write32(GICD_CTLR, gicd_read32(GICD_CTLR) & ~GICD_CTLR_ENABLE_GRP0);
	gicd_wait();
}

/* Fields of `width` bits, of which register `first` + n has 32 / width: `value` into those of `bits`. */
static void set_fields(uint32_t first, uint32_t width, uint32_t bits, uint32_t value)
{
	uint32_t fields = 32 / width, ones = (1u << width) - 1;

	for (uint32_t at = first; bits; at += 4, bits >>= fields) {
		uint32_t mask = 0, set = 0;

		for (uint32_t n = 0; n < fields; n++)
			if ((bits >> n) & 1) {
				mask |= ones << (n * width);
				set |= value << (n * width);
			}
		if (mask)
			gicd_write32(at, (gicd_read32(at) & ~mask) | set);
	}
}

/*
 * Disable, wait, then the rest: an interrupt still forwarded meanwhile would become
 * pending again. Group 1 is written because only that group reaches cells.
 */
void gic_spis_reset(uint32_t word, uint32_t bits, const struct cpu *cpu)
{
	if (!bits)
		return;
	spin_lock(&gicd_lock);
	gicd_write32(GICD_ICENABLER + 4 * word, bits);
	gicd_wait();
	gicd_write32(GICD_ICPENDR + 4 * word, bits);
	gicd_write32(GICD_ICACTIVER + 4 * word, bits);
	gicd_write32(GICD_IGROUPR + 4 * word, gicd_read32(GICD_IGROUPR + 4 * word) | bits);
	set_fields(GICD_ICFGR + 8 * word, 2, bits, 0);
	set_fields(GICD_IPRIORITYR + 32 * word, 8, bits, 0xa0);
	for (; bits; bits &= bits - 1)
		gicd_write64(GICD_IROUTER + 8 * (32 * word + (uint32_t)__builtin_ctz(bits)),
			     cpu->mpidr);
	spin_unlock(&gicd_lock);
}

void gic_route_away(uint32_t word, const struct cell *from, const struct cpu *to)
{
	uint64_t seen = to->mpidr, route; /* it stays: most lead to the same CPU */

	spin_lock(&gicd_lock);
	for (uint32_t intid = 32 * word; intid < MIN(32 * word + 32, gic_spi_end); intid++) {
		const struct cpu *cpu;

		route = gicd_read64(GICD_IROUTER + 8 * intid) & ~GICD_IROUTER_IRM;
		if (route == seen)
			continue;
		cpu = cpu_find(route);
		if (cpu && cpu->cell == from)
			gicd_write64(GICD_IROUTER + 8 * intid, to->mpidr);
		else
			seen = route;
	}
	spin_unlock(&gicd_lock);
}

bool gic_spi_enabled(uint32_t intid)
{
	return (gicd_read32(GICD_ISENABLER + 4 * (intid / 32)) >> (intid % 32)) & 1;
}

void gic_spi_pend(uint32_t intid)
{
	/* Rings and states written before are visible to whoever takes the interrupt. */
	dsb(ish);
	gicd_write32(GICD_ISPENDR + 4 * (intid / 32), 1u << (intid % 32));
}

/* GICR_TYPER has Aff3 next to Aff2; MPIDR_EL1 has it in bits 39..32. */
bool gicr_matches(const struct cpu *cpu)
{
	uint64_t aff = gicr_read64(cpu, GICR_TYPER) >> 32;

	return ((aff & 0xffffff) | (aff >> 24) << 32) == cpu->mpidr;
}

/* AP0R and AP1R: 1, 2 or 4 registers each, by the number of preemption bits (12.2.2, 12.2.3). */
static void clear_active_priorities(void)
{
	uint64_t bits = ((read_sysreg(ICC_CTLR_EL1) >> 8) & 7) + 1;

	write_sysreg(ICC_AP1R0_EL1, 0);
	if (bits >= 6)
		write_sysreg(S3_0_C12_C9_1, 0);
	if (bits >= 7) {
		write_sysreg(S3_0_C12_C9_2, 0);
		write_sysreg(S3_0_C12_C9_3, 0);
	}
	if (irq_uses_group0()) {
		write_sysreg(ICC_AP0R0_EL1, 0);
		if (bits >= 6)
			write_sysreg(S3_0_C12_C8_5, 0);
		if (bits >= 7) {
			write_sysreg(S3_0_C12_C8_6, 0);
			write_sysreg(S3_0_C12_C8_7, 0);
		}
	}
	isb();
	/* QEMU with EL3 ignores those writes: an end drops one priority, of 128 at most. */
	for (uint32_t n = 0; n < 128 && read_sysreg(ICC_RPR_EL1) != 0xff; n++) {
		write_sysreg(ICC_EOIR1_EL1, gic_kick);
		isb();
	}
}

/*
 * Root's LPI tables are its memory: a cell's CPU must not go on writing pending bits
 * there on root's devices' behalf, nor take those interrupts.
 */
static void lpis_set(struct cpu *cpu, bool root)
{
	uint32_t ctlr = gicr_read32(cpu, GICR_CTLR);

	/*
	 * EnableLPIs outlives CPU_OFF: off for a cell, on again for root, which would not do
	 * it itself.
	 */
	if (!root && (ctlr & GICR_CTLR_ENABLE_LPIS)) {
		cpu->lpis = true;
		gicr_write32(cpu, GICR_CTLR, ctlr & ~GICR_CTLR_ENABLE_LPIS);
	} else if (root && cpu->lpis) {
		cpu->lpis = false;
		gicr_write32(cpu, GICR_CTLR, ctlr | GICR_CTLR_ENABLE_LPIS);
	}
	gic_cpu_sync(cpu);
}

/*
 * Group 1 off at the CPU interface first, so that nothing is taken while the rest
 * changes. Every mask spares the kick, which must work throughout. Priorities become
 * the highest that a cell may have; the kick's becomes 0.
 */
void gic_cpu_reset(struct cpu *cpu)
{
	const uint32_t kick = GIC_KICK_BIT, timer = 1u << GIC_PPI_CNTHP;
	uint32_t group0 = irq_uses_group0() ? kick : 0;
	/* A kick that nobody waits for any more would be taken in EL1 if it were not Group 0. */
	uint32_t kept = irq_revokes() ? 0 : kick;
	uint32_t step = gic_priority_step * 0x01010101u;

	write_sysreg(ICC_IGRPEN1_EL1, 0);
	isb();
	lpis_set(cpu, cpu->cell->id == 0);
	gicr_write32(cpu, GICR_ICENABLER0, ~kick);
	gic_cpu_sync(cpu);
	gicr_write32(cpu, GICR_ICPENDR0, ~kept);
	gicr_write32(cpu, GICR_ICACTIVER0, ~kick);
	gicr_write32(cpu, GICR_IGROUPR0, ~group0);
	cpu->igroup_shadow = 0;
	cpu->waker_shadow = GICR_WAKER_PROCESSOR_SLEEP;
	gicr_write32(cpu, GICR_ICFGR1, 0);
	for (uint32_t n = 0; n < 8; n++)
		gicr_write32(cpu, GICR_IPRIORITYR + 4 * n,
			     n == gic_kick / 4 ? step & ~(0xffu << gic_kick % 4 * 8) : step);
	/* EL2's timer: of the kick's group, and as urgent. */
	if (cpu->cell->watchdog_ms) {
		gicr_write32(cpu, GICR_IGROUPR0, ~(group0 ? kick | timer : 0));
		gicr_write8(cpu, GICR_IPRIORITYR + GIC_PPI_CNTHP, 0);
		gicr_write32(cpu, GICR_ISENABLER0, timer);
	}
	gic_cpu_sync(cpu);
	clear_active_priorities();
	if (group0)
		write_sysreg(ICC_BPR0_EL1, 0);
	write_sysreg(ICC_BPR1_EL1, 0);
	write_sysreg(ICC_CTLR_EL1, 0);
	write_sysreg(ICC_SRE_EL1, 7);
	isb();
}

void gic_cpu_quiesce(struct cpu *cpu)
{
	/* An interrupt that the cell never ended would hold even the kick off (IHI 0069 4.8.6). */
	clear_active_priorities();
	write_sysreg(ICC_CTLR_EL1, 0);
	irq_quiesce(cpu);
	gicr_write32(cpu, GICR_ICACTIVER0, GIC_KICK_BIT);
	gic_cpu_sync(cpu);
}

/* Firmware and then Linux find LPIs as root left them; no kick comes any more. */
void gic_cpu_release(struct cpu *cpu)
{
	lpis_set(cpu, true);
	gicr_write32(cpu, GICR_ICENABLER0, ~0u);
	gic_cpu_sync(cpu);
	if (irq_uses_group0())
		write_sysreg(ICC_IGRPEN0_EL1, 0);
	isb();
}

void gic_cpu_wake(const struct cpu *cpu)
{
	gicr_write32(cpu, GICR_WAKER, gicr_read32(cpu, GICR_WAKER) & ~GICR_WAKER_PROCESSOR_SLEEP);
	for (uint32_t i = 0; i < RWP_SPINS; i++) {
		if (!(gicr_read32(cpu, GICR_WAKER) & GICR_WAKER_CHILDREN_ASLEEP))
			return;
		arch_relax();
	}
}
