/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/arm64's own view of a CPU: what EL2 looked like when Linux handed it over, and the functions
 * that move a CPU between its states. Private data lives at CAISSON_VA_PRIVATE, one copy per CPU.
 */
#ifndef CAISSON_ARCH_CPU_H
#define CAISSON_ARCH_CPU_H

#include <caisson/image.h>

#include "lists.h"
#include "percpu.h"
#include "regs.h"
#include "s2.h"

/* The EL2 registers that decide what EL1 may do. */
#define FOUND_CONTROLS(X) \
	X(hcr) X(cptr) X(mdcr) X(cnthctl) X(cntvoff) X(hstr) X(vtcr) X(vttbr) X(vmpidr) X(vpidr)

/* Those that not every CPU has, in the order of vcpu.c's copy_setup(). */
#define FOUND_SETUP 15

/* EL2 as found; entry.S fills the first six, in this order. */
struct found {
	uint64_t vbar, ttbr0, tcr, mair, tpidr, sctlr;
#define X(name) uint64_t name;
	FOUND_CONTROLS(X)
#undef X
	uint64_t icc_sre, icc_ctlr, icc_pmr, icc_bpr0, icc_igrpen0, ich_hcr, ich_vmcr;
	uint64_t maintenance; /* its interrupt was enabled */
	uint64_t setup[FOUND_SETUP];
};

struct cpu_private {
	struct found found;
	uint64_t vmcr_shadow; /* what root's KVM believes to be in ICH_VMCR_EL2 */
	uint64_t kvm_came;    /* 1: root's KVM has put itself into EL2 since enable, it believes */
	struct lists lists;   /* interrupt mode list */
};

#define PRIVATE ((struct cpu_private *)(CAISSON_VA_PRIVATE + CAISSON_PRIV_DATA))

/* TPIDR_EL2 is EL2's own: EL1 cannot reach it, so it is right in every trap. */
static inline struct cpu *this_cpu(void)
{
	struct cpu *cpu;

	__asm__("mrs %0, tpidr_el2" : "=r"(cpu)); /* constant once set: no volatile */
	return cpu;
}

/*
 * init.c, from entry.S: all of enabling on this CPU. 0: resume root; else roll back and tell
 * root.
 */
int64_t el2_enter(struct caisson_cpu_boot *boot, struct regs *regs);
/*
 * init.c, from entry.S: a CPU that firmware started for us. Returns with regs ready for its
 * cell.
 */
void el2_cold(struct caisson_cpu_boot *boot, struct regs *regs);
/*
 * entry.S: gives EL2 back as found and returns to regs->elr in EL1. GIC and traps are undone
 * before.
 */
_Noreturn void el2_leave(struct regs *regs, const struct found *found, uint64_t image_pa);

/*
 * vcpu.c
 * On the CPU itself, at its first entry and before it leaves by el2_leave(), which drops its
 * translations. ICC_* and ICH_* are irq_enable()'s and irq_disable()'s. Saving leaves CPTR_EL2
 * open: cpu_load_controls() or cpu_restore_found() has to follow.
 */
void cpu_save_found(struct found *found);
void cpu_restore_found(const struct found *found);
/*
 * EL2 control registers for whoever owns this CPU, without touching EL1 state.
 * On the CPU itself, no locks; cpu->cell must not change meanwhile. TLBs are the
 * caller's.
 */
void cpu_load_controls(struct cpu *cpu);
/*
 * Complete reset of this CPU for its present owner; regs become x0..x3, PC and PSTATE
 * of the entry.
 * On the CPU itself, after cpu_take_entry(); no locks. Resets more than the
 * architecture does (Arm ARM D1.10), because what it leaves UNKNOWN is the last
 * owner's.
 */
void cpu_reset(struct cpu *cpu, struct regs *regs);

/*
 * cpu_ctl.c: sleeps until the CPU is PENDING, then resets it into regs.
 * On the CPU itself, no locks held; its owner may be another one when it returns.
 */
void cpu_park(struct cpu *cpu, struct regs *regs);
/* cpu_ctl.c: CPU_REQUEST_PAUSE; what is asked of it next. On the CPU itself, no locks held. */
uint32_t cpu_pause(struct cpu *cpu, const struct regs *regs);
/* vcpu.c: what EL1 had when it was left, for cpu->kept. On the CPU itself. */
void cpu_keep_regs(struct cpu *cpu, const struct regs *regs);

/* window.c: maps one page of anyone's memory on this CPU until the slot's next use. */
enum window_slot { WINDOW_A, WINDOW_B, WINDOW_DEVICE };
/*
 * Returns the address of `pa` itself, good up to its page's end. WINDOW_DEVICE is
 * Device-nGnRE, the others Normal write-back; all are writable and never executable.
 * Cannot fail.
 */
void *window_map(enum window_slot slot, pa_t pa);
/* Normal memory must not stay mapped, or speculation brings back lines that were cleaned away. */
void window_clear(void);

/*
 * may_fail.S: 1 to 8 bytes at a mapped device register; false: the device answered with
 * an abort.
 * `at` is aligned to `size` (1, 2, 4 or 8); a load zero-extends. Only synchronous
 * aborts are caught.
 */
bool device_load(volatile void *at, uint32_t size, uint64_t *value);
bool device_store(volatile void *at, uint32_t size, uint64_t *value);
/* Also there: AT S1E1R, into PAR_EL1. False: what the tables lie in answered with an abort. */
bool stage1_walk(uint64_t va);

/*
 * cache.c: by VA, to the point of coherency.
 * `size` in bytes; whole lines around the range are maintained. zero_page_to_poc()
 * takes a whole page, of memory that no other CPU accesses. icache_inval_all() is for
 * this CPU alone. All have completed on return (DSB; Arm ARM D7.5).
 */
void dcache_clean_inval(const void *va, size_t size);
void zero_page_to_poc(void *va);
void icache_inval_all(void);

/*
 * tlb.c
 * tlb_flush_cell_local(): both stages of the VMID that is loaded, on this CPU, complete
 * on return. s2_load() does no TLB maintenance. s2_vtcr() and s2_vttbr() are pure:
 * register values.
 */
void tlb_flush_cell_local(void);
void s2_load(const struct s2 *s2);
uint64_t s2_vtcr(const struct s2 *s2);
uint64_t s2_vttbr(const struct s2 *s2);
/*
 * Makes every access of the cell abort into EL2, wherever it runs: the last resort of a
 * kick, in direct-revoke the first.
 * Takes s2->lock; complete on all CPUs on return. The tables keep their content, but
 * lookups find nothing until s2_restore(). Either does nothing a second time.
 */
void s2_revoke(struct s2 *s2);
void s2_restore(struct s2 *s2); /* undoes it; no CPU runs under it */

#endif
