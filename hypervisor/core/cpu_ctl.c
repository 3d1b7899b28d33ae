// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU states [tour: 8, 9, 11]. A CPU that is off for its cell sleeps in EL2, in cpu_park(); a
 * start writes its entry, sets PENDING and kicks it. All changes are under the target's lock.
 *
 * The state is what PSCI tells (DEN0022) and what isolation rests on: a CPU changes owner only
 * while PARKED or FIRMWARE, that is while it executes nothing of its cell's and has nothing of
 * its cell's loaded. cpu->cell changes under the same lock.
 */
#include "boot.h"
#include "cell_ctl.h"
#include "cpu_ctl.h"
#include "gic.h"
#include "lib.h"
#include "log.h"
#include "smccc.h"
#include "vgic.h"

/*
 * Which state may follow which: one bit per successor.
 * A RUNNING CPU ends PARKED whatever stops it, so that it has been through cpu_park().
 */
static const uint8_t allowed[CPU_STATE_COUNT] = {
	[CPU_FIRMWARE] = 1 << CPU_PENDING | 1 << CPU_PARKED,
	[CPU_PARKED] = 1 << CPU_PENDING | 1 << CPU_FIRMWARE | 1 << CPU_PARKED | 1 << CPU_SCRUBBING,
	[CPU_SCRUBBING] = 1 << CPU_PARKED | 1 << CPU_PENDING,
	[CPU_PENDING] = 1 << CPU_RUNNING | 1 << CPU_FIRMWARE | 1 << CPU_PARKED,
	[CPU_RUNNING] = 1 << CPU_PARKED,
};

static const char *const state_names[CPU_STATE_COUNT] = {
#define X(name, text) [CPU_##name] = text,
	CPU_STATES(X)
#undef X
};

/*
 * An illegal transition is a bug of ours: it is logged and carried out, since the
 * hardware is in the new state already and a refusal would only make the record wrong.
 */
void cpu_set_state(struct cpu *cpu, enum cpu_state state)
{
	if (!(allowed[cpu->state] >> state & 1))
		log_line("cpu %lu: illegal transition %s to %s", U(cpu->index),
			 state_names[cpu->state], state_names[state]);
	cpu->state = state;
}

/* The group that the CPU belongs to; made if it is the first of it, which happens at enable. */
static struct sgi_group *group_of(const struct cpu *cpu)
{
	uint64_t address = irq_sgi(cpu, 0) & ~0xffffULL;
	struct sgi_group *group = sgi_groups;

	while (group->address != address && group->address != SGI_GROUPS_END)
		group++;
	if (group->address == SGI_GROUPS_END) {
		group->address = address;
		group[1].address = SGI_GROUPS_END;
	}
	return group;
}

void cpu_set_owner(struct cpu *cpu, struct cell *cell, uint32_t vcpu)
{
	uint64_t sgi = irq_sgi(cpu, 0), bit = sgi & 0xffff;

	memset(cpu->exits, 0, sizeof(cpu->exits));
	memset(cpu->kept, 0, sizeof(cpu->kept));
	cpu->cell = cell;
	cpu->vcpu = vcpu;
	cpu->gicr_ipa =
		cell->id ? cell->gicr_base + vcpu * VGICR_STRIDE : boot->cpu[cpu->index].gicr_pa;
	cpu->sgi_targets = cell->id ? cell->sgi : NULL;
	if (!cell->id)
		atomic_fetch_or(&group_of(cpu)->mask, bit);
	else
		atomic_fetch_and(&group_of(cpu)->mask, ~bit);
	if (cell->id && vcpu < ARRAY_SIZE(cell->sgi)) {
		cell->sgi[vcpu] = sgi;
		cell->sgi_mask |= BIT(vcpu);
	}
}

/*
 * Counted in `running` before it runs, and under the lock: a cell whose last other CPU
 * goes off at this moment is not taken for one that is off.
 */
bool cpu_start(struct cell *cell, struct cpu *cpu, uint64_t entry, const uint64_t args[4],
	       enum cpu_state *state)
{
	enum cpu_state found;
	bool may;

	spin_lock(&cpu->lock);
	found = cpu->state;
	/*
	 * Who closes a cell does so before looking at its CPUs under this lock: none slips
	 * through.
	 */
	may = cpu->cell == cell && !atomic_load(&cell->closed);
	/* SCRUBBING it is this CPU itself: nobody else starts a cell then. */
	if (may && (found == CPU_PARKED || found == CPU_FIRMWARE || found == CPU_SCRUBBING)) {
		atomic_fetch_add(&cell->running, 1);
		cpu->entry = entry;
		for (unsigned int n = 0; n < ARRAY_SIZE(cpu->args); n++)
			cpu->args[n] = args[n];
		cpu_set_state(cpu, CPU_PENDING);
		if (found != CPU_FIRMWARE)
			irq_kick(cpu);
	}
	spin_unlock(&cpu->lock);
	*state = found;
	return may;
}

