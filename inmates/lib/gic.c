// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The interrupt controller. Written for a GIC with one security state (GICD_CTLR.DS = 1) or the
 * non-secure view of one with two: the bits used lie at the same places. All waits are bounded.
 */
#include "arch.h"
#include "cpu.h"
#include "gic.h"
#include "machine.h"
#include "sync.h"
#include "timer.h"

#define GICD_CTLR_GROUP1 (1u << 1)
#define GICD_CTLR_ARE (1u << 4)
#define GICD_CTLR_RWP (1u << 31)
#define GICR_CTLR_RWP (1u << 3)
#define WAKER_SLEEP (1u << 1)
#define WAKER_ASLEEP (1u << 2)
#define SGI1R_IRM (1ULL << 40)

struct irq_entry {
	irq_handler handler;
	void *arg;
};

static struct irq_entry irqs[GIC_INTIDS];
static struct spinlock gic_lock; /* read-modify-write of shared distributor registers */
static uint32_t spi_limit;	 /* first INTID the distributor does not have */
uint32_t irq_unhandled;

/* vectors.S calls it. */
void irq_dispatch(void);

/* Waits until (register & mask) == 0, at most 100 ms. */
static bool wait_clear(uint64_t address, uint32_t mask)
{
	uint64_t end = timer_now() + timer_ticks_us(100000);

	while (mmio_read32(address) & mask) {
		if (timer_now() > end)
			return false;
		cpu_yield();
	}
	return true;
}

/* Where the registers of `intid` start: this CPU's SGI frame or the distributor. */
static uint64_t frame_of(unsigned int intid)
{
	return intid < 32 ? cpu_self()->gicr + GICR_SGI_BASE : machine.gicd.base;
}

static bool wait_write(unsigned int intid)
{
	if (intid < 32)
		return wait_clear(cpu_self()->gicr, GICR_CTLR_RWP);
	return wait_clear(machine.gicd.base + GICD_CTLR, GICD_CTLR_RWP);
}

/* The frame whose TYPER holds this CPU's affinity, or 0. */
static uint64_t find_redistributor(void)
{
	uint64_t mpidr = sysreg_read(mpidr_el1);
	uint64_t affinity = (mpidr >> 8 & 0xff000000) | (mpidr & 0xffffff);
	uint64_t at = machine.gicr.base, end = at + machine.gicr.size;
	uint64_t typer;

	while (at + 0x20000 <= end) {
		typer = mmio_read64(at + GICR_TYPER);
		if (typer >> 32 == affinity)
			return at;
		if (typer & GICR_TYPER_LAST)
			break;
		at += typer & GICR_TYPER_VLPIS ? 0x40000 : 0x20000;
	}
	return 0;
}

bool gic_init_cpu(void)
{
	uint64_t gicr = find_redistributor();

	if (!gicr)
		return false;
	cpu_self()->gicr = gicr;
	mmio_write32(gicr + GICR_WAKER, mmio_read32(gicr + GICR_WAKER) & ~WAKER_SLEEP);
	if (!wait_clear(gicr + GICR_WAKER, WAKER_ASLEEP))
		return false;

	gicr += GICR_SGI_BASE;
	mmio_write32(gicr + GICD_ICENABLER, ~0u);
	mmio_write32(gicr + GICD_IGROUPR, ~0u);
	if (!wait_write(0))
		return false;

	sysreg_write(icc_sre_el1, sysreg_read(icc_sre_el1) | 1);
	isb();
	if (!(sysreg_read(icc_sre_el1) & 1))
		return false;
	sysreg_write(icc_ctlr_el1, 0); /* EOIR also deactivates */
	sysreg_write(icc_bpr1_el1, 0);
	sysreg_write(icc_pmr_el1, 0xff);
	sysreg_write(icc_igrpen1_el1, 1);
	isb();
	return true;
}

void gic_exit_cpu(void)
{
	sysreg_write(icc_igrpen1_el1, 0);
	isb();
}

