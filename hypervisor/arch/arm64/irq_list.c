// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt mode list: all interrupts come to EL2 (HCR_EL2.IMO = FMO = 1), which hands them to EL1's
 * virtual CPU interface by list registers (IHI 0069 6.3). An exit per interrupt is the price; what it
 * buys is that EL1 masks, and holds active, nothing physical: SGI 15 and EL2's timer, at priority 0,
 * always come. No firmware or group matters; nothing is trapped but SGIs.
 *
 * The physical EOImode is 1: EL2 drops the priority at once, and the cell's virtual deactivation, with
 * ICH_LR<n>_EL2.HW, is the physical one. SGIs cannot have that bit, and LPIs have nothing to
 * deactivate: they count as over when EL2 has them, and may come again. Which interrupts are in list
 * registers, and what waits, is lists.c's.
 *
 * Priorities are those that the physical CPU interface shows (ICC_RPR_EL1), as ICC_PMR_EL1 compares
 * them, so that a root that masks by priority is masked as before.
 *
 * Another CPU's list registers are asked for (struct cpu, `ask`): the one that wants to know waits,
 * without a lock, serves who asks it meanwhile, and gives up after a time.
 */
#include "gic.h"
#include "gic_regs.h"
#include "log.h"
#include "vgic.h"

#define ASK_PATIENCE_DIV 50 /* of a second; who is asked is in EL1, and kicked */

#define ASKED BIT(63)
#define ANSWERED BIT(62)
#define ASK_OP_SHIFT 56
#define ASK_WORD_SHIFT 32

void lists_reset(uint64_t vtr); /* reset.S */

/* LR0 to LR7 and LR8 to LR15 (IHI 0069 12.4.4). */
#define LIST_REGISTERS_EACH(X)                                                                 \
	X(0, 12, 0) X(1, 12, 1) X(2, 12, 2) X(3, 12, 3) X(4, 12, 4) X(5, 12, 5) X(6, 12, 6)     \
	X(7, 12, 7) X(8, 13, 0) X(9, 13, 1) X(10, 13, 2) X(11, 13, 3) X(12, 13, 4) X(13, 13, 5) \
	X(14, 13, 6) X(15, 13, 7)

