/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the device tree says about the machine (or cell) the inmate runs in, read once at start.
 */
#ifndef INMATE_MACHINE_H
#define INMATE_MACHINE_H

#include "fdt.h"
#include "layout.h"

#define MACHINE_MEMORY_MAX 8

struct range {
	uint64_t base, size; /* bytes */
};

enum conduit { CONDUIT_NONE, CONDUIT_HVC, CONDUIT_SMC };

struct machine {
	struct fdt fdt;
	struct range dtb; /* where the tree lies */
	struct range memory[MACHINE_MEMORY_MAX];
	unsigned int nmemory;
	unsigned int ncpus;	 /* at most CPU_MAX; the rest of the tree's are ignored */
	uint64_t mpidr[CPU_MAX]; /* affinity fields; [0] is the CPU that was started first */
	struct range gicd, gicr; /* size 0: no GICv3 */
	struct range uart;	 /* size 0: no PL011 */
	uint32_t uart_intid;	 /* 0: it has no interrupt */
	bool uart_edge;
	uint32_t timer_phys_intid, timer_virt_intid;
	uint32_t power_intid;	 /* of the power button; 0: there is none */
	enum conduit conduit;	 /* of PSCI */
	uint32_t watchdog_id;	 /* function number of its calls, 0: no watchdog */
};

extern struct machine machine;

/*
 * Reads the tree at `dtb` into `machine`. Runs with the MMU off. False: no tree, no memory or no
 * CPU in it.
 */
bool machine_read(uint64_t dtb);

/*
 * The INTID of entry `index` of a node's `interrupts` under the GICv3 binding; 0: there is none.
 * *edge (may be NULL): the trigger.
 */
uint32_t machine_interrupt(uint32_t node, unsigned int index, bool *edge);

/* INTIDs 32n to 32n + 31 that some node of the tree has, a bit for each. */
uint32_t machine_interrupts(uint32_t n);

/* A name for the conduit: "hvc", "smc" or "none". */
const char *conduit_name(enum conduit conduit);

#endif
