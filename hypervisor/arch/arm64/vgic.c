// SPDX-License-Identifier: GPL-2.0-only
/*
 * GICD and GICR as cells see them: the data-abort decoder found that an access hits one of the two
 * frames and calls vgicd_access() or vgicr_access(), which answer it from the tables at the end of
 * this file. Interrupts themselves never come here; they go to EL1 without EL2 (design.md, direct
 * mode).
 *
 * Each register is in a table; what is in none is reserved, and reserved means read-as-zero,
 * write-ignored (IHI 0069, 12.1). So do accesses of a size or alignment that the register does not
 * support, which are UNPREDICTABLE. Pure: hardware is reached through gicd_*() and gicr_*() alone.
 */
#include "gic_regs.h"
#include "s2.h"
#include "vgic_quick.h"

#define AFFINITY_MASK 0xff00ffffffULL /* Aff3 and Aff2..0: the same bits in MPIDR_EL1 and IROUTER */
/* No LPIs, so INTIDs have 10 bits. */
#define CELL_ID_BITS 9u

/* What a row allows: root and other cells each get one of these; the rest is RAZ/WI. */
enum { NO = 0, RO = 1, WO = 2, RW = 3 };

/* Access sizes in bytes, or'ed. */
enum { S8 = 1, S16 = 2, S32 = 4, S64 = 8 };

/* Whose register it is: the distributor's (cpu is NULL) or that CPU's redistributor's. */
struct frame {
	struct cell *cell;
	struct cpu *cpu;
};

struct row {
	uint32_t first; /* byte offsets of the range, both inclusive */
	uint32_t last;
	uint8_t sizes;
	uint8_t root;
	uint8_t cell;
	uint8_t width;	/* of a bank: bits per INTID */
	uint16_t intid; /* of a bank: the INTID whose field comes first */
	void (*access)(const struct frame *f, const struct row *row, struct mmio_access *a);
};

static bool is_root(const struct cell *cell)
{
	return cell->id == 0;
}

static uint32_t phys_read32(const struct frame *f, uint32_t offset)
{
	return f->cpu ? gicr_read32(f->cpu, offset) : gicd_read32(offset);
}

static void phys_write32(const struct frame *f, uint32_t offset, uint32_t value)
{
	if (f->cpu)
		gicr_write32(f->cpu, offset, value);
	else
		gicd_write32(offset, value);
}

/*
 * Guards read-modify-write, where CPUs of one cell meet, and at the distributor those of all. Masks
 * and owners are looked up inside, so that a write never acts on an interrupt that has just changed
 * hands.
 */
static struct spinlock *frame_lock(const struct frame *f)
{
	return f->cpu ? &f->cpu->lock : &gicd_lock;
}

/* The part of a 64-bit register that a 32- or 64-bit read returns. */
static uint64_t part(uint64_t reg, const struct mmio_access *a)
{
	return a->size == 8 ? reg : (uint32_t)(reg >> ((a->offset & 4) * 8));
}

/* A 64-bit register after a 32- or 64-bit write. */
static uint64_t merge(uint64_t reg, const struct mmio_access *a)
{
	uint32_t shift = (uint32_t)(a->offset & 4) * 8;

	if (a->size == 8)
		return a->value;
	return (reg & ~(0xffffffffULL << shift)) | ((uint64_t)(uint32_t)a->value << shift);
}

/*
 * Bit n: interrupt `intid` + n is the cell's to see and change; `intid` is a multiple of 32. In the
 * distributor INTIDs below 32 are nobody's (ARE = 1: they live in the redistributors), in a
 * redistributor they are the cell's but for EL2's own. EL2's timer, unless it is the kick, is root's
 * alone, on whose CPUs EL2 does not use it, and so is the maintenance interrupt in the direct modes.
 * The bitmap ends at 1023; the extended interrupts behind it are root's, and hidden from others.
 */
static uint32_t owned_word(const struct frame *f, uint32_t intid)
{
	uint32_t owned;

	if (intid >= CELL_IRQ_WORDS * 32)
		return is_root(f->cell) && (f->cpu || intid >= GIC_ESPI_FIRST) ? ~0u : 0;
	if (f->cpu) {
		owned = ~gic_own_private;
		if (!is_root(f->cell))
			owned &= ~(1u << GIC_PPI_MAINTENANCE | 1u << GIC_PPI_CNTHP);
		return owned;
	}
	return f->cell->irqs[intid / 32];
}

