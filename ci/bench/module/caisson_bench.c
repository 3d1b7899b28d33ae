// SPDX-License-Identifier: GPL-2.0-only
/*
 * What make bench measures inside root's kernel. A command is written to /proc/caisson_bench, and
 * what it found is read from there, in the form of inmates/tests/bench.c:
 *
 *     ipi CPU N         smp_call_function_single() from this CPU to that one and back
 *     hvc FUNCTION N    a hypercall's round trip; only while Caisson is enabled
 *     marks on | off    meanwhile each hypercall of the driver's stands between marks for plugin.c,
 *                       which begins to count with the first and writes down what it has with the last
 *     latency CPU | off how late a timer of that CPU's came at most meanwhile, and what was
 *                       interrupted then
 *
 * Ticks are instructions under -icount, of all CPUs together: they share one clock. So is what QEMU
 * counts as PMU event 0x08: a CPU's counter advances by whatever any CPU executes while this one is
 * in an exception level that the filter lets through. A counter for EL2 alone is exact nevertheless:
 * EL2 runs with interrupts masked, and who sleeps executes nothing.
 */
#include <linux/hrtimer.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/sort.h>
#include <linux/uaccess.h>
#include <asm/irq_regs.h>
#include <asm/sysreg.h>

#include <caisson/hypercall.h>

#include "marks.h"

#define BATCHES 9
#define SAMPLES_MAX 10000
#define LATENCY_PERIOD_NS 100000

#define EVENT_INST_RETIRED 0x08
/* PMEVTYPER<n>_EL0 (Arm ARM D17.5.8): not in EL1, not in EL0, but in EL2. */
#define EL2_ALONE (BIT(31) | BIT(30) | BIT(27))

static char answer[4096];
static size_t answered;
static u64 samples[SAMPLES_MAX];
static DEFINE_MUTEX(lock);

static __printf(1, 2) void say(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	answered += vscnprintf(answer + answered, sizeof(answer) - answered, format, list);
	va_end(list);
}

