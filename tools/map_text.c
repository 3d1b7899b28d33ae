// SPDX-License-Identifier: GPL-2.0-only
/* A map for terminals of 80 columns and for scripts, see map.h. */
#include <inttypes.h>

#include "map.h"

#define BOXES 15 /* CPUs in a line */

void map_owner_line(const struct map *m, uint32_t owner, char line[MAP_LINE])
{
	const struct map_owner *o = &m->owner[owner];
	char cpus[64], set[56], bytes[32], more[32];
	bool some = o->bytes || owner == MAP_ROOT;

	format_cpus(&o->cpus, set, sizeof(set));
	snprintf(cpus, sizeof(cpus), "CPUs %s", owner == MAP_ROOT && !m->live ? "the others" : set);
	format_bytes(o->bytes, bytes, sizeof(bytes));
	format_bytes(o->unplaced, more, sizeof(more));
	snprintf(line, MAP_LINE, "%-20s  %-15s  %s%s%s%s", o->name,
		 owner == MAP_HYPERVISOR || owner == MAP_GIC ? "" : cpus, some ? bytes : "",
		 some && o->unplaced ? " and " : "", o->unplaced ? more : "",
		 o->unplaced ? ", still to be found" : "");
}

void map_device_line(const struct map_range *device, char line[MAP_LINE])
{
	char bytes[32];

	format_bytes(device->size, bytes, sizeof(bytes));
	snprintf(line, MAP_LINE, "0x%010" PRIx64 "  %12s  %s", device->start, bytes, device->what);
}

void map_irqs_line(const struct map_irqs *irqs, char line[MAP_LINE])
{
	char span[32];

	if (!irqs->first)
		snprintf(span, sizeof(span), "any spare");
	else if (irqs->count == 1)
		snprintf(span, sizeof(span), "%" PRIu32, irqs->first);
	else
		snprintf(span, sizeof(span), "%" PRIu32 "-%" PRIu32, irqs->first,
			 irqs->first + irqs->count - 1);
	snprintf(line, MAP_LINE, "%-12s  %s", span, irqs->what);
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
		for (i = first; i < first + count; i++)
			fprintf(to, "  %c |", map_cpu_letter(m, i));
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

void map_text(FILE *to, const struct map *m)
{
	char line[MAP_LINE];
	uint32_t i;

	fprintf(to, "%s\n\n", m->system);
	for (i = 0; i < m->nowners; i++) {
		map_owner_line(m, i, line);
		fprintf(to, "  %c  %s\n", m->owner[i].letter, line);
	}
	if (map_has_clash(m))
		fputs("  !  " MAP_CLASH "\n", to);
	fputs("\nCPUs\n", to);
	cpus_text(to, m);
	memory_text(to, m);
	fputs("\nDevices\n", to);
	for (i = 0; i < m->ndevices; i++) {
		map_device_line(&m->device[i], line);
		fprintf(to, "  %c  %s\n", map_letter(m, m->device[i].owner), line);
	}
	fputs("\nInterrupts, all others are root's\n", to);
	for (i = 0; i < m->nirqs; i++) {
		map_irqs_line(&m->irqs[i], line);
		fprintf(to, "  %c  %s\n", map_letter(m, m->irqs[i].owner), line);
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