/*
 * The entry is a physical address in the image, because the CPU arrives with its MMU
 * off (DEN0022, CPU_ON); the context ID is where its boot data lie, and reaches it in x0.
 * The lock is not held across the SMC: the target takes it at its end.
 */
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

/* A CPU that was asked back between PENDING and here finds PARKED, and stays. */
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

/*
 * Comes back only if firmware denies it: then this CPU stays parked here, and disabling
 * fails.
 * The state changes before CPU_OFF: nothing can be written afterwards. The other side
 * believes only firmware's AFFINITY_INFO.
 */
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
	irq_cold(cpu);
	irq_quiesce(cpu);
}

/*
 * On the CPU itself, at the end of a trap; no locks. It spins: of what could end a WFI only the
 * kick may be taken here, and all the rest is the cell's, to be found when it goes on. Perhaps by
 * being parked: that request is looked for too. Returns those that are left.
 */
uint32_t cpu_pause(struct cpu *cpu, const struct regs *regs)
{
	uint32_t request;

	cpu_keep_regs(cpu, regs);
	spin_lock(&cpu->lock);
	/* Unless root has given it up meanwhile. */
	cpu->paused = atomic_fetch_and(&cpu->request, ~CPU_REQUEST_PAUSE) & CPU_REQUEST_PAUSE;
	spin_unlock(&cpu->lock);
	do {
		arch_relax();
		request = atomic_load(&cpu->request);
		if (request & CPU_REQUEST_LISTS)
			irq_serve(cpu);
	} while (cpu->paused && !(request & CPU_REQUEST_PARK));
	/* A second kick: in Group 1 it would be the cell's. */
	if (irq_revokes())
		irq_take(IRQ_NOT_TAKEN);
	return request;
}

/*
 * On the CPU itself, from the end of a trap, PSCI CPU_OFF or a cold start; no locks.
 * Comes back, perhaps for another owner, with everything reset.
 */
void cpu_park(struct cpu *cpu, struct regs *regs)
{
	cpu_keep_regs(cpu, regs);
	/*
	 * Nothing may walk the old owner's tables any more, not even speculatively: stage 1 off,
	 * its entries gone, then root's stage 2, which is never freed while EL2 is here.
	 */
	arch_timer_set(0);
	write_sysreg(sctlr_el1, SCTLR_EL1_RESET);
	isb();
	tlb_flush_cell_local();
	/*
	 * Order: the walks are off and the TLB is clean before another VMID is loaded,
	 * so that no entry of the old stage 1 is made under the new one.
	 */
	s2_load(&root_cell->s2);
	/*
	 * Only a kick may wake it: an interrupt of the old owner's devices would end
	 * each WFI.
	 */
	gic_cpu_quiesce(cpu);
	spin_lock(&cpu->lock);
	cpu_set_state(cpu, CPU_PARKED);
	atomic_fetch_and(&cpu->request, ~(CPU_REQUEST_PARK | CPU_REQUEST_PAUSE));
	cpu->paused = false;
	spin_unlock(&cpu->lock);

	/*
	 * From here on others may take the CPU for another cell; this loop touches only
	 * its own lock, request and the kick, and its cell while that waits for a scrub.
	 */
	while (!cpu_take_entry(cpu)) {
		if (atomic_load(&cpu->request) & CPU_REQUEST_FIRMWARE)
			go_to_firmware(cpu);
		cell_scrub_share(cpu);
		/*
		 * A kick that came after the checks is pending, and ends the WFI at once
		 * (D1.6.1).
		 */
		dsb(sy);
		__asm__ volatile("wfi" ::: "memory");
		irq_take(IRQ_NOT_TAKEN);
	}
	cpu_reset(cpu, regs);
}

void cpu_request_park(struct cpu *cpu)
{
	spin_lock(&cpu->lock);
	if (cpu->state == CPU_RUNNING) {
		atomic_fetch_or(&cpu->request, CPU_REQUEST_PARK);
		irq_kick(cpu);
	} else if (cpu->state == CPU_PENDING) {
		/* Not there yet: it will find nothing to enter, and sleeps. */
		cpu_set_state(cpu, CPU_PARKED);
	}
	spin_unlock(&cpu->lock);
}

void cpu_request_pause(struct cpu *cpu, bool pause)
{
	spin_lock(&cpu->lock);
	if (!pause) {
		atomic_fetch_and(&cpu->request, ~CPU_REQUEST_PAUSE);
		cpu->paused = false;
	} else if (cpu->state == CPU_RUNNING && !cpu->paused) {
		atomic_fetch_or(&cpu->request, CPU_REQUEST_PAUSE);
		irq_kick(cpu);
	}
	spin_unlock(&cpu->lock);
}

/*
 * A second is ample for firmware to power a CPU down.
 * Any one CPU of root calls it, all others being in the meeting of el2_disable(): the
 * memory under a parked CPU is freed next, so asking is not enough, and firmware has to
 * confirm (AFFINITY_INFO). One limit for all of them together. RUNNING ones leave by
 * themselves.
 */
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
