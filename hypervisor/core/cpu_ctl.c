// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU states [tour: 8, 9, 11]. A CPU that is off for its cell sleeps in EL2, in cpu_park(); a start writes its
 * entry, sets PENDING and kicks it. All changes are under the target's lock.
 */
#include "boot.h"
#include "cell_ctl.h"
#include "cpu_ctl.h"
#include "gic.h"
#include "log.h"
#include "smccc.h"

/* Which state may follow which: one bit per successor. */
static const uint8_t allowed[CPU_STATE_COUNT] = {
	[CPU_FIRMWARE] = 1 << CPU_PENDING | 1 << CPU_PARKED,
	[CPU_PARKED] = 1 << CPU_PENDING | 1 << CPU_FIRMWARE | 1 << CPU_PARKED,
	[CPU_PENDING] = 1 << CPU_RUNNING | 1 << CPU_FIRMWARE | 1 << CPU_PARKED,
	[CPU_RUNNING] = 1 << CPU_PARKED,
};

static const char *const state_names[CPU_STATE_COUNT] = {
#define X(name, text) [CPU_##name] = text,
	CPU_STATES(X)
#undef X
};

void cpu_set_state(struct cpu *cpu, enum cpu_state state)
{
	if (!(allowed[cpu->state] >> state & 1))
		log_line("cpu %lu: illegal transition %s to %s", U(cpu->index),
			 state_names[cpu->state], state_names[state]);
	cpu->state = state;
}

bool cpu_start(struct cell *cell, struct cpu *cpu, uint64_t entry, const uint64_t args[4],
	       enum cpu_state *state)
{
	enum cpu_state found;
	bool may;

	spin_lock(&cpu->lock);
	found = cpu->state;
	/* Who closes a cell does so before looking at its CPUs under this lock: none slips through. */
	may = cpu->cell == cell && !atomic_load(&cell->closed);
	if (may && (found == CPU_PARKED || found == CPU_FIRMWARE)) {
		atomic_fetch_add(&cell->running, 1);
		cpu->entry = entry;
		for (unsigned int n = 0; n < ARRAY_SIZE(cpu->args); n++)
			cpu->args[n] = args[n];
		cpu_set_state(cpu, CPU_PENDING);
	}
	spin_unlock(&cpu->lock);
	if (may && found == CPU_PARKED)
		irq_kick(cpu);
	*state = found;
	return may;
}

int64_t cpu_start_firmware(struct cpu *cpu)
{
	extern char cold_entry[], __image_start[];
	uint64_t entry = boot->memory_pa + (uint64_t)(cold_entry - __image_start);
	uint64_t context = boot->memory_pa + boot->boot_off + offsetof(struct caisson_boot, cpu) +
			   cpu->index * sizeof(struct caisson_cpu_boot);
	int64_t result = smc_call(PSCI_CPU_ON | SMC64, cpu->mpidr, entry, context);

	if (result) {
		spin_lock(&cpu->lock);
		cpu_set_state(cpu, CPU_FIRMWARE);
		atomic_fetch_sub(&cpu->cell->running, 1);
		spin_unlock(&cpu->lock);
	}
	return result;
}

bool cpu_take_entry(struct cpu *cpu)
{
	bool pending;

	spin_lock(&cpu->lock);
	pending = cpu->state == CPU_PENDING;
	if (pending)
		cpu_set_state(cpu, CPU_RUNNING);
	spin_unlock(&cpu->lock);
	return pending;
}

/* Comes back only if firmware denies it: then this CPU stays parked here, and disabling fails. */
static void go_to_firmware(struct cpu *cpu)
{
	gic_cpu_release(cpu);
	spin_lock(&cpu->lock);
	atomic_fetch_and(&cpu->request, ~CPU_REQUEST_FIRMWARE);
	cpu_set_state(cpu, CPU_FIRMWARE);
	spin_unlock(&cpu->lock);
	smc_call(PSCI_CPU_OFF, 0, 0, 0);
	spin_lock(&cpu->lock);
	cpu_set_state(cpu, CPU_PARKED);
	spin_unlock(&cpu->lock);
	irq_load(cpu);
}

void cpu_park(struct cpu *cpu, struct regs *regs)
{
	/*
	 * Nothing may walk the old owner's tables any more, not even speculatively: stage 1 off, its
	 * entries gone, then root's stage 2, which is never freed while EL2 is here.
	 */
	write_sysreg(sctlr_el1, SCTLR_EL1_RESET);
	isb();
	tlb_flush_cell_local();
	s2_load(&root_cell->s2);
	gic_cpu_quiesce(cpu);
	spin_lock(&cpu->lock);
	cpu_set_state(cpu, CPU_PARKED);
	atomic_fetch_and(&cpu->request, ~CPU_REQUEST_PARK);
	spin_unlock(&cpu->lock);

	while (!cpu_take_entry(cpu)) {
		if (atomic_load(&cpu->request) & CPU_REQUEST_FIRMWARE)
			go_to_firmware(cpu);
		/* A kick that came after the checks is pending, and ends the WFI at once (D1.6.1). */
		dsb(sy);
		__asm__ volatile("wfi" ::: "memory");
		irq_ack_kick();
	}
	cpu_reset(cpu, regs);
}

void cpu_request_park(struct cpu *cpu)
{
	bool kick = false;

	spin_lock(&cpu->lock);
	if (cpu->state == CPU_RUNNING) {
		atomic_fetch_or(&cpu->request, CPU_REQUEST_PARK);
		kick = true;
	} else if (cpu->state == CPU_PENDING) {
		/* Not there yet: it will find nothing to enter, and sleeps. */
		cpu_set_state(cpu, CPU_PARKED);
	}
	spin_unlock(&cpu->lock);
	if (kick)
		irq_kick(cpu);
}

/* A second is ample for firmware to power a CPU down. */
bool cpus_to_firmware(void)
{
	uint64_t end = arch_counter() + arch_counter_hz();
	bool all = true;

	for (uint32_t n = 0; n < ncpus; n++) {
		struct cpu *cpu = &cpus[n];

		if (cpu->state != CPU_PARKED)
			continue;
		atomic_fetch_or(&cpu->request, CPU_REQUEST_FIRMWARE);
		irq_kick(cpu);
		while (smc_call(PSCI_AFFINITY_INFO | SMC64, cpu->mpidr, 0, 0) !=
		       PSCI_AFFINITY_OFF) {
			if (arch_counter() > end) {
				all = false;
				break;
			}
			arch_relax();
		}
	}
	return all;
}
