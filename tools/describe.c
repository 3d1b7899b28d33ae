// SPDX-License-Identifier: GPL-2.0-only
/* Configurations for people and for scripts, see describe.h. */
#include <inttypes.h>
#include <stdio.h>

#include "describe.h"
#include "refusal.h"

/* One line: what, its words, where it was written. */
static void line(const void *blob, uint32_t section, uint32_t i, const char *what,
		 const char *words)
{
	char where[512];

	refusal_where(blob, config_offset(blob, section, i), where, sizeof(where));
	printf("  %-9s %-66s  %s\n", what, words, where);
}

static void access_words(uint32_t flags, char *text, size_t size)
{
	snprintf(text, size, "%s%s%s%s", flags & CAISSON_MEM_READ ? "r" : "-",
		 flags & CAISSON_MEM_WRITE ? "w" : "-", flags & CAISSON_MEM_EXEC ? "x" : "-",
		 flags & CAISSON_MEM_CONTIGUOUS ? ", contiguous" : "");
}

/* What a word of a configuration means without fields, as configs/hvconfig.h has it. */
#define DEFAULT_GICD 0x08000000ULL
#define DEFAULT_GICR 0x080a0000ULL
#define DEFAULT_CONSOLE 0x09000000ULL
#define MEMORY_FLAGS (CAISSON_MEM_READ | CAISSON_MEM_WRITE | CAISSON_MEM_EXEC)
#define DEVICE_FLAGS (CAISSON_MEM_READ | CAISSON_MEM_WRITE)

struct gic {
	uint64_t gicd_base, gicd_size, gicr_base, gicr_size;
};

static const char *action_name(uint32_t action)
{
	return action == CAISSON_ACTION_RESTART ? "restart" : "stop";
}

/* Behind what is as it is without a word (configs/hvconfig.h). */
static const char *star(bool by_default)
{
	return by_default ? "*" : "";
}

static bool stray_fails(const struct caisson_cell_entry *c)
{
	return c->flags & CAISSON_CELL_STRAY_FAIL;
}

/* CELL makes it fail, LINUX_CELL does not. */
static bool stray_by_default(const struct caisson_cell_entry *c)
{
	return stray_fails(c) == !(c->flags & CAISSON_CELL_LINUX);
}

static void gic_text(const void *blob, uint32_t section, const struct gic *gic)
{
	char words[160], dist[32], redist[32];

	format_bytes(gic->gicd_size, dist, sizeof(dist));
	format_bytes(gic->gicr_size, redist, sizeof(redist));
	snprintf(words, sizeof(words),
		 "distributor 0x%" PRIx64 "%s, %s%s; redistributors 0x%" PRIx64 "%s, %s",
		 gic->gicd_base, star(gic->gicd_base == DEFAULT_GICD), dist,
		 star(section == CAISSON_SEC_SYSTEM && gic->gicd_size == CONFIG_GICD_SIZE),
		 gic->gicr_base, star(gic->gicr_base == DEFAULT_GICR), redist);
	line(blob, section, 0, "GICv3", words);
}

static void policy_text(const void *blob)
{
	const struct caisson_cell_entry *c = config_cell(blob);
	bool unlimited = c->restarts == CAISSON_RESTARTS_UNLIMITED;
	char words[160], limit[16];

	snprintf(limit, sizeof(limit), "%" PRIu32, c->restarts);
	snprintf(words, sizeof(words), "off: %s%s, reset: %s%s, fault: %s%s; restarts: %s%s",
		 action_name(c->on_off), star(c->on_off == CAISSON_ACTION_STOP),
		 action_name(c->on_reset), star(c->on_reset == CAISSON_ACTION_RESTART),
		 action_name(c->on_fault), star(c->on_fault == CAISSON_ACTION_STOP),
		 unlimited ? "unlimited" : limit, star(unlimited));
	line(blob, CAISSON_SEC_CELL, 0, "policy", words);
	snprintf(words, sizeof(words), c->watchdog_ms ? "%" PRIu32 " ms" : "none*", c->watchdog_ms);
	line(blob, CAISSON_SEC_CELL, 0, "watchdog", words);
	snprintf(words, sizeof(words), c->shutdown_intid ? "INTID %" PRIu32 : "any spare INTID*",
		 c->shutdown_intid);
	line(blob, CAISSON_SEC_CELL, 0, "shutdown", words);
}

