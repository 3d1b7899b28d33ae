// SPDX-License-Identifier: GPL-2.0-only
/*
 * HVC and SMC of every cell [tour: 8, 9]: our hypercalls, PSCI and SMCCC, and for root the calls
 * that its kernel makes to what it believes to be in EL2: its own stub, or KVM's code.
 *
 * Who asks decides first: only root has hypercalls and the calls of Linux's own EL2 code.
 * Another cell that tries them gets NOT_SUPPORTED like anybody who probes for a hypervisor that
 * is not there.
 */
#include "boot.h"
#include "cell_ctl.h"
#include "hypercalls.h"
#include "log.h"
#include "pool.h"
#include "smccc.h"
#include "traps.h"
#include "vgic.h"

/*
 * Linux's stub (Documentation/virt/kvm/arm/hyp-abi.rst) and KVM's host calls: SMC64, vendor
 * owner.
 */
#define HVC_SET_VECTORS 0
#define HVC_SOFT_RESTART 1
#define HVC_RESET_VECTORS 2
#define KVM_HOST_BASE 0xc6000000u
#define KVM_HOST_LAST 0xc60000ffu
#define KVM_HYP_GONE 0xbadca11u

/*
 * Answers under which KVM stays quiet while EL2 is ours, and goes on when it has it
 * again.
 * x0 = 0 throughout: anything else is a WARN in the kernel. HYP_GONE makes KVM_RUN fail
 * cleanly; VMCR is kept, per CPU, or a live VM would lose its interrupts over an
 * excursion of ours. Numbers differ by kernel, so the driver hands them over.
 */
static void kvm_host_call(struct regs *regs, uint64_t function)
{
	uint64_t n = function - KVM_HOST_BASE, argument = regs->x[1];

	regs->x[0] = regs->x[1] = 0;
	if (n == boot->root_hvc_run)
		regs->x[1] = KVM_HYP_GONE;
	else if (n == boot->root_hvc_mdcr)
		regs->x[1] = read_sysreg(mdcr_el2);
	else if (n == boot->root_hvc_read_vmcr)
		regs->x[1] = PRIVATE->vmcr_shadow;
	else if (n == boot->root_hvc_write_vmcr)
		PRIVATE->vmcr_shadow = argument;
}

/*
 * kexec: the restart that Linux expects in EL2 happens in EL1, MMU and caches off.
 * x1 the entry, x2..x4 its arguments, as in the stub's ABI. EL2 stays: the next kernel
 * starts in EL1, and finds no EL2 to use.
 */
static void soft_restart(struct regs *regs)
{
	write_sysreg(sctlr_el1, SCTLR_EL1_RESET);
	isb();
	regs->elr = regs->x[1];
	regs->spsr = SPSR_EL1H_MASKED;
	regs->x[0] = regs->x[2];
	regs->x[1] = regs->x[3];
	regs->x[2] = regs->x[4];
}

/*
 * SET_VECTORS and RESET_VECTORS answer success and change nothing: KVM issues them when it comes and
 * goes, at CPU hotplug too, and the vectors of EL2 stay ours. That it came is remembered.
 */
static bool root_stub_call(struct regs *regs)
{
	uint64_t function = regs->x[0];

	switch (function) {
	case HVC_SET_VECTORS:
	case HVC_RESET_VECTORS:
		PRIVATE->kvm_came = function == HVC_SET_VECTORS;
		regs->x[0] = 0;
		return true;
	case HVC_SOFT_RESTART:
		soft_restart(regs);
		return true;
	default:
		break;
	}
	function &= ~BIT(16); /* SMCCC's hint bit, which KVM sets */
	if (function < KVM_HOST_BASE || function > KVM_HOST_LAST)
		return false;
	kvm_host_call(regs, function);
	return true;
}

/* ELR is behind the call. vectors.S answers the same HVC from now on, as this depends on nothing else. */
static void refuse(struct trap *trap, enum caisson_refusal kind)
{
	struct regs *regs = trap->regs;
	const char *name = kind == CAISSON_REFUSED_SMC ? "SMC" : "HVC";

	if (cell_note(trap->cpu->cell, kind, (uint32_t)regs->x[0], regs->elr - 4))
		log_line("cell %s: %s %lx refused", trap->cpu->cell->name, name, U(regs->x[0]));
	if (kind == CAISSON_REFUSED_HVC)
		trap->cpu->refused_call = ~regs->x[0];
	regs->x[0] = (uint64_t)SMCCC_NOT_SUPPORTED;
}

static inline struct regs *fast_done(struct cpu *cpu, struct regs *regs, bool smc, uint64_t result)
{
	regs->x[0] = result;
	count_exit(cpu, smc ? CAISSON_EXIT_SMC : CAISSON_EXIT_HVC);
	/* ELR_EL2 is behind an HVC already (D1.3.2). */
	if (smc)
		fast_advance();
	return regs;
}

/* The versions are answered here alone; AFFINITY_INFO is what a CPU that waits for another asks. */
static inline struct regs *fast_call(struct cpu *cpu, struct regs *regs, bool smc)
{
	uint32_t function = (uint32_t)regs->x[0];
	const struct cpu *target;

	/* The same answer to both, in line. */
	_Static_assert(SMCCC_VERSION_1_1 == PSCI_VERSION_1_1, "");
	if (__builtin_expect(function == SMCCC_VERSION || function == PSCI_VERSION, 1))
		return fast_done(cpu, regs, smc, SMCCC_VERSION_1_1);
	if (__builtin_expect(function != (PSCI_AFFINITY_INFO | SMC64), 0))
		return NULL;
	target = vgic_cell_cpu(cpu->cell, regs->x[1]);
	return fast_done(cpu, regs, smc,
			 (uint64_t)(target && !regs->x[2] ? psci_affinity_of(target) :
							    PSCI_INVALID_PARAMETERS));
}

struct regs *fast_smc(struct regs *regs)
{
	struct cpu *cpu = this_cpu();

	return cpu->cell->id ? fast_call(cpu, regs, true) : NULL;
}

struct regs *fast_hvc(struct regs *regs)
{
	struct cpu *cpu = this_cpu();

	if (cpu->sgi_targets)
		return fast_call(cpu, regs, false);
	if (regs->x[0] != CAISSON_HC_INFO)
		return NULL;
	regs->x[1] = CAISSON_ABI_VERSION;
	regs->x[2] = *(volatile uint64_t *)&pool_pages;
	return fast_done(cpu, regs, false, 0);
}

/* TRAP_STAY always: the preferred return address of an HVC is the next instruction. */
enum trap_result trap_hvc(struct trap *trap)
{
	struct regs *regs = trap->regs;
	bool root = trap->cpu->cell->id == 0;

	/* ELR_EL2 is behind an HVC already (D1.3.2). */
	if (root && regs->x[0] >= CAISSON_HC_BASE && regs->x[0] < CAISSON_HC_BASE + 0x100)
		hypercall(trap->cpu, regs);
	else if (!(root && root_stub_call(regs)) && !psci_call(trap))
		refuse(trap, CAISSON_REFUSED_HVC);
	return TRAP_STAY;
}

enum trap_result trap_smc(struct trap *trap)
{
	/* A trapped SMC has ELR_EL2 at itself; moved first, because a call may replace regs. */
	skip_instruction(trap->regs, 4);
	if (psci_call(trap))
		return TRAP_STAY;
	if (trap->cpu->cell->id == 0)
		smc_forward(trap->regs);
	else
		refuse(trap, CAISSON_REFUSED_SMC);
	return TRAP_STAY;
}
