// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI 1.1 (DEN0022) and the SMCCC architecture calls (DEN0028) of every cell, by HVC and by
 * SMC. A CPU's state changes under that CPU's lock. Root's calls are carried out here where they
 * concern CPUs, and forwarded otherwise; a cell's never reach firmware but for the
 * architecture's workarounds.
 *
 * Calls arrive from trap_hvc() and trap_smc() with ELR_EL2 already behind the instruction,
 * because CPU_OFF replaces the registers as a whole.
 */
#include "cell_ctl.h"
#include "cpu_ctl.h"
#include "gic.h"
#include "log.h"
#include "smccc.h"
#include "traps.h"
#include "vgic.h"
#include "watchdog.h"

#define MPIDR_AFFINITY 0xff00ffffffULL

/*
 * The CPU that this cell calls `mpidr`, NULL if there is none; root also finds those it
 * gave away: for them cpu_start() denies and AFFINITY_INFO says OFF, so that Linux's hotplug
 * gets a proper answer.
 */
static struct cpu *find_target(struct cell *cell, uint64_t mpidr)
{
	if (cell->id)
		return vgic_cell_cpu(cell, mpidr);
	return cpu_find(mpidr & MPIDR_AFFINITY);
}

/*
 * Errors are those of DEN0022, CPU_ON. Root's entry is not checked: what it has not
 * touched yet is not mapped, though it is its own.
 */
static int64_t cpu_on(struct cell *cell, uint64_t mpidr, uint64_t entry, uint64_t context)
{
	struct cpu *target = find_target(cell, mpidr);
	enum cpu_state found;

	if (!target)
		return PSCI_INVALID_PARAMETERS;
	if (cell->id && !cell_maps(cell, IPA(entry)))
		return PSCI_INVALID_ADDRESS;
	if (!cpu_start(cell, target, entry, (uint64_t[4]){ context }, &found))
		return PSCI_DENIED;
	switch (found) {
	case CPU_RUNNING:
		return PSCI_ALREADY_ON;
	case CPU_PENDING:
		return PSCI_ON_PENDING;
	case CPU_FIRMWARE:
		return cpu_start_firmware(target);
	default:
		return PSCI_SUCCESS;
	}
}

/* Level 0 alone, which is all that PSCI 1.0 on demands. */
static int64_t affinity_info(struct cell *cell, uint64_t mpidr, uint64_t level)
{
	struct cpu *target = find_target(cell, mpidr);

	if (!target || level)
		return PSCI_INVALID_PARAMETERS;
	return target->cell == cell ? psci_affinity_of(target) : PSCI_AFFINITY_OFF;
}

/* Whether an SMC64 variant exists (DEN0022 5.1); the others have none. */
static bool has_smc64(uint32_t function)
{
	return function == PSCI_CPU_SUSPEND || function == PSCI_CPU_ON ||
	       function == PSCI_AFFINITY_INFO;
}

