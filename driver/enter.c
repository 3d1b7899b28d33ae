// SPDX-License-Identifier: GPL-2.0-only
/*
 * Into EL2 and out of it on all CPUs at once, the probe before the first time, and hypercalls
 * while the hypervisor is there: steps 3 and 12 of the tour. The switch itself is in switch.S.
 */
#include <linux/cpu_pm.h>
#include <linux/smp.h>
#include <linux/stop_machine.h>
#include <asm/arch_timer.h>
#include <asm/ptrace.h>
#include <asm/sysreg.h>
#include <asm/virt.h>

#include "caisson.h"
#include "compat.h"
#include "switch.h"

#define PROBE_FUNCTION 0x1234 /* beyond the stub's calls, and nobody else's */
#define PROBE_SMCCC -1	      /* NOT_SUPPORTED: someone answers calls by that convention */

#define PSTATE_EL1H_MASKED 0x3c5ULL /* EL1h, D, A, I and F masked */

/* PSTATE bits that software reads through a register of their own, if the CPU has them. */
#define REG_PAN sys_reg(3, 0, 4, 2, 3)
#define REG_UAO sys_reg(3, 0, 4, 2, 4)
#define REG_DIT sys_reg(3, 3, 4, 2, 5)
#define REG_SSBS sys_reg(3, 3, 4, 2, 6)
#define REG_TCO sys_reg(3, 3, 4, 2, 7)

static_assert(offsetof(struct caisson_cpu_boot, return_pc) == 24);
static_assert(offsetof(struct caisson_cpu_boot, return_pstate) == 32);
static_assert(offsetof(struct caisson_cpu_boot, lpis) == 56);

static unsigned int id_field(u64 reg, unsigned int shift)
{
	return (reg >> shift) & 0xf;
}

/* SPSR for the way back from EL2 (Arm ARM C5.2.19): each bit only where this CPU has it. */
static u64 own_pstate(void)
{
	u64 mmfr1 = read_sysreg_s(SYS_ID_AA64MMFR1_EL1);
	u64 mmfr2 = read_sysreg_s(SYS_ID_AA64MMFR2_EL1);
	u64 pfr0 = read_sysreg_s(SYS_ID_AA64PFR0_EL1);
	u64 pfr1 = read_sysreg_s(SYS_ID_AA64PFR1_EL1);
	u64 pstate = PSTATE_EL1H_MASKED;

	if (id_field(mmfr1, 20))
		pstate |= read_sysreg_s(REG_PAN);
	if (id_field(mmfr2, 4))
		pstate |= read_sysreg_s(REG_UAO);
	if (id_field(pfr0, 48) && id_field(pfr0, 48) != 0xf)
		pstate |= read_sysreg_s(REG_DIT);
	if (id_field(pfr1, 4) >= 2)
		pstate |= read_sysreg_s(REG_SSBS);
	if (id_field(pfr1, 8))
		pstate |= read_sysreg_s(REG_TCO);
	return pstate;
}

/* One CPU's verdict of the probe: the first that refuses names the reason. */
struct probe {
	raw_spinlock_t lock;
	u32 code;
	u32 cpu;
	bool call; /* somebody is known to be there to answer */
};

/* The stub, or this kernel's KVM: it knows one of its own calls, which only reads. */
static u32 ask_el2(void)
{
	long answer = caisson_probe_hvc(PROBE_FUNCTION);

	if (answer == PROBE_UNDEFINED)
		return CAISSON_E_NO_HVC;
	if (answer == HVC_STUB_ERR ||
	    (answer == PROBE_SMCCC && !caisson_probe_hvc(KVM_HOST_SMCCC_ID(COMPAT_HVC_MDCR))))
		return CAISSON_E_OK;
	return CAISSON_E_EL2_BUSY;
}

static void probe_cpu(void *data)
{
	struct probe *probe = data;
	u32 code = CAISSON_E_OK;

	if (read_sysreg(CurrentEL) == CurrentEL_EL2)
		code = CAISSON_E_VHE;
	else if (!id_field(read_sysreg_s(SYS_ID_AA64PFR0_EL1), 8))
		code = CAISSON_E_NO_EL2;
	else if (is_protected_kvm_enabled())
		code = CAISSON_E_PKVM;
	else if (compat_has_hvhe())
		code = CAISSON_E_HVHE;
	else if (probe->call)
		code = ask_el2();
	if (code == CAISSON_E_OK)
		return;
	raw_spin_lock(&probe->lock);
	if (probe->code == CAISSON_E_OK) {
		probe->code = code;
		probe->cpu = smp_processor_id();
	}
	raw_spin_unlock(&probe->lock);
}

