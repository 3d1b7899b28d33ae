/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The physical GICv3, without policy, and the kick that brings a CPU back into EL2. The interrupt
 * modes (design: direct-fiq, direct-revoke, list) differ behind the irq_* functions alone.
 */
#ifndef CAISSON_GIC_H
#define CAISSON_GIC_H

#include "arch_cpu.h"
#include "cell.h"
#include "percpu.h"
#include "vgic.h"

/*
 * Distributor, by the first CPU while all are in EL2. 0 or an error.
 * CAISSON_E_GROUP0: firmware keeps it (DS = 0); CAISSON_E_GIC_MODE: no affinity routing.
 * gic_leave() undoes it, by one CPU, and may be called when gic_init() never was.
 */
uint32_t gic_init(void);
void gic_leave(void);
/*
 * All SPIs and this CPU's private interrupts. Only while all CPUs are in EL2 to enable: then none of
 * them is being handled.
 */
void gic_deactivate(const struct cpu *cpu);
/*
 * SPIs 32 * word + n, for each bit n: as out of reset: disabled, inactive, not pending, Linux's
 * default priority, routed to `cpu`. `word` 1 and up, bits below gic_spi_end. Takes gicd_lock; any
 * CPU of EL2. At most some 1,000 instructions.
 */
void gic_spis_reset(uint32_t word, uint32_t bits, const struct cpu *cpu);
/*
 * What of these 32 SPIs, whoever owns them, is still routed to a CPU of `from` goes to another one:
 * a CPU that changes owner has none of the old one's left. Takes gicd_lock.
 */
void gic_route_away(uint32_t word, const struct cell *from, const struct cpu *to);
/* As the hardware has it now, whoever owns it; no lock. */
bool gic_spi_enabled(uint32_t intid);
/*
 * What was stored before is seen by who takes it. A write of one bit, so no lock, any
 * context.
 */
void gic_spi_pend(uint32_t intid);
/*
 * Private interrupts and CPU interface as out of reset, but for EL2's kick; on the CPU
 * itself.
 * For cpu->cell as it is now: LPIs come back for root alone. No locks held.
 */
void gic_cpu_reset(struct cpu *cpu);
/* A parked CPU sleeps: no Group 1 interrupt wakes it. */
void gic_cpu_quiesce(struct cpu *cpu);
/* Before it goes to firmware: as root left it. */
void gic_cpu_release(struct cpu *cpu);
/* Out of WAKER.ProcessorSleep, where firmware leaves it. */
void gic_cpu_wake(const struct cpu *cpu);
/* Waits until writes to this redistributor have taken effect. */
void gic_cpu_sync(const struct cpu *cpu);
/*
 * Its frame is the one of its affinity.
 * By GICR_TYPER.Affinity_Value (IHI 0069 12.11).
 */
bool gicr_matches(const struct cpu *cpu);

/*
 * An interrupt mode: how interrupts reach a cell, and how a CPU comes back into EL2. The irq_*
 * functions below do what all modes have in common and call these; each irq_<mode>.c has one.
 */
struct irq_mode {
	uint64_t hcr; /* of HCR_EL2, whoever owns the CPU */
	bool group0;  /* EL2's own interrupts are Group 0: with GICD_CTLR.DS = 1 alone */
	bool revokes; /* a cell is called back by s2_revoke(); a kick only ends its WFI */
	/* After irq_enable() has saved what was found and enabled the kick; undone by disable. */
	void (*enable)(struct cpu *cpu, struct found *found);
	void (*disable)(struct cpu *cpu, const struct found *found);
	void (*load)(const struct cpu *cpu);
	bool (*take)(uint32_t intid);
	void (*quiesce)(struct cpu *cpu);
	/* For whom EL1's interrupts pass through EL2; NULL in the direct modes. */
	const struct irq_lists *lists;
};

enum irq_register { IRQ_PMR, IRQ_CTLR, IRQ_RPR, IRQ_DIR };

