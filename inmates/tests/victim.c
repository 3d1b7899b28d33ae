// SPDX-License-Identifier: GPL-2.0-only
/*
 * A cell that must not notice its neighbours: it checks a MiB of memory over and over while a timer
 * interrupts it at 1 kHz. Line "look": how it fared since the last one; el2 counts EL2's instructions
 * on this CPU (PMU event 0x08) until the line's first character came, if EL2 lets the PMU count them.
 */
#include "inmate.h"

#define HZ 1000
#define WORDS (0x100000 / 8)

#define PMCR_ENABLE 1
#define EVENT_INSTRUCTIONS 0x08
#define COUNT_EL2_ALONE 0xc8000000 /* PMEVTYPER: P, U, NSH */

static volatile uint64_t *pattern;
static uint64_t next, period, ticks, latest, running;

/*
 * Late is an interrupt that has not come though this CPU ran on past its time. (When QEMU ran other
 * CPUs meanwhile, as with -icount it does in turns, this one did not.)
 */
static void tick(unsigned int intid, void *arg)
{
	uint64_t late = running > next ? running - next : 0;

	(void)intid;
	(void)arg;
	atomic_set(&ticks, ticks + 1);
	if (late > latest)
		latest = late;
	do
		next += period;
	while ((int64_t)(next - timer_now()) <= 0);
	timer_virt_set(next);
}

static uint64_t word(uint64_t n)
{
	return (n + 1) * 0x9e3779b97f4a7c15;
}

/* Returns how many words are not what they were. */
static uint64_t check(void)
{
	uint64_t bad = 0;

	for (uint64_t n = 0; n < WORDS; n++) {
		bad += pattern[n] != word(n);
		atomic_set(&running, sysreg_read(cntvct_el0));
	}
	return bad;
}

void inmate_main(void)
{
	struct line line = { .length = 0 };
	uint64_t rounds = 0, bad = 0, el2 = 0;
	uint32_t input = 0;

	/* Far behind the image, which is small. */
	pattern = (volatile uint64_t *)(machine.memory[0].base + machine.memory[0].size / 2);
	for (uint64_t n = 0; n < WORDS; n++)
		pattern[n] = word(n);
	period = timer_frequency() / HZ;
	irq_install(machine.timer_virt_intid, tick, NULL);
	irq_enable(machine.timer_virt_intid, false);
	next = timer_now() + period;
	timer_virt_set(next);
	sysreg_write(pmevtyper0_el0, COUNT_EL2_ALONE | EVENT_INSTRUCTIONS);
	sysreg_write(pmcr_el0, sysreg_read(pmcr_el0) | PMCR_ENABLE);
	sysreg_write(pmcntenset_el0, 1);
	printf("\nvictim: ready\n");
	for (;;) {
		int c;

		bad += check();
		rounds++;
		if (console_rx_irqs() == input)
			el2 = sysreg_read(pmevcntr0_el0);
		while ((c = console_poll()) >= 0) {
			uint64_t daif;

			if (!line_feed(&line, (char)c))
				continue;
			line.length = 0;
			if (!line_after(line.text, "look")) {
				line_common(line.text);
				continue;
			}
			printf("victim: rounds=%lu bad=%lu ticks=%lu latest=%lu el2=%lu\n", rounds,
			       bad, atomic_get(&ticks), latest, el2);
			daif = irq_save();
			rounds = bad = ticks = latest = 0;
			input = console_rx_irqs();
			sysreg_write(pmevcntr0_el0, 0);
			isb();
			irq_restore(daif);
		}
	}
}
