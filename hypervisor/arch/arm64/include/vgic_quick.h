/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What vgic.c and the fast way of a data abort have in common, and that way itself: registers of the
 * GIC that are accessed all the time, by 32 bits, without a search. The result is that of
 * vgicd_access() and vgicr_access().
 */
#ifndef CAISSON_VGIC_QUICK_H
#define CAISSON_VGIC_QUICK_H

#include "gic_regs.h"
#include "vgic.h"

/* Bits 0 to 3 each become a byte of ones: copies 7 bits apart, of which one bit each is kept. */
static inline uint32_t vgic_spread(uint32_t bits)
{
	return ((bits & 15) * 0x00204081 & 0x01010101) * 0xff;
}

/*
 * Priority 0 is the kick's alone, so that nothing that a cell takes can hold the kick off: any byte
 * that the hardware would round down to 0 becomes the lowest step. Of all four at once: a carry into
 * bit 7, or that bit itself, says that a byte is not 0.
 */
static inline uint32_t vgic_clamp(uint32_t value)
{
	uint32_t set = value & (0x100 - gic_priority_step) * 0x01010101u;
	uint32_t zero = ~(((set & 0x7f7f7f7f) + 0x7f7f7f7f) | set) & 0x80808080;

	zero >>= 7;
	return (value & ~(zero * 0xff)) | zero * gic_priority_step;
}

static inline uint32_t vgicd_ctlr(const struct cell *cell)
{
	uint32_t ctlr = gicd_read32(GICD_CTLR);
	uint32_t enables =
		GICD_CTLR_ENABLE_GRP1 | (ctlr & GICD_CTLR_DS ? GICD_CTLR_ENABLE_GRP0 : 0);

	return (cell->gicd_ctlr & enables) | GICD_CTLR_ARE |
	       (ctlr & (GICD_CTLR_DS | GICD_CTLR_RWP));
}

static inline uint32_t vgicr_waker(const struct cpu *cpu)
{
	return cpu->waker_shadow ? GICR_WAKER_PROCESSOR_SLEEP | GICR_WAKER_CHILDREN_ASLEEP : 0;
}

#define VGIC_SLOW (~0ULL) /* nothing was done */

/* What is read at `offset` of the distributor, or VGIC_SLOW. */
static inline uint64_t vgicd_quick_read(const struct cell *cell, uint64_t offset)
{
	uint32_t at = (uint32_t)offset, intid = at - GICD_IPRIORITYR;

	if (at >= GICD_ISENABLER && at < gic_quick_end && at % 4 == 0)
		return gicd_read32(at) & cell->irqs[at % 0x80 / 4];
	if (intid < CELL_IRQ_WORDS * 32 && at % 4 == 0)
		return gicd_read32(at) & vgic_spread(cell->irqs[intid / 32] >> intid % 32);
	return at == GICD_CTLR ? vgicd_ctlr(cell) : VGIC_SLOW;
}

/* Takes gicd_lock, under which interrupts change hands. False: nothing was done. */
static inline bool vgicd_quick_write(const struct cell *cell, uint64_t offset, uint32_t value)
{
	uint32_t at = (uint32_t)offset, intid = at - GICD_IPRIORITYR, mask;

	if (at < GICD_ISENABLER || at >= GICD_IPRIORITYR + CELL_IRQ_WORDS * 32 || at % 4 ||
	    (at >= gic_quick_end && at < GICD_IPRIORITYR))
		return false;
	spin_lock(&gicd_lock);
	if (at < GICD_IPRIORITYR) {
		value &= cell->irqs[at % 0x80 / 4];
		if (value)
			gicd_write32(at, value);
	} else {
		mask = vgic_spread(cell->irqs[intid / 32] >> intid % 32);
		if (mask)
			gicd_write32(at, (gicd_read32(at) & ~mask) | (vgic_clamp(value) & mask));
	}
	spin_unlock(&gicd_lock);
	return true;
}

/* The same for this CPU's own redistributor. */
static inline uint64_t vgicr_quick_read(const struct cpu *cpu, uint64_t offset)
{
	return offset == GICR_WAKER ? vgicr_waker(cpu) : VGIC_SLOW;
}

#endif
