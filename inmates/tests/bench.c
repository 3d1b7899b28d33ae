// SPDX-License-Identifier: GPL-2.0-only
/*
 * Figures that are the same program's with and without a hypervisor. Made for -icount shift=0
 * and a counter of 1 GHz, where a tick is an instruction (design, "Measuring"); the unit says
 * so.
 *
 *     bench name=... value=MEDIAN min=... median=... max=... n=... unit=insns|ticks
 *
 * `timer_irqs` is for exit counters: nothing is printed and no device is touched between its
 * markers; a key is awaited before BEGIN and after END, asleep, so that the counters can be read
 * then.
 */
#include "inmate.h"

#define SAMPLES 1000u
#define CALLS 1000u
#define BATCHES 9u
#define TIMER_IRQS 2000u
#define UNKNOWN_FUNCTION 0xc6001234u

uint64_t bench_latency(uint64_t compare, bool asleep);
uint64_t bench_hvc(uint64_t function, uint64_t calls);
uint64_t bench_loop(uint64_t unused, uint64_t calls);
extern char bench_vectors[], vectors[];

static uint64_t samples[SAMPLES];

static void sort(uint64_t *a, unsigned int n)
{
	unsigned int i, j;

	for (i = 1; i < n; i++) {
		uint64_t v = a[i];

		for (j = i; j && a[j - 1] > v; j--)
			a[j] = a[j - 1];
		a[j] = v;
	}
}

/* `count`: what n says, the number of events behind the samples. */
static void print_samples(const char *name, unsigned int n, unsigned int count)
{
	sort(samples, n);
	printf("bench name=%s value=%lu min=%lu median=%lu max=%lu n=%u unit=%s\n", name,
	       samples[n / 2], samples[0], samples[n / 2], samples[n - 1], count,
	       timer_frequency() == 1000000000 ? "insns" : "ticks");
}

/*
 * The counter reaches the compare value; how much later does the vector's first instruction read
 * it?
 */
static void bench_timer_latency(const char *name, bool asleep)
{
	uint64_t interval = timer_ticks_us(20), daif, compare, seen;
	unsigned int n = 0, strays = 0;

	console_rx_enable(false);
	irq_enable(machine.timer_virt_intid, false);
	daif = irq_save();
	sysreg_write(vbar_el1, bench_vectors);
	isb();
	while (n < SAMPLES && strays < SAMPLES) {
		compare = timer_now() + interval;
		seen = bench_latency(compare, asleep);
		if (seen == UINT64_MAX)
			strays++;
		else
			samples[n++] = seen - compare;
	}
	sysreg_write(vbar_el1, vectors);
	isb();
	irq_disable(machine.timer_virt_intid);
	irq_restore(daif);
	console_rx_enable(true);
	if (n == SAMPLES)
		print_samples(name, n, n);
	else
		printf("error: %s: %u interrupts were not the timer's\n", name, strays);
}

static void bench_hvc_unknown(void)
{
	struct fault fault;
	unsigned int i;

	fault_expect();
	bench_hvc(UNKNOWN_FUNCTION, 1);
	fault = fault_end();
	if (fault.taken) {
		printf("skip hvc_unknown: HVC is undefined here\n");
		return;
	}
	for (i = 0; i < BATCHES; i++)
		samples[i] = bench_hvc(UNKNOWN_FUNCTION, CALLS) / CALLS;
	print_samples("hvc_unknown", BATCHES, CALLS);
	for (i = 0; i < BATCHES; i++)
		samples[i] = bench_loop(0, CALLS) / CALLS;
	print_samples("hvc_unknown_loop", BATCHES, CALLS);
}

static uint32_t irqs_taken;
static uint64_t irq_next, irq_period;

static void count_irq(unsigned int intid, void *arg)
{
	(void)intid;
	(void)arg;
	if (atomic_add(&irqs_taken, 1u) == TIMER_IRQS) {
		timer_virt_stop();
		return;
	}
	irq_next += irq_period;
	timer_virt_set(irq_next);
}

static void wait_for_key(const char *what)
{
	printf("key %s\n", what);
	console_getc();
}

static void bench_timer_irqs(void)
{
	uint64_t daif;

	irqs_taken = 0;
	irq_period = timer_frequency() / 1000;
	irq_install(machine.timer_virt_intid, count_irq, NULL);
	irq_enable(machine.timer_virt_intid, false);
	wait_for_key("before timer_irqs");
	printf("BEGIN timer_irqs\n");
	irq_next = timer_now() + irq_period;
	timer_virt_set(irq_next);
	for (;;) {
		daif = irq_save();
		if (atomic_get(&irqs_taken) == TIMER_IRQS)
			break;
		wfi();
		irq_restore(daif);
	}
	irq_restore(daif);
	printf("END timer_irqs n=%u\n", TIMER_IRQS);
	wait_for_key("after timer_irqs");
	irq_disable(machine.timer_virt_intid);
}

void inmate_main(void)
{
	struct line line;

	printf("\nbench: cpu=%u frequency=%lu input=%s\n", cpu_number(), timer_frequency(),
	       console_has_irq() ? "interrupt" : "polled");
	bench_timer_latency("timer_latency_vector", true);
	bench_timer_latency("timer_latency_vector_busy", false);
	bench_hvc_unknown();
	bench_timer_irqs();
	printf("DONE bench\n");
	for (;;) {
		line_read(&line, "bench> "); /* "timer_irqs": once more */
		if (line_after(line.text, "timer_irqs"))
			bench_timer_irqs();
		else if (line.length && !line_common(line.text))
			printf("unknown: %s\n", line.text);
	}
}
