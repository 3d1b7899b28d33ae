// SPDX-License-Identifier: GPL-2.0-only
/* Configurations of cells from options, see new_cell.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blob.h"
#include "nearest.h"
#include "new_cell.h"

#define LINUX_MEMORY "256M"
#define CELL_MEMORY "16M"
#define ELSEWHERE 0x10000000ULL /* where a device goes that cannot be where it is */
#define ELSEWHERE_STEP 0x10000ULL
#define HINT_DEVICES "hint: `hvctl config create cell' lists the devices, and which a cell can have"

/* A cell in the making. */
struct making {
	const struct request *req;
	const struct machine *machine;
	const struct inventory *inventory;
	struct blob blob;
	uint32_t ncpus;
	struct range taken[4 + 64 * ITEM_RANGES]; /* IPAs: GIC, memory, console, devices */
	uint32_t ntaken;
};

static void take_ipa(struct making *c, uint64_t start, uint64_t size)
{
	if (c->ntaken < ARRAY_SIZE(c->taken))
		c->taken[c->ntaken++] = (struct range){ start, start + size, false };
}

static void add_cell(struct making *c, bool for_linux)
{
	const char *name = for_linux ? "linux" : "cell";
	struct caisson_cell_entry *cell;
	char origin[64];

	snprintf(origin, sizeof(origin), "--name %s",
		 option(c->req, "name") ? option(c->req, "name") : name);
	cell = blob_add(&c->blob, CAISSON_SEC_CELL, origin);
	memcpy(cell->name, name, strlen(name));
	cell->flags = for_linux ? CAISSON_CELL_LINUX : CAISSON_CELL_STRAY_FAIL;
	cell->on_reset = CAISSON_ACTION_RESTART;
	cell->restarts = CAISSON_RESTARTS_UNLIMITED;
	cell->gicd_base = DEFAULT_GICD;
	cell->gicr_base = DEFAULT_GICR;
	take_ipa(c, DEFAULT_GICD, CONFIG_GICD_SIZE);
	take_ipa(c, DEFAULT_GICR, c->ncpus * CONFIG_GICR_SIZE);
}

/*
 * So many CPUs, from the last one downwards; all of one kind if there are so many, as a big one and
 * a little one make a poor pair. The first one stays root's.
 */
static bool pick_cpus(const struct machine *m, uint64_t wanted, struct cpu_set *set)
{
	uint32_t last, cpu, first = 0;
	struct cpu_set there;

	if (machine_cpus(m, &there) <= wanted)
		return false;
	while (!cpu_in_set(&there, first))
		first++;
	for (last = CONFIG_MAX_CPUS - 1; last > first; last--) {
		char kind[128], other[128];
		uint64_t count = 0;

		if (!cpu_in_set(&there, last))
			continue;
		memset(set, 0, sizeof(*set));
		machine_cpu_kind(m, last, kind, sizeof(kind));
		for (cpu = last; cpu > first && count < wanted; cpu--) {
			if (!cpu_in_set(&there, cpu))
				continue;
			machine_cpu_kind(m, cpu, other, sizeof(other));
			if (strcmp(kind, other))
				continue;
			set->word[cpu / 64] |= 1ULL << (cpu % 64);
			count++;
		}
		if (count == wanted)
			return true;
	}
	memset(set, 0, sizeof(*set));
	for (cpu = CONFIG_MAX_CPUS; cpu-- > first && wanted;) {
		if (!cpu_in_set(&there, cpu))
			continue;
		set->word[cpu / 64] |= 1ULL << (cpu % 64);
		wanted--;
	}
	return true;
}

/* --cpus: a list, or +COUNT for so many that hvctl picks; without it, +1. */
static enum exit_code find_cpus(const struct making *c, struct cpu_set *set, char *origin,
				size_t room)
{
	const char *wanted = option(c->req, "cpus");
	struct cpu_set there;
	uint64_t count;
	char text[128];

	snprintf(origin, room, "--cpus %s", wanted ? wanted : "+1, as nothing was said");
	if (wanted && parse_cpus(wanted, set))
		return HVCTL_OK;
	if (wanted && (wanted[0] != '+' || !parse_number(wanted + 1, &count) || !count)) {
		complain("--cpus %s: this is no list of CPUs, each once, such as 2-3,5, nor a "
			 "number of them, such as +2", wanted);
		return HVCTL_USAGE;
	}
	if (!pick_cpus(c->machine, wanted ? count : 1, set)) {
		machine_cpus(c->machine, &there);
		format_cpus(&there, text, sizeof(text));
		complain("--cpus %s: there are the CPUs %s, and root Linux must keep one",
			 wanted ? wanted : "+1", text);
		return HVCTL_REFUSED;
	}
	return HVCTL_OK;
}

static void add_cpus(struct making *c, const struct cpu_set *set, const char *origin)
{
	uint32_t i;

	for (i = 0; i < CONFIG_MAX_CPUS; i++) {
		struct caisson_cpu_entry *cpu;

		if (!cpu_in_set(set, i))
			continue;
		cpu = blob_add(&c->blob, CAISSON_SEC_CPU, origin);
		cpu->first = i;
		for (; cpu_in_set(set, i); i++)
			cpu->count++;
	}
}

