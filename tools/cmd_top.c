// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl top: takes all counters again and again, and shows what changed (top.c). It asks the driver
 * for each of them; EL2 counts nothing for its sake.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "machine.h"
#include "terminal.h"
#include "top.h"

#define NS 1000000000ULL
#define LOOKS 3		       /* at the cells, until none came or went meanwhile */
#define FIRST_NS (NS / 4)      /* so long the first picture is waited for */
#define INTERVAL_MIN (NS / 10) /* what is asked more often measures itself */
#define INTERVAL_MAX (3600 * NS)

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

static void sample_free(struct sample *s)
{
	free(s->cell);
	free(s->cpu);
	*s = (struct sample){ 0 };
}

/* The cells that there are, into s->cell, which has @room. */
static enum exit_code take_cells(int fd, struct sample *s, uint32_t room)
{
	for (s->ncells = 0; s->ncells < room; s->ncells++) {
		struct caisson_ioc_info *info = &s->cell[s->ncells];
		int result;

		*info = (struct caisson_ioc_info){ .index = s->ncells };
		result = device_call(fd, CAISSON_IOC_CELL_INFO, info, sizeof(*info));
		if (result == CAISSON_E_NO_CELL)
			break;
		if (result)
			return device_refused(result, info, NULL, 0, "top");
	}
	return HVCTL_OK;
}

static enum exit_code take_cpus(int fd, struct sample *s)
{
	struct caisson_ioc_stats stats;
	enum exit_code code = HVCTL_OK;
	uint32_t cpu;
	bool there;

	s->cpu = allocate(CONFIG_MAX_CPUS * sizeof(*s->cpu));
	for (cpu = 0; !code && cpu < s->status.ncpus && cpu < CONFIG_MAX_CPUS; cpu++) {
		struct cpu_sample *c = &s->cpu[s->ncpus];

		code = device_cpu_stats(fd, cpu, &stats, &there);
		if (code || !there)
			continue;
		c->cpu = cpu;
		c->cell = stats.cell;
		memcpy(c->exits, stats.exits, sizeof(c->exits));
		s->ncpus++;
	}
	return code;
}

/* Linux counts its own timer interrupts; without /proc/interrupts nobody does. */
static void take_timers(struct sample *s)
{
	size_t size;
	char *text = machine_read("/proc/interrupts", &size);

	if (text)
		parse_timers(text, s->cpu, s->ncpus);
	free(text);
}

/* All counters, of cells that were there all the while if that can be had. */
static enum exit_code take(int fd, struct sample *s)
{
	enum exit_code code = HVCTL_OK;
	unsigned int looks;

	*s = (struct sample){ 0 };
	for (looks = 0; !code && looks < LOOKS; looks++) {
		uint32_t room;
		int result = device_call(fd, CAISSON_IOC_STATUS, &s->status, sizeof(s->status));

		if (result)
			return device_refused(result, &s->status, NULL, 0, "top");
		room = s->status.ncells + 1;
		free(s->cell);
		s->cell = allocate(room * sizeof(*s->cell));
		code = take_cells(fd, s, room);
		if (s->ncells == s->status.ncells)
			break;
	}
	if (!code)
		code = take_cpus(fd, s);
	s->ns = now_ns();
	if (!code)
		take_timers(s);
	return code;
}

static void print(const struct request *req, bool screen, const struct sample *before,
		  const struct sample *now)
{
	unsigned int rows, columns;
	char *text = NULL;
	size_t size;
	FILE *to;

	if (req->json) {
		top_json(stdout, before, now);
		return;
	}
	if (!screen) {
		top_text(stdout, before, now);
		putchar('\n');
		return;
	}
	to = open_memstream(&text, &size);
	if (!to)
		return;
	top_text(to, before, now);
	fclose(to);
	terminal_size(&rows, &columns);
	top_screen(stdout, text, rows, columns);
	free(text);
}

/* Lets @ns pass; a key, or a terminal of another size, ends it. Returns false for `q'. */
static bool rest(uint64_t ns, bool keys)
{
	uint64_t until = now_ns() + ns, now;

	while ((now = now_ns()) < until) {
		struct pollfd in = { .fd = keys ? STDIN_FILENO : -1, .events = POLLIN };
		int ready = poll(&in, 1, (int)((until - now + 999999) / 1000000));
		char key;

		if (ready < 0)
			return true;
		if (!ready)
			continue;
		if (read(STDIN_FILENO, &key, 1) != 1)
			keys = false;
		else if (key == 'q' || key == 'Q')
			return false;
		else
			return true;
	}
	return true;
}

static void resized(int number)
{
	(void)number; /* ends poll() */
}

/* Until it was told @count times, 0: without an end. */
static enum exit_code watch(const struct request *req, int fd, uint64_t interval, uint64_t count)
{
	bool screen = isatty(STDOUT_FILENO) && !option(req, "batch") && !req->json;
	bool keys = screen && isatty(STDIN_FILENO);
	struct sigaction action = { .sa_handler = resized };
	struct sample before, now;
	enum exit_code code = take(fd, &before);
	uint64_t n;

	if (!code && screen) {
		if (keys)
			terminal_set(TERMINAL_KEYS);
		sigaction(SIGWINCH, &action, NULL);
		fputs("\033[2J", stdout);
	}
	for (n = 0; !code && (!count || n < count); n++) {
		if (!rest(screen && !n && interval > FIRST_NS ? FIRST_NS : interval, keys))
			break;
		code = take(fd, &now);
		if (!code)
			print(req, screen, &before, &now);
		sample_free(&before);
		before = now;
		if (fflush(stdout))
			break; /* nobody reads any more */
	}
	sample_free(&before);
	return code;
}

/* Seconds, with a point if need be, in ns. */
static bool parse_interval(const char *text, uint64_t *ns)
{
	char *end;
	double seconds;

	if (*text < '0' || *text > '9' || strspn(text, "0123456789.") != strlen(text))
		return false;
	seconds = strtod(text, &end);
	if (*end || seconds * (double)NS > (double)INTERVAL_MAX)
		return false;
	*ns = (uint64_t)(seconds * (double)NS);
	return *ns >= INTERVAL_MIN;
}

enum exit_code cmd_top(const struct request *req)
{
	const char *interval = option(req, "interval"), *count = option(req, "count");
	uint64_t ns = NS, times = 0;
	enum exit_code code;
	int fd;

	if (interval && !parse_interval(interval, &ns)) {
		complain("--interval %s: this is no number of seconds from 0.1 to 3600", interval);
		return HVCTL_USAGE;
	}
	if (count && (!parse_number(count, &times) || !times)) {
		complain("--count %s: this is no number from 1 on", count);
		return HVCTL_USAGE;
	}
	code = device_open(&fd);
	return code ? code : watch(req, fd, ns, times);
}
