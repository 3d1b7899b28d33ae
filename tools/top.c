// SPDX-License-Identifier: GPL-2.0-only
/* Rates and their tables, see top.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "refusal.h"
#include "top.h"

static const char *const exit_names[] = {
#define X(name, text) text,
	CAISSON_EXITS(X)
#undef X
};

uint64_t rate(uint64_t now, uint64_t before, uint64_t ns)
{
	uint64_t events = now < before ? now : now - before;

	return ns ? (uint64_t)((double)events * 1e10 / (double)ns + 0.5) : 0;
}

/*
 * Whether two reports are about the same cell: one that was made anew may have all but its birth.
 */
static bool same_cell(const struct caisson_ioc_info *a, const struct caisson_ioc_info *b)
{
	return a->id == b->id && a->create_ns == b->create_ns && !strcmp(a->name, b->name);
}

static const struct caisson_ioc_info *cell_by_id(const struct sample *s, uint32_t id)
{
	uint32_t i;

	for (i = 0; i < s->ncells; i++)
		if (s->cell[i].id == id)
			return &s->cell[i];
	return NULL;
}

/* Whose a CPU is; "-" while its cell is made or destroyed. */
static const char *owner_name(const struct sample *s, const struct cpu_sample *cpu)
{
	const struct caisson_ioc_info *cell = cell_by_id(s, cpu->cell);

	if (!cpu->cell)
		return "root";
	return cell ? cell->name : "-";
}

/* What it was in the earlier sample, NULL: there was no such cell. */
static const struct caisson_ioc_info *earlier_cell(const struct sample *before,
						   const struct caisson_ioc_info *cell)
{
	const struct caisson_ioc_info *c = cell_by_id(before, cell->id);

	return c && same_cell(c, cell) ? c : NULL;
}

/*
 * A CPU's counters in the earlier sample; NULL: another cell had it, and the counters began anew.
 */
static const struct cpu_sample *earlier_cpu(const struct sample *before, const struct sample *now,
					    const struct cpu_sample *cpu)
{
	const struct caisson_ioc_info *cell = cell_by_id(now, cpu->cell);
	uint32_t i;

	for (i = 0; i < before->ncpus; i++) {
		const struct cpu_sample *c = &before->cpu[i];

		if (c->cpu == cpu->cpu)
			return c->cell == cpu->cell && (!cell || earlier_cell(before, cell)) ? c :
											       NULL;
	}
	return NULL;
}

static uint64_t exit_rate(const struct sample *before, const struct sample *now,
			  const struct cpu_sample *cpu, uint32_t cause)
{
	const struct cpu_sample *b = earlier_cpu(before, now, cpu);

	return rate(cpu->exits[cause], b ? b->exits[cause] : 0, now->ns - before->ns);
}

static uint64_t timer_rate(const struct sample *before, const struct sample *now,
			   const struct cpu_sample *cpu)
{
	const struct cpu_sample *b = earlier_cpu(before, now, cpu);

	if (!cpu->has_timer || !b || !b->has_timer)
		return RATE_NONE;
	return rate(cpu->timer, b->timer, now->ns - before->ns);
}

static uint64_t console_rate(const struct sample *before, const struct sample *now,
			     const struct caisson_ioc_info *cell)
{
	const struct caisson_ioc_info *b = earlier_cell(before, cell);

	return rate(cell->console_bytes, b ? b->console_bytes : 0, now->ns - before->ns);
}

/* All CPUs of cell @id: exits, timer interrupts, which CPUs. */
struct sum {
	uint64_t exits, timer;
	struct cpu_set cpus;
};

static struct sum sum_of(const struct sample *before, const struct sample *now, uint32_t id)
{
	struct sum sum = { .timer = RATE_NONE };
	uint32_t i;

	for (i = 0; i < now->ncpus; i++) {
		const struct cpu_sample *c = &now->cpu[i];
		uint64_t timer;

		if (c->cell != id)
			continue;
		sum.exits += exit_rate(before, now, c, CAISSON_EXIT_TOTAL);
		timer = timer_rate(before, now, c);
		if (timer != RATE_NONE)
			sum.timer = timer + (sum.timer == RATE_NONE ? 0 : sum.timer);
		if (c->cpu < CONFIG_MAX_CPUS)
			sum.cpus.word[c->cpu / 64] |= 1ULL << (c->cpu % 64);
	}
	return sum;
}

