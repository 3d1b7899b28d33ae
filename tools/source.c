// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configurations as C source, see source.h: the lines; what is said about them is in
 * source_notes.c.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "refusal.h"
#include "source.h"
#include "source_notes.h"

/* A number of bytes, as a configuration writes it. */
static void size_words(uint64_t bytes, char *text, size_t size)
{
	static const struct {
		unsigned int shift;
		const char *word;
	} units[] = { { 30, "GiB" }, { 20, "MiB" }, { 10, "KiB" } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		uint64_t unit = 1ULL << units[i].shift;

		if (!bytes || bytes % unit || bytes / unit >= 1024 * 1024)
			continue;
		snprintf(text, size, "%s(%" PRIu64 ")", units[i].word, bytes / unit);
		return;
	}
	snprintf(text, size, "0x%" PRIx64, bytes);
}

static const char *origin(const struct source *s, uint32_t section, uint32_t i)
{
	return config_string(s->blob,
			     config_source(s->blob, config_offset(s->blob, section, i))->file);
}

static void write_system(const struct source *s)
{
	const struct caisson_system_entry *sys = config_system(s->blob);
	char size[40];

	note_gic(s, sys);
	fprintf(s->to, "SYSTEM(\"%s\",\n", sys->name);
	fprintf(s->to, "       .gicd_base = 0x%08" PRIx64 ",\n", sys->gicd_base);
	size_words(sys->gicd_size, size, sizeof(size));
	fprintf(s->to, "       .gicd_size = %s,\n", size);
	fprintf(s->to, "       .gicr_base = 0x%08" PRIx64 ",\n", sys->gicr_base);
	fprintf(s->to, "       .gicr_size = %" PRIu64 " * KiB(128));\n",
		(uint64_t)(sys->gicr_size / CONFIG_GICR_SIZE));
}

static void write_ram(const struct source *s)
{
	char size[40];
	uint32_t i;

	note_ram(s);
	for (i = 0; i < config_count(s->blob, CAISSON_SEC_MEMORY); i++) {
		const struct caisson_memory_entry *m = config_memory(s->blob, i);

		size_words(m->size, size, sizeof(size));
		fprintf(s->to, "RAM(0x%08" PRIx64 ", %s);\n", m->pa, size);
	}
}

static void write_mmio(const struct source *s)
{
	char size[40];
	uint32_t i;

	note_mmio(s);
	for (i = 0; i < config_count(s->blob, CAISSON_SEC_DEVICE); i++) {
		const struct caisson_device_entry *d = config_device(s->blob, i);

		note_devices_in(s, d->pa, d->size);
		size_words(d->size, size, sizeof(size));
		fprintf(s->to, "MMIO(0x%08" PRIx64 ", %s);\n", d->pa, size);
	}
	note_unlisted(s);
}

static void write_spares(const struct source *s)
{
	uint32_t i;

	note_spares(s);
	for (i = 0; i < config_count(s->blob, CAISSON_SEC_IRQ); i++)
		fprintf(s->to, "SPARE_SPIS(%" PRIu32 ", %" PRIu32 ");\n",
			config_irq(s->blob, i)->first, config_irq(s->blob, i)->count);
}

static void write_cell(const struct source *s)
{
	const struct caisson_cell_entry *c = config_cell(s->blob);
	const char *word = c->flags & CAISSON_CELL_LINUX ? "LINUX_CELL" : "CELL";

	note_cell(s, c);
	if (c->shutdown_intid)
		fprintf(s->to, "%s(\"%s\", .shutdown_intid = %" PRIu32 ");\n", word, c->name,
			c->shutdown_intid);
	else
		fprintf(s->to, "%s(\"%s\");\n", word, c->name);
}

static void write_cpus(const struct source *s)
{
	uint32_t i;

	note_cell_cpus(s, origin(s, CAISSON_SEC_CPU, 0));
	for (i = 0; i < config_count(s->blob, CAISSON_SEC_CPU); i++) {
		const struct caisson_cpu_entry *c = config_cpu(s->blob, i);

		fprintf(s->to, c->count > 1 ? "CPUS(%" PRIu32 ", %" PRIu32 ");\n" :
					      "CPUS(%" PRIu32 ");\n", c->first, c->count);
	}
}

static void write_memory(const struct source *s)
{
	char size[40];
	uint32_t i;

	note_cell_memory(s, origin(s, CAISSON_SEC_MEMORY, 0));
	for (i = 0; i < config_count(s->blob, CAISSON_SEC_MEMORY); i++) {
		const struct caisson_memory_entry *m = config_memory(s->blob, i);

		size_words(m->size, size, sizeof(size));
		fprintf(s->to, "MEMORY(0x%08" PRIx64 ", %s);\n", m->ipa, size);
	}
}

void write_device(FILE *to, const char *before, uint64_t ipa, uint64_t pa, uint64_t bytes,
		  const char *node)
{
	char size[40], words[128];

	size_words(bytes, size, sizeof(size));
	snprintf(words, sizeof(words), "DEVICE(0x%08" PRIx64 ", 0x%08" PRIx64 ", %s,", ipa, pa,
		 size);
	if (strlen(before) + strlen(words) + strlen(node) < 85)
		fprintf(to, "%s%s .node = \"%s\");\n", before, words, node);
	else
		fprintf(to, "%s%s\n%s       .node = \"%s\");\n", before, words, before, node);
}

/* A device's regions stand together, and its interrupts behind them. */
static void write_devices(const struct source *s)
{
	uint32_t count = config_count(s->blob, CAISSON_SEC_DEVICE), i, k;

	for (i = 0; i < count; i++) {
		const struct caisson_device_entry *d = config_device(s->blob, i);
		const char *node = config_string(s->blob, d->node);
		bool last = i + 1 == count || config_device(s->blob, i + 1)->node != d->node;

		if (!i || config_device(s->blob, i - 1)->node != d->node)
			note_given(s, node);
		if (d->ipa != d->pa)
			fprintf(s->to,
				"/* not where it is: the cell has something else there */\n");
		write_device(s->to, "", d->ipa, d->pa, d->size, node);
		for (k = 0; last && k < config_count(s->blob, CAISSON_SEC_IRQ); k++)
			if (config_irq(s->blob, k)->source.file == d->source.file)
				fprintf(s->to, "IRQ(%" PRIu32 ");\n",
					config_irq(s->blob, k)->first);
	}
}

static void write_console(const struct source *s)
{
	const struct caisson_console_entry *con = config_console(s->blob);

	note_console(s, con);
	if (con->intid)
		fprintf(s->to, "CONSOLE(.intid = %" PRIu32 ");\n", con->intid);
	else
		fprintf(s->to, "CONSOLE();\n");
}

void source_write(const struct source *s)
{
	note_head(s);
	fprintf(s->to, "#include \"hvconfig.h\"\n");
	if (config_header(s->blob)->kind == CAISSON_KIND_SYSTEM) {
		write_system(s);
		note_cpus(s);
		write_ram(s);
		write_mmio(s);
		write_spares(s);
		return;
	}
	write_cell(s);
	write_cpus(s);
	write_memory(s);
	write_console(s);
	write_devices(s);
	note_others(s);
}
