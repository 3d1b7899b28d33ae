// SPDX-License-Identifier: GPL-2.0-only
/*
 * Enabling and disabling [tour: 5, 11]: all CPUs of root meet in EL2, one of them prepares what
 * is shared, each then takes its own registers, and they leave together: all into the cell, or
 * all back as they came. A meeting has a time limit, and one verdict for everybody.
 *
 * A meeting is the only place where CPUs wait for each other in EL2. Until the last one of
 * entering is over, each CPU can go back alone from what it saved; after it nothing fails any
 * more. No CPU returns to EL1 before all have switched: with some under stage 2 and others not,
 * a broadcast TLBI of Linux would miss those under the other VMID.
 */
#include <stdatomic.h>

#include <caisson/error.h>

#include "arch_cpu.h"
#include "boot.h"
#include "cell_ctl.h"
#include "config_check.h"
#include "cpu_ctl.h"
#include "gic.h"
#include "gic_regs.h"
#include "init.h"
#include "log.h"
#include "pool.h"
#include "smccc.h"
#include "vgic.h"

/* Limit of a meeting. Long, because an emulator may run one CPU after the other. */
#define RENDEZVOUS_SECONDS 5

const struct caisson_boot *boot;
const void *system_config;
struct cpu *cpus;
uint32_t ncpus;
struct sgi_group *sgi_groups;

/*
 * As the first CPU found EL2: for CPUs that come up later.
 * Firmware starts those with EL2's controls UNKNOWN, and Linux's own set-up code (SVE,
 * FGT) does not run for them, because they come up in EL1.
 */
static struct found boot_found;

#define FAILED BIT(31)

/*
 * A meeting: the number of arrivals, and the code in bits 30..16 once FAILED is set. One word,
 * so that "too late" and "all here" exclude each other.
 */
struct meeting {
	_Atomic uint32_t word;
};

/* The first three are used once; a failed attempt to enter ends with the image itself. */
static struct meeting entered, prepared, done, leaving, cleaned, left_over;

/* Which CPU could not go on, if one could not: root is told. */
static _Atomic uint64_t culprit;

/* Root says where and how it goes on; EL1h is not up to it (nor is an illegal state, PSTATE.IL). */
static void set_return(struct regs *regs, uint64_t pc, uint64_t pstate)
{
	regs->elr = pc;
	regs->spsr = (pstate & ~(SPSR_MODE_MASK | SPSR_IL)) | SPSR_MODE_EL1H;
}

/*
 * A CPU that cannot go on tells the others; the first reason stays.
 * Returns the code that stands, which is another CPU's if that one was faster.
 */
static uint32_t meeting_fail(struct meeting *meeting, uint32_t code)
{
	uint32_t old = atomic_load(&meeting->word);

	while (!(old & FAILED))
		if (atomic_compare_exchange_weak(&meeting->word, &old,
						 (old & 0xffff) | (uint32_t)FAILED | code << 16))
			return code;
	return (old & ~(uint32_t)FAILED) >> 16;
}

/*
 * Waits until `count` CPUs are here. 0, or the code with which the meeting failed.
 * Who arrives after the limit finds FAILED set and goes back too: one verdict for
 * everybody.
 */
static uint32_t meet(struct meeting *meeting, uint64_t count, uint32_t code)
{
	uint64_t end = arch_counter() + RENDEZVOUS_SECONDS * arch_counter_hz();
	uint32_t word;

	if (code)
		return meeting_fail(meeting, code);
	word = atomic_fetch_add(&meeting->word, 1) + 1;
	while (!(word & FAILED) && (word & 0xffff) < count) {
		if (arch_counter() > end) {
			/* Unless the last one arrived just now. */
			if (atomic_compare_exchange_strong(&meeting->word, &word,
							   (word & 0xffff) | (uint32_t)FAILED |
								   CAISSON_E_TIMEOUT << 16))
				return CAISSON_E_TIMEOUT;
			continue;
		}
		arch_relax();
		word = atomic_load(&meeting->word);
	}
	return word & FAILED ? (word & ~(uint32_t)FAILED) >> 16 : 0;
}