/* After the word of a row of /proc/interrupts: the next number, or false. */
static bool next_number(const char **text, uint64_t *value)
{
	char *end;

	*text += strspn(*text, " ");
	if (**text < '0' || **text > '9')
		return false;
	*value = strtoull(*text, &end, 10);
	*text = end;
	return true;
}

/* Adds a row's counts to the CPUs that the first line, "CPU0 CPU2 ...", names. */
static void add_row(const char *row, const char *header, struct cpu_sample *cpu, uint32_t ncpus)
{
	uint64_t count, number;
	uint32_t i;

	while ((header = strstr(header, "CPU")) && next_number(&row, &count)) {
		header += strlen("CPU");
		if (!next_number(&header, &number))
			return;
		for (i = 0; i < ncpus; i++) {
			if (cpu[i].cpu != number)
				continue;
			cpu[i].has_timer = true;
			cpu[i].timer += count;
		}
	}
}

void parse_timers(const char *text, struct cpu_sample *cpu, uint32_t ncpus)
{
	static const char last[] = "arch_timer";
	size_t length = strcspn(text, "\n");
	char *header = strndup(text, length);

	while (header && *(text += length)) {
		const char *colon;

		length = strcspn(++text, "\n");
		colon = memchr(text, ':', length);
		if (colon && length > strlen(last) &&
		    !memcmp(text + length - strlen(last), last, strlen(last)))
			add_row(colon + 1, header, cpu, ncpus);
	}
	free(header);
}