static enum exit_code add_memory(struct making *c, bool for_linux)
{
	const char *wanted = option(c->req, "memory");
	struct caisson_memory_entry *m;
	char origin[256];
	uint64_t bytes;

	snprintf(origin, sizeof(origin), "--memory %s%s",
		 wanted ? wanted : for_linux ? LINUX_MEMORY : CELL_MEMORY,
		 wanted ? "" : ", as nothing was said");
	if (!parse_size(wanted ? wanted : for_linux ? LINUX_MEMORY : CELL_MEMORY, &bytes)) {
		complain("--memory %s: this is no size such as 256M", wanted);
		return HVCTL_USAGE;
	}
	m = blob_add(&c->blob, CAISSON_SEC_MEMORY, origin);
	m->ipa = DEFAULT_RAM;
	m->pa = CAISSON_PA_ANY;
	m->size = bytes;
	m->flags = CAISSON_MEM_READ | CAISSON_MEM_WRITE | CAISSON_MEM_EXEC;
	take_ipa(c, DEFAULT_RAM, bytes);
	return HVCTL_OK;
}

/* The end of something that the cell has there already; 0: nothing. */
static uint64_t taken_until(const struct making *c, uint64_t start, uint64_t size)
{
	uint32_t i;

	for (i = 0; i < c->ntaken; i++)
		if (ALIGN_DOWN(start, PAGE) < c->taken[i].end && c->taken[i].start < start + size)
			return c->taken[i].end;
	return 0;
}

/* Where the cell sees registers: where they are, unless the cell has something else there. */
static uint64_t place(const struct making *c, const struct range *r)
{
	uint64_t size = r->end - r->start + r->start % PAGE;
	uint64_t at = r->start, end = taken_until(c, at, r->end - r->start);

	if (!end)
		return at;
	for (at = ELSEWHERE; (end = taken_until(c, at, size)); at = ALIGN_UP(end, ELSEWHERE_STEP))
		;
	return at + r->start % PAGE;
}

/* The device that was perhaps meant, or where they are all listed. */
static void suggest(const struct inventory *inv, const char *name)
{
	struct nearest near;
	uint32_t i;

	nearest_begin(&near, name);
	for (i = 0; i < inv->count; i++)
		nearest_offer(&near, inv->item[i].path);
	if (!nearest_hint(&near, "--device "))
		complain(HINT_DEVICES);
}

static enum exit_code add_device(struct making *c, const char *name)
{
	char origin[ITEM_PATH + 32], why[ITEM_WHY];
	const struct item *item;
	uint32_t i;

	item = inventory_find(c->inventory, c->machine->fdt, name, why, sizeof(why));
	if (!item) {
		complain("--device %s: %s", name, why);
		suggest(c->inventory, name);
		return HVCTL_USAGE;
	}
	if (*item->why) {
		complain("--device %s: %s", name, item->why);
		complain(HINT_DEVICES);
		return HVCTL_REFUSED;
	}
	snprintf(origin, sizeof(origin), "--device %s", name);
	for (i = 0; i < item->nranges; i++) {
		const struct range *r = &item->range[i];
		struct caisson_device_entry *d = blob_add(&c->blob, CAISSON_SEC_DEVICE, origin);

		d->ipa = place(c, r);
		d->pa = r->start;
		d->size = r->end - r->start;
		d->flags = CAISSON_MEM_READ | CAISSON_MEM_WRITE;
		d->node = blob_string(&c->blob, item->path);
		take_ipa(c, ALIGN_DOWN(d->ipa, PAGE), ALIGN_UP(d->size + d->ipa % PAGE, PAGE));
	}
	for (i = 0; i < item->nintids; i++) {
		struct caisson_irq_entry *irq = blob_add(&c->blob, CAISSON_SEC_IRQ, origin);

		irq->first = item->intid[i];
		irq->count = 1;
	}
	return HVCTL_OK;
}

enum exit_code new_cell(const struct request *req, bool for_linux, const struct machine *m,
			const struct inventory *inv, void **blob, uint32_t *size)
{
	struct making *c = allocate(sizeof(*c));
	struct caisson_console_entry *con;
	struct cpu_set cpus = { 0 };
	enum exit_code code;
	char origin[256];
	uint32_t i;

	*c = (struct making){ .req = req, .machine = m, .inventory = inv };
	blob_init(&c->blob, CAISSON_KIND_CELL);
	code = find_cpus(c, &cpus, origin, sizeof(origin));
	for (i = 0; i < CONFIG_MAX_CPUS; i++)
		c->ncpus += cpu_in_set(&cpus, i);
	add_cell(c, for_linux);
	if (!code) {
		add_cpus(c, &cpus, origin);
		code = add_memory(c, for_linux);
	}
	con = blob_add(&c->blob, CAISSON_SEC_CONSOLE, "for hvctl console");
	con->base = DEFAULT_CONSOLE;
	take_ipa(c, DEFAULT_CONSOLE, CONFIG_CONSOLE_SIZE);
	for (i = 0; !code && option_at(req, "device", i); i++)
		code = add_device(c, option_at(req, "device", i));
	*blob = blob_finish(&c->blob, size);
	free(c);
	if (!code)
		return HVCTL_OK;
	free(*blob);
	*blob = NULL;
	return code;
}
