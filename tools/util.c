// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small helpers of every command: messages, numbers, sets of CPUs. Pure but for the messages.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvctl.h"

const char *option(const struct request *req, const char *name)
{
	const char *value = NULL, *next;

	for (uint32_t i = 0; (next = option_at(req, name, i)); i++)
		value = next;
	return value;
}

const char *option_at(const struct request *req, const char *name, uint32_t index)
{
	for (uint32_t i = 0; i < req->ngiven; i++)
		if (!strcmp(req->given[i].spec->name, name) && !index--)
			return req->given[i].value;
	return NULL;
}

void complain(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("hvctl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void say(const struct request *req, const char *format, ...)
{
	va_list args;

	if (req->json)
		return;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void *allocate(size_t size)
{
	void *p = calloc(1, size);

	if (!p) {
		complain("out of memory");
		exit(HVCTL_REFUSED);
	}
	return p;
}

void *grow(void *array, uint32_t count, size_t each)
{
	void *more;

	/* It doubles, so it is full whenever its length is a power of two. */
	if (count & (count - 1))
		return array;
	more = allocate((count ? 2ULL * count : 1) * each);
	if (count)
		memcpy(more, array, count * each);
	free(array);
	return more;
}

/* strtoull accepts signs and blanks, and octal: none of them is meant here. */
static bool number_at(const char *text, char **end, uint64_t *value)
{
	int base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
	char first = base == 16 ? text[2] : text[0];

	if (!strchr(base == 16 ? "0123456789abcdefABCDEF" : "0123456789", first) || !first)
		return false;
	errno = 0;
	*value = strtoull(text, end, base);
	return !errno;
}

bool parse_number(const char *text, uint64_t *value)
{
	char *end;

	return number_at(text, &end, value) && !*end;
}

bool parse_size(const char *text, uint64_t *bytes)
{
	unsigned int shift = 0;
	uint64_t value;
	char *end;

	if (!number_at(text, &end, &value))
		return false;
	if (*end == 'K' || *end == 'k')
		shift = 10;
	else if (*end == 'M' || *end == 'm')
		shift = 20;
	else if (*end == 'G' || *end == 'g')
		shift = 30;
	if (end[shift ? 1 : 0] || value > UINT64_MAX >> shift)
		return false;
	*bytes = value << shift;
	return true;
}

bool cpu_in_set(const struct cpu_set *set, uint32_t cpu)
{
	return cpu < CONFIG_MAX_CPUS && (set->word[cpu / 64] >> (cpu % 64)) & 1u;
}

bool parse_cpus(const char *text, struct cpu_set *set)
{
	memset(set, 0, sizeof(*set));
	for (;;) {
		uint64_t first, last, cpu;
		char *end;

		if (!number_at(text, &end, &first))
			return false;
		last = first;
		if (*end == '-' && !number_at(end + 1, &end, &last))
			return false;
		if (last < first || last >= CONFIG_MAX_CPUS)
			return false;
		for (cpu = first; cpu <= last; cpu++) {
			if (cpu_in_set(set, (uint32_t)cpu))
				return false;
			set->word[cpu / 64] |= 1ULL << (cpu % 64);
		}
		if (!*end)
			return true;
		if (*end != ',')
			return false;
		text = end + 1;
	}
}

uint32_t cpus_in_set(const struct cpu_set *set)
{
	uint32_t count = 0, i;

	for (i = 0; i < CPU_WORDS; i++)
		count += (uint32_t)__builtin_popcountll(set->word[i]);
	return count;
}

void format_cpus(const struct cpu_set *set, char *text, size_t size)
{
	uint32_t cpu, last;
	size_t used = 0;

	snprintf(text, size, "none");
	for (cpu = 0; cpu < CONFIG_MAX_CPUS && used < size; cpu = last + 1) {
		last = cpu;
		if (!cpu_in_set(set, cpu))
			continue;
		while (cpu_in_set(set, last + 1))
			last++;
		used += (size_t)snprintf(text + used, size - used, "%s%" PRIu32, used ? "," : "",
					 cpu);
		if (last > cpu && used < size)
			used += (size_t)snprintf(text + used, size - used, "-%" PRIu32, last);
	}
}

void config_cpus(const void *blob, struct cpu_set *set)
{
	uint32_t i, k;

	memset(set, 0, sizeof(*set));
	for (i = 0; i < config_count(blob, CAISSON_SEC_CPU); i++) {
		const struct caisson_cpu_entry *c = config_cpu(blob, i);

		for (k = c->first; k < c->first + c->count; k++)
			set->word[k / 64] |= 1ULL << (k % 64);
	}
}

void format_bytes(uint64_t bytes, char *text, size_t size)
{
	static const struct {
		unsigned int shift;
		const char *unit;
	} units[] = { { 30, "GiB" }, { 20, "MiB" }, { 10, "KiB" } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (!bytes || bytes & ((1ULL << units[i].shift) - 1))
			continue;
		snprintf(text, size, "%" PRIu64 " %s", bytes >> units[i].shift, units[i].unit);
		return;
	}
	snprintf(text, size, "%" PRIu64 " bytes", bytes);
}
