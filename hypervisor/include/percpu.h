/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What EL2 knows of each physical CPU. The public part, here, is an array indexed by root
 * Linux's CPU number that any CPU may read; this_cpu() finds one's own through TPIDR_EL2. The
 * private part (stack, tables, windows) is mapped on that CPU alone (abi/caisson/image.h).
 */
#ifndef CAISSON_PERCPU_H
#define CAISSON_PERCPU_H

#include <stdatomic.h>

#include <caisson/hypercall.h>

#include "lock.h"
#include "types.h"

struct cell;

/* Where a CPU is, as PSCI sees it; changed by cpu_set_state() alone, under cpu->lock. */
#define CPU_STATES(X)                                                             \
	X(FIRMWARE, "firmware")	  /* physically off */                            \
	X(PARKED, "parked")	  /* off for its cell; sleeps in EL2 */           \
	X(SCRUBBING, "scrubbing") /* off as well, and zeroes its cell's memory */ \
	X(PENDING, "pending")	  /* told to enter its cell, not there yet */     \
	X(RUNNING, "running")	  /* in its cell, or in EL2 on its behalf */

enum cpu_state {
#define X(name, text) CPU_##name,
	CPU_STATES(X)
#undef X
		CPU_STATE_COUNT
};

/* What a kick asks of a CPU: bits of cpu->request. */
#define CPU_REQUEST_PARK 0x1u	  /* leave the cell, sleep in EL2 */
#define CPU_REQUEST_FIRMWARE 0x2u /* parked: go back to firmware by CPU_OFF */
#define CPU_REQUEST_LISTS 0x4u	  /* answer `ask`, forget SPIs that are another cell's */
#define CPU_REQUEST_SCRUB 0x8u	  /* parked: take part in cell_scrub_share() */
#define CPU_REQUEST_PAUSE 0x10u	  /* stay in EL2, cpu_pause() */

struct cpu {
	struct spinlock lock;
	/* vectors.S knows the next four by offset (asm_offsets.h). */
	uint64_t exits[CAISSON_EXIT_COUNT]; /* the total is not kept: it is their sum */
	/* ~x0 of the HVC that was refused last: the next such one is answered at once. 0: none. */
	uint64_t refused_call;
	const uint64_t *sgi_targets; /* cell->sgi of its owner; NULL: root, see sgi_groups */
	/* Mode list: one bit for each list register while nothing waits for one; otherwise 0. */
	uint64_t idle_lists;
	uint32_t index;	     /* in cpus[], root Linux's number */
	uint64_t mpidr;	     /* affinity fields */
	volatile void *gicr; /* RD_base, mapped */
	struct cell *cell;   /* owner; changes only while parked */
	uint32_t vcpu;	     /* its number inside the cell */
	uint64_t gicr_ipa;   /* where its owner sees its redistributor */
	enum cpu_state state;
	_Atomic uint32_t request;
	uint64_t entry; /* for PENDING: PC and x0..x3 */
	uint64_t args[4];
	_Atomic uint64_t ask; /* another CPU's question about list registers (irq_list.c), 0: none */
	uint32_t igroup_shadow; /* GICR_IGROUPR0 as the cell wrote it */
	uint32_t pmr;		/* ICC_PMR_EL1 as a non-root cell wrote it */
	bool lpis;		/* root had LPIs enabled before the CPU was given away */
	uint32_t waker_shadow;	/* GICR_WAKER.ProcessorSleep as the cell wrote it */
	uint64_t call_end;	/* counter when its hypercall has taken long enough */
	_Atomic bool paused;	/* stays in cpu_pause() as long as it is; set under the lock */
	uint64_t kept[CAISSON_REGS]; /* its cell's registers when it was paused or parked */
};

/* Set once by the first CPU at enable, before another one reads them; never freed. */
extern struct cpu *cpus;
extern uint32_t ncpus;

/* Up to 16 CPUs that one write of ICC_SGI1R_EL1 can name; vectors.S looks root's targets up here. */
struct sgi_group {
	uint64_t address;      /* of that register Aff3, RS, Aff2, Aff1; SGI_GROUPS_END */
	_Atomic uint64_t mask; /* of its target list: those that are root's now */
};

#define SGI_GROUPS_END 1 /* no address: a target */

extern struct sgi_group *sgi_groups; /* set with cpus */

/*
 * cpu_find.c: the CPU of these affinity fields (no other bits), whoever owns it, or NULL. Its table
 * takes cpu_table_size() bytes that are zero, and is made when cpus[] is.
 */
size_t cpu_table_size(uint32_t count);
void cpu_table_init(void *memory);
struct cpu *cpu_find(uint64_t affinity);

/*
 * On the CPU itself alone: one writer, so a plain increment. Readers see it somewhat
 * late.
 */
static inline void count_exit(struct cpu *cpu, enum caisson_exit cause)
{
	cpu->exits[cause]++;
}

#endif