static int64_t features(uint32_t id)
{
	if ((id & SMC64) && !has_smc64(id & ~SMC64))
		return PSCI_NOT_SUPPORTED;
	switch (id & ~SMC64) {
	case SMCCC_VERSION:
	case PSCI_VERSION:
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON:
	case PSCI_AFFINITY_INFO:
	case PSCI_MIGRATE_INFO_TYPE:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_FEATURES:
		return PSCI_SUCCESS;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

/* SMCCC calls of a cell: the workarounds are the firmware's own business, the rest is ours. */
static bool smccc_call(struct cell *cell, struct regs *regs)
{
	switch (regs->x[0]) {
	case SMCCC_ARCH_FEATURES:
		switch (regs->x[1]) {
		case SMCCC_VERSION:
		case SMCCC_ARCH_FEATURES:
			regs->x[0] = PSCI_SUCCESS;
			return true;
		case SMCCC_ARCH_WORKAROUND_1:
		case SMCCC_ARCH_WORKAROUND_2:
		case SMCCC_ARCH_WORKAROUND_3:
			regs->x[0] = (uint64_t)(int32_t)smc_call(regs->x[0], regs->x[1], 0, 0);
			return true;
		default:
			regs->x[0] = (uint64_t)SMCCC_NOT_SUPPORTED;
			return true;
		}
	case SMCCC_ARCH_WORKAROUND_1:
	case SMCCC_ARCH_WORKAROUND_2:
	case SMCCC_ARCH_WORKAROUND_3:
		smc_call(regs->x[0], regs->x[1], 0, 0);
		return true;
	case CAISSON_SMC_WATCHDOG:
		return watchdog_call(cell, regs->x);
	default:
		return false;
	}
}

/*
 * What a cell may ask of PSCI, and what of root's calls EL2 carries out itself.
 * True: answered. CPU_OFF returns when the CPU is switched on again, with fresh
 * registers.
 */
static bool common_call(struct trap *trap, uint32_t function)
{
	struct regs *regs = trap->regs;
	struct cell *cell = trap->cpu->cell;
	/* SMC32 calls have 32-bit arguments (DEN0028 3.1). */
	uint64_t mask = regs->x[0] & SMC64 ? ~0ULL : UINT32_MAX;
	uint64_t a = regs->x[1] & mask, b = regs->x[2] & mask, c = regs->x[3] & mask;
	int64_t result;

	switch (function) {
	case PSCI_CPU_OFF:
		cell_cpu_off(trap->cpu);
		cpu_park(trap->cpu, regs);
		return true; /* regs are those of the next CPU_ON */
	case PSCI_CPU_ON:
		result = cpu_on(cell, a, b, c);
		break;
	case PSCI_AFFINITY_INFO:
		result = affinity_info(cell, a, b);
		break;
	default:
		return false;
	}
	regs->x[0] = (uint64_t)result;
	return true;
}

/*
 * Sleeps once: any pending interrupt or kick wakes. But not with a running priority that might hold
 * the kick off, nor with its group disabled, nor when the cell ends: EL1 may have taken the kick.
 */
static void cell_sleep(const struct cpu *cpu)
{
	if (read_sysreg(ICC_RPR_EL1) >= 0xf8 &&
	    (irq_uses_group0() || read_sysreg(ICC_IGRPEN1_EL1)) && !atomic_load(&cpu->cell->closed))
		irq_wait();
}

/*
 * HCR_EL2.TWI: where EL1 could sleep so that no kick wakes it, and in cells that ask for it. WFI may
 * always return (D1.6.2).
 */
enum trap_result trap_wfi(struct trap *trap)
{
	cell_sleep(trap->cpu);
	return TRAP_ADVANCE;
}

/*
 * SYSTEM_OFF and SYSTEM_RESET return to the trap's end, where the CPU parks with the
 * others; what the machine does is the driver's decision, by the state it sees.
 */
static bool cell_call(struct trap *trap, uint32_t function)
{
	struct regs *regs = trap->regs;
	int64_t result;

	switch (function) {
	case PSCI_CPU_SUSPEND:
		/* Standby is always a valid answer. */
		cell_sleep(trap->cpu);
		result = PSCI_SUCCESS;
		break;
	case PSCI_MIGRATE_INFO_TYPE:
		result = PSCI_MIGRATE_NOT_REQUIRED;
		break;
	case PSCI_FEATURES:
		result = features((uint32_t)regs->x[1]);
		break;
	case PSCI_SYSTEM_OFF:
		cell_halt(trap->cpu, CAISSON_CELL_OFF);
		return true;
	case PSCI_SYSTEM_RESET:
		cell_halt(trap->cpu, CAISSON_CELL_RESET);
		return true;
	default:
		return false;
	}
	regs->x[0] = (uint64_t)result;
	return true;
}

/*
 * Root: what would move a CPU past us is answered here; the rest is the firmware's.
 * Everything that is not about a CPU's life goes on to firmware unchanged: SYSTEM_OFF
 * and SYSTEM_RESET take the whole machine, cells included.
 */
static bool root_call(struct trap *trap, uint32_t function)
{
	struct regs *regs = trap->regs;

	switch (function) {
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_DEFAULT_SUSPEND:
		/* A power-down would come back without EL2: only ever standby. */
		irq_wait();
		regs->x[0] = PSCI_SUCCESS;
		return true;
	case PSCI_CPU_FREEZE:
	case PSCI_SYSTEM_SUSPEND:
		regs->x[0] = (uint64_t)PSCI_DENIED;
		return true;
	default:
		smc_forward(regs);
		return true;
	}
}

/*
 * The function range is PSCI's in SMCCC's standard service block, SMC32 and SMC64
 * (DEN0028, owner 4). A cell's SMC64 call that has only an SMC32 form is
 * unknown, not answered by that one.
 */
bool psci_call(struct trap *trap)
{
	struct regs *regs = trap->regs;
	uint32_t id = (uint32_t)regs->x[0];
	uint32_t function = id & ~SMC64;
	bool root = trap->cpu->cell->id == 0;

	if (function < PSCI_VERSION || function > PSCI_LAST)
		return root ? false : smccc_call(trap->cpu->cell, regs);
	if (!root && (id & SMC64) && !has_smc64(function))
		return false;
	if (common_call(trap, function))
		return true;
	return root ? root_call(trap, function) : cell_call(trap, function);
}
