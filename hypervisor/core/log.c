// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log ring and the only formatter in EL2. Lines are short and rare: a refusal, a parked cell, a
 * state change; nothing on a path that a cell can drive faster than once per state.
 */
#include <stdarg.h>

#include <caisson/hypercall.h>

#include "cell_ctl.h"
#include "lock.h"
#include "log.h"
#include "orphan.h"
#include "pool.h"

#define LOG_PAGES 2
#define LOG_TEXT 4096u /* the largest power of two that fits beside the header */

static struct caisson_log *ring;
static struct spinlock lock;

bool log_init(void)
{
	ring = pool_alloc(LOG_PAGES);
	if (!ring)
		return false;
	ring->size = LOG_TEXT;
	return true;
}

pa_t log_pa(void)
{
	return pool_pa(ring);
}

size_t log_size(void)
{
	return LOG_PAGES * PAGE_SIZE;
}

static void put(char c)
{
	ring->text[ring->head & (LOG_TEXT - 1)] = (uint8_t)c;
	/* Readers see the text before the index that covers it. */
	__atomic_store_n(&ring->head, ring->head + 1, __ATOMIC_RELEASE);
}

static void put_number(uint64_t value, unsigned int base)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		put(digits[--n]);
}

static void put_format(const char *format, va_list args)
{
	for (; *format; format++) {
		if (*format != '%') {
			put(*format);
			continue;
		}
		format++;
		if (*format == 'l')
			format++;
		if (*format == 's') {
			for (const char *s = va_arg(args, const char *); *s; s++)
				put(*s);
		} else if (*format == 'u') {
			put_number(va_arg(args, uint64_t), 10);
		} else {
			put_number(va_arg(args, uint64_t), 16);
		}
	}
}

void log_line(const char *format, ...)
{
	va_list args;
	uint32_t from;

	if (!ring)
		return;
	spin_lock(&lock);
	from = ring->head;
	va_start(args, format);
	put_format(format, args);
	va_end(args);
	put('\n');
	if (atomic_load(&root_dead))
		orphan_say("caisson", ring->text, LOG_TEXT, from, ring->head);
	spin_unlock(&lock);
	root_doorbell();
}