/**
 * hv_probe - whether EL2 of every online CPU is there and free
 * @assume_el2: the caller says that somebody in EL2 answers
 * @err: filled in on refusal; value is the CPU
 *
 * Nothing is changed. What can be known without an HVC comes first, here, and then on each CPU
 * before its own: where it is undefined we survive it, but where firmware left EL2 to nobody it
 * goes to wherever EL2's vectors happen to be, and does not come back. A Linux that was started at
 * EL1, by firmware or by kexec, is told by its clock: it ticks by the virtual timer, and by the
 * physical one if it was started at EL2. This thread runs no guest, so the timer is not a guest's.
 * Process context.
 *
 * Return: 0 or a negative errno.
 */
int hv_probe(bool assume_el2, struct caisson_ioc_error *err)
{
	struct probe probe = { .code = CAISSON_E_OK };

	raw_spin_lock_init(&probe.lock);
	get_cpu();
	probe_cpu(&probe);
	put_cpu();
	if (probe.code == CAISSON_E_OK && !assume_el2 &&
	    read_sysreg(cntv_ctl_el0) & ARCH_TIMER_CTRL_ENABLE)
		probe.code = CAISSON_E_EL1_START;
	probe.call = assume_el2 || cpus_tree_has_el2();
	if (probe.code == CAISSON_E_OK && !probe.call)
		probe.code = CAISSON_E_EL2_UNKNOWN;
	if (probe.code == CAISSON_E_OK)
		on_each_cpu(probe_cpu, &probe, 1);
	return probe.code ? caisson_refuse(err, probe.code, 0, probe.cpu) : 0;
}

#define NOT_TAKEN 1 /* for EL2's answer: a switch that did not take place */

/* What EL2 answered, the first refusal of any CPU. */
struct verdict {
	raw_spinlock_t lock;
	long code;
	u64 value;
};

static void judge(struct verdict *verdict, long code, u64 value)
{
	if (!code)
		return;
	raw_spin_lock(&verdict->lock);
	if (!verdict->code) {
		verdict->code = code;
		verdict->value = value;
	}
	raw_spin_unlock(&verdict->lock);
}

static int report(const struct verdict *verdict, struct caisson_ioc_error *err)
{
	long code = -verdict->code;

	if (!code)
		return 0;
	if (code < 0 || code >= CAISSON_E_COUNT)
		code = CAISSON_E_TIMEOUT; /* the switch did not take place at all */
	return caisson_refuse(err, (u32)code, 0, verdict->value);
}

/*
 * CPUs on which KVM was live in EL2 before us: with Linux 6.12 it always is, with earlier ones
 * while there are virtual machines.
 */
static struct cpumask kvm_was_there;

/*
 * On every online CPU, IRQs off, when EL2 has Linux's stub again, by which the switch began, and
 * KVM believes that it is there itself: it puts itself back, as it does after a CPU was suspended.
 * Not without need, as everybody's notifiers come along; and never the first without the second:
 * the GIC's would leave the redistributor asleep.
 */
static void wake_kvm(void)
{
	if (!cpu_pm_enter())
		cpu_pm_exit();
}

/* On every online CPU, IRQs off. EL2 makes all of them return alike, or none go on. */
static int enter_this_cpu(void *data)
{
	struct verdict *verdict = data;
	unsigned int cpu = smp_processor_id();
	struct caisson_cpu_boot *boot = &hv.boot->cpu[cpu];
	unsigned long daif = read_sysreg(daif);
	bool kvm = caisson_probe_hvc(PROBE_FUNCTION) != HVC_STUB_ERR;
	u64 value = cpu;
	long code;

	assign_bit(cpu, cpumask_bits(&kvm_was_there), kvm);
	code = caisson_enter_el2(hv.entry_pa, virt_to_phys(boot), cpu, boot, own_pstate(), &value);
	/* The way back masks everything; also what stop_machine leaves open (D, A, F). */
	write_sysreg(daif, daif);
	judge(verdict, code, code == NOT_TAKEN ? cpu : value);
	if (code && kvm)
		wake_kvm();
	return 0;
}