bool gic_init(void)
{
	uint64_t gicd = machine.gicd.base;
	uint32_t lines;

	if (!machine.gicd.size || !machine.gicr.size)
		return false;
	lines = (mmio_read32(gicd + GICD_TYPER) & 31) + 1;
	spi_limit = lines * 32 < GIC_INTIDS ? lines * 32 : GIC_INTIDS;
	mmio_write32(gicd + GICD_CTLR, GICD_CTLR_ARE);
	if (!wait_write(32))
		return false;
	mmio_write32(gicd + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GROUP1);
	return wait_write(32) && gic_init_cpu();
}

void irq_install(unsigned int intid, irq_handler handler, void *arg)
{
	uint64_t daif = irq_save();

	irqs[intid].arg = arg;
	atomic_set(&irqs[intid].handler, handler);
	irq_restore(daif);
}

/* Replaces `width` bits at bit `bit` of a register. */
static void set_bits(uint64_t address, unsigned int bit, uint32_t mask, uint32_t value)
{
	uint32_t old = mmio_read32(address);

	mmio_write32(address, (old & ~(mask << bit)) | value << bit);
}

void irq_set_priority(unsigned int intid, uint8_t priority)
{
	mmio_write8(frame_of(intid) + GICD_IPRIORITYR + intid, priority);
}

bool irq_enable(unsigned int intid, bool edge)
{
	uint64_t frame = frame_of(intid);
	uint64_t word = intid / 32 * 4ULL, daif;
	bool enabled;

	if (intid >= spi_limit || !cpu_self()->gicr)
		return false;
	daif = irq_save();
	spin_lock(&gic_lock);
	set_bits(frame + GICD_IGROUPR + word, intid % 32, 1, 1);
	if (intid >= 16)
		set_bits(frame + GICD_ICFGR + intid / 16 * 4ULL, intid % 16 * 2, 2, edge ? 2 : 0);
	irq_set_priority(intid, GIC_PRIORITY);
	if (intid >= 32)
		mmio_write64(frame + GICD_IROUTER + 8ULL * intid,
			     machine.mpidr[cpu_number()]);
	dsb(sy);
	mmio_write32(frame + GICD_ISENABLER + word, 1u << (intid % 32));
	enabled = mmio_read32(frame + GICD_ISENABLER + word) >> (intid % 32) & 1;
	spin_unlock(&gic_lock);
	irq_restore(daif);
	return enabled;
}

void irq_disable(unsigned int intid)
{
	mmio_write32(frame_of(intid) + GICD_ICENABLER + intid / 32 * 4ULL, 1u << (intid % 32));
	wait_write(intid);
}

void sgi_send(unsigned int cpu, unsigned int intid)
{
	uint64_t mpidr = machine.mpidr[cpu];
	uint64_t value = 1ULL << (mpidr & 15);	      /* target list */

	value |= (mpidr >> 4 & 15) << 44;	      /* RS: which 16 of affinity 0 */
	value |= (mpidr >> 8 & 0xff) << 16;	      /* affinity 1 */
	value |= (mpidr >> 16 & 0xff) << 32;	      /* affinity 2 */
	value |= (mpidr >> 32 & 0xff) << 48;	      /* affinity 3 */
	dsb(ishst);
	sysreg_write(icc_sgi1r_el1, value | (uint64_t)intid << 24);
	isb();
}

void sgi_broadcast(unsigned int intid)
{
	dsb(ishst);
	sysreg_write(icc_sgi1r_el1, SGI1R_IRM | (uint64_t)intid << 24);
	isb();
}

void irq_dispatch(void)
{
	uint64_t intid = sysreg_read(icc_iar1_el1) & 0xffffff;
	irq_handler handler;

	if (intid >= GIC_INTIDS)
		return; /* spurious: nothing to end */
	dsb(sy); /* the acknowledgement is done before the handler touches the device */
	handler = irqs[intid].handler;
	if (handler)
		handler((unsigned int)intid, irqs[intid].arg);
	else
		atomic_add(&irq_unhandled, 1u);
	sysreg_write(icc_eoir1_el1, intid);
	isb();
}