static bool owned(const struct frame *f, uint32_t intid)
{
	return (owned_word(f, intid & ~31u) >> (intid % 32)) & 1u;
}

/*
 * The one mask of all banks: ones in the fields of the 32-bit register at `offset` that belong to
 * the cell. Fields are 1, 2 or 8 bits wide and lie in the order of their INTIDs.
 */
static uint32_t bank_mask(const struct frame *f, const struct row *row, uint32_t offset)
{
	uint32_t fields = 32u / row->width;
	uint32_t intid = row->intid + (offset - row->first) / 4 * fields;
	uint32_t bits = owned_word(f, intid & ~31u) >> (intid % 32);
	uint32_t mask = 0;

	if (row->width == 1)
		return bits;
	if (row->width == 8)
		return vgic_spread(bits);
	for (uint32_t i = 0; i < fields; i++)
		if ((bits >> i) & 1u)
			mask |= 3u << (2 * i);
	return mask;
}

/* As the hardware has it; the row's permissions are all there is to check. */
static void access_pass(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	uint32_t offset = (uint32_t)a->offset;

	(void)row;
	if (a->size == 8 && a->write)
		gicr_write64(f->cpu, offset, a->value);
	else if (a->size == 8)
		a->value = gicr_read64(f->cpu, offset);
	else if (a->write)
		phys_write32(f, offset, (uint32_t)a->value);
	else
		a->value = phys_read32(f, offset);
}

/* Six banks of 128 bytes each; extended SPIs have them apart from the others, of 512. */
static enum irq_bank bank_kind(const struct row *row)
{
	if (row->intid == GIC_ESPI_FIRST)
		return (row->first - GICD_ISENABLER_E) / (GICD_ICENABLER_E - GICD_ISENABLER_E);
	return (row->first % GICR_SGI_BASE - GICD_ISENABLER) / (GICD_ICENABLER - GICD_ISENABLER);
}

/* Banks where writing 1 sets or clears and writing 0 does nothing. */
static void access_bits(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	uint32_t offset = (uint32_t)a->offset;
	uint32_t bits = bank_mask(f, row, offset), value = 0;

	if (a->write) {
		spin_lock(frame_lock(f));
		bits = (uint32_t)a->value & bank_mask(f, row, offset);
		if (bits)
			phys_write32(f, offset, bits);
		spin_unlock(frame_lock(f));
	} else {
		value = phys_read32(f, offset) & bits;
	}
	value = irq_access(f->cell, f->cpu, bank_kind(row), row->intid + (offset - row->first) * 8,
			   a->write, bits, value);
	if (!a->write)
		a->value = value & bits;
}

/* Banks of plain fields, ICFGR and IPRIORITYR: foreign fields are written back unchanged. */
static void access_fields(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	uint32_t offset = (uint32_t)a->offset & ~3u;
	uint32_t shift = (uint32_t)(a->offset & 3) * 8;
	uint32_t lanes = a->size == 1 ? 0xffu << shift : ~0u;
	uint32_t value = (uint32_t)a->value << shift;
	uint32_t mask;

	if (!a->write) {
		mask = bank_mask(f, row, offset) & lanes;
		a->value = (phys_read32(f, offset) & mask) >> shift;
		return;
	}
	if (row->width == 8)
		value = vgic_clamp(value);
	spin_lock(frame_lock(f));
	mask = bank_mask(f, row, offset) & lanes;
	if (mask)
		phys_write32(f, offset, (phys_read32(f, offset) & ~mask) | (value & mask));
	spin_unlock(frame_lock(f));
}

/*
 * IGROUPR of SPIs and extended interrupts: whatever reaches a cell is Group 1, and Group 0 is
 * EL2's, so the group of its own interrupts reads as 1 and cannot be changed. With DS = 0 it reads
 * as 0, whoever asks (IHI 0069, GICD_IGROUPR<n>).
 */
static void access_group(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	uint32_t offset = (uint32_t)a->offset;

	if (!a->write)
		a->value = bank_mask(f, row, offset) & phys_read32(f, offset);
}

/*
 * The distributor is shared and always on; a cell sees its own enable bits as it wrote them and
 * otherwise ARE and the security state as they are. RWP is the hardware's: the cell's write of
 * ICENABLER went there, and it waits here until that has taken effect.
 */
static void access_gicd_ctlr(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	(void)row;
	if (a->write)
		f->cell->gicd_ctlr = (uint32_t)a->value;
	else
		a->value = vgicd_ctlr(f->cell);
}

