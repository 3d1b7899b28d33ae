// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where every exception from a cell arrives [tour: 9]: a constant table by exception class, then
 * one place that carries out what the handler decided.
 *
 * All of it runs on the CPU that took the exception, on its own EL2 stack, with interrupts
 * masked and no locks held. A trap ends as done, as an exception for the guest, or with the cell
 * parked; guest input never ends in a panic.
 */
#include "cell_ctl.h"
#include "gic.h"
#include "log.h"
#include "traps.h"
#include "watchdog.h"

struct trap_class {
	enum trap_result (*handler)(struct trap *trap); /* NULL: UNDEFINED for every cell */
	enum caisson_exit cause;
};

/*
 * 64 entries, since ESR_EL2.EC has 6 bits: no value of it is out of range. WFE and
 * FP never come, as no control traps them; SVE and SME (CPTR_EL2) do, and are UNDEFINED
 * for cells.
 */
static const struct trap_class classes[EC_COUNT] = {
	[EC_WFX] = { trap_wfi, CAISSON_EXIT_WFI },
	[EC_HVC64] = { trap_hvc, CAISSON_EXIT_HVC },
	[EC_SMC64] = { trap_smc, CAISSON_EXIT_SMC },
	[EC_SYSREG] = { trap_sysreg, CAISSON_EXIT_SYSREG },
	[EC_IABT_LOW] = { trap_insn_abort, CAISSON_EXIT_TOTAL }, /* the handler knows the cause */
	[EC_DABT_LOW] = { trap_data_abort, CAISSON_EXIT_TOTAL },
};

/*
 * After every trap: what a kick, or another CPU's decision about this cell, wants of
 * this CPU.
 * The one way out of a cell. Acquire: who set the request wrote its reasons before.
 */
static void serve_requests(struct cpu *cpu, struct regs *regs)
{
	uint32_t request = atomic_load_explicit(&cpu->request, memory_order_acquire);

	if (request & CPU_REQUEST_LISTS)
		irq_serve(cpu);
	if (request & CPU_REQUEST_PAUSE)
		request = cpu_pause(cpu, regs);
	if (request & CPU_REQUEST_PARK)
		cpu_park(cpu, regs);
}

/*
 * Root is never failed: it owns the machine. The owner in the log tells a forgotten
 * region from an attempt on someone else's memory.
 */
static void abort_cell(struct trap *trap)
{
	struct cell *cell = trap->cpu->cell;
	bool instruction = ESR_EC(trap->esr) == EC_IABT_LOW;
	/* A data abort says whether it was a write. */
	uint32_t write = instruction ? 0 : (uint32_t)trap->esr & ISS_DABT_WNR;
	uint64_t far = read_sysreg(far_el2);
	/*
	 * HPFAR_EL2 is UNKNOWN for a permission fault of the access itself (D19.2.60): then it
	 * is FAR.
	 */
	bool ipa_known = (ISS_ABT_FSC(trap->esr) & ~3u) == FSC_TRANSLATION;
	uint64_t ipa = ipa_known ? (read_sysreg(hpfar_el2) >> 4) << 12 | (far & PAGE_MASK) : far;

	count_exit(trap->cpu, CAISSON_EXIT_STRAY);
	if (trap->insn && cell_note(cell, CAISSON_REFUSED_INSN, trap->insn, trap->regs->elr))
		log_line("cell %s: instruction %lx at pc %lx is not emulated on a device",
			 cell->name, U(trap->insn), U(trap->regs->elr));
	if (cell->id == 0) {
		/*
		 * What Linux survives: from EL0 an external abort (SIGBUS; a permission fault
		 * would be retried for ever), in its own code an alignment fault for a user's
		 * address and a permission fault for its own, both of which its exception tables
		 * take.
		 */
		uint32_t fsc = !(trap->regs->spsr & 0xc) ? FSC_EXTERNAL :
			       far & BIT(55)		 ? FSC_PERMISSION | 3 :
							   FSC_ALIGNMENT;

		log_line("root: stray access at %lx, pc %lx, esr %lx, owner %lu", U(ipa),
			 U(trap->regs->elr), U(trap->esr), U(root_owner_of(IPA(ipa))));
		inject_abort(trap->regs, instruction, far, write | fsc);
	} else if (cell->flags & CAISSON_CELL_STRAY_FAIL) {
		cell_fail(trap->cpu, trap->esr, trap->regs->elr, ipa);
	} else {
		if (!trap->insn && cell_note(cell, CAISSON_REFUSED_ACCESS, ipa, trap->regs->elr))
			log_line("cell %s: stray access at %lx, pc %lx, esr %lx, owner %lu: aborts are injected",
				 cell->name, U(ipa), U(trap->regs->elr), U(trap->esr),
				 U(root_owner_of(IPA(ipa))));
		inject_abort(trap->regs, instruction, far, write | FSC_EXTERNAL);
	}
}

