// SPDX-License-Identifier: GPL-2.0-only
/* Cells against each other, and all faults of a file, see check.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "refusal.h"

static bool is_reported(const struct findings *f, const struct unit *unit, uint32_t offset)
{
	uint32_t i;

	for (i = 0; offset && i < f->count; i++)
		if (f->finding[i].at.unit == unit && f->finding[i].at.offset == offset)
			return true;
	return false;
}

/*
 * Of an entry that is wrong in itself no collision is told: that would change with it. Nor that
 * there are no redistributors, which is because of the CPUS.
 */
static bool follows(const struct findings *f, const struct unit *unit,
		    const struct config_verdict *v)
{
	return is_reported(f, unit, v->offset) || is_reported(f, unit, v->other) ||
	       (v->code == CAISSON_E_EMPTY &&
		config_header(unit->blob)->kind == CAISSON_KIND_CELL &&
		v->offset == config_offset(unit->blob, CAISSON_SEC_CELL, 0));
}

/*
 * The validator stops at the first fault; here it is told to go on behind it. Up to TWICE that is
 * no use: the form is broken, and nothing may be walked.
 */
void check_unit(struct findings *f, struct unit *unit, uint32_t kind)
{
	struct config_progress p = { 0 };
	struct config_verdict v;

	unit->sound = true;
	for (;; p.k++) {
		struct finding *finding;

		config_check_some(unit->blob, unit->size, kind, &p, ~0u, &v);
		if (!v.code)
			return;
		unit->sound = false;
		if (p.begun && v.code > CAISSON_E_TWICE && follows(f, unit, &v))
			continue;
		finding = find_refusal(f, v.code, v.value, (struct place){ unit, v.offset, NULL });
		if (v.other)
			beside(finding, (struct place){ unit, v.other, NULL },
			       "this is the other entry");
		if (!p.begun || v.code <= CAISSON_E_TWICE)
			return;
	}
}

bool check_is_cell(const struct check *c, uint32_t i)
{
	const struct unit *unit = &c->unit[i];

	return unit->blob && unit->sound && config_header(unit->blob)->kind == CAISSON_KIND_CELL;
}

bool check_claim(const struct unit *unit, uint32_t n, struct claim *claim)
{
	const void *blob = unit->blob;
	uint32_t memory = config_count(blob, CAISSON_SEC_MEMORY);

	if (n < memory) {
		const struct caisson_memory_entry *m = config_memory(blob, n);

		*claim = (struct claim){ m->pa, m->pa == CAISSON_PA_ANY ? 0 : m->size,
					 place_of(unit, CAISSON_SEC_MEMORY, n), false };
		return true;
	}
	n -= memory;
	if (n < config_count(blob, CAISSON_SEC_DEVICE)) {
		const struct caisson_device_entry *d = config_device(blob, n);

		*claim = (struct claim){ d->pa, d->size, place_of(unit, CAISSON_SEC_DEVICE, n),
					 true };
		return true;
	}
	return false;
}

bool check_spis(const struct unit *unit, uint32_t n, struct spis *spis)
{
	const void *blob = unit->blob;
	const struct caisson_console_entry *con = config_console(blob);
	uint32_t irqs = config_count(blob, CAISSON_SEC_IRQ), shutdown;

	if (n < irqs) {
		const struct caisson_irq_entry *irq = config_irq(blob, n);

		*spis = (struct spis){ irq->first, irq->count,
				       place_of(unit, CAISSON_SEC_IRQ, n), true };
		return true;
	}
	n -= irqs;
	if (n == 0) {
		shutdown = config_cell(blob)->shutdown_intid;
		*spis = (struct spis){ shutdown, !!shutdown, place_of(unit, CAISSON_SEC_CELL, 0),
				       false };
		return true;
	}
	if (n > 1 || !con)
		return false;
	*spis = (struct spis){ con->intid, !!con->intid, place_of(unit, CAISSON_SEC_CONSOLE, 0),
			       false };
	return true;
}

uint32_t check_cpus(const struct check *c)
{
	if (c->board && c->board->cpus)
		return c->board->cpus;
	if (!c->system)
		return 0;
	return (uint32_t)(config_system(c->system->blob)->gicr_size / CONFIG_GICR_SIZE);
}

static const char *name_of(const struct unit *cell)
{
	return config_cell(cell->blob)->name;
}

static void compare_names(struct check *c, const struct unit *cell, const struct unit *old)
{
	struct finding *finding;

	if (strcmp(name_of(cell), name_of(old)))
		return;
	finding = find_refusal(&c->found, CAISSON_E_NAME_TAKEN, 0,
			       place_of(cell, CAISSON_SEC_CELL, 0));
	beside(finding, place_of(old, CAISSON_SEC_CELL, 0), "cell %s is here", name_of(old));
}