static void cell_text(const void *blob)
{
	const struct caisson_cell_entry *c = config_cell(blob);
	struct cpu_set cpus;
	char words[160];

	printf("cell %s\n", c->name);
	snprintf(words, sizeof(words), "a stray access %s%s%s%s%s", stray_fails(c) ?
		 "fails the cell" : "is aborted in the cell", star(stray_by_default(c)),
		 c->flags & CAISSON_CELL_LINUX ? "; for Linux" : "",
		 c->flags & CAISSON_CELL_KEEP_IMAGE ? "; EL2 keeps its image" : "",
		 c->flags & CAISSON_CELL_TRAP_WFI ? "; each WFI is an exit" : "");
	line(blob, CAISSON_SEC_CELL, 0, "cell", words);
	config_cpus(blob, &cpus);
	gic_text(blob, CAISSON_SEC_CELL,
		 &(struct gic){ c->gicd_base, CONFIG_GICD_SIZE, c->gicr_base,
				cpus_in_set(&cpus) * CONFIG_GICR_SIZE });
	policy_text(blob);
	if (c->flags & CAISSON_CELL_ENTRY)
		snprintf(words, sizeof(words), "0x%" PRIx64, c->entry);
	else
		snprintf(words, sizeof(words), "the image's*");
	line(blob, CAISSON_SEC_CELL, 0, "entry", words);
	if (c->flags & CAISSON_CELL_ARGS)
		snprintf(words, sizeof(words), "0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64
			 " 0x%" PRIx64, c->args[0], c->args[1], c->args[2], c->args[3]);
	else
		snprintf(words, sizeof(words), "the device tree's address*");
	line(blob, CAISSON_SEC_CELL, 0, "x0..x3", words);
}

static void system_text(const void *blob)
{
	const struct caisson_system_entry *s = config_system(blob);
	char words[160];

	printf("system %s\n", s->name);
	gic_text(blob, CAISSON_SEC_SYSTEM,
		 &(struct gic){ s->gicd_base, s->gicd_size, s->gicr_base, s->gicr_size });
	snprintf(words, sizeof(words), "%s%s", mode_name(s->irq_mode),
		 star(s->irq_mode == CAISSON_MODE_AUTO));
	line(blob, CAISSON_SEC_SYSTEM, 0, "mode", words);
	snprintf(words, sizeof(words), s->pool_pages ? "%" PRIu32 " pages" :
		 "pages for all CPUs and four cells*", s->pool_pages);
	line(blob, CAISSON_SEC_SYSTEM, 0, "pool", words);
}

static void range_words(char *text, size_t size, uint64_t ipa, uint64_t pa, uint64_t bytes,
			uint32_t flags, bool by_default)
{
	char amount[32], access[32], at[40] = "";

	format_bytes(bytes, amount, sizeof(amount));
	access_words(flags, access, sizeof(access));
	if (pa == CAISSON_PA_ANY)
		snprintf(at, sizeof(at), " anywhere*");
	else if (pa != ipa)
		snprintf(at, sizeof(at), " at 0x%" PRIx64, pa);
	snprintf(text, size, "0x%" PRIx64 ", %s%s, %s%s", ipa, amount, at, access,
		 star(by_default));
}

static void memory_text(const void *blob)
{
	bool is_cell = config_header(blob)->kind == CAISSON_KIND_CELL;
	char words[160];
	uint32_t i;

	for (i = 0; i < config_count(blob, CAISSON_SEC_MEMORY); i++) {
		const struct caisson_memory_entry *m = config_memory(blob, i);

		range_words(words, sizeof(words), m->ipa, m->pa, m->size, m->flags,
			    is_cell && m->flags == MEMORY_FLAGS);
		line(blob, CAISSON_SEC_MEMORY, i, "memory", words);
	}
	for (i = 0; i < config_count(blob, CAISSON_SEC_DEVICE); i++) {
		const struct caisson_device_entry *d = config_device(blob, i);

		range_words(words, sizeof(words), d->ipa, d->pa, d->size, d->flags,
			    is_cell && d->flags == DEVICE_FLAGS);
		line(blob, CAISSON_SEC_DEVICE, i, "device", words);
		if (d->node)
			line(blob, CAISSON_SEC_DEVICE, i, "", config_string(blob, d->node));
	}
}

/* "5" or "5-9" */
static void span_words(char *text, size_t size, uint32_t first, uint32_t count)
{
	if (count == 1)
		snprintf(text, size, "%" PRIu32, first);
	else
		snprintf(text, size, "%" PRIu32 "-%" PRIu32, first, first + count - 1);
}