/*
 * Cells other than root have no LPIs, no message-based and no extended SPIs, and no 1-of-N routing;
 * their SPIs end behind the last one that they own, so that they set up no more than these.
 * CPUNumber counts CPUs of a GIC without affinity routing and is 0 where ARE cannot be cleared.
 */
static void access_gicd_typer(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	uint32_t typer = gicd_read32(GICD_TYPER), lines = CELL_IRQ_WORDS - 1;

	(void)row;
	if (!is_root(f->cell)) {
		while (lines && !f->cell->irqs[lines])
			lines--;
		typer &= GICD_TYPER_SECURITY_EXTN | GICD_TYPER_RSS;
		typer |= GICD_TYPER_NO_1N | CELL_ID_BITS << GICD_TYPER_ID_BITS_SHIFT | lines;
	}
	a->value = typer;
}

/* SETSPI_NSR, CLRSPI_NSR: the value names the interrupt; its lower 16 bits suffice (12.9.4). */
static void access_gicd_message(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	uint32_t intid = (uint32_t)a->value & GICD_SPI_NSR_INTID;

	spin_lock(&gicd_lock);
	if (a->offset == row->first && owned(f, intid))
		gicd_write32(row->first, intid);
	spin_unlock(&gicd_lock);
}

struct cpu *vgic_find_cpu(const struct cell *cell, uint64_t affinity)
{
	struct cpu *cpu;

	if (!is_root(cell))
		return vgic_cell_cpu(cell, affinity);
	cpu = cpu_find(affinity);
	return cpu && cpu->cell == cell ? cpu : NULL;
}

/* Root always has one: who asks. */
static const struct cpu *first_cpu(const struct cell *cell)
{
	const struct cpu *first = cpus;

	if (!is_root(cell))
		return &cpus[cell->cpu[0]];
	while (first->cell != cell)
		first++;
	return first;
}

/* A physical route as the cell reads it. One that leads to none of its CPUs reads as its CPU 0. */
static uint64_t virtual_route(const struct cell *cell, uint64_t route)
{
	const struct cpu *cpu;

	route &= AFFINITY_MASK;
	if (is_root(cell))
		return route;
	cpu = cpu_find(route);
	return cpu && cpu->cell == cell ? CAISSON_CELL_AFFINITY(cpu->vcpu) : 0;
}

/*
 * IROUTER: a cell's interrupts go to its own CPUs only. 1-of-N would let the hardware pick any CPU
 * of the machine, so IRM means the cell's first CPU and reads as 0. Another affinity changes
 * nothing, which also holds between the two halves of a 32-bit writer.
 */
static void access_gicd_route(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	uint32_t offset = (uint32_t)a->offset & ~7u;
	const struct cpu *target;
	uint64_t route;

	spin_lock(&gicd_lock);
	if (owned(f, row->intid + (offset - row->first) / 8)) {
		route = virtual_route(f->cell, gicd_read64(offset));
		if (a->write) {
			route = merge(route, a);
			if (route & GICD_IROUTER_IRM)
				target = first_cpu(f->cell);
			else
				target = vgic_find_cpu(f->cell, route & AFFINITY_MASK);
			if (target)
				gicd_write64(offset, target->mpidr);
		} else {
			a->value = part(route, a);
		}
	}
	spin_unlock(&gicd_lock);
}

/* Both LPI tables of this redistributor lie in root's memory. Sizes: IHI 0069, 5.1.1 and 5.1.2. */
static bool lpi_tables_allowed(const struct frame *f)
{
	uint64_t prop = gicr_read64(f->cpu, GICR_PROPBASER);
	uint64_t pend = gicr_read64(f->cpu, GICR_PENDBASER);
	uint64_t id_bits = MIN(prop & GICR_PROPBASER_ID_BITS,
			       (uint64_t)GICD_TYPER_ID_BITS(gicd_read32(GICD_TYPER)));
	uint64_t ids = 2ULL << id_bits;

	if (ids <= GIC_LPI_FIRST)
		return true;
	return root_owns_ram(prop & GICR_PROPBASER_ADDRESS, ids - GIC_LPI_FIRST) &&
	       root_owns_ram(pend & GICR_PENDBASER_ADDRESS, ids / 8);
}

/*
 * Others than root see no more than whether their writes have taken effect. Root may enable LPIs,
 * which is when the tables come to life and are checked, and keep 1-of-N interrupts away.
 */