/*
 * The instruction is UNDEFINED, as on a CPU that has no such thing. ISS without Rt, which in all classes
 * that trap a register is bits 9:5.
 */
static void refuse_cell(struct trap *trap)
{
	uint64_t esr = trap->esr & ~(31ULL << 5), pc = trap->regs->elr;

	if (cell_note(trap->cpu->cell, CAISSON_REFUSED_TRAP, esr, pc))
		log_line("cell %s: undefined instruction, esr %lx, pc %lx", trap->cpu->cell->name,
			 U(esr), U(pc));
	inject_undef(trap->regs);
}

/* Prototypes of what only vectors.S calls stand here, so that no header offers it to C. */
void trap_sync(struct regs *regs);
void trap_sync(struct regs *regs)
{
	struct trap trap = { .regs = regs, .cpu = this_cpu(), .esr = read_sysreg(esr_el2) };
	const struct trap_class *class = &classes[ESR_EC(trap.esr)];
	enum trap_result result = TRAP_UNDEF;

	if (class->handler) {
		if (class->cause != CAISSON_EXIT_TOTAL)
			count_exit(trap.cpu, class->cause);
		result = class->handler(&trap);
	} else {
		count_exit(trap.cpu, CAISSON_EXIT_OTHER);
	}
	switch (result) {
	case TRAP_ADVANCE:
		/* T32 has 16-bit loads and stores: IL says which. */
		skip_instruction(regs, trap.esr & ESR_IL ? 4 : 2);
		break;
	case TRAP_STAY:
		break;
	case TRAP_UNDEF:
		refuse_cell(&trap);
		break;
	case TRAP_ABORT:
		abort_cell(&trap);
		break;
	}
	serve_requests(trap.cpu, regs);
}

/*
 * The kick: the flag says what for, and may have been served by an earlier trap
 * already; then there is nothing left to do. Kicks coalesce, so none is counted on. Or
 * EL2's timer, which is level-triggered: it stays pending until it is set again. Or, in
 * the mode list, an interrupt of the cell's. In direct-fiq it comes as FIQ, in list as IRQ.
 */
void trap_irq(struct regs *regs, uint64_t intid);
void trap_irq(struct regs *regs, uint64_t intid)
{
	struct cpu *cpu = this_cpu();
	bool own = irq_take((uint32_t)intid);

	count_exit(cpu, own ? CAISSON_EXIT_KICK : CAISSON_EXIT_IRQ);
	if (own && cpu->cell->watchdog_ms)
		watchdog_look(cpu, regs->elr);
	serve_requests(cpu, regs);
}

/*
 * AMO = 1 brings a cell's SError here. It is asynchronous: the CPU's owner is all that
 * is known of its cause, so that cell pays; root decides for itself, by a virtual
 * SError (HCR_EL2.VSE).
 */
void trap_serror(struct regs *regs);
void trap_serror(struct regs *regs)
{
	struct cpu *cpu = this_cpu();
	uint64_t esr = read_sysreg(esr_el2);

	count_exit(cpu, CAISSON_EXIT_OTHER);
	if (cpu->cell->id == 0) {
		log_line("root: SError, esr %lx, passed on", U(esr));
		inject_serror();
	} else {
		cell_fail(cpu, esr, regs->elr, 0);
	}
	serve_requests(cpu, regs);
}

/*
 * Our own bug: say so and hold this CPU alone; the others, and their cells, go on.
 * No lock is freed that this CPU held: a cell that needs it waits, which is better than
 * going on with what it guards half changed.
 */
_Noreturn void trap_el2(uint64_t vector, uint64_t esr, uint64_t elr, uint64_t far);
_Noreturn void trap_el2(uint64_t vector, uint64_t esr, uint64_t elr, uint64_t far)
{
	const char *what = "fault";

	/* No frame is as large as the guard page: the build has a limit. */
	if (ESR_EC(esr) == EC_DABT_SAME &&
	    ALIGN_DOWN(far, PAGE_SIZE) == CAISSON_VA_PRIVATE + CAISSON_PRIV_STACK - PAGE_SIZE)
		what = "stack overflow";
	else if (ESR_EC(esr) == EC_BRK)
		what = "stack overwritten";
	log_line("EL2 %s on cpu %lu: vector %lu, esr %lx, pc %lx, far %lx", what,
		 U(this_cpu()->index), U(vector), U(esr), U(elr), U(far));
	for (;;)
		__asm__ volatile("wfi");
}
