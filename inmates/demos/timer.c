// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual timer at 1 kHz: how long after its compare value does the handler run? Every 1,000
 * ticks a line with minimum, average and maximum, in counter ticks, and a compact histogram. Key
 * `h` (on an empty line) prints it in full; lines as in line_common(). Asked to shut down, it says
 * how far it came, and ends.
 */
#include "inmate.h"

#define HZ 1000
#define BUCKETS 33 /* bucket n: 2^(n-1) <= latency < 2^n; 0: none at all; the last: and more */

static struct {
	uint64_t period, next; /* counter ticks */
	uint64_t ticks, missed;
	uint64_t min, max, sum;
	uint32_t bucket[BUCKETS];
} t;

static unsigned int bucket_of(uint64_t latency)
{
	unsigned int bits = latency ? 64 - (unsigned int)__builtin_clzl(latency) : 0;

	return bits < BUCKETS ? bits : BUCKETS - 1;
}

static void tick(unsigned int intid, void *arg)
{
	uint64_t late = timer_now() - t.next;

	(void)intid;
	(void)arg;
	t.next += t.period;
	/*
	 * Not drifting, but never programming the past either: it would count the same delay
	 * twice.
	 */
	while ((int64_t)(t.next - timer_now()) <= 0) {
		t.next += t.period;
		t.missed++;
	}
	timer_virt_set(t.next);
	t.sum += late;
	if (late < t.min)
		t.min = late;
	if (late > t.max)
		t.max = late;
	t.bucket[bucket_of(late)]++;
	atomic_set(&t.ticks, t.ticks + 1);
}

/* The lower bound of a bucket, in counter ticks. */
static uint64_t bucket_low(unsigned int n)
{
	return n ? 1ULL << (n - 1) : 0;
}

/* IRQs are masked only to copy: printing takes longer than a tick. */
static void report(bool full)
{
	uint64_t daif = irq_save();
	uint64_t ticks = t.ticks, min = t.min, max = t.max, sum = t.sum, missed = t.missed;
	uint32_t bucket[BUCKETS];
	unsigned int i;

	memcpy(bucket, t.bucket, sizeof(bucket));
	irq_restore(daif);
	if (!ticks)
		return;
	printf("ticks=%lu min=%lu avg=%lu max=%lu missed=%lu\n", ticks, min, sum / ticks, max,
	       missed);
	if (!full)
		printf("histogram");
	for (i = 0; i < BUCKETS; i++) {
		if (full && bucket[i])
			printf("  %10lu.. %8u (%3lu.%lu %%)\n", bucket_low(i), bucket[i],
			       100UL * bucket[i] / ticks, 1000UL * bucket[i] / ticks % 10);
		else if (bucket[i])
			printf(" %lu:%u", bucket_low(i), bucket[i]);
	}
	printf(full ? "histogram end\n" : "\n");
}

static void start(void)
{
	t.period = timer_frequency() / HZ;
	t.min = UINT64_MAX;
	irq_install(machine.timer_virt_intid, tick, NULL);
	irq_enable(machine.timer_virt_intid, false);
	t.next = timer_now() + t.period;
	timer_virt_set(t.next);
}

static void input(struct line *line)
{
	int c = console_poll();

	if (c < 0) {
		console_wait();
		return;
	}
	if (c == 'h' && !line->length) {
		report(true);
		return;
	}
	if (!line_feed(line, (char)c))
		return;
	if (line->length && !line_common(line->text))
		printf("unknown: %s\n", line->text);
	line->length = 0;
}

void inmate_main(void)
{
	struct line line = { .length = 0 };
	uint64_t reported = 0;

	printf("\ntimer: cpu=%u intid=%u frequency=%lu hz=%u\n", cpu_number(),
	       machine.timer_virt_intid, timer_frequency(), HZ);
	start();
	shutdown_listen();
	while (!shutdown_requested()) {
		uint64_t ticks = atomic_get(&t.ticks);

		if (ticks / 1000 != reported) {
			reported = ticks / 1000;
			report(false);
		}
		input(&line);
	}
	printf("timer: shut down after %lu ticks\n", atomic_get(&t.ticks));
}