static void access_gicr_ctlr(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	uint32_t ctlr = gicr_read32(f->cpu, GICR_CTLR);
	uint32_t value = (uint32_t)a->value & (GICR_CTLR_ENABLE_LPIS | GICR_CTLR_DPG1NS);

	(void)row;
	if (!a->write) {
		a->value = is_root(f->cell) ? ctlr : ctlr & (GICR_CTLR_RWP | GICR_CTLR_UWP);
		return;
	}
	if (value & ~ctlr & GICR_CTLR_ENABLE_LPIS && !lpi_tables_allowed(f))
		value &= ~GICR_CTLR_ENABLE_LPIS;
	gicr_write32(f->cpu, GICR_CTLR, value);
}

/* PROPBASER, PENDBASER: fixed while LPIs are enabled (writes are UNPREDICTABLE then, 12.11.32). */
static void access_gicr_table(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	if (!a->write || !(gicr_read32(f->cpu, GICR_CTLR) & GICR_CTLR_ENABLE_LPIS))
		access_pass(f, row, a);
}

/* Other cells than root: numbered from 0, no LPIs, no extended PPIs; the last one ends the walk. */
static void access_gicr_typer(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	uint64_t affinity = CAISSON_CELL_AFFINITY(f->cpu->vcpu);
	uint64_t typer;

	(void)row;
	if (is_root(f->cell)) {
		typer = gicr_read64(f->cpu, GICR_TYPER);
	} else {
		/* Aff3 is 8 bits closer to the others than in MPIDR_EL1. */
		affinity = (affinity & 0xffffff) | ((affinity >> 8) & 0xff000000);
		typer = affinity << GICR_TYPER_AFFINITY_SHIFT | (uint64_t)f->cpu->vcpu
									<< GICR_TYPER_NUMBER_SHIFT;
		if (f->cpu->vcpu + 1 == f->cell->ncpus)
			typer |= GICR_TYPER_LAST;
	}
	a->value = part(typer, a);
}

/* It never sleeps, or kicks would not arrive; the cell sees the handshake that it expects. */
static void access_gicr_waker(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	(void)row;
	if (a->write)
		f->cpu->waker_shadow = (uint32_t)a->value & GICR_WAKER_PROCESSOR_SLEEP;
	else
		a->value = vgicr_waker(f->cpu);
}

/* Physically the kick alone is Group 0, whatever the cell writes when it sets up its CPU. */
static void access_gicr_group(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	(void)row;
	if (a->write)
		f->cpu->igroup_shadow = gicr_read32(f->cpu, GICR_IGROUPR0) ? (uint32_t)a->value : 0;
	else
		a->value = f->cpu->igroup_shadow;
}

#define WORD(reg) (reg), (reg) + 3
#define DWORD(reg) (reg), (reg) + 7
#define RANGE(reg, bytes) (reg), (reg) + (bytes)-1
/* Rows that nobody may read or write, named so that they are here on purpose. */
#define NOTHING S32, NO, NO, 0, 0, access_pass
#define SPI S32, RW, RW
#define ESPI S32, RW, NO

