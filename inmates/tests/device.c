// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device given to the cell: a PL031 real-time clock (DDI 0224) where QEMU's virt machine has
 * it. Its interrupt is wired to the distributor, so it must reach this inmate without EL2. On
 * command: the clock is read, its alarm is waited for, many alarms are taken in a row, or one is
 * never ended.
 */
#include "inmate.h"

#define RTC_BASE 0x09010000ULL
#define RTC_INTID 34u

#define RTC_DR 0x00u   /* the clock, in seconds */
#define RTC_MR 0x04u   /* the second of the alarm */
#define RTC_IMSC 0x10u /* bit 0: the alarm interrupts */
#define RTC_MIS 0x18u
#define RTC_ICR 0x1cu  /* bit 0 takes it back */

static uint32_t alarms, alarms_wanted;
static bool spurious, holding;

static uint32_t rtc_read(uint32_t offset)
{
	return mmio_read32(RTC_BASE + offset);
}

static void rtc_write(uint32_t offset, uint32_t value)
{
	mmio_write32(RTC_BASE + offset, value);
}

/* QEMU's clock raises the alarm at once when it is set to the present second. */
static void alarm(unsigned int intid, void *arg)
{
	(void)intid;
	(void)arg;
	while (holding)
		cpu_yield();
	spurious |= !(rtc_read(RTC_MIS) & 1);
	rtc_write(RTC_ICR, 1);
	alarms++;
	if (alarms < alarms_wanted)
		rtc_write(RTC_MR, rtc_read(RTC_DR));
	else
		rtc_write(RTC_IMSC, 0);
}

/* Takes `count` alarms, the first of them `seconds` from now, asleep in between. */
static void take_alarms(uint32_t seconds, uint32_t count)
{
	uint32_t before = rtc_read(RTC_DR);

	/* Nothing is printed until the end: that would be an exit, and none is expected. */
	alarms = 0;
	alarms_wanted = count;
	rtc_write(RTC_ICR, 1);
	rtc_write(RTC_MR, before + seconds);
	rtc_write(RTC_IMSC, 1);
	/* Masked between the look and the sleep: wfi wakes for what came meanwhile. */
	for (uint64_t daif = irq_save();; irq_save()) {
		bool done = __atomic_load_n(&alarms, __ATOMIC_RELAXED) >= count;

		if (!done)
			wfi();
		irq_restore(daif);
		if (done)
			break;
	}
	printf("device: irq=%u count=%u seconds=%u%s\n", RTC_INTID, alarms,
	       rtc_read(RTC_DR) - before, spurious ? " spurious" : "");
}

/* The interrupt stays raised, active and never ended: the next owner must not notice. */
static void hold(void)
{
	printf("device: holding\n");
	holding = true;
	take_alarms(0, 1);
}

static void command(const char *text)
{
	uint64_t number = 0;
	const char *rest;

	if ((rest = line_after(text, "alarm")) != NULL && parse_u64(&rest, &number))
		take_alarms((uint32_t)number, 1);
	else if ((rest = line_after(text, "burst")) != NULL && parse_u64(&rest, &number) && number)
		take_alarms(0, (uint32_t)number);
	else if (line_after(text, "hold"))
		hold();
	else if (line_after(text, "clock"))
		printf("device: clock=%u\n", rtc_read(RTC_DR));
	else if (*text && !line_common(text))
		printf("unknown: %s\n", text);
}

void inmate_main(void)
{
	struct line line;

	printf("\ndevice: clock=%u lines: clock, alarm SECONDS, burst COUNT, hold\n",
	       rtc_read(RTC_DR));
	irq_install(RTC_INTID, alarm, NULL);
	if (!irq_enable(RTC_INTID, false))
		printf("device: there is no interrupt %u\n", RTC_INTID);
	for (;;) {
		line_read(&line, "device> ");
		command(line.text);
	}
}
