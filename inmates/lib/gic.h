/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * GICv3 (IHI 0069): Group 1 interrupts through the system registers. boot.c sets it up; inmates
 * install a handler and enable its interrupt.
 */
#ifndef INMATE_GIC_H
#define INMATE_GIC_H

#include <stdbool.h>
#include <stdint.h>

#define GIC_INTIDS 1020u       /* SGIs 0..15, PPIs 16..31, SPIs 32..1019 */
#define GIC_PRIORITY 0xa0u     /* what irq_enable() gives; lower is more urgent */

/* Offsets in the distributor and, for INTIDs below 32, in the redistributor's second 64 KiB */
#define GICD_CTLR 0x0000u
#define GICD_TYPER 0x0004u
#define GICD_IGROUPR 0x0080u
#define GICD_ISENABLER 0x0100u
#define GICD_ICENABLER 0x0180u
#define GICD_ISPENDR 0x0200u
#define GICD_ICPENDR 0x0280u
#define GICD_IPRIORITYR 0x0400u
#define GICD_ICFGR 0x0c00u
#define GICD_IROUTER 0x6000u
#define GICD_PIDR2 0xffe8u
#define GICR_TYPER 0x0008u
#define GICR_WAKER 0x0014u
#define GICR_SGI_BASE 0x10000u
#define GICR_TYPER_VLPIS (1u << 1)
#define GICR_TYPER_LAST (1u << 4)

typedef void (*irq_handler)(unsigned int intid, void *arg);

/* Distributor and this CPU's interface. False: no GICv3 in the tree, or it does not answer. */
bool gic_init(void);

/* The same for a further CPU. */
bool gic_init_cpu(void);

/* Before a CPU switches itself off: its interface takes no more interrupts. */
void gic_exit_cpu(void);

/*
 * Sets who handles an INTID, on whichever CPU it arrives. The handler runs with IRQs masked; it
 * must not print. Set it before irq_enable().
 */
void irq_install(unsigned int intid, irq_handler handler, void *arg);

/*
 * Enables an interrupt: a private one (INTID < 32) on this CPU, an SPI routed to this CPU.
 * `edge` is the trigger (SGIs: no matter). False: there is no such interrupt, or it is not
 * this cell's, or the firmware's.
 */
bool irq_enable(unsigned int intid, bool edge);
void irq_disable(unsigned int intid);

/* 0x00 is the most urgent; a hypervisor or the GIC may keep fewer bits. INTID enabled before. */
void irq_set_priority(unsigned int intid, uint8_t priority);

/* Sends SGI `intid` (0..15) to one CPU, or to all but this one. */
void sgi_send(unsigned int cpu, unsigned int intid);
void sgi_broadcast(unsigned int intid);

/* IRQs with an INTID nobody installed a handler for, all CPUs together. */
extern uint32_t irq_unhandled;

#endif