static const struct row gicd_rows[] = {
	/* range, sizes, root, cell, width, first INTID, handler; sorted by offset */
	{ WORD(GICD_CTLR), S32, RW, RW, 0, 0, access_gicd_ctlr },
	{ WORD(GICD_TYPER), S32, RO, RO, 0, 0, access_gicd_typer },
	{ WORD(GICD_IIDR), S32, RO, RO, 0, 0, access_pass },
	{ WORD(GICD_TYPER2), S32, RO, NO, 0, 0, access_pass },
	{ WORD(GICD_STATUSR), NOTHING },
	{ WORD(GICD_SETSPI_NSR), S16 | S32, WO, WO, 0, 0, access_gicd_message },
	{ WORD(GICD_CLRSPI_NSR), S16 | S32, WO, WO, 0, 0, access_gicd_message },
	{ WORD(GICD_SETSPI_SR), NOTHING },
	{ WORD(GICD_CLRSPI_SR), NOTHING },
	{ RANGE(GICD_IGROUPR, 0x80), SPI, 1, 0, access_group },
	{ RANGE(GICD_ISENABLER, 0x80), SPI, 1, 0, access_bits },
	{ RANGE(GICD_ICENABLER, 0x80), SPI, 1, 0, access_bits },
	{ RANGE(GICD_ISPENDR, 0x80), SPI, 1, 0, access_bits },
	{ RANGE(GICD_ICPENDR, 0x80), SPI, 1, 0, access_bits },
	{ RANGE(GICD_ISACTIVER, 0x80), SPI, 1, 0, access_bits },
	{ RANGE(GICD_ICACTIVER, 0x80), SPI, 1, 0, access_bits },
	{ RANGE(GICD_IPRIORITYR, 0x400), S8 | SPI, 8, 0, access_fields },
	{ RANGE(GICD_ITARGETSR, 0x400), NOTHING },
	{ RANGE(GICD_ICFGR, 0x100), SPI, 2, 0, access_fields },
	{ RANGE(GICD_IGRPMODR, 0x80), NOTHING },
	{ RANGE(GICD_NSACR, 0x100), NOTHING },
	{ WORD(GICD_SGIR), NOTHING },
	{ RANGE(GICD_CPENDSGIR, 0x10), NOTHING },
	{ RANGE(GICD_SPENDSGIR, 0x10), NOTHING },
	{ RANGE(GICD_INMIR, 0x80), NOTHING },
	{ RANGE(GICD_IGROUPR_E, 0x80), ESPI, 1, GIC_ESPI_FIRST, access_group },
	{ RANGE(GICD_ISENABLER_E, 0x80), ESPI, 1, GIC_ESPI_FIRST, access_bits },
	{ RANGE(GICD_ICENABLER_E, 0x80), ESPI, 1, GIC_ESPI_FIRST, access_bits },
	{ RANGE(GICD_ISPENDR_E, 0x80), ESPI, 1, GIC_ESPI_FIRST, access_bits },
	{ RANGE(GICD_ICPENDR_E, 0x80), ESPI, 1, GIC_ESPI_FIRST, access_bits },
	{ RANGE(GICD_ISACTIVER_E, 0x80), ESPI, 1, GIC_ESPI_FIRST, access_bits },
	{ RANGE(GICD_ICACTIVER_E, 0x80), ESPI, 1, GIC_ESPI_FIRST, access_bits },
	{ RANGE(GICD_IPRIORITYR_E, 0x400), S8 | ESPI, 8, GIC_ESPI_FIRST, access_fields },
	{ RANGE(GICD_ICFGR_E, 0x100), ESPI, 2, GIC_ESPI_FIRST, access_fields },
	{ RANGE(GICD_IGRPMODR_E, 0x80), NOTHING },
	{ RANGE(GICD_NSACR_E, 0x100), NOTHING },
	{ RANGE(GICD_INMIR_E, 0x80), NOTHING },
	{ RANGE(GICD_IROUTER, 0x1fe0), S32 | S64, RW, RW, 0, 0, access_gicd_route },
	{ RANGE(GICD_IROUTER_E, 0x2000), S32 | S64, RW, NO, 0, GIC_ESPI_FIRST, access_gicd_route },
	{ RANGE(GICD_ID, 0x30), S32, RO, RO, 0, 0, access_pass },
};

/* Of a bank with extended PPIs the first word, or words, is everybody's and the rest root's. */
#define PPI S32, RW, RW
#define EPPI S32, RW, NO