static u64 ticks(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

static int compare(const void *a, const void *b)
{
	const u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static void say_samples(const char *name, unsigned int n, u64 events)
{
	sort(samples, n, sizeof(*samples), compare, NULL);
	say("bench name=%s value=%llu min=%llu median=%llu max=%llu n=%llu unit=insns\n", name,
	    samples[n / 2], samples[0], samples[n / 2], samples[n - 1], events);
}

/* --- the PMU's last counter, which perf takes last --- */

static void el2_counter_start(void *unused)
{
	u64 last = FIELD_GET(GENMASK(15, 11), read_sysreg(pmcr_el0)) - 1;

	write_sysreg(last, pmselr_el0);
	isb();
	write_sysreg(EVENT_INST_RETIRED | EL2_ALONE, pmxevtyper_el0);
	write_sysreg(BIT(last), pmcntenset_el0);
	write_sysreg(read_sysreg(pmcr_el0) | BIT(0), pmcr_el0);
	isb();
}

static void el2_counter_stop(void *unused)
{
	u64 last = FIELD_GET(GENMASK(15, 11), read_sysreg(pmcr_el0)) - 1;

	write_sysreg(BIT(last), pmcntenclr_el0);
	isb();
}

/* 32 bits of it, on this CPU. */
static u32 el2_counter(void)
{
	write_sysreg(FIELD_GET(GENMASK(15, 11), read_sysreg(pmcr_el0)) - 1, pmselr_el0);
	isb();
	return (u32)read_sysreg(pmxevcntr_el0);
}

static void read_el2_counter(void *value)
{
	*(u32 *)value = el2_counter();
}

/* --- ipi --- */

static void nothing(void *unused)
{
}

/* Interrupts stay on: what comes in between is in the maximum. */
static int bench_ipi(unsigned int cpu, unsigned int n)
{
	u32 before[2] = { 0 }, after[2] = { 0 };
	unsigned int i;
	u64 begin;

	if (cpu >= nr_cpu_ids || !cpu_online(cpu) || !n || n > SAMPLES_MAX)
		return -EINVAL;
	preempt_disable();
	on_each_cpu(el2_counter_start, NULL, 1);
	for (i = 0; i < n; i++) {
		begin = ticks();
		smp_call_function_single(cpu, nothing, NULL, 1);
		samples[i] = ticks() - begin;
	}
	say_samples("ipi_call_roundtrip", n, n);

	/* The readings' own IPIs are one more, on either side: from the first to the second. */
	smp_call_function_single(cpu, read_el2_counter, &before[1], 1);
	before[0] = el2_counter();
	for (i = 0; i < n; i++)
		smp_call_function_single(cpu, nothing, NULL, 1);
	after[0] = el2_counter();
	smp_call_function_single(cpu, read_el2_counter, &after[1], 1);
	on_each_cpu(el2_counter_stop, NULL, 1);
	preempt_enable();
	say("bench name=ipi_call_el2_sender value=%u n=%u unit=insns\n",
	    (after[0] - before[0]) / n, n);
	say("bench name=ipi_call_el2_receiver value=%u n=%u unit=insns\n",
	    (after[1] - before[1]) / n, n);
	return 0;
}

/* --- hvc --- */

/* mov, hvc, subs, b.ne; x1 to x6 are 0 in the first call, and then what the last one left. */
static noinline u64 hvc_loop(u64 function, u64 calls)
{
	u64 begin = ticks();

	asm volatile("mov	x1, #0\n"
		     "1:	mov	x0, %1\n"
		     "	hvc	#0\n"
		     "	subs	%0, %0, #1\n"
		     "	b.ne	1b"
		     : "+r"(calls)
		     : "r"(function)
		     : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
		       "x13", "x14", "x15", "x16", "x17", "cc", "memory");
	return ticks() - begin;
}

static int bench_hvc(u64 function, unsigned int n)
{
	unsigned long flags;
	unsigned int i;

	if (!n)
		return -EINVAL;
	for (i = 0; i < BATCHES; i++) {
		local_irq_save(flags);
		samples[i] = hvc_loop(function, n) / n;
		local_irq_restore(flags);
	}
	say_samples("hvc", BATCHES, (u64)BATCHES * n);
	return 0;
}

/* --- marks: around hvc() of driver/enter.c --- */

/* An instruction that does nothing and that nobody else has. */
#define MARK(n) asm volatile("movz xzr, %0" : : "i"(BENCH_MARK + (n)))

static int hvc_begins(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	switch (regs->regs[0] - CAISSON_HC_BASE) {
#define X(n) case n: MARK(n); break;
	BENCH_CALLS(X)
#undef X
	}
	return 0;
}

static int hvc_ended(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	MARK(BENCH_CALL_NONE);
	return 0;
}
NOKPROBE_SYMBOL(hvc_begins);
NOKPROBE_SYMBOL(hvc_ended);

static struct kretprobe hvc_probe = {
	.kp.symbol_name = "caisson:hvc",
	.entry_handler = hvc_begins,
	.handler = hvc_ended,
};
static bool probing;

static int bench_marks(bool on)
{
	int ret = 0;

	if (on == probing)
		return -EINVAL;
	if (on) {
		hvc_probe.kp.addr = NULL;
		hvc_probe.kp.flags = 0;
		ret = register_kretprobe(&hvc_probe);
		MARK(BENCH_CLEAR);
	} else {
		MARK(BENCH_WRITE);
		unregister_kretprobe(&hvc_probe);
	}
	probing = on && !ret;
	return ret;
}

/* --- latency --- */

static struct hrtimer timer;
static u64 latency_max, latency_n;
static unsigned long latency_pc; /* where the latest one interrupted the kernel, 0: in user space */
static bool timing;

static enum hrtimer_restart timer_comes(struct hrtimer *t)
{
	s64 late = ktime_to_ns(ktime_sub(ktime_get(), hrtimer_get_expires(t)));

	if (late > (s64)latency_max) {
		struct pt_regs *regs = get_irq_regs();

		latency_max = late;
		latency_pc = regs && !user_mode(regs) ? instruction_pointer(regs) : 0;
	}
	latency_n++;
	hrtimer_forward_now(t, ns_to_ktime(LATENCY_PERIOD_NS));
	return HRTIMER_RESTART;
}

static void timer_begin(void *unused)
{
	hrtimer_start(&timer, ns_to_ktime(LATENCY_PERIOD_NS), HRTIMER_MODE_REL_PINNED_HARD);
}

static int bench_latency(unsigned int cpu)
{
	if (timing || cpu >= nr_cpu_ids)
		return -EINVAL;
	latency_max = latency_n = 0;
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	timer.function = timer_comes;
	timing = true;
	return smp_call_function_single(cpu, timer_begin, NULL, 1);
}

static int bench_latency_off(void)
{
	if (!timing)
		return -EINVAL;
	timing = false;
	hrtimer_cancel(&timer);
	say("latency max=%llu n=%llu at=%pS\n", latency_max, latency_n, (void *)latency_pc);
	return 0;
}

/* --- /proc/caisson_bench --- */

static ssize_t bench_write(struct file *file, const char __user *from, size_t length, loff_t *at)
{
	char command[64], *end;
	unsigned int a, b;
	int ret = -EINVAL;

	if (length >= sizeof(command))
		return -EINVAL;
	if (copy_from_user(command, from, length))
		return -EFAULT;
	command[length] = 0;
	end = strim(command);
	mutex_lock(&lock);
	answered = 0;
	if (sscanf(end, "ipi %u %u", &a, &b) == 2)
		ret = bench_ipi(a, b);
	else if (sscanf(end, "hvc %x %u", &a, &b) == 2)
		ret = bench_hvc(a, b);
	else if (!strcmp(end, "marks on") || !strcmp(end, "marks off"))
		ret = bench_marks(end[7] == 'n');
	else if (!strcmp(end, "latency off"))
		ret = bench_latency_off();
	else if (sscanf(end, "latency %u", &a) == 1)
		ret = bench_latency(a);
	mutex_unlock(&lock);
	return ret ?: (ssize_t)length;
}

static ssize_t bench_read(struct file *file, char __user *to, size_t length, loff_t *at)
{
	ssize_t n;

	mutex_lock(&lock);
	n = simple_read_from_buffer(to, length, at, answer, answered);
	mutex_unlock(&lock);
	return n;
}

static const struct proc_ops bench_ops = {
	.proc_read = bench_read,
	.proc_write = bench_write,
};

static int __init bench_init(void)
{
	return proc_create("caisson_bench", 0600, NULL, &bench_ops) ? 0 : -ENOMEM;
}

static void __exit bench_exit(void)
{
	remove_proc_entry("caisson_bench", NULL);
	if (probing)
		unregister_kretprobe(&hvc_probe);
	if (timing)
		hrtimer_cancel(&timer);
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What make bench measures inside root's kernel");