void describe_text(const void *blob)
{
	bool is_cell = config_header(blob)->kind == CAISSON_KIND_CELL;
	const struct caisson_console_entry *con = config_console(blob);
	char words[160];
	uint32_t i;

	if (is_cell)
		cell_text(blob);
	else
		system_text(blob);
	for (i = 0; i < config_count(blob, CAISSON_SEC_CPU); i++) {
		span_words(words, sizeof(words), config_cpu(blob, i)->first,
			   config_cpu(blob, i)->count);
		line(blob, CAISSON_SEC_CPU, i, "CPUs", words);
	}
	memory_text(blob);
	for (i = 0; i < config_count(blob, CAISSON_SEC_IRQ); i++) {
		span_words(words, sizeof(words), config_irq(blob, i)->first,
			   config_irq(blob, i)->count);
		line(blob, CAISSON_SEC_IRQ, i, is_cell ? "INTIDs" : "spare", words);
	}
	if (con) {
		snprintf(words, sizeof(words), con->intid ?
			 "PL011 0x%" PRIx64 "%s, INTID %" PRIu32 :
			 "PL011 0x%" PRIx64 "%s, any spare INTID*", con->base,
			 star(con->base == DEFAULT_CONSOLE), con->intid);
		line(blob, CAISSON_SEC_CONSOLE, 0, "console", words);
	}
}

static void where_json(struct json *j, const void *blob, uint32_t section, uint32_t i)
{
	char where[512];

	refusal_where(blob, config_offset(blob, section, i), where, sizeof(where));
	json_string(j, "where", where);
}

/* For the array of those fields of an object that are as they are without a word. */
static void default_json(struct json *j, const char *name, bool by_default)
{
	if (by_default)
		json_string(j, NULL, name);
}

static void ranges_json(struct json *j, const void *blob)
{
	bool is_cell = config_header(blob)->kind == CAISSON_KIND_CELL;
	char access[32];
	uint32_t i;

	json_array(j, "memory");
	for (i = 0; i < config_count(blob, CAISSON_SEC_MEMORY); i++) {
		const struct caisson_memory_entry *m = config_memory(blob, i);

		json_object(j, NULL);
		json_number(j, "ipa", m->ipa);
		if (m->pa == CAISSON_PA_ANY)
			json_null(j, "pa");
		else
			json_number(j, "pa", m->pa);
		json_number(j, "size", m->size);
		access_words(m->flags & ~CAISSON_MEM_CONTIGUOUS, access, sizeof(access));
		json_string(j, "access", access);
		json_bool(j, "contiguous", m->flags & CAISSON_MEM_CONTIGUOUS);
		json_array(j, "defaults");
		default_json(j, "pa", m->pa == CAISSON_PA_ANY);
		default_json(j, "access", is_cell && !((m->flags ^ MEMORY_FLAGS) & MEMORY_FLAGS));
		default_json(j, "contiguous", is_cell && !(m->flags & CAISSON_MEM_CONTIGUOUS));
		json_end_array(j);
		where_json(j, blob, CAISSON_SEC_MEMORY, i);
		json_end_object(j);
	}
	json_end_array(j);
	json_array(j, "devices");
	for (i = 0; i < config_count(blob, CAISSON_SEC_DEVICE); i++) {
		const struct caisson_device_entry *d = config_device(blob, i);

		json_object(j, NULL);
		json_number(j, "ipa", d->ipa);
		json_number(j, "pa", d->pa);
		json_number(j, "size", d->size);
		access_words(d->flags, access, sizeof(access));
		json_string(j, "access", access);
		if (d->node)
			json_string(j, "node", config_string(blob, d->node));
		json_array(j, "defaults");
		default_json(j, "access", is_cell && d->flags == DEVICE_FLAGS);
		default_json(j, "node", is_cell && !d->node);
		json_end_array(j);
		where_json(j, blob, CAISSON_SEC_DEVICE, i);
		json_end_object(j);
	}
	json_end_array(j);
}

static void cell_defaults_json(struct json *j, const struct caisson_cell_entry *c)
{
	json_array(j, "defaults");
	default_json(j, "stray", stray_by_default(c));
	default_json(j, "keep_image", !(c->flags & CAISSON_CELL_KEEP_IMAGE));
	default_json(j, "trap_wfi", !(c->flags & CAISSON_CELL_TRAP_WFI));
	default_json(j, "on_off", c->on_off == CAISSON_ACTION_STOP);
	default_json(j, "on_reset", c->on_reset == CAISSON_ACTION_RESTART);
	default_json(j, "on_fault", c->on_fault == CAISSON_ACTION_STOP);
	default_json(j, "restarts", c->restarts == CAISSON_RESTARTS_UNLIMITED);
	default_json(j, "watchdog_ms", !c->watchdog_ms);
	default_json(j, "shutdown_intid", !c->shutdown_intid);
	default_json(j, "gicd_base", c->gicd_base == DEFAULT_GICD);
	default_json(j, "gicr_base", c->gicr_base == DEFAULT_GICR);
	default_json(j, "entry", !(c->flags & CAISSON_CELL_ENTRY));
	default_json(j, "args", !(c->flags & CAISSON_CELL_ARGS));
	json_end_array(j);
}