static const struct row gicr_rows[] = {
	{ WORD(GICR_CTLR), S32, RW, RO, 0, 0, access_gicr_ctlr },
	{ WORD(GICR_IIDR), S32, RO, RO, 0, 0, access_pass },
	{ DWORD(GICR_TYPER), S32 | S64, RO, RO, 0, 0, access_gicr_typer },
	{ WORD(GICR_STATUSR), NOTHING },
	{ WORD(GICR_WAKER), S32, RW, RW, 0, 0, access_gicr_waker },
	{ WORD(GICR_MPAMIDR), S32, RO, NO, 0, 0, access_pass },
	{ WORD(GICR_PARTIDR), S32, RW, NO, 0, 0, access_pass },
	{ DWORD(GICR_SETLPIR), S32 | S64, WO, NO, 0, 0, access_pass },
	{ DWORD(GICR_CLRLPIR), S32 | S64, WO, NO, 0, 0, access_pass },
	{ DWORD(GICR_PROPBASER), S32 | S64, RW, NO, 0, 0, access_gicr_table },
	{ DWORD(GICR_PENDBASER), S32 | S64, RW, NO, 0, 0, access_gicr_table },
	{ DWORD(GICR_INVLPIR), S32 | S64, WO, NO, 0, 0, access_pass },
	{ DWORD(GICR_INVALLR), S32 | S64, WO, NO, 0, 0, access_pass },
	{ WORD(GICR_SYNCR), S32, RO, NO, 0, 0, access_pass },
	{ RANGE(GICR_ID, 0x30), S32, RO, RO, 0, 0, access_pass },
	{ WORD(GICR_IGROUPR0), PPI, 0, 0, access_gicr_group },
	{ RANGE(GICR_IGROUPR0 + 4, 8), EPPI, 1, GIC_EPPI_FIRST, access_group },
	{ WORD(GICR_ISENABLER0), PPI, 1, 0, access_bits },
	{ RANGE(GICR_ISENABLER0 + 4, 8), EPPI, 1, GIC_EPPI_FIRST, access_bits },
	{ WORD(GICR_ICENABLER0), PPI, 1, 0, access_bits },
	{ RANGE(GICR_ICENABLER0 + 4, 8), EPPI, 1, GIC_EPPI_FIRST, access_bits },
	{ WORD(GICR_ISPENDR0), PPI, 1, 0, access_bits },
	{ RANGE(GICR_ISPENDR0 + 4, 8), EPPI, 1, GIC_EPPI_FIRST, access_bits },
	{ WORD(GICR_ICPENDR0), PPI, 1, 0, access_bits },
	{ RANGE(GICR_ICPENDR0 + 4, 8), EPPI, 1, GIC_EPPI_FIRST, access_bits },
	{ WORD(GICR_ISACTIVER0), PPI, 1, 0, access_bits },
	{ RANGE(GICR_ISACTIVER0 + 4, 8), EPPI, 1, GIC_EPPI_FIRST, access_bits },
	{ WORD(GICR_ICACTIVER0), PPI, 1, 0, access_bits },
	{ RANGE(GICR_ICACTIVER0 + 4, 8), EPPI, 1, GIC_EPPI_FIRST, access_bits },
	{ RANGE(GICR_IPRIORITYR, 0x20), S8 | PPI, 8, 0, access_fields },
	{ RANGE(GICR_IPRIORITYR + 0x20, 0x40), S8 | EPPI, 8, GIC_EPPI_FIRST, access_fields },
	{ WORD(GICR_ICFGR0), S32, RO, RO, 2, 0, access_fields }, /* SGIs are edges, always */
	{ WORD(GICR_ICFGR1), PPI, 2, GIC_PPI_FIRST, access_fields },
	{ RANGE(GICR_ICFGR1 + 4, 0x10), EPPI, 2, GIC_EPPI_FIRST, access_fields },
	{ RANGE(GICR_IGRPMODR0, 0xc), NOTHING },
	{ WORD(GICR_NSACR), NOTHING },
	{ RANGE(GICR_INMIR0, 0xc), NOTHING },
};

static const struct row *find_row(const struct row *rows, size_t count, uint64_t offset)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (offset > rows[middle].last)
			low = middle + 1;
		else if (offset < rows[middle].first)
			count = middle;
		else
			return &rows[middle];
	}
	return NULL;
}

static void frame_access(const struct frame *f, const struct row *row, struct mmio_access *a)
{
	uint32_t allowed = 0;

	if (row && row->sizes & a->size && !(a->offset & (a->size - 1)))
		allowed = is_root(f->cell) ? row->root : row->cell;
	/* Root walks all frames by TYPER: of a CPU given away that is all there is. */
	if (f->cpu && f->cpu->cell != f->cell && allowed != RO)
		allowed = NO;
	if (!a->write)
		a->value = 0;
	if (allowed & (a->write ? WO : RO))
		row->access(f, row, a);
}

enum mmio_result vgicd_access(struct cell *cell, struct mmio_access *access)
{
	const struct frame frame = { cell, NULL };

	if (access->offset >= VGICD_SIZE)
		return MMIO_STRAY;
	frame_access(&frame, find_row(gicd_rows, ARRAY_SIZE(gicd_rows), access->offset), access);
	return MMIO_DONE;
}

enum mmio_result vgicr_access(struct cell *cell, struct cpu *target, struct mmio_access *access)
{
	const struct frame frame = { cell, target };

	if (access->offset >= VGICR_STRIDE)
		return MMIO_STRAY;
	frame_access(&frame, find_row(gicr_rows, ARRAY_SIZE(gicr_rows), access->offset), access);
	return MMIO_DONE;
}