/*
 * The driver is trusted not to attack, since it could have put another image here; what
 * is checked is that image and driver agree, and that the configuration is sound.
 */
static uint32_t check_boot(const struct caisson_boot *b)
{
	const void *config = (const char *)(CAISSON_VA_MEMORY + b->config_off);

	if (b->magic != CAISSON_BOOT_MAGIC || b->private_size != CAISSON_PRIV_PAGES * PAGE_SIZE ||
	    (b->memory_pa | b->memory_size | b->pool_off) & PAGE_MASK ||
	    b->pool_off >= b->memory_size || b->config_off + b->config_size > b->pool_off ||
	    !b->ncpus || b->ncpus > UINT16_MAX || b->nonline > b->ncpus)
		return CAISSON_E_IMAGE;
	return config_check(config, (uint32_t)b->config_size, CAISSON_KIND_SYSTEM).code;
}

/*
 * One array for every possible CPU, so that one that comes up later needs no memory.
 * The redistributor must be the one that the driver says: a frame taken for another
 * CPU's would reset the wrong interrupts.
 */
static uint32_t cpus_init(void)
{
	ncpus = (uint32_t)boot->ncpus;
	cpus = pool_alloc(ALIGN_UP(ncpus * sizeof(*cpus) + (ncpus + 1) * sizeof(*sgi_groups) +
					   cpu_table_size(ncpus),
				   PAGE_SIZE) /
			  PAGE_SIZE);
	if (!cpus)
		return CAISSON_E_POOL;
	sgi_groups = (struct sgi_group *)(cpus + ncpus);
	sgi_groups->address = SGI_GROUPS_END;
	for (uint32_t n = 0; n < ncpus; n++) {
		cpus[n].index = n;
		cpus[n].mpidr = boot->cpu[n].mpidr;
		cpus[n].gicr = (volatile void *)(CAISSON_VA_GICR + n * CAISSON_GICR_STRIDE);
		cpu_set_owner(&cpus[n], root_cell, n);
		cpus[n].state = boot->cpu[n].online ? CPU_RUNNING : CPU_FIRMWARE;
		if (!gicr_matches(&cpus[n]))
			return CAISSON_E_CPU_FEATURE;
	}
	cpu_table_init(&sgi_groups[ncpus + 1]);
	return 0;
}

/*
 * What all CPUs share, by the first one, while the others wait.
 * The order follows the needs: the pool before whoever allocates, the log before what
 * may complain, the distributor before root's map of the interrupts that it counts.
 */
static uint32_t prepare(const struct caisson_boot *b, uint64_t self)
{
	uint32_t code = check_boot(b);

	if (code)
		return code;
	pool_init((void *)(CAISSON_VA_MEMORY + b->pool_off), PA(b->memory_pa + b->pool_off),
		  (b->memory_size - b->pool_off) / PAGE_SIZE);
	boot = b;
	system_config = (const void *)(CAISSON_VA_MEMORY + b->config_off);
	code = log_init() ? gic_init() : (uint32_t)CAISSON_E_POOL;
	if (!code)
		code = root_cell_init();
	if (!code)
		code = cpus_init();
	if (!code)
		code = irq_choose_kick(&cpus[self]);
	return code;
}

/*
 * Three meetings: all are in EL2 (only now may shared state change); it is prepared
 * (only now may others read it); each has its GIC and a kick that works (only now is it
 * too late to go back).
 */