static void cell_json(struct json *j, const void *blob)
{
	const struct caisson_cell_entry *c = config_cell(blob);
	struct cpu_set cpus;
	uint32_t i;

	json_string(j, "name", c->name);
	where_json(j, blob, CAISSON_SEC_CELL, 0);
	json_string(j, "stray", c->flags & CAISSON_CELL_STRAY_FAIL ? "fail" : "inject");
	json_bool(j, "linux", c->flags & CAISSON_CELL_LINUX);
	json_bool(j, "keep_image", c->flags & CAISSON_CELL_KEEP_IMAGE);
	json_bool(j, "trap_wfi", c->flags & CAISSON_CELL_TRAP_WFI);
	json_string(j, "on_off", action_name(c->on_off));
	json_string(j, "on_reset", action_name(c->on_reset));
	json_string(j, "on_fault", action_name(c->on_fault));
	if (c->restarts == CAISSON_RESTARTS_UNLIMITED)
		json_null(j, "restarts");
	else
		json_number(j, "restarts", c->restarts);
	json_number(j, "watchdog_ms", c->watchdog_ms);
	json_number(j, "shutdown_intid", c->shutdown_intid);
	json_number(j, "gicd_base", c->gicd_base);
	json_number(j, "gicr_base", c->gicr_base);
	if (c->flags & CAISSON_CELL_ENTRY)
		json_number(j, "entry", c->entry);
	if (c->flags & CAISSON_CELL_ARGS) {
		json_array(j, "args");
		for (i = 0; i < ARRAY_SIZE(c->args); i++)
			json_number(j, NULL, c->args[i]);
		json_end_array(j);
	}
	cell_defaults_json(j, c);
	config_cpus(blob, &cpus);
	json_array(j, "cpus");
	for (i = 0; i < CONFIG_MAX_CPUS; i++)
		if (cpu_in_set(&cpus, i))
			json_number(j, NULL, i);
	json_end_array(j);
	json_array(j, "cpu_entries");
	for (i = 0; i < config_count(blob, CAISSON_SEC_CPU); i++) {
		json_object(j, NULL);
		json_number(j, "first", config_cpu(blob, i)->first);
		json_number(j, "count", config_cpu(blob, i)->count);
		where_json(j, blob, CAISSON_SEC_CPU, i);
		json_end_object(j);
	}
	json_end_array(j);
}

static void system_json(struct json *j, const void *blob)
{
	const struct caisson_system_entry *s = config_system(blob);

	json_string(j, "name", s->name);
	where_json(j, blob, CAISSON_SEC_SYSTEM, 0);
	json_number(j, "gicd_base", s->gicd_base);
	json_number(j, "gicd_size", s->gicd_size);
	json_number(j, "gicr_base", s->gicr_base);
	json_number(j, "gicr_size", s->gicr_size);
	json_string(j, "mode", mode_name(s->irq_mode));
	json_number(j, "pool_pages", s->pool_pages);
	json_array(j, "defaults");
	default_json(j, "gicd_base", s->gicd_base == DEFAULT_GICD);
	default_json(j, "gicd_size", s->gicd_size == CONFIG_GICD_SIZE);
	default_json(j, "gicr_base", s->gicr_base == DEFAULT_GICR);
	default_json(j, "mode", s->irq_mode == CAISSON_MODE_AUTO);
	default_json(j, "pool_pages", !s->pool_pages);
	json_end_array(j);
}

void describe_json(struct json *j, const void *blob)
{
	bool is_cell = config_header(blob)->kind == CAISSON_KIND_CELL;
	const struct caisson_console_entry *con = config_console(blob);
	uint32_t i;

	json_string(j, "kind", is_cell ? "cell" : "system");
	if (is_cell)
		cell_json(j, blob);
	else
		system_json(j, blob);
	ranges_json(j, blob);
	json_array(j, is_cell ? "irqs" : "spare_spis");
	for (i = 0; i < config_count(blob, CAISSON_SEC_IRQ); i++) {
		json_object(j, NULL);
		json_number(j, "first", config_irq(blob, i)->first);
		json_number(j, "count", config_irq(blob, i)->count);
		where_json(j, blob, CAISSON_SEC_IRQ, i);
		json_end_object(j);
	}
	json_end_array(j);
	if (con) {
		json_object(j, "console");
		json_number(j, "base", con->base);
		json_number(j, "intid", con->intid);
		json_array(j, "defaults");
		default_json(j, "base", con->base == DEFAULT_CONSOLE);
		default_json(j, "intid", !con->intid);
		json_end_array(j);
		where_json(j, blob, CAISSON_SEC_CONSOLE, 0);
		json_end_object(j);
	}
}

void describe(const void *blob, bool json)
{
	struct json j;

	if (!json) {
		describe_text(blob);
		printf("  * without a word in the configuration\n");
		return;
	}
	json_begin(&j, stdout);
	json_object(&j, NULL);
	describe_json(&j, blob);
	json_end_object(&j);
}
