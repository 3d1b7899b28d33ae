// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The C side of start-up, called by start.S: boot_early() with the MMU off, then boot_main() on the
 * first CPU and boot_secondary() on others; and the calls that start and stop CPUs.
 */
#include "console.h"
#include "cpu.h"
#include "gic.h"
#include "inmate.h"
#include "machine.h"
#include "mmu.h"
#include "psci.h"
#include "sync.h"
#include "timer.h"

/* Not in bss: start.S stores the first CPU's entry state before it clears bss. */
struct cpu_area cpu_areas[CPU_MAX] __attribute__((section(".noinit"), aligned(4096)));

#define ASSERT_ENTRY(member, offset) \
	_Static_assert(offsetof(struct entry_state, member) == (offset), "layout.h: " #member)
ASSERT_ENTRY(x, ENTRY_X);
ASSERT_ENTRY(sctlr, ENTRY_SCTLR);
ASSERT_ENTRY(daif, ENTRY_DAIF);
ASSERT_ENTRY(currentel, ENTRY_CURRENTEL);
ASSERT_ENTRY(tpidr, ENTRY_TPIDR);
ASSERT_ENTRY(vbar, ENTRY_VBAR);
ASSERT_ENTRY(cpacr, ENTRY_CPACR);
ASSERT_ENTRY(ttbr0, ENTRY_TTBR0);
ASSERT_ENTRY(tcr, ENTRY_TCR);
ASSERT_ENTRY(mair, ENTRY_MAIR);
ASSERT_ENTRY(sp_el0, ENTRY_SP_EL0);
ASSERT_ENTRY(spsel, ENTRY_SPSEL);
_Static_assert(sizeof(struct entry_state) == ENTRY_SIZE, "layout.h: ENTRY_SIZE");
_Static_assert(offsetof(struct cpu, entry) == 0, "start.S stores to the area's start");
_Static_assert(sizeof(struct cpu_area) == CPU_SIZE, "layout.h: CPU_SIZE");

/* start.S calls these. */
bool boot_early(uint64_t dtb);
void boot_main(void);
void boot_secondary(void);
extern char secondary_entry[];

/* Everything of struct cpu but `entry`. */
static void cpu_prepare(unsigned int number, void (*fn)(void *), void *arg)
{
	struct cpu *cpu = cpu_get(number);

	cpu->number = number;
	cpu->state = CPU_STATE_STARTING;
	cpu->gicr = 0;
	cpu->fault = (struct fault){ .taken = false };
	cpu->fault_expected = false;
	cpu->fn = fn;
	cpu->arg = arg;
}

/* MMU off: no exclusives, no unaligned accesses, nothing printed. False: start.S waits for ever. */
bool boot_early(uint64_t dtb)
{
	cpu_prepare(0, NULL, NULL);
	return machine_read(dtb) && mmu_init();
}

void boot_main(void)
{
	struct cpu *cpu = cpu_self();

	console_init();
	if (!gic_init())
		printf("inmate: no usable GICv3: no interrupts\n");
	else if (!console_init_irq())
		printf("inmate: the console has no interrupt: it is polled\n");
	atomic_set(&cpu->state, (uint32_t)CPU_STATE_UP);
	irq_unmask();
	inmate_main();
	psci_system_off();
}

void boot_secondary(void)
{
	struct cpu *cpu = cpu_self();

	if (gic_init_cpu()) {
		atomic_set(&cpu->state, (uint32_t)CPU_STATE_UP);
		irq_unmask();
		cpu->fn(cpu->arg);
	}
	irq_save();
	gic_exit_cpu();
	atomic_set(&cpu->state, (uint32_t)CPU_STATE_OFF);
	psci_cpu_off();
}

/* Writes a CPU's area back: that CPU writes there with its caches off at first. */
static void clean_area(const struct cpu_area *area)
{
	uint64_t line = 4ULL << ((sysreg_read(ctr_el0) >> 16) & 15);
	uint64_t at;

	for (at = (uint64_t)area; at < (uint64_t)(area + 1); at += line)
		__asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
	dsb(sy);
}

int cpu_start(unsigned int number, void (*fn)(void *arg), void *arg)
{
	struct cpu *cpu = cpu_get(number);
	uint64_t end;
	int64_t error;

	if (number >= machine.ncpus || number == cpu_number())
		return PSCI_INVALID_PARAMETERS;
	if (atomic_get(&cpu->state) == CPU_STATE_UP)
		return PSCI_ALREADY_ON;
	cpu_prepare(number, fn, arg);
	clean_area(&cpu_areas[number]);
	error = psci_cpu_on(machine.mpidr[number], (uint64_t)secondary_entry, (uint64_t)cpu);
	if (error)
		return (int)error;
	end = timer_now() + timer_ticks_us(1000000);
	while (atomic_get(&cpu->state) == CPU_STATE_STARTING) {
		if (timer_now() > end)
			return PSCI_TIMEOUT;
		cpu_yield();
	}
	return 0;
}

bool cpu_wait_off(unsigned int number, uint64_t us)
{
	uint64_t end = timer_now() + timer_ticks_us(us);

	while (psci_affinity_info(machine.mpidr[number]) != PSCI_AFFINITY_OFF) {
		if (timer_now() > end)
			return false;
		cpu_yield();
	}
	return true;
}
