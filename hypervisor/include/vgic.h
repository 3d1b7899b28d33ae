/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The GICv3 frames as a cell sees them (IHI 0069): every GICD and GICR access of every cell, root
 * included, is answered here on purpose, by a table with one row per register range: pass, mask by
 * ownership, read-as-zero, ignore or refuse.
 *
 * What the callers promise: cell->irqs is the truth about SPIs, and changes under gicd_lock;
 * cpu->cell, cpu->vcpu and cpu->mpidr that about CPUs. Who takes a CPU from a cell changes
 * cpu->cell first and then, under gicd_lock, routes the cell's SPIs away from it: a write of
 * IROUTER looks the owner up under the same lock. Physically all SPIs and all private interrupts
 * but EL2's are Group 1, and every redistributor is awake; a cell's reset sets gicd_ctlr and
 * igroup_shadow to 0, and waker_shadow to GICR_WAKER_PROCESSOR_SLEEP (root at takeover: to what the
 * hardware had).
 */
#ifndef CAISSON_VGIC_H
#define CAISSON_VGIC_H

#include "cell.h"
#include "gic_access.h"
#include "mmio.h"
#include "percpu.h"

#define VGIC_KICK_SGI 15u /* no cell's; EL2's own, or firmware's */
#define VGICD_SIZE 0x10000ULL
#define VGICR_STRIDE 0x20000ULL

/*
 * The cell's CPU of that affinity, which is a physical one in root and CAISSON_CELL_AFFINITY() in any
 * other cell; NULL: it has none. `affinity` has no bits outside of the four affinity fields.
 */
struct cpu *vgic_find_cpu(const struct cell *cell, uint64_t affinity);

/* The same for cells other than root, whose numbers the affinities are. */
static inline struct cpu *vgic_cell_cpu(const struct cell *cell, uint64_t affinity)
{
	/* The inverse of CAISSON_CELL_AFFINITY(), which then tells whether it was one. */
	uint64_t n = affinity >> 8 << 4 | (affinity & 15);

	return n < cell->ncpus && CAISSON_CELL_AFFINITY(n) == affinity ? &cpus[cell->cpu[n]] : NULL;
}

/*
 * The cell's access to its distributor frame. Any CPU of the cell; takes gicd_lock where it writes.
 * MMIO_STRAY only beyond the frame: reserved registers read as zero.
 */
enum mmio_result vgicd_access(struct cell *cell, struct mmio_access *access);

/*
 * The access of `cell` to the redistributor frame (RD_base at 0, SGI_base at 0x10000) of `target`,
 * one of the cell's own CPUs, or one that root gave away: then only what is read-only is there. Any
 * CPU of the cell; takes target->lock where it writes, and root's s2.lock when root enables LPIs.
 */
enum mmio_result vgicr_access(struct cell *cell, struct cpu *target, struct mmio_access *access);

enum irq_bank { /* in the order of their registers */
	IRQ_SET_ENABLE,
	IRQ_CLEAR_ENABLE,
	IRQ_SET_PENDING,
	IRQ_CLEAR_PENDING,
	IRQ_SET_ACTIVE,
	IRQ_CLEAR_ACTIVE,
};

/*
 * By irq.c, or a test's fake. What list registers have to do with an access to a set or clear bank of
 * the distributor (`cpu` is NULL) or of a redistributor, for the INTIDs `first` to `first` + 31, after
 * it was carried out on the hardware. `bits`: those written, or all that the cell sees; `value`: what
 * was read, returned completed. No locks: other CPUs of the cell may be waited for, a bounded time.
 */
uint32_t irq_access(struct cell *cell, struct cpu *cpu, enum irq_bank bank, uint32_t first, bool write,
		    uint32_t bits, uint32_t value);

/* Root's RAM throughout: the redistributor reads and writes LPI tables without asking stage 2. */
bool root_owns_ram(uint64_t pa, uint64_t size);

extern struct spinlock gicd_lock;  /* read-modify-write of distributor registers that cells share */
extern uint32_t gic_own_private;   /* SGIs and PPIs that are EL2's on every CPU, one bit each */
extern uint32_t gic_quick_end;	   /* of the distributor's banks that irq_access() has no part in */
extern uint32_t gic_spi_end;	   /* first INTID beyond the distributor's SPIs */
extern uint32_t gic_priority_step; /* lowest priority bit: 0x10 with 4 bits, 0x08 with 5 */
extern uint32_t gic_pmr_step;	   /* the same of ICC_PMR_EL1 */
extern uint32_t gic_pmr_kick;	   /* lowest ICC_PMR_EL1 that lets the kick's priority pass */

#endif
