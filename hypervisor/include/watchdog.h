/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cell's watchdog: if the cell lets it run out, it fails. It begins to run when the cell starts,
 * and stops with the cell. Any CPU of the cell may pet it; each has EL2's own timer (CNTHP) set to
 * the end, so that none has to stay on for the others.
 */
#ifndef CAISSON_WATCHDOG_H
#define CAISSON_WATCHDOG_H

#include "cell.h"
#include "percpu.h"

/* By cell_start(), before the cell's first CPU: as the configuration has it. */
void watchdog_start(struct cell *cell);

/* It was paused, and could not pet: a period begins. */
void watchdog_resume(struct cell *cell);

/*
 * On a CPU of the cell, after an FIQ, no locks. Fails the cell, whose PC was `pc`, if it is time,
 * and sets this CPU's timer again.
 */
void watchdog_look(struct cpu *cpu, uint64_t pc);

/*
 * CAISSON_SMC_WATCHDOG with x[1] and x[2] as its arguments: the interface behind the device-tree
 * binding arm,smc-wdt. Results into x[0] to x[2]. False: the cell has no watchdog.
 */
bool watchdog_call(struct cell *cell, uint64_t *x);

#endif