/* The CPUs that no cell has, as a hint. */
static void advise_cpus(const struct check *c, struct finding *finding)
{
	uint32_t cpu, i, count = check_cpus(c);
	struct cpu_set left = { 0 }, set;
	char list[128];

	for (cpu = 0; cpu < count && cpu < CONFIG_MAX_CPUS; cpu++)
		left.word[cpu / 64] |= 1ULL << (cpu % 64);
	for (i = 0; i < c->count; i++) {
		if (!check_is_cell(c, i))
			continue;
		config_cpus(c->unit[i].blob, &set);
		for (cpu = 0; cpu < CPU_WORDS; cpu++)
			left.word[cpu] &= ~set.word[cpu];
	}
	format_cpus(&left, list, sizeof(list));
	if (count)
		advise(finding, "CPUs that no cell has: %s; one at least stays root Linux's", list);
	else
		advise(finding, "give one of the cells another CPU");
}

static void compare_cpus(struct check *c, const struct unit *cell, const struct unit *old)
{
	uint32_t i, k;

	for (i = 0; i < config_count(cell->blob, CAISSON_SEC_CPU); i++) {
		const struct caisson_cpu_entry *a = config_cpu(cell->blob, i);

		for (k = 0; k < config_count(old->blob, CAISSON_SEC_CPU); k++) {
			const struct caisson_cpu_entry *b = config_cpu(old->blob, k);
			struct finding *finding;

			if (a->first >= b->first + b->count || b->first >= a->first + a->count)
				continue;
			finding = find_refusal(&c->found, CAISSON_E_CPU_OWNED,
					       a->first > b->first ? a->first : b->first,
					       place_of(cell, CAISSON_SEC_CPU, i));
			beside(finding, place_of(old, CAISSON_SEC_CPU, k), "cell %s has it here",
			       name_of(old));
			advise_cpus(c, finding);
		}
	}
}

static void compare_spis(struct check *c, const struct unit *cell, const struct unit *old)
{
	struct spis a, b;
	uint32_t i, k;

	for (i = 0; check_spis(cell, i, &a); i++) {
		for (k = 0; check_spis(old, k, &b); k++) {
			struct finding *finding;

			if (a.first >= b.first + b.count || b.first >= a.first + a.count)
				continue;
			finding = find_refusal(&c->found, CAISSON_E_IRQ_OWNED,
					       a.first > b.first ? a.first : b.first, a.at);
			beside(finding, b.at, "cell %s has it here", name_of(old));
			if (!a.listed || !b.listed)
				advise(finding,
				       "consoles and shutting down need no number: without "
				       "one a spare interrupt is chosen");
			else
				advise(finding,
				       "an interrupt is one cell's: remove it from the other");
		}
	}
}

static void compare_claims(struct check *c, const struct unit *cell, const struct unit *old)
{
	struct claim a, b;
	uint32_t i, k;

	for (i = 0; check_claim(cell, i, &a); i++) {
		for (k = 0; check_claim(old, k, &b); k++) {
			struct finding *finding;

			if (!a.size || !b.size || a.start >= b.start + b.size ||
			    b.start >= a.start + a.size)
				continue;
			finding = find_refusal(&c->found, CAISSON_E_MEM_OWNED,
					       a.start > b.start ? a.start : b.start, a.at);
			beside(finding, b.at, "cell %s has 0x%" PRIx64 " to 0x%" PRIx64 " here",
			       name_of(old), b.start, b.start + b.size - 1);
			if (a.device)
				advise(finding, "registers are one cell's: leave them to one, or "
				       "give each the part that it needs");
		}
	}
}

/* All CPUs that are some cell's; the last one that takes any is told. */
static void check_last_cpu(struct check *c)
{
	const struct unit *last = NULL;
	struct cpu_set all = { 0 }, set;
	uint32_t cpu, i, count = check_cpus(c), entries;
	struct finding *finding;

	for (i = 0; i < c->count; i++) {
		if (!check_is_cell(c, i))
			continue;
		config_cpus(c->unit[i].blob, &set);
		for (cpu = 0; cpu < CPU_WORDS; cpu++)
			all.word[cpu] |= set.word[cpu];
		if (!c->unit[i].live)
			last = &c->unit[i];
	}
	for (cpu = 0; cpu < count && cpu_in_set(&all, cpu); cpu++)
		;
	if (!last || !count || cpu < count)
		return;
	entries = config_count(last->blob, CAISSON_SEC_CPU);
	finding = find_refusal(&c->found, CAISSON_E_CPU_LAST, count,
			       place_of(last, CAISSON_SEC_CPU, entries - 1));
	advise(finding, "the machine has %" PRIu32 " CPUs, and the cells take all of them", count);
}

void check_cells(struct check *c)
{
	uint32_t i, k;

	for (i = 0; i < c->count; i++) {
		const struct unit *cell = &c->unit[i];

		if (!check_is_cell(c, i) || cell->live)
			continue;
		if (!strcmp(name_of(cell), "root"))
			advise(find_refusal(&c->found, CAISSON_E_NAME_TAKEN, 0,
					    place_of(cell, CAISSON_SEC_CELL, 0)),
			       "root is the name of the Linux that has the machine");
		for (k = 0; k < i; k++) {
			if (!check_is_cell(c, k))
				continue;
			compare_names(c, cell, &c->unit[k]);
			compare_cpus(c, cell, &c->unit[k]);
			compare_spis(c, cell, &c->unit[k]);
			compare_claims(c, cell, &c->unit[k]);
		}
	}
	check_last_cpu(c);
}

void check_all(struct check *c)
{
	check_cells(c);
	check_machine(c);
	check_costs(c);
}
