/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The inmate's CPUs: 0 is the one it was started on, the others are started by number. Each has an
 * area of CPU_SIZE bytes: its state first, its stack behind.
 */
#ifndef INMATE_CPU_H
#define INMATE_CPU_H

#include "arch.h"
#include "exception.h"
#include "layout.h"

/* The registers a CPU had in its first instruction; start.S fills it in. */
struct entry_state {
	uint64_t x[31];
	uint64_t sctlr, daif, currentel, tpidr, vbar, cpacr, ttbr0, tcr, mair, sp_el0, spsel;
};

enum cpu_state { CPU_STATE_OFF, CPU_STATE_STARTING, CPU_STATE_UP };

struct cpu {
	struct entry_state entry;
	unsigned int number;
	uint32_t state;	     /* enum cpu_state */
	uint64_t gicr;	     /* its redistributor frame, 0: not found */
	struct fault fault;  /* see exception.h */
	bool fault_expected;
	void (*fn)(void *arg);
	void *arg;
};

struct cpu_area {
	struct cpu cpu;
	uint8_t stack[CPU_SIZE - sizeof(struct cpu)];
};

extern struct cpu_area cpu_areas[CPU_MAX];

/* This CPU's state. */
static inline struct cpu *cpu_self(void)
{
	return (struct cpu *)sysreg_read(tpidr_el1);
}

/* This CPU's number. */
static inline unsigned int cpu_number(void)
{
	return cpu_self()->number;
}

/* CPU `number`'s state; number < machine.ncpus. */
static inline struct cpu *cpu_get(unsigned int number)
{
	return &cpu_areas[number].cpu;
}

/*
 * Starts CPU `number` by PSCI CPU_ON: it runs fn(arg) with IRQs unmasked and switches itself off
 * when fn returns. Returns 0 once it runs, or PSCI's error; PSCI_TIMEOUT if it was not seen
 * within a second.
 */
int cpu_start(unsigned int number, void (*fn)(void *arg), void *arg);

/* Waits up to `us` microseconds until PSCI AFFINITY_INFO says that CPU `number` is off. */
bool cpu_wait_off(unsigned int number, uint64_t us);

#endif
