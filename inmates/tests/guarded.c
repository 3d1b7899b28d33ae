// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pets its watchdog, or does not, as it is told. One of less than a second, in which nobody types
 * anything, it pets without being told.
 */
#include "inmate.h"

static uint64_t period_us, periods;

static void keep(void)
{
	uint64_t n;

	for (n = 0; n < periods; n++) {
		delay_us(period_us);
		watchdog_pet();
	}
	printf("cpu=%u petted %lu times\n", cpu_number(), periods);
}

/* No interrupt of EL1's comes through any more, and nobody pets. */
static void spin(void)
{
	printf("cpu=%u spins, masked\n", cpu_number());
	sysreg_write(daif, 0x3c0);
	isb();
	for (;;)
		__asm__ volatile("" : : : "memory");
}

static void keep_and_spin(void *arg)
{
	(void)arg;
	keep();
	spin();
}

/* The calls by HVC, before and after one that nobody knows. */
static void by_hvc(void)
{
	uint64_t pet[4] = { machine.watchdog_id, 3 }, unknown[4] = { 0xc6001234 };

	smccc(CONDUIT_HVC, pet);
	smccc(CONDUIT_HVC, unknown);
	printf("hvc pet=%ld unknown=%ld ", (int64_t)pet[0], (int64_t)unknown[0]);
	pet[0] = machine.watchdog_id;
	pet[1] = 3;
	smccc(CONDUIT_HVC, pet);
	printf("again=%ld\n", (int64_t)pet[0]);
}

static void command(const char *text)
{
	const char *rest;
	uint64_t n;

	if ((rest = line_after(text, "timeout")) != NULL && parse_u64(&rest, &n)) {
		printf("timeout %s\n", watchdog_set_timeout((uint32_t)n) ? "done" : "refused");
	} else if ((rest = line_after(text, "enable")) != NULL && parse_u64(&rest, &n)) {
		printf("enable %s\n", watchdog_enable(n) ? "done" : "refused");
	} else if ((rest = line_after(text, "keep")) != NULL && parse_u64(&rest, &period_us) &&
		   parse_u64(&rest, &periods)) {
		keep();
	} else if ((rest = line_after(text, "leave")) != NULL && parse_u64(&rest, &period_us) &&
		   parse_u64(&rest, &periods)) {
		/* CPU 1 pets for a while; this one, which set the watchdog, goes. */
		printf("cpu=0 leaves\n");
		if (!cpu_start(1, keep_and_spin, NULL))
			psci_cpu_off();
		printf("cpu=1 does not start\n");
	} else if (line_after(text, "left")) {
		printf("left=%u of %u\n", watchdog_left(), watchdog_longest());
	} else if (line_after(text, "hvc")) {
		by_hvc();
	} else if (line_after(text, "s")) {
		spin();
	} else if (*text && !line_common(text)) {
		printf("unknown: %s\n", text);
	}
}

void inmate_main(void)
{
	struct line line;

	if (machine.watchdog_id && !watchdog_longest()) {
		printf("\nguarded: the watchdog is short\n");
		period_us = 2000;
		for (periods = 5000;;)
			keep();
	}
	printf("\nguarded: lines: timeout S, enable 0|1, keep US N, leave US N, left, hvc, s\n");
	for (;;) {
		line_read(&line, "guarded> ");
		command(line.text);
	}
}
