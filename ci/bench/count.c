// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linked with hvctl's objects (-Wl,--wrap=ioctl), this measures what the driver's calls take, from
 * the ioctl to its return, and appends a line for each to the file that BENCH_LOG names:
 *
 *     call=enable at=N ticks=N insns=N el2=N
 *
 * at: the generic timer's count before it; ticks: how many it took. insns, el2: instructions
 * counted by this CPU's PMU (event 0x08), at all exception levels and at EL2. Under -icount QEMU's
 * counter of that event advances with every instruction of the machine, whichever CPU executes it,
 * and stands while all of them sleep: the unfiltered count of one CPU is the sum over all. Filtered
 * by level, a count holds the slices that others got meanwhile, so el2 is exact for hypercalls that
 * the others sleep through.
 *
 * A device tree that is loaded into a cell goes to the file that BENCH_TREE names, too. After a
 * start nothing is done for BENCH_PAUSE microseconds: what root does would be on the cell's clock.
 */
#include <inttypes.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uapi.h"

#define EVENT_INST_RETIRED 0x08

int __real_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, ...);

static const struct {
	unsigned long request;
	const char *name;
} measured[] = {
	{ CAISSON_IOC_ENABLE, "enable" },
	{ CAISSON_IOC_DISABLE, "disable" },
	{ CAISSON_IOC_CELL_CREATE, "create" },
	{ CAISSON_IOC_CELL_LOAD, "load" },
	{ CAISSON_IOC_CELL_ENTRY, "entry" },
	{ CAISSON_IOC_CELL_START, "start" },
	{ CAISSON_IOC_CELL_RESTART, "restart" },
	{ CAISSON_IOC_CELL_DESTROY, "destroy" },
};

struct sample {
	uint64_t ticks, insns, el2;
};

static int insns_fd = -1, el2_fd = -1;

static uint64_t ticks(void)
{
	uint64_t now;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(now) : : "memory");
	return now;
}

static int open_counter(bool el2_only)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_RAW,
		.size = sizeof(attr),
		.config = EVENT_INST_RETIRED,
		.pinned = 1,
		.exclude_user = el2_only,
		.exclude_kernel = el2_only,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);

	if (fd < 0) {
		perror("bench: perf_event_open");
		exit(1);
	}
	return fd;
}

static void begin(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("bench: sched_setaffinity");
		exit(1);
	}
	insns_fd = open_counter(false);
	el2_fd = open_counter(true);
}

static uint64_t counter(int fd)
{
	uint64_t value;

	if (read(fd, &value, sizeof(value)) != sizeof(value)) {
		fprintf(stderr, "bench: the PMU does not count\n");
		exit(1);
	}
	return value;
}

/* What lies between two of these: the tick is read innermost. */
static struct sample before(void)
{
	struct sample s;

	s.el2 = counter(el2_fd);
	s.insns = counter(insns_fd);
	s.ticks = ticks();
	return s;
}

static struct sample after(void)
{
	struct sample s;

	s.ticks = ticks();
	s.insns = counter(insns_fd);
	s.el2 = counter(el2_fd);
	return s;
}

static void note(const char *name, const struct sample *a, const struct sample *b,
		 const struct sample *c, const struct sample *d)
{
	const char *path = getenv("BENCH_LOG");
	FILE *f = path ? fopen(path, "a") : NULL;

	if (!f)
		return;
	fprintf(f, "call=%s at=%" PRIu64 " ticks=%" PRIu64 " insns=%" PRIu64 " el2=%" PRIu64 "\n",
		name, c->ticks, (d->ticks - c->ticks) - (b->ticks - a->ticks),
		(d->insns - c->insns) - (b->insns - a->insns),
		(d->el2 - c->el2) - (b->el2 - a->el2));
	fclose(f);
}

static void keep_tree(const struct caisson_ioc_load *load)
{
	static const unsigned char magic[] = { 0xd0, 0x0d, 0xfe, 0xed };
	const void *data = (const void *)(uintptr_t)load->data;
	const char *path = getenv("BENCH_TREE");
	FILE *f;

	if (!path || load->length < sizeof(magic) || memcmp(data, magic, sizeof(magic)))
		return;
	f = fopen(path, "w");
	if (!f)
		return;
	fwrite(data, 1, load->length, f);
	fclose(f);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct sample a, b, c, d;
	const char *name = NULL;
	va_list list;
	void *arg;
	int result;

	va_start(list, request);
	arg = va_arg(list, void *);
	va_end(list);
	for (unsigned int i = 0; i < sizeof(measured) / sizeof(*measured); i++)
		if (measured[i].request == request)
			name = measured[i].name;
	if (!name)
		return __real_ioctl(fd, request, arg);
	if (request == CAISSON_IOC_CELL_LOAD)
		keep_tree(arg);
	if (insns_fd < 0)
		begin();
	/* Twice nothing: the first time warms up, the second is what the reading itself takes. */
	before();
	after();
	a = before();
	b = after();
	c = before();
	result = __real_ioctl(fd, request, arg);
	d = after();
	note(name, &a, &b, &c, &d);
	if (request == CAISSON_IOC_CELL_START && getenv("BENCH_PAUSE"))
		usleep((useconds_t)strtoul(getenv("BENCH_PAUSE"), NULL, 10));
	return result;
}
