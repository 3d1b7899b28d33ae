// SPDX-License-Identifier: GPL-2.0-only
/*
 * Figures that are the same program's with and without a hypervisor. Made for -icount shift=0
 * and a counter of 1 GHz, where a tick is an instruction (Documentation/performance.md); the unit
 * says so.
 *
 *     bench name=... value=MEDIAN min=... median=... max=... n=... unit=insns|ticks
 *
 * An operation is repeated CALLS times in a loop whose instructions are counted with it, as are
 * those that set its arguments up; the samples are the means of BATCHES such loops. What the
 * machine does not have is left out, with a line that says so.
 *
 * `timer_irqs` is for exit counters: nothing is printed and no device is touched between its
 * markers; a key is awaited before BEGIN and after END, asleep, so that the counters can be read
 * then. They can also be read behind BEGIN, as the first interrupt comes so late: then no other than
 * the timer's is between the readings.
 */
#include "inmate.h"

#define SAMPLES 1000u
#define CALLS 1000u
#define BATCHES 9u
#define TIMER_IRQS 2000u
#define TIMER_IRQS_PAUSE_S 4u
#define UNKNOWN_FUNCTION 0xc6001234u
#define ABSENT_CPU 15u /* of affinity 0 */
#define SGI 1u
#define SGI1R_INTID(intid) ((uint64_t)(intid) << 24)
#define UART_DR 0x00u
#define UART_FR 0x18u
#define FR_TXFF (1u << 5)

/* bench_asm.S: `calls` times one operation; returns what the counter has advanced by. */
typedef uint64_t operation(uint64_t a, uint64_t b, uint64_t calls);

uint64_t bench_latency(uint64_t compare, bool asleep);
operation bench_hvc, bench_smc, bench_read, bench_write, bench_sgi, bench_sgi_self;
extern char bench_vectors[], bench_sgi_vectors[], vectors[];

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

/* One row; without the operation on this machine a line that says so. */
static void bench_loop(const char *name, operation *op, uint64_t a, uint64_t b)
{
	struct fault fault;
	unsigned int i;

	fault_expect();
	op(a, b, 1);
	fault = fault_end();
	if (fault.taken) {
		printf("skip %s: undefined here\n", name);
		return;
	}
	for (i = 0; i < BATCHES; i++)
		samples[i] = op(a, b, CALLS) / CALLS;
	print_samples(name, BATCHES, CALLS);
}

/* Without a hypervisor QEMU answers PSCI by the conduit that the device tree names alone. */
static void bench_calls(void)
{
	operation *smc = machine.conduit == CONDUIT_SMC ? bench_smc : bench_hvc;
	uint64_t self = sysreg_read(mpidr_el1) & 0xff00ffffff;
	struct fault fault;

	fault_expect();
	bench_smc(PSCI_FN_VERSION, 0, 1);
	fault = fault_end();
	if (!fault.taken)
		smc = bench_smc;
	bench_loop("hvc_unknown", bench_hvc, UNKNOWN_FUNCTION, 0);
	bench_loop("smc_psci_version", smc, PSCI_FN_VERSION, 0);
	bench_loop("smc_affinity_info", smc, PSCI_FN_AFFINITY_INFO, self);
	bench_loop("smc_smccc_version", smc, SMCCC_FN_VERSION, 0);
}

/* Registers that belong to nobody in particular; what is written is what they hold. */
static void bench_gic(void)
{
	uint64_t gicd = machine.gicd.base, gicr = cpu_self()->gicr;

	bench_loop("gicd_ctlr_read", bench_read, gicd + GICD_CTLR, 0);
	bench_loop("gicd_isenabler_read", bench_read, gicd + GICD_ISENABLER + 4, 0);
	bench_loop("gicd_isenabler_write", bench_write, gicd + GICD_ISENABLER + 4, 0);
	bench_loop("gicd_ipriorityr_read", bench_read, gicd + GICD_IPRIORITYR + 32, 0);
	bench_loop("gicd_ipriorityr_write", bench_write, gicd + GICD_IPRIORITYR + 32,
		   mmio_read32(gicd + GICD_IPRIORITYR + 32));
	bench_loop("gicr_waker_read", bench_read, gicr + GICR_WAKER, 0);
}

/* To nobody, and to this CPU with interrupts open: its vector ends it. */
static void bench_sgis(void)
{
	uint64_t self = 1ULL << (sysreg_read(mpidr_el1) & 15), daif;

	console_rx_enable(false);
	bench_loop("sgi_no_target", bench_sgi, SGI1R_INTID(SGI) | 1ULL << ABSENT_CPU, 0);
	irq_enable(SGI, true);
	daif = irq_save();
	sysreg_write(vbar_el1, bench_sgi_vectors);
	irq_unmask();
	isb();
	bench_loop("sgi_self", bench_sgi_self, SGI1R_INTID(SGI) | self, 0);
	irq_save();
	sysreg_write(vbar_el1, vectors);
	isb();
	irq_disable(SGI);
	irq_restore(daif);
	console_rx_enable(true);
}

/* What Linux does for each character of its console: room? Then out with it. */
static void bench_console(void)
{
	uint64_t uart = machine.uart.base, begin;
	unsigned int i;

	if (!machine.uart.size)
		return;
	printf("console:\n");
	for (i = 0; i < SAMPLES; i++) {
		begin = timer_now();
		while (mmio_read32(uart + UART_FR) & FR_TXFF)
			cpu_yield();
		mmio_write32(uart + UART_DR, (i + 1) % 64 ? '.' : '\n');
		samples[i] = timer_now() - begin;
	}
	printf("\n");
	print_samples("console_char", SAMPLES, SAMPLES);
}

static uint64_t handler_compare, handler_seen;

static void note_time(unsigned int intid, void *arg)
{
	(void)intid;
	(void)arg;
	handler_seen = timer_now();
	timer_virt_stop();
}

/* As bench_timer_latency(), to the first line of a handler in C that the library calls. */
static void bench_timer_handler(void)
{
	unsigned int i;
	uint64_t daif;

	console_rx_enable(false);
	irq_install(machine.timer_virt_intid, note_time, NULL);
	irq_enable(machine.timer_virt_intid, false);
	for (i = 0; i < SAMPLES; i++) {
		daif = irq_save();
		handler_seen = 0;
		handler_compare = timer_now() + timer_ticks_us(20);
		timer_virt_set(handler_compare);
		while (!handler_seen) {
			wfi();
			irq_restore(daif);
			daif = irq_save();
		}
		irq_restore(daif);
		samples[i] = handler_seen - handler_compare;
	}
	irq_disable(machine.timer_virt_intid);
	console_rx_enable(true);
	print_samples("timer_latency_handler", SAMPLES, SAMPLES);
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
	irq_next = timer_now() + TIMER_IRQS_PAUSE_S * timer_frequency();
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
	bench_timer_handler();
	bench_calls();
	bench_gic();
	bench_sgis();
	bench_console();
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
