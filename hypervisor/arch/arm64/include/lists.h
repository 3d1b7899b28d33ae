/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of a CPU's interrupts is in its list registers, and what waits for one (interrupt mode list,
 * irq_list.c). Pure, and each CPU's own: nothing here is called for another CPU.
 *
 * Interrupts that do not fit stay with the physical GIC, which keeps them in order: while all list
 * registers are taken, its priority mask lets through only what is more urgent than the least urgent
 * pending one in them, and that one goes back to be pending in the GIC. Two kinds cannot wait there: LPIs,
 * which only their device or the ITS can pend again, wait in a list; and active interrupts, of which
 * `away` keeps the order.
 */
#ifndef CAISSON_LISTS_H
#define CAISSON_LISTS_H

#include "types.h"

#define LIST_REGISTERS 16u /* ICH_VTR_EL2.ListRegs has room for 32, the architecture for 16 */
#define LIST_LPIS 64u
#define LIST_AWAY 1024u /* more than INTIDs that are not extended: each is there once at most */
#define LIST_PMR_OPEN 0x100u

/* IHI 0069 12.4.4, ICH_LR<n>_EL2. */
#define LR_INTID 0xffffffffULL
#define LR_PINTID_SHIFT 32
#define LR_PRIORITY_SHIFT 48
#define LR_GROUP1 BIT(60)
#define LR_HW BIT(61)
#define LR_PENDING BIT(62)
#define LR_ACTIVE BIT(63)

struct lists {
	uint32_t count; /* list registers that there are; 0: none is to be used */
	uint32_t nlpis, naway;
	uint32_t controls;   /* as list_controls() has them: its arguments, packed */
	uint32_t sgis_again; /* pending while active in `away` */
	bool made_active;    /* the cell has, by ISACTIVER: what it deactivates may be in the GIC alone */
	/* Pending: INTID << 8 | priority. list_flush() adds what was in list registers. */
	uint32_t lpis[LIST_LPIS + LIST_REGISTERS + 1];
	uint16_t away[LIST_AWAY]; /* active, without a list register; the most urgent last */
};

/*
 * An interrupt was acknowledged, its priority dropped, and if it is an SGI it was deactivated.
 * False: an LPI for which there is no room, and which the mask did not let through.
 */
bool list_add(struct lists *l, uint32_t intid, uint32_t priority);
/* After anything else: list registers are filled, mask and maintenance interrupts set. */
void list_sync(struct lists *l);
/*
 * The cell ended `count` interrupts that have no list register (ICH_HCR_EL2.EOIcount): the last ones
 * that it took, as the order is the reverse of the acknowledgements' (IHI 0069 4.1.1).
 */
void list_ended(struct lists *l, uint32_t count);
/* A trapped write of ICC_DIR_EL1. False: it is not active here. */
bool list_deactivated(struct lists *l, uint32_t intid);
/* Everything out: pending ones to the GIC or `lpis`; active ones are deactivated if `stop`. */
void list_flush(struct lists *l, bool stop);
/* SPIs whose bit in `owned` is 0 have gone to another cell. */
void list_forget(struct lists *l, const uint32_t *owned);
bool list_waiting(const struct lists *l);

/* About the interrupts `first` + n whose bit n is set in `bits`; the answer is such bits. */
enum list_op {
	LIST_NOTHING,
	LIST_ASK_PENDING, /* those pending in a list register */
	LIST_ASK_ACTIVE,  /* SGIs: those active; others: those that are so in the GIC alone */
	LIST_WITHDRAW,	  /* pending ones go back to the GIC, which may have disabled them */
	LIST_DROP,	  /* pending ones are no longer */
	LIST_DEACTIVATE,  /* SGIs: active ones are no longer */
	LIST_ADD_LPI,	  /* `bits` is INTID << 8 | priority; 1: there was room */
};
uint32_t list_operate(struct lists *l, enum list_op op, uint32_t first, uint32_t bits);

/* By irq_list.c, or a test's model of the GIC. INTIDs of SPIs and of this CPU's private interrupts. */
uint64_t list_read(uint32_t n);
void list_write(uint32_t n, uint64_t lr);
void list_pend(uint32_t intid);
void list_deactivate(uint32_t intid);
/*
 * Only what is more urgent than `pmr` is to come, or EL2's own if that is 0; `empty`: and a maintenance
 * interrupt when no list register is pending; `away`: when an interrupt without one has ended, and EL1's
 * writes of ICC_DIR_EL1 trap.
 */
void list_controls(uint32_t pmr, bool empty, bool away);

#endif
