// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes interrupts on CPU 0, a thousand or so of one kind on command, and nothing else meanwhile:
 * for who compares the exits to a hypervisor before and after, by cause. Each interrupt must have
 * been taken before the next one is raised, so none is merged with another or lost unseen.
 *
 *	timer N, phys N   the virtual and the physical timer (PPIs)
 *	sgi N             sent by CPU 1, whose exits they are
 *	spi N             pended in the distributor by CPU 1
 *	hvc N             no interrupts, but as many HVCs: el2= counts, if anything does
 *
 *	key before        a key is awaited, asleep, so that the counters can be read; and once more:
 *	END timer n=1000 el2=0
 *	key after
 *
 * el2: instructions of EL2 on CPU 0 from the first to the last interrupt, by the PMU's event 0x08
 * with a filter (Arm ARM D11.11.3, INST_RETIRED), where there is the event and EL2 lets itself be
 * counted.
 */
#include "inmate.h"

#define SPI 240u /* the configuration's; no wire uses it */
#define SGI 1u
#define PERIOD_US 200u
#define PATIENCE_S 2u
#define UNKNOWN_FUNCTION 0xc6001234u

#define PMCR_ENABLE 1u
#define EVENT_INST_RETIRED 0x08u
#define TYPER_NOT_EL1 (1u << 31)
#define TYPER_NOT_EL0 (1u << 30)
#define TYPER_EL2 (1u << 27)

static uint32_t taken, wanted;
static uint64_t next;
static bool phys;

/* What CPU 1 is to raise; 0: nothing. */
static uint32_t raise_intid, lost;

/* --- instructions of EL2 --- */

static void el2_count_begin(void)
{
	sysreg_write(pmcntenclr_el0, 1);
	sysreg_write(pmevtyper0_el0,
		     EVENT_INST_RETIRED | TYPER_NOT_EL1 | TYPER_NOT_EL0 | TYPER_EL2);
	sysreg_write(pmevcntr0_el0, 0);
	sysreg_write(pmcr_el0, sysreg_read(pmcr_el0) | PMCR_ENABLE);
	sysreg_write(pmcntenset_el0, 1);
	isb();
}

static uint64_t el2_count_end(void)
{
	isb();
	sysreg_write(pmcntenclr_el0, 1);
	isb();
	return sysreg_read(pmevcntr0_el0);
}

/* --- interrupts --- */

static void timer_set(uint64_t ticks)
{
	if (phys)
		timer_phys_set(ticks);
	else
		timer_virt_set(ticks);
}

static void timer_taken(unsigned int intid, void *arg)
{
	(void)intid;
	(void)arg;
	next += timer_ticks_us(PERIOD_US);
	if (atomic_add(&taken, 1u) < wanted)
		timer_set(next);
	else if (phys)
		timer_phys_stop();
	else
		timer_virt_stop();
}

static void other_taken(unsigned int intid, void *arg)
{
	(void)intid;
	(void)arg;
	atomic_add(&taken, 1u);
}

/* On CPU 1, until CPU 0 has taken them all, or one does not come. */
static void raise(void *arg)
{
	uint32_t n;

	(void)arg;
	while (!atomic_get(&raise_intid))
		cpu_yield();
	for (n = 0; n < wanted && !lost; n++) {
		uint64_t limit = timer_now() + PATIENCE_S * timer_frequency();

		if (raise_intid == SGI)
			sgi_send(0, SGI);
		else
			mmio_write32(machine.gicd.base + GICD_ISPENDR + SPI / 32 * 4,
				     1u << (SPI % 32));
		while (atomic_get(&taken) == n && !lost) {
			cpu_yield();
			if (timer_now() > limit)
				atomic_set(&lost, 1u);
		}
	}
}

/* Asleep while nothing is to be done. */
static void wait_for_all(void)
{
	uint64_t daif;

	for (;;) {
		daif = irq_save();
		if (atomic_get(&taken) >= wanted || atomic_get(&lost))
			break;
		wfi();
		irq_restore(daif);
	}
	irq_restore(daif);
}

static void wait_for_key(const char *what)
{
	printf("key %s\n", what);
	console_getc();
}

static void run(const char *kind, uint32_t intid, uint32_t count)
{
	uint64_t el2;

	taken = 0;
	wanted = count;
	lost = 0;
	phys = intid == machine.timer_phys_intid;
	raise_intid = 0;
	irq_enable(intid, intid == SGI || intid == SPI);
	if ((intid == SGI || intid == SPI) &&
	    (!cpu_wait_off(1, 1000000) || cpu_start(1, raise, NULL))) {
		printf("irqs: there is no CPU 1\n");
		return;
	}
	wait_for_key("before");
	el2_count_begin();
	if (intid == SGI || intid == SPI) {
		atomic_set(&raise_intid, intid);
	} else {
		next = timer_now() + timer_ticks_us(PERIOD_US);
		timer_set(next);
	}
	wait_for_all();
	el2 = el2_count_end();
	printf("END %s n=%u el2=%lu\n", kind, taken, el2);
	if (lost)
		printf("LOST one of %u\n", wanted);
	wait_for_key("after");
	irq_disable(intid);
}

static void run_hvc(uint32_t count)
{
	uint64_t el2;
	uint32_t n;

	el2_count_begin();
	for (n = 0; n < count; n++)
		smccc_call(CONDUIT_HVC, UNKNOWN_FUNCTION, 0, 0, 0);
	el2 = el2_count_end();
	printf("END hvc n=%u el2=%lu\n", n, el2);
}

static void command(const char *text)
{
	static const char kinds[][8] = { "timer", "phys", "sgi", "spi", "hvc" };
	const uint32_t intids[] = { machine.timer_virt_intid, machine.timer_phys_intid, SGI, SPI };
	uint64_t count = 0;
	unsigned int i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *rest = line_after(text, kinds[i]);

		if (!rest || !parse_u64(&rest, &count) || !count)
			continue;
		if (i < sizeof(intids) / sizeof(intids[0]))
			run(kinds[i], intids[i], (uint32_t)count);
		else
			run_hvc((uint32_t)count);
		return;
	}
	if (*text && !line_common(text))
		printf("unknown: %s\n", text);
}

void inmate_main(void)
{
	struct line line;

	irq_install(machine.timer_virt_intid, timer_taken, NULL);
	irq_install(machine.timer_phys_intid, timer_taken, NULL);
	irq_install(SGI, other_taken, NULL);
	irq_install(SPI, other_taken, NULL);
	printf("\nirqs: timer N, phys N, sgi N, spi N, hvc N\n");
	for (;;) {
		line_read(&line, "irqs> ");
		command(line.text);
	}
}
