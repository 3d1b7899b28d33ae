// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trapped system registers [tour: 9]: one row per register, sorted by what a cell uses most. A
 * register without a row is UNDEFINED.
 *
 * A row checks its direction, so that a handler never sees one that the register lacks. Handlers
 * run on the CPU that trapped, without locks: what they reach is that CPU's own, or is checked
 * against its cell.
 */
#include "gic.h"
#include "log.h"
#include "traps.h"
#include "vgic.h"

/*
 * The ISS of an MSR, MRS or SYS trap, without Rt and direction (Arm ARM, ISS encoding for EC
 * 0x18).
 */
#define KEY(op0, op1, crn, crm, op2) \
	((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
#define KEY_MASK 0x3ffc1e
#define ISS_RT(iss) (((iss) >> 5) & 31)
#define ISS_CRM(iss) (((iss) >> 1) & 15)
#define ISS_OP2(iss) (((iss) >> 17) & 7)
#define ISS_READ 1u

/* Linear search: the hottest register is the first row. */
struct sysreg_row {
	uint32_t key;
	bool read, write;
	/* `value` in: what is written; out: what is read. */
	void (*handler)(struct cpu *cpu, uint64_t *value, bool write);
};

/*
 * The targets of an SGI among the cell's own CPUs, as its own affinities name them (IHI 0069
 * 12.2.11).
 */
static bool sgi_wants(const struct cpu *self, const struct cpu *cpu, uint64_t sgir)
{
	uint64_t aff = cpu->cell->id ? CAISSON_CELL_AFFINITY(cpu->vcpu) : cpu->mpidr;
	uint64_t cluster = ((sgir >> 16) & 0xff) << 8 | ((sgir >> 32) & 0xff) << 16 |
			   ((sgir >> 48) & 0xff) << 32;
	uint64_t range = (sgir >> 44) & 15;

	if (sgir & BIT(40))
		return cpu != self;
	return (aff & ~0xffULL) == cluster && ((aff & 0xff) >> 4) == range &&
	       ((sgir >> (aff & 15)) & 1);
}

/*
 * One write per target, as physical CPUs of a cell need not share a cluster or its
 * list. Only CPUs of the sender's cell are ever named. SGI 15 is EL2's own: silently
 * dropped, since the register has no way to refuse.
 */
static void send_sgi(struct cpu *self, uint64_t *value, bool write)
{
	uint64_t intid = (*value >> 24) & 15;
	struct cell *cell = self->cell;

	(void)write;
	count_exit(self, CAISSON_EXIT_SGI);
	self->exits[CAISSON_EXIT_SYSREG]--; /* counted apart */
	if (intid == VGIC_KICK_SGI)
		return;
	/* Stores before the SGI are visible to who takes it: the cell's own barrier did that. */
	for (uint32_t n = 0; n < ncpus; n++) {
		const struct cpu *cpu = &cpus[n];

		if (cpu->cell == cell && sgi_wants(self, cpu, *value))
			write_sysreg(ICC_SGI1R_EL1, irq_sgi(cpu, intid));
	}
	isb();
}

/*
 * Group 0 and other-world SGIs would be kicks; ACTLR_EL1 holds bits that change the
 * machine.
 */
static void ignore(struct cpu *cpu, uint64_t *value, bool write)
{
	(void)cpu;
	if (!write)
		*value = 0;
}

/*
 * Who has ICH_HCR_EL2.TC set, from here to RPR: cells, in direct-revoke root too.
 * The cell reads back what it wrote, in the bits that exist; the hardware may have one
 * step more.
 */
static void access_pmr(struct cpu *cpu, uint64_t *value, bool write)
{
	if (irq_register(IRQ_PMR, value, write))
		return;
	if (!write) {
		*value = cpu->pmr;
		return;
	}
	cpu->pmr = *value & 0xff & ~(uint64_t)(gic_pmr_step - 1);
	/* Priority 0, EL2's kick, stays open. */
	write_sysreg(ICC_PMR_EL1, MAX(cpu->pmr, gic_pmr_kick));
}

/*
 * EOImode and CBPR alone are the cell's; the rest is read-only, or about 1-of-N
 * (PMHE).
 */
static void access_ctlr(struct cpu *cpu, uint64_t *value, bool write)
{
	(void)cpu;
	if (irq_register(IRQ_CTLR, value, write))
		return;
	if (write)
		write_sysreg(ICC_CTLR_EL1, *value & (ICC_CTLR_EOIMODE | ICC_CTLR_CBPR));
	else
		*value = read_sysreg(ICC_CTLR_EL1);
}

static void access_rpr(struct cpu *cpu, uint64_t *value, bool write)
{
	(void)cpu;
	(void)write;
	if (!irq_register(IRQ_RPR, value, write))
		*value = read_sysreg(ICC_RPR_EL1);
}

/* PPIs and SGIs below 32 are this CPU's own, but the kick, which only EL2 deactivates. */
static void access_dir(struct cpu *cpu, uint64_t *value, bool write)
{
	uint64_t intid = *value & 0xffffff;
	bool own = intid != gic_kick;

	if (irq_register(IRQ_DIR, value, write))
		return;
	/* Deactivation reaches any SPI in the distributor: only one's own. Root has all extended. */
	if (intid >= CELL_IRQ_WORDS * 32)
		own = !cpu->cell->id;
	else if (intid >= 32)
		own = cell_owns_irq(cpu->cell, (uint32_t)intid);
	if (own)
		write_sysreg(ICC_DIR_EL1, intid);
}

/* ICH_HCR_EL2.TALL0, in direct-revoke: Group 0 is there, and empty. */
static void no_group0(struct cpu *cpu, uint64_t *value, bool write)
{
	(void)cpu;
	if (!write)
		*value = 1023;
}

/*
 * Maintenance by set and way (HCR_EL2.TSW): always clean and invalidate, on this CPU's own
 * caches, so that no dirty line of anyone is lost (D7.5.9). A set, way or level that does not
 * exist might be UNDEFINED, in EL2: it is ignored.
 */
static void set_way(struct cpu *cpu, uint64_t *value, bool write)
{
	uint64_t level = (*value >> 1) & 7, saved = read_sysreg(csselr_el1), ccsidr, ways, sets;
	uint64_t line, way_shift;
	bool wide = (read_sysreg(id_aa64mmfr2_el1) >> 20) & 15; /* FEAT_CCIDX */

	(void)cpu;
	(void)write;
	/* CLIDR_EL1.Ctype of the level: 2 data, 3 separate, 4 unified. */
	if (level > 6 || ((read_sysreg(clidr_el1) >> (3 * level)) & 7) < 2)
		return;
	write_sysreg(csselr_el1, level << 1);
	isb();
	ccsidr = read_sysreg(ccsidr_el1);
	write_sysreg(csselr_el1, saved);
	ways = (ccsidr >> 3) & (wide ? 0x1fffff : 0x3ff);
	sets = wide ? (ccsidr >> 32) & 0xffffff : (ccsidr >> 13) & 0x7fff;
	line = (ccsidr & 7) + 4;
	way_shift = ways ? (uint64_t)__builtin_clz((uint32_t)ways) : 32;
	if (((uint32_t)*value >> line & ((1ULL << (way_shift - line)) - 1)) > sets ||
	    (*value & UINT32_MAX) >> way_shift > ways)
		return;
	__asm__ volatile("dc cisw, %0\n\tdsb sy" : : "r"(*value) : "memory");
}

/* The implementation's own, and an erratum's condition like MIDR and REVIDR (HCR_EL2.TID1). */
static void read_aidr(struct cpu *cpu, uint64_t *value, bool write)
{
	(void)cpu;
	(void)write;
	*value = read_sysreg(aidr_el1);
}

static const struct sysreg_row rows[] = {
	{ KEY(3, 0, 12, 11, 5), false, true, send_sgi },   /* ICC_SGI1R_EL1 */
	{ KEY(3, 0, 4, 6, 0), true, true, access_pmr },	   /* ICC_PMR_EL1 */
	{ KEY(3, 0, 12, 11, 1), false, true, access_dir }, /* ICC_DIR_EL1 */
	{ KEY(3, 0, 12, 11, 3), true, false, access_rpr }, /* ICC_RPR_EL1 */
	{ KEY(3, 0, 12, 12, 4), true, true, access_ctlr }, /* ICC_CTLR_EL1 */
	{ KEY(3, 0, 12, 11, 6), false, true, ignore },	   /* ICC_ASGI1R_EL1 */
	{ KEY(3, 0, 12, 11, 7), false, true, ignore },	   /* ICC_SGI0R_EL1 */
	{ KEY(3, 0, 12, 8, 0), true, false, no_group0 },   /* ICC_IAR0_EL1 */
	{ KEY(3, 0, 12, 8, 1), false, true, ignore },	   /* ICC_EOIR0_EL1 */
	{ KEY(3, 0, 12, 8, 2), true, false, no_group0 },   /* ICC_HPPIR0_EL1 */
	{ KEY(3, 0, 12, 8, 3), true, true, ignore },	   /* ICC_BPR0_EL1 */
	{ KEY(3, 0, 12, 8, 4), true, true, ignore },	   /* ICC_AP0R0_EL1 and so on */
	{ KEY(3, 0, 12, 8, 5), true, true, ignore },
	{ KEY(3, 0, 12, 8, 6), true, true, ignore },
	{ KEY(3, 0, 12, 8, 7), true, true, ignore },
	{ KEY(3, 0, 12, 12, 6), true, true, ignore }, /* ICC_IGRPEN0_EL1 */
	{ KEY(3, 0, 1, 0, 1), true, true, ignore },   /* ACTLR_EL1 */
	{ KEY(3, 1, 0, 0, 7), true, false, read_aidr },
	{ KEY(1, 0, 7, 6, 2), false, true, set_way },  /* DC ISW */
	{ KEY(1, 0, 7, 10, 2), false, true, set_way }, /* DC CSW */
	{ KEY(1, 0, 7, 14, 2), false, true, set_way }, /* DC CISW */
};

/*
 * XZR (Rt = 31) is handled by trap_reg() and trap_set_reg(): x31 is not in the saved
 * frame.
 */
enum trap_result trap_sysreg(struct trap *trap)
{
	uint32_t iss = (uint32_t)ESR_ISS(trap->esr);
	bool write = !(iss & ISS_READ);

	/* Identification registers: HCR_EL2.TID1 and TID3, cells only. */
	if (!write && (iss & KEY(3, 7, 15, 8, 0)) == KEY(3, 0, 0, 0, 0)) {
		trap_set_reg(trap, ISS_RT(iss), id_register(ISS_CRM(iss), ISS_OP2(iss)));
		return TRAP_ADVANCE;
	}
	for (unsigned int n = 0; n < ARRAY_SIZE(rows); n++) {
		uint64_t value = write ? trap_reg(trap, ISS_RT(iss)) : 0;

		if (rows[n].key != (iss & KEY_MASK))
			continue;
		if (!(write ? rows[n].write : rows[n].read))
			return TRAP_UNDEF;
		rows[n].handler(trap->cpu, &value, write);
		if (!write)
			trap_set_reg(trap, ISS_RT(iss), value);
		return TRAP_ADVANCE;
	}
	return TRAP_UNDEF;
}