uint64_t list_read(uint32_t n)
{
	switch (n) {
#define X(n, crm, op2) \
	case n:        \
		return read_sysreg(S3_4_C12_C##crm##_##op2);
		LIST_REGISTERS_EACH(X)
#undef X
	default:
		return 0;
	}
}

void list_write(uint32_t n, uint64_t lr)
{
	switch (n) {
#define X(n, crm, op2)                                    \
	case n:                                           \
		write_sysreg(S3_4_C12_C##crm##_##op2, lr); \
		break;
		LIST_REGISTERS_EACH(X)
#undef X
	default:
		break;
	}
}

/* Extended PPIs follow the others in the redistributor's banks; so do extended SPIs, elsewhere. */
void list_pend(uint32_t intid)
{
	uint32_t bit = 1u << intid % 32;

	if (intid >= GIC_ESPI_FIRST)
		gicd_write32(GICD_ISPENDR_E + (intid - GIC_ESPI_FIRST) / 32 * 4, bit);
	else if (intid >= GIC_EPPI_FIRST)
		gicr_write32(this_cpu(), GICR_ISPENDR0 + 4 + (intid - GIC_EPPI_FIRST) / 32 * 4, bit);
	else if (intid >= GIC_SPI_FIRST)
		gicd_write32(GICD_ISPENDR + intid / 32 * 4, bit);
	else
		gicr_write32(this_cpu(), GICR_ISPENDR0, bit);
}

void list_deactivate(uint32_t intid)
{
	/* It is pending in the GIC by now, or is to be forgotten: in this order. */
	dsb(sy);
	write_sysreg(ICC_DIR_EL1, intid);
}

/* ICH_VTR_EL2.TDS: DIR can trap alone; without, all that is common to the groups does. */
static uint64_t dir_trap(void)
{
	return read_sysreg(ICH_VTR_EL2) & ICH_VTR_TDS ? ICH_HCR_TDIR : ICH_HCR_TC;
}

void list_controls(uint32_t pmr, bool empty, bool away)
{
	write_sysreg(ICC_PMR_EL1, pmr == LIST_PMR_OPEN ? 0xff : MAX(pmr, gic_pmr_kick));
	write_sysreg(ICH_HCR_EL2, ICH_HCR_EN | (empty ? ICH_HCR_NPIE : 0) |
					  (away ? ICH_HCR_LRENPIE | dir_trap() : 0));
	isb();
	this_cpu()->idle_lists = pmr == LIST_PMR_OPEN && !empty && !away ?
					 (1u << PRIVATE->lists.count) - 1 :
					 0;
}

/* Before ICH_HCR_EL2 is written: what the cell has ended since the last look is counted there. */
static struct lists *own_lists(void)
{
	struct lists *l = &PRIVATE->lists;
	uint64_t hcr;

	if (l->naway || l->made_active) {
		hcr = read_sysreg(ICH_HCR_EL2);
		write_sysreg(ICH_HCR_EL2, hcr & (BIT(ICH_HCR_EOICOUNT_SHIFT) - 1));
		list_ended(l, (uint32_t)(hcr >> ICH_HCR_EOICOUNT_SHIFT) & 31);
	}
	return l;
}

/*
 * vectors.S does it for SPIs and PPIs while all list registers are empty.
 *
 * SGIs and EL2's own are deactivated at once, and of its timer that is enough: it is set again, or
 * stops, before the cell goes on. So does what makes the maintenance interrupt.
 */
static bool list_take(uint32_t intid)
{
	struct cpu *cpu = this_cpu();
	uint32_t priority;
	struct lists *l;
	bool own;

	if (intid == IRQ_NOT_TAKEN)
		intid = read_sysreg(ICC_IAR1_EL1) & 0xffffff;
	own = intid == gic_kick || (intid == GIC_PPI_CNTHP && cpu->cell->id);
	dsb(sy);
	isb();
	if (intid >= GIC_SPECIAL && intid < GIC_SPECIAL + 4)
		return false;
	priority = read_sysreg(ICC_RPR_EL1) & 0xff;
	write_sysreg(ICC_EOIR1_EL1, intid);
	isb();
	if (intid < GIC_PPI_FIRST || intid == GIC_PPI_MAINTENANCE || own) {
		write_sysreg(ICC_DIR_EL1, intid);
		isb();
	}
	/* Made pending by a register it would stay so, if its acknowledgement were not enough. */
	if (own && gic_kick == GIC_PPI_CNTHP)
		irq_drop_kick(cpu);
	if (own)
		return true;
	l = own_lists();
	if (intid != GIC_PPI_MAINTENANCE)
		list_add(l, intid, priority);
	list_sync(l);
	return false;
}

/* --- what other CPUs ask --- */

static void answer(struct cpu *cpu)
{
	uint64_t ask = atomic_load(&cpu->ask), done;
	struct lists *l;

	if (!(ask & ASKED) || ask & ANSWERED)
		return;
	l = own_lists();
	done = list_operate(l, ask >> ASK_OP_SHIFT & 15,
			    (uint32_t)(ask >> ASK_WORD_SHIFT & 0xffff) * 32, (uint32_t)ask);
	list_sync(l);
	dsb(sy);
	/* Unless the other one has given up. */
	atomic_compare_exchange_strong(&cpu->ask, &ask, ASKED | ANSWERED | done);
}

static void list_serve(struct cpu *cpu)
{
	answer(cpu);
	if (cpu->cell->id == 0)
		list_forget(own_lists(), cpu->cell->irqs);
	list_sync(&PRIVATE->lists);
}

static uint32_t ask(struct cpu *target, enum list_op op, uint32_t first, uint32_t bits)
{
	uint64_t end = arch_counter() + arch_counter_hz() / ASK_PATIENCE_DIV;
	uint64_t none = 0, word = ASKED | (uint64_t)op << ASK_OP_SHIFT |
				  (uint64_t)(first / 32) << ASK_WORD_SHIFT | bits;
	struct cpu *self = this_cpu();
	struct lists *l;
	uint32_t done;

	if (target == self) {
		l = own_lists();
		done = list_operate(l, op, first, bits);
		list_sync(l);
		return done;
	}
	while (!atomic_compare_exchange_strong(&target->ask, &none, word)) {
		if (target->state != CPU_RUNNING || arch_counter() > end)
			return 0;
		none = 0;
		answer(self);
		arch_relax();
	}
	atomic_fetch_or(&target->request, CPU_REQUEST_LISTS);
	irq_kick(target);
	while (!((word = atomic_load(&target->ask)) & ANSWERED)) {
		if ((target->state != CPU_RUNNING || arch_counter() > end) &&
		    atomic_compare_exchange_strong(&target->ask, &word, 0))
			return 0;
		answer(self);
		arch_relax();
	}
	atomic_store(&target->ask, 0);
	return (uint32_t)word;
}

/*
 * Only what is active in the GIC can be in a list register, SGIs apart, which are there of their own
 * CPU alone. Without a lock: an interrupt that comes at the same moment has come later.
 */
static uint32_t list_access(struct cell *cell, struct cpu *cpu, enum irq_bank bank, uint32_t first,
			    bool write, uint32_t bits, uint32_t value)
{
	static const uint8_t ops[2][IRQ_CLEAR_ACTIVE + 1] = {
		{ [IRQ_SET_PENDING] = LIST_ASK_PENDING,
		  [IRQ_CLEAR_PENDING] = LIST_ASK_PENDING,
		  [IRQ_SET_ACTIVE] = LIST_ASK_ACTIVE,
		  [IRQ_CLEAR_ACTIVE] = LIST_ASK_ACTIVE },
		{ [IRQ_CLEAR_ENABLE] = LIST_WITHDRAW,
		  [IRQ_SET_PENDING] = LIST_WITHDRAW,
		  [IRQ_CLEAR_PENDING] = LIST_DROP,
		  [IRQ_CLEAR_ACTIVE] = LIST_DEACTIVATE },
	};
	uint32_t sgis = cpu && first == 0 ? 0xffff : 0, done = 0;
	enum list_op op = ops[write][bank];
	struct lists *l;

	if (write && bank == IRQ_SET_ACTIVE && bits) {
		l = own_lists();
		l->made_active = true;
		list_sync(l);
	}
	if (op == LIST_NOTHING)
		return value;
	if (op == LIST_DEACTIVATE)
		bits &= sgis;
	else if (cpu)
		bits &= sgis | gicr_read32(cpu, GICR_ISACTIVER0 +
							(first ? 4 + (first - GIC_EPPI_FIRST) / 8 : 0));
	else
		bits &= gicd_read32(first < GIC_ESPI_FIRST ?
					    GICD_ISACTIVER + first / 8 :
					    GICD_ISACTIVER_E + (first - GIC_ESPI_FIRST) / 8);
	for (uint32_t n = 0; bits && n < ncpus; n++)
		if (cpu ? cpu == &cpus[n] : cpus[n].cell == cell && cpus[n].state == CPU_RUNNING)
			done |= ask(&cpus[n], op, first, bits);
	if (op == LIST_ASK_ACTIVE)
		value &= ~(done & ~sgis);
	return op == LIST_ASK_ACTIVE ? value | (done & sgis) : value | done;
}

/* --- the trapped registers, while there are active interrupts without a list register --- */

static uint64_t running_priority(void)
{
	uint64_t active = read_sysreg(ICH_AP1R0_EL2) | read_sysreg(ICH_AP0R0_EL2);
	uint32_t shift = 7 - ((read_sysreg(ICH_VTR_EL2) >> 26) & 7);

	/* Beyond 32 levels (5 bits of preemption) it is a bound, which nobody relies on. */
	return active ? (uint64_t)__builtin_ctzll(active) << MAX(shift, 3u) : 0xff;
}

static bool list_register(enum irq_register reg, uint64_t *value, bool write)
{
	uint64_t vmcr = read_sysreg(ICH_VMCR_EL2);
	struct lists *l;

	switch (reg) {
	case IRQ_PMR:
		if (write)
			vmcr = (vmcr & (BIT(ICH_VMCR_VPMR_SHIFT) - 1)) | (*value & 0xff)
									  << ICH_VMCR_VPMR_SHIFT;
		else
			*value = vmcr >> ICH_VMCR_VPMR_SHIFT & 0xff;
		break;
	case IRQ_CTLR:
		if (write)
			vmcr = (vmcr & ~(ICH_VMCR_VEOIM | ICH_VMCR_VCBPR)) |
			       (*value & ICC_CTLR_EOIMODE ? ICH_VMCR_VEOIM : 0) |
			       (*value & ICC_CTLR_CBPR ? ICH_VMCR_VCBPR : 0);
		else
			*value = (read_sysreg(ICC_CTLR_EL1) & ~(ICC_CTLR_EOIMODE | ICC_CTLR_CBPR)) |
				 (vmcr & ICH_VMCR_VEOIM ? ICC_CTLR_EOIMODE : 0) |
				 (vmcr & ICH_VMCR_VCBPR ? ICC_CTLR_CBPR : 0);
		break;
	case IRQ_RPR:
		*value = running_priority();
		break;
	case IRQ_DIR:
		l = own_lists();
		/* What no list register and no list knows the cell has made active in the GIC itself. */
		if (vmcr & ICH_VMCR_VEOIM && !list_deactivated(l, (uint32_t)*value))
			return false;
		list_sync(l);
		return true;
	}
	if (write)
		write_sysreg(ICH_VMCR_EL2, vmcr);
	return true;
}

/* --- life --- */

/* Whoever the CPU belongs to now, it begins with nothing. */
static void list_load(const struct cpu *cpu)
{
	PRIVATE->lists.count = MIN((uint32_t)(read_sysreg(ICH_VTR_EL2) & 31) + 1, LIST_REGISTERS);
	PRIVATE->lists.nlpis = PRIVATE->lists.naway = 0;
	PRIVATE->lists.sgis_again = 0;
	PRIVATE->lists.made_active = false;
	PRIVATE->lists.controls = LIST_PMR_OPEN;
	gicr_write8(cpu, GICR_IPRIORITYR + GIC_PPI_MAINTENANCE, 0);
	gicr_write32(cpu, GICR_ISENABLER0, 1u << GIC_PPI_MAINTENANCE);
	gic_cpu_sync(cpu);
	write_sysreg(ICC_CTLR_EL1, ICC_CTLR_EOIMODE);
	write_sysreg(ICC_BPR1_EL1, 0);
	list_controls(LIST_PMR_OPEN, false, false);
	write_sysreg(ICC_IGRPEN1_EL1, 1);
	isb();
}

static void list_enable(struct cpu *cpu, struct found *found)
{
	uint64_t vmcr = irq_mirror_vmcr(found);

	found->maintenance = gicr_read32(cpu, GICR_ISENABLER0) & 1u << GIC_PPI_MAINTENANCE;
	gic_deactivate(cpu);
	lists_reset(read_sysreg(ICH_VTR_EL2));
	write_sysreg(ICH_VMCR_EL2, vmcr);
	list_load(cpu);
}

/* LPIs that nobody has taken stay in `lpis`: root's driver pends them again. */
static void list_disable(struct cpu *cpu, const struct found *found)
{
	struct lists *l = own_lists();

	list_flush(l, false);
	l->lpis[l->nlpis] = 0;
	if (!found->maintenance)
		gicr_write32(cpu, GICR_ICENABLER0, 1u << GIC_PPI_MAINTENANCE);
	irq_restore_virtual(found);
}

/* To another CPU of root's, which goes on until all have refused twice. */
static void hand_over(const struct cpu *self, uint32_t lpi)
{
	for (uint32_t n = 0; n < 2 * ncpus; n++) {
		struct cpu *cpu = &cpus[n % ncpus];

		if (cpu != self && cpu->cell == self->cell && cpu->state == CPU_RUNNING &&
		    ask(cpu, LIST_ADD_LPI, 0, lpi))
			return;
	}
	log_line("cpu %lu: LPI %lu is lost", U(self->index), U(lpi >> 8));
}

/* Only a kick may wake it. What it has not taken waits in the GIC for whom it is routed to next. */
static void list_quiesce(struct cpu *cpu)
{
	struct lists *l = own_lists();

	write_sysreg(ICC_CTLR_EL1, ICC_CTLR_EOIMODE);
	isb();
	list_flush(l, true);
	/* From here on it takes none of another CPU's. */
	l->count = 0;
	while (l->nlpis)
		hand_over(cpu, l->lpis[--l->nlpis]);
	list_controls(0, false, false);
	write_sysreg(ICC_IGRPEN1_EL1, 1);
	isb();
}

static bool list_waits(void)
{
	return list_waiting(&PRIVATE->lists);
}

static const struct irq_lists lists = {
	.serve = list_serve,
	.access = list_access,
	.reg = list_register,
	.waiting = list_waits,
};

const struct irq_mode irq_list = {
	.hcr = HCR_IMO | HCR_FMO,
	.enable = list_enable,
	.disable = list_disable,
	.load = list_load,
	.take = list_take,
	.quiesce = list_quiesce,
	.lists = &lists,
};