int64_t el2_enter(struct caisson_cpu_boot *mine, struct regs *regs)
{
	const struct caisson_boot *b =
		(const struct caisson_boot *)((char *)(mine - mine->index) -
					      offsetof(struct caisson_boot, cpu));
	struct found *found = &PRIVATE->found;
	struct cpu *cpu = NULL;
	bool first = false;
	uint32_t code;

	cpu_save_found(found);
	set_return(regs, mine->return_pc, mine->return_pstate);
	code = meet(&entered, b->nonline, 0);
	if (!code) {
		/*
		 * The first online CPU by number; everybody computes the same one
		 * without a word.
		 */
		first = mine->index == 0 || !b->cpu[0].online;
		for (uint64_t n = 1; first && n < mine->index; n++)
			first = !b->cpu[n].online;
		code = meet(&prepared, b->nonline, first ? prepare(b, mine->index) : 0);
	}
	if (!code) {
		cpu = &cpus[mine->index];
		write_sysreg(tpidr_el2, (uint64_t)cpu);
		code = irq_enable(cpu, found);
		if (first)
			boot_found = *found;
		if (code)
			atomic_store(&culprit, mine->index);
		code = meet(&done, b->nonline, code);
		if (code)
			irq_disable(cpu, found);
	}
	if (!code) {
		/* Under VM = 0 these entries had no stage 2 behind them. */
		cpu_load_controls(cpu);
		tlb_flush_cell_local();
		icache_inval_all();
		regs->x[0] = 0;
		return 0;
	}
	if (first)
		gic_leave();
	cpu_restore_found(found);
	regs->x[0] = (uint64_t)(-(int64_t)code);
	regs->x[1] = atomic_load(&culprit);
	el2_leave(regs, found, b->memory_pa);
}

/*
 * A CPU that a CPU_ON of ours brought up: boot and cpus[] exist, this CPU is PENDING
 * unless its cell was stopped meanwhile. Its own identity registers are read: only the
 * controls are those of the first CPU.
 */
void el2_cold(struct caisson_cpu_boot *mine, struct regs *regs)
{
	struct cpu *cpu = &cpus[mine->index];

	PRIVATE->found = boot_found;
	PRIVATE->found.vmpidr = read_sysreg(mpidr_el1);
	PRIVATE->found.vpidr = read_sysreg(midr_el1);
	write_sysreg(tpidr_el2, (uint64_t)cpu);
	/*
	 * Before any ICC_* access: with SRE = 0 they are UNDEFINED (IHI 0069,
	 * ICC_SRE_EL1).
	 */
	write_sysreg(ICC_SRE_EL2, ICC_SRE_ENABLE);
	isb();
	irq_cold(cpu);
	*regs = (struct regs){ 0 };
	if (cpu_take_entry(cpu))
		cpu_reset(cpu, regs);
	else
		cpu_park(cpu, regs);
}

/*
 * Without locks: root's CPUs are all in stop_machine, so none comes up or goes down
 * now.
 */
static uint64_t running_count(void)
{
	uint64_t count = 0;

	for (uint32_t n = 0; n < ncpus; n++)
		count += cpus[n].state == CPU_RUNNING;
	return count;
}

/*
 * A later attempt starts afresh, once everybody has read that this one failed.
 * The last one to leave resets the words: who resets earlier would make a slower CPU
 * wait in a meeting that is over.
 */
static void forget_attempt(uint64_t count)
{
	if (atomic_fetch_add(&left_over.word, 1) + 1 < count)
		return;
	atomic_store(&leaving.word, 0);
	atomic_store(&cleaned.word, 0);
	atomic_store(&left_over.word, 0);
}

uint32_t el2_disable(struct regs *regs, uint64_t pc, uint64_t pstate)
{
	struct cpu *cpu = this_cpu();
	struct found *found = &PRIVATE->found;
	uint64_t count = running_count();
	uint32_t code;

	/*
	 * Every CPU that can create one is in here, or will come: the answer is the same for
	 * all.
	 */
	if (root_cell->next)
		return CAISSON_E_CELLS_EXIST;
	code = meet(&leaving, count, 0);
	if (!code) {
		bool first = true;

		for (uint32_t n = 0; n < cpu->index; n++)
			first = first && cpus[n].state != CPU_RUNNING;
		if (first)
			code = cpus_to_firmware() ? 0 : CAISSON_E_TIMEOUT;
		code = meet(&cleaned, count, code);
		if (!code && first)
			gic_leave();
	}
	if (code) {
		forget_attempt(count);
		return code;
	}
	set_return(regs, pc, pstate);
	irq_disable(cpu, found);
	cpu_restore_found(found);
	regs->x[0] = 0;
	regs->x[1] = PRIVATE->kvm_came;
	regs->x[2] = irq_left(cpu);
	el2_leave(regs, found, boot->memory_pa);
}