/* What is asked of list registers: see the functions of these names below. */
struct irq_lists {
	void (*serve)(struct cpu *cpu);
	uint32_t (*access)(struct cell *cell, struct cpu *cpu, enum irq_bank bank, uint32_t first,
			   bool write, uint32_t bits, uint32_t value);
	bool (*reg)(enum irq_register reg, uint64_t *value, bool write);
	bool (*waiting)(void);
};

extern const struct irq_mode irq_fiq, irq_revoke, irq_list;

extern uint32_t gic_kick; /* the kick's INTID: VGIC_KICK_SGI or GIC_PPI_CNTHP */
#define GIC_KICK_BIT (1u << gic_kick)

/*
 * By the first CPU, before any other of these: enum caisson_irq_mode, which the driver has resolved.
 * 0, CAISSON_E_GIC_MODE: there is no such mode; CAISSON_E_GROUP0: it needs Group 0.
 */
uint32_t irq_choose(uint64_t mode, bool group0_free);
/* Which interrupt the kick is; by the first CPU, `cpu`. CAISSON_E_KICK: there is none. */
uint32_t irq_choose_kick(const struct cpu *cpu);
bool irq_uses_group0(void);
bool irq_revokes(void);
/* An ICC_SGI<n>R_EL1 value that sends SGI `intid` to `target` alone (IHI 0069 12.2.10). */
static inline uint64_t irq_sgi(const struct cpu *target, uint64_t intid)
{
	uint64_t aff0 = target->mpidr & 0xff;

	return intid << 24 | 1ULL << (aff0 & 15) | (aff0 >> 4) << 44 |
	       ((target->mpidr >> 8) & 0xff) << 16 | ((target->mpidr >> 16) & 0xff) << 32 |
	       (target->mpidr >> 32) << 48;
}

/*
 * On the CPU itself. irq_enable returns 0 or an error after a tested kick.
 * CAISSON_E_KICK: the kick did not arrive.
 * After either one irq_disable() puts things back.
 */
uint32_t irq_enable(struct cpu *cpu, struct found *found);
void irq_disable(struct cpu *cpu, const struct found *found);
/* After irq_disable(): CAISSON_HC_DISABLE's x2. */
uint64_t irq_left(const struct cpu *cpu);
/* HCR_EL2 bits, ICH_* for the present owner. */
uint64_t irq_hcr_bits(void);
void irq_load(const struct cpu *cpu);
/*
 * From any CPU, also to itself, any lock held: it waits for nothing. Stores before it
 * are seen by the target. Kicks coalesce: the reason belongs into target->request.
 */
void irq_kick(const struct cpu *target);
/*
 * What EL2 has taken, or what ended a WFI, is acknowledged; what is the cell's is handed to it. True:
 * it was EL2's own, kick or timer. `intid`: what vectors.S has acknowledged, or IRQ_NOT_TAKEN.
 */
bool irq_take(uint32_t intid);
#define IRQ_NOT_TAKEN (~0u)
/* By a mode, on the CPU itself: a kick that is pending is forgotten. False: none was. */
bool irq_drop_kick(struct cpu *cpu);
/* A parked CPU: nothing but a kick ends its WFI. */
void irq_quiesce(struct cpu *cpu);
/* WFI in EL2 on EL1's behalf: not while EL1 has something to take that does not end it. */
void irq_wait(void);
/* CPU_REQUEST_LISTS: on the CPU itself, at the end of a trap. */
void irq_serve(struct cpu *cpu);
/* SPIs have been taken from `cell`: its CPUs forget them before they are in EL1 again. Any lock. */
void irq_lost(const struct cell *cell);
/* A trapped CPU interface register; false: it is the physical one. */
bool irq_register(enum irq_register reg, uint64_t *value, bool write);
/* ICH_VMCR_EL2 with what root believes to be in PMR, BPR and CTLR; and back again. */
uint64_t irq_mirror_vmcr(const struct found *found);
void irq_restore_virtual(const struct found *found);
/* A CPU that comes from firmware: EL2 sets its kick up before the rest. */
void irq_cold(struct cpu *cpu);

#endif
