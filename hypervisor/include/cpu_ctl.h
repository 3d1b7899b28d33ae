/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Moving CPUs between off, pending and running, and the kick [tour: 9].
 *
 * Callers hold no cpu->lock: each function takes that of the CPU it is about. `entry`
 * is a guest address, `args` become x0..x3. Results named PSCI are those of DEN0022.
 */
#ifndef CAISSON_CPU_CTL_H
#define CAISSON_CPU_CTL_H

#include "percpu.h"

/*
 * PARKED (or SCRUBBING) becomes PENDING with this entry and is kicked; FIRMWARE becomes PENDING (the caller
 * goes on with cpu_start_firmware()); *state is what it was: the request was taken only for
 * those two. False: the CPU is not the cell's (any more), or the cell is closed; nothing was
 * done.
 */
bool cpu_start(struct cell *cell, struct cpu *cpu, uint64_t entry, const uint64_t args[4],
	       enum cpu_state *state);

/* Forwards CPU_ON for a PENDING CPU that is physically off, with EL2's own entry. PSCI result. */
int64_t cpu_start_firmware(struct cpu *cpu);

/*
 * Asks a CPU to leave its cell; it is PARKED some time later. Any CPU may call it, several
 * times.
 */
void cpu_request_park(struct cpu *cpu);
/*
 * Asks a CPU that runs to stay in EL2, some time later, as cpu->paused; or lets it go on. Several
 * times.
 */
void cpu_request_pause(struct cpu *cpu, bool pause);

/* All CPUs parked in EL2 go back to firmware; false: one did not in time. Before EL2 goes away. */
bool cpus_to_firmware(void);

/* init.c's and cpu_park()'s: takes the entry of a PENDING CPU, which is RUNNING from here. */
bool cpu_take_entry(struct cpu *cpu);
/*
 * The one setter of who owns a CPU, as its `vcpu`th; under cpu->lock, of a CPU that is parked or off.
 * Its counters start over. Before the new owner runs on it, no SGI of the old one can reach it any
 * more: what was sent is dropped with the rest by the reset.
 */
void cpu_set_owner(struct cpu *cpu, struct cell *cell, uint32_t vcpu);
/* The one setter, under cpu->lock. */
void cpu_set_state(struct cpu *cpu, enum cpu_state state);

#endif