/* On every online CPU, IRQs off. */
static int leave_this_cpu(void *data)
{
	struct verdict *verdict = data;
	unsigned int cpu = smp_processor_id();
	unsigned long daif = read_sysreg(daif);
	u64 value[2] = { 0 };
	long code;

	code = caisson_leave_el2(CAISSON_HC_DISABLE, own_pstate(), value);
	write_sysreg(daif, daif);
	judge(verdict, code, value[1]);
	if (code)
		return 0;
	if (value[0] || cpumask_test_cpu(cpu, &kvm_was_there))
		wake_kvm();
	hv.boot->cpu[cpu].lpis = value[1];
	return 0;
}

/**
 * hv_enter - put the prepared image under every online CPU
 * @err: filled in on refusal; then every CPU runs as before
 *
 * hv.boot and hv.entry_pa are set and clean to the point of coherency; the caller has forbidden CPU
 * hotplug from before it filled in which CPUs are online. Process context.
 *
 * Return: 0 or a negative errno.
 */
int hv_enter(struct caisson_ioc_error *err)
{
	struct verdict verdict = { .code = 0 };

	raw_spin_lock_init(&verdict.lock);
	if (may_fail(stop_machine(enter_this_cpu, &verdict, cpu_online_mask), -ENOENT))
		judge(&verdict, NOT_TAKEN, 0);
	return report(&verdict, err);
}

/**
 * hv_leave - take the hypervisor away again
 * @err: filled in on refusal; then it is still there, on every CPU
 *
 * Process context. CPUs that Linux has offline are sent to firmware by EL2.
 *
 * Return: 0 or a negative errno.
 */
int hv_leave(struct caisson_ioc_error *err)
{
	struct verdict verdict = { .code = 0 };
	unsigned int cpu;

	raw_spin_lock_init(&verdict.lock);
	if (may_fail(stop_machine(leave_this_cpu, &verdict, cpu_online_mask), -ENOENT))
		judge(&verdict, NOT_TAKEN, 0);
	for_each_possible_cpu(cpu)
		if (!verdict.code && hv.boot->cpu[cpu].lpis)
			cpus_pend_lpis(phys_to_virt(hv.boot->cpu[cpu].lpis));
	return report(&verdict, err);
}

/**
 * hvc - a hypercall (caisson/hypercall.h)
 * @function: CAISSON_HC_*
 * @a1: x1, and so on
 * @a2: x2
 * @a3: x3
 * @a4: x4
 * @a5: x5
 * @a6: x6
 *
 * Only while enabled. The kernel's own SMCCC macro is not used: it marks the function number with
 * the SVE hint. Any context.
 */
struct hvc_result hvc(u64 function, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6)
{
	const bool fails = fail_now("hvc", function); /* before there is something in registers */
	register u64 x0 asm("x0") = function;
	register u64 x1 asm("x1") = a1;
	register u64 x2 asm("x2") = a2;
	register u64 x3 asm("x3") = a3;
	register u64 x4 asm("x4") = a4;
	register u64 x5 asm("x5") = a5;
	register u64 x6 asm("x6") = a6;

	if (fails)
		return (struct hvc_result){ .code = -CAISSON_E_POOL };
	asm volatile("hvc #0"
		     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6)
		     :
		     : "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17",
		       "cc", "memory");
	return (struct hvc_result){ .code = (long)x0, .value = x1, .value2 = x2 };
}

/**
 * hvc_refused - turn a hypercall's refusal into ours
 * @res: its answer
 * @err: filled in on refusal
 *
 * Return: 0 for done, CAISSON_AGAIN and CAISSON_WAIT, otherwise a negative errno.
 */
int hvc_refused(const struct hvc_result *res, struct caisson_ioc_error *err)
{
	if (res->code >= 0)
		return 0;
	if (-res->code >= CAISSON_E_COUNT)
		return caisson_refuse(err, CAISSON_E_FUNCTION, 0, (u64)res->code);
	return caisson_refuse(err, (u32)-res->code, (u32)res->value, res->value2);
}
