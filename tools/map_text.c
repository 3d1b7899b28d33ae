// SPDX-License-Identifier: GPL-2.0-only
/* A map for terminals of 80 columns and for scripts, see map.h. */
#include <inttypes.h>

#include "map.h"

#define BOXES 15 /* CPUs in a line */

/* "736 MiB", and "+ 16 MiB to be found" */
static void memory_words(const struct map_owner *o, char *text, size_t size)
{
	char bytes[32], more[32];

	format_bytes(o->bytes, bytes, sizeof(bytes));
	format_bytes(o->unplaced, more, sizeof(more));
	if (o->unplaced)
		snprintf(text, size, "%s%s%s, still to be found", o->bytes ? bytes : "",
			 o->bytes ? " and " : "", more);
	else
		snprintf(text, size, "%s", o->bytes ? bytes : "");
}

static void legend(FILE *to, const struct map *m)
{
	char cpus[128], memory[96];
	uint32_t i;

	for (i = 0; i < m->nowners; i++) {
		const struct map_owner *o = &m->owner[i];

		memory_words(o, memory, sizeof(memory));
		format_cpus(&o->cpus, cpus, sizeof(cpus));
		if (i == MAP_HYPERVISOR || i == MAP_GIC)
			snprintf(cpus, sizeof(cpus), "-");
		else if (i == MAP_ROOT && !m->live)
			snprintf(cpus, sizeof(cpus), "the others");
		fprintf(to, "  %c  %-20s  CPUs %-10s  %s\n", o->letter, o->name, cpus, memory);
	}
}

static void cpu_edge(FILE *to, uint32_t count)
{
	fputs("  +", to);
	while (count--)
		fputs("----+", to);
	fputc('\n', to);
}

static void cpus_text(FILE *to, const struct map *m)
{
	uint32_t first, count, i;

	for (first = 0; first < m->ncpus; first += BOXES) {
		count = m->ncpus - first < BOXES ? m->ncpus - first : BOXES;
		cpu_edge(to, count);
		fputs("  |", to);
		for (i = first; i < first + count; i++)
			fprintf(to, "%3" PRIu32 " |", i);
		fputs("\n  |", to);
		for (i = first; i < first + count; i++) {
			uint32_t owner = map_cpu_owner(m, i);

			fprintf(to, "  %c |", owner == MAP_NOBODY ? '!' : map_letter(m, owner));
		}
		fputc('\n', to);
		cpu_edge(to, count);
	}
}

static void memory_text(FILE *to, const struct map *m)
{
	struct map_layout l;
	char bytes[32];
	uint32_t i, k;

	map_layout(m, &l);
	format_bytes(l.granule, bytes, sizeof(bytes));
	fprintf(to, "\nMemory, %s for each place\n", bytes);
	for (i = 0; i < l.nrows; i++) {
		fprintf(to, "  0x%010" PRIx64 " ", l.row[i].start);
		for (k = 0; k < MAP_COLUMNS; k++)
			fputc(map_letter(m, l.row[i].owner[k]), to);
		fputc('\n', to);
	}
}

static void span_words(const struct map_irqs *r, char *text, size_t size)
{
	if (!r->first)
		snprintf(text, size, "spare");
	else if (r->count == 1)
		snprintf(text, size, "%" PRIu32, r->first);
	else
		snprintf(text, size, "%" PRIu32 "-%" PRIu32, r->first, r->first + r->count - 1);
}

void map_text(FILE *to, const struct map *m)
{
	char bytes[32], span[32];
	uint32_t i;

	fprintf(to, "%s\n\n", m->system);
	legend(to, m);
	fputs("\nCPUs\n", to);
	cpus_text(to, m);
	memory_text(to, m);
	fputs("\nDevices\n", to);
	for (i = 0; i < m->ndevices; i++) {
		const struct map_range *d = &m->device[i];

		format_bytes(d->size, bytes, sizeof(bytes));
		fprintf(to, "  0x%010" PRIx64 "  %12s  %c  %s\n", d->start, bytes,
			map_letter(m, d->owner), d->what);
	}
	fputs("\nInterrupts, all others are root's\n", to);
	for (i = 0; i < m->nirqs; i++) {
		span_words(&m->irqs[i], span, sizeof(span));
		fprintf(to, "  %-12s  %c  %s\n", span, map_letter(m, m->irqs[i].owner),
			m->irqs[i].what);
	}
}

static void range_json(struct json *j, const struct map *m, const struct map_range *r)
{
	json_object(j, NULL);
	json_number(j, "address", r->start);
	json_number(j, "size", r->size);
	json_string(j, "owner", m->owner[r->owner].name);
	if (*r->what)
		json_string(j, "what", r->what);
	json_end_object(j);
}

static void owners_json(struct json *j, const struct map *m)
{
	uint32_t i, cpu;

	json_array(j, "owners");
	for (i = 0; i < m->nowners; i++) {
		const struct map_owner *o = &m->owner[i];

		json_object(j, NULL);
		json_string(j, "name", o->name);
		json_array(j, "cpus");
		for (cpu = 0; cpu < CONFIG_MAX_CPUS; cpu++)
			if (cpu_in_set(&o->cpus, cpu))
				json_number(j, NULL, cpu);
		json_end_array(j);
		json_number(j, "memory_bytes", o->bytes);
		json_number(j, "unplaced_bytes", o->unplaced);
		json_end_object(j);
	}
	json_end_array(j);
}

void map_json(FILE *to, const struct map *m)
{
	struct json j;
	uint32_t i;

	json_begin(&j, to);
	json_object(&j, NULL);
	json_string(&j, "system", m->system);
	owners_json(&j, m);
	json_array(&j, "ram");
	for (i = 0; i < m->nram; i++)
		range_json(&j, m, &m->ram[i]);
	json_end_array(&j);
	json_array(&j, "given");
	for (i = 0; i < m->ngiven; i++)
		range_json(&j, m, &m->given[i]);
	json_end_array(&j);
	json_array(&j, "devices");
	for (i = 0; i < m->ndevices; i++)
		range_json(&j, m, &m->device[i]);
	json_end_array(&j);
	json_array(&j, "irqs");
	for (i = 0; i < m->nirqs; i++) {
		json_object(&j, NULL);
		json_number(&j, "first", m->irqs[i].first);
		json_number(&j, "count", m->irqs[i].count);
		json_string(&j, "owner", m->owner[m->irqs[i].owner].name);
		if (*m->irqs[i].what)
			json_string(&j, "what", m->irqs[i].what);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_end_object(&j);
}
