// SPDX-License-Identifier: GPL-2.0-only
/* What cells cost, see check.h: page tables that a better address would save, and EL2's pool. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cost.h"
#include "uapi.h"

/* Where the region would have to be: one of the two addresses moves, to the next one that fits. */
static void advise_address(struct finding *finding, const struct mapping *m, uint64_t unit,
			   bool any)
{
	uint64_t pa = m->ipa + m->offset, low = m->ipa % unit;

	if (any || m->offset % unit == 0)
		advise(finding, "0x%" PRIx64 " is the next address of that kind, 0x%" PRIx64
		       " the next size", ALIGN_UP(m->ipa, unit), ALIGN_UP(m->size, unit));
	else
		advise(finding, "let them be the same in the last %u bits, as with 0x%" PRIx64
		       " and 0x%" PRIx64, (unsigned int)__builtin_ctzll(unit), m->ipa,
		       ALIGN_UP(pa - low, unit) + low);
}

/*
 * Tables that are there only because of where a region lies; of one that is smaller nothing is
 * told.
 */
static void check_alignment(struct check *c, const struct mapping *m, struct place at, bool any)
{
	struct mapping copy = *m;
	uint64_t tables = cost_tables(&copy, 1, 39), least = cost_least(m);
	uint64_t unit = (m->offset | m->ipa | m->size) % COST_2M ? COST_2M : COST_1G;
	const char *size = unit == COST_1G ? "1 GiB" : "2 MiB";
	struct finding *finding;

	if (m->size < COST_2M || tables <= least)
		return;
	if (m->offset % unit)
		finding =
			find(&c->found, FINDING_WARNING, "ALIGNMENT", tables - least, at,
			     "its two addresses differ below %s, so no entry maps so much: %" PRIu64
			     " page tables instead of %" PRIu64,
			     size, tables, least);
	else
		finding = find(&c->found, FINDING_WARNING, "ALIGNMENT", tables - least, at,
			       "it does not begin and end at multiples of %s: %" PRIu64
			       " page tables instead of %" PRIu64, size, tables, least);
	advise_address(finding, m, unit, any);
}

static void check_cell(struct check *c, const struct unit *cell)
{
	struct mapping m;
	uint32_t i;

	for (i = 0; i < config_count(cell->blob, CAISSON_SEC_MEMORY); i++) {
		cost_memory(cell->blob, i, &m);
		check_alignment(c, &m, place_of(cell, CAISSON_SEC_MEMORY, i),
				config_memory(cell->blob, i)->pa == CAISSON_PA_ANY);
	}
	for (i = 0; i < config_count(cell->blob, CAISSON_SEC_DEVICE); i++)
		if (cost_device(cell->blob, i, &m))
			check_alignment(c, &m, place_of(cell, CAISSON_SEC_DEVICE, i), false);
}

struct pool check_pool(const struct check *c)
{
	struct pool pool = { 0 };
	uint32_t i;

	for (i = 0; i < c->count; i++) {
		if (!check_is_cell(c, i) || c->unit[i].live)
			continue;
		pool.cells += cost_cell(c->unit[i].blob, c->unit[i].size);
		pool.root += cost_root(c->unit[i].blob);
	}
	if (c->enabled) {
		pool.has = c->pool_free;
		pool.exact = true;
	} else if (c->system) {
		uint64_t pages = config_system(c->system->blob)->pool_pages;
		uint64_t root = CAISSON_POOL_ROOT + check_cpus(c);

		pool.exact = pages;
		pool.has = !pages ? CAISSON_POOL_CELLS : pages > root ? pages - root : 0;
	}
	return pool;
}

void check_costs(struct check *c)
{
	struct pool pool = check_pool(c);
	bool short_of = pool.exact && pool.cells > pool.has;
	const struct unit *last = NULL;
	struct finding *finding;
	uint32_t i;

	for (i = 0; i < c->count; i++) {
		if (!check_is_cell(c, i) || c->unit[i].live)
			continue;
		check_cell(c, &c->unit[i]);
		last = &c->unit[i];
	}
	if (!last || (!c->enabled && !c->system) || pool.cells + pool.root <= pool.has)
		return;
	finding = find(&c->found, short_of ? FINDING_ERROR : FINDING_WARNING, "POOL",
		       pool.cells + pool.root, place_of(last, CAISSON_SEC_CELL, 0),
		       "the cells need %" PRIu64 " pages of EL2's pool, and root's tables about %"
		       PRIu64 " more; there are %" PRIu64, pool.cells, pool.root, pool.has);
	advise(finding, "a system configuration with .pool_pages = %" PRIu64,
	       CAISSON_POOL_ROOT + check_cpus(c) + pool.cells + pool.root);
}