static const char *rate_words(uint64_t tenths, char text[24])
{
	if (tenths == RATE_NONE)
		return "-";
	if (tenths < 100000)
		snprintf(text, 24, "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
	else
		snprintf(text, 24, "%" PRIu64, tenths / 10);
	return text;
}

static void cell_row(FILE *to, const char *name, const char *state, const struct sum *sum,
		     const struct sample *before, const struct sample *now,
		     const struct caisson_ioc_info *cell)
{
	char cpus[64], exits[24], timer[24], console[24];

	format_cpus(&sum->cpus, cpus, sizeof(cpus));
	fprintf(to, "%-20s %-10s %-8s %9s %9s", name, state, cpus, rate_words(sum->exits, exits),
		rate_words(sum->timer, timer));
	if (cell)
		fprintf(to, " %9s %7" PRIu64 "\n",
			rate_words(console_rate(before, now, cell), console),
			cell->console_dropped);
	else
		fprintf(to, " %9s %7s\n", "-", "-");
}

/* The causes that a CPU had, the most frequent first. */
static void write_causes(FILE *to, const struct sample *before, const struct sample *now,
			 const struct cpu_sample *cpu)
{
	uint64_t left[CAISSON_EXIT_COUNT];
	const char *between = "";
	uint32_t i, best;
	char text[24];

	for (i = 0; i < CAISSON_EXIT_COUNT; i++)
		left[i] = i == CAISSON_EXIT_TOTAL ? 0 : exit_rate(before, now, cpu, i);
	for (;;) {
		for (best = i = 0; i < CAISSON_EXIT_COUNT; i++)
			if (left[i] > left[best])
				best = i;
		if (!left[best])
			break;
		fprintf(to, "%s%s %s", between, exit_names[best], rate_words(left[best], text));
		left[best] = 0;
		between = ", ";
	}
	fprintf(to, "%s\n", *between ? "" : "-");
}

void top_text(FILE *to, const struct sample *before, const struct sample *now)
{
	const struct caisson_ioc_status *s = &now->status;
	uint64_t tenths = (now->ns - before->ns + 50000000) / 100000000;
	struct sum sum = sum_of(before, now, 0);
	uint32_t i;

	fprintf(to,
		"%s, %" PRIu32 " CPUs, %s; cells %" PRIu32 "; pool %" PRIu32 " of %" PRIu32
		" pages free\n",
		s->system, s->ncpus, mode_name(s->irq_mode), now->ncells, s->pool_free,
		s->pool_pages);
	fprintf(to, "per second, over %" PRIu64 ".%" PRIu64 " s\n\n", tenths / 10, tenths % 10);
	fprintf(to, "%-20s %-10s %-8s %9s %9s %9s %7s\n", "CELL", "STATE", "CPUS", "EXITS", "TIMER",
		"CONSOLE", "LOST");
	cell_row(to, "root", "running", &sum, before, now, NULL);
	for (i = 0; i < now->ncells; i++) {
		const struct caisson_ioc_info *cell = &now->cell[i];

		sum = sum_of(before, now, cell->id);
		cell_row(to, cell->name, state_name(cell->state), &sum, before, now, cell);
	}
	fprintf(to, "\n%-4s %-20s %9s %9s  %s\n", "CPU", "CELL", "EXITS", "TIMER", "BY CAUSE");
	for (i = 0; i < now->ncpus; i++) {
		const struct cpu_sample *cpu = &now->cpu[i];
		char exits[24], timer[24];

		fprintf(to, "%-4" PRIu32 " %-20s %9s %9s  ", cpu->cpu, owner_name(now, cpu),
			rate_words(exit_rate(before, now, cpu, CAISSON_EXIT_TOTAL), exits),
			rate_words(timer_rate(before, now, cpu), timer));
		write_causes(to, before, now, cpu);
	}
}

void top_screen(FILE *to, const char *text, unsigned int rows, unsigned int columns)
{
	unsigned int row;

	fputs("\033[H", to);
	for (row = 1; *text; row++) {
		size_t length = strcspn(text, "\n");
		size_t next = length + !!text[length];

		if (row + 1 >= rows && text[next]) {
			fputs("... there is no room for more: --batch prints all", to);
			break;
		}
		/*
		 * The last column is left free: behind it some terminals begin a line of their own.
		 */
		fprintf(to, "%.*s\033[K\n", (int)(length < columns ? length : columns - 1), text);
		text += next;
	}
	fputs("\033[J", to);
}

static void json_rate(struct json *j, const char *key, uint64_t tenths)
{
	if (tenths == RATE_NONE)
		json_null(j, key);
	else
		json_tenths(j, key, tenths);
}

static void cell_json(struct json *j, const struct sample *before, const struct sample *now,
		      const struct caisson_ioc_info *cell)
{
	struct sum sum = sum_of(before, now, cell ? cell->id : 0);
	uint32_t i;

	json_object(j, NULL);
	json_string(j, "name", cell ? cell->name : "root");
	json_string(j, "state", cell ? state_name(cell->state) : "running");
	json_array(j, "cpus");
	for (i = 0; i < CONFIG_MAX_CPUS; i++)
		if (cpu_in_set(&sum.cpus, i))
			json_number(j, NULL, i);
	json_end_array(j);
	json_tenths(j, "exits_per_s", sum.exits);
	json_rate(j, "timer_per_s", sum.timer);
	if (cell) {
		json_number(j, "starts", cell->starts);
		json_rate(j, "console_per_s", console_rate(before, now, cell));
		json_number(j, "console_bytes", cell->console_bytes);
		json_number(j, "console_dropped", cell->console_dropped);
	}
	json_end_object(j);
}

static void cpu_json(struct json *j, const struct sample *before, const struct sample *now,
		     const struct cpu_sample *cpu)
{
	uint32_t i;

	json_object(j, NULL);
	json_number(j, "cpu", cpu->cpu);
	json_string(j, "cell", owner_name(now, cpu));
	json_rate(j, "timer_per_s", timer_rate(before, now, cpu));
	json_object(j, "per_s");
	for (i = 0; i < CAISSON_EXIT_COUNT; i++)
		json_tenths(j, exit_names[i], exit_rate(before, now, cpu, i));
	json_end_object(j);
	json_end_object(j);
}

void top_json(FILE *to, const struct sample *before, const struct sample *now)
{
	struct json j;
	uint32_t i;

	json_begin_line(&j, to);
	json_object(&j, NULL);
	json_number(&j, "ns", now->ns - before->ns);
	json_string(&j, "mode", mode_name(now->status.irq_mode));
	json_number(&j, "pool_pages", now->status.pool_pages);
	json_number(&j, "pool_free", now->status.pool_free);
	json_array(&j, "cells");
	cell_json(&j, before, now, NULL);
	for (i = 0; i < now->ncells; i++)
		cell_json(&j, before, now, &now->cell[i]);
	json_end_array(&j);
	json_array(&j, "cpus");
	for (i = 0; i < now->ncpus; i++)
		cpu_json(&j, before, now, &now->cpu[i]);
	json_end_array(&j);
	json_end_object(&j);
}
