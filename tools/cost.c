// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a cell costs EL2's pool (see cost.h).
 *
 * A table is needed for each entry of the level above that some mapping reaches into and that
 * cannot be a leaf: because the mapping covers a part of it only, or because its IPA and PA differ
 * below the entry's size. So tables are counted by intervals of entries, not one by one: a mapping
 * has two ends at most, or is one interval.
 */
#include <stdlib.h>

#include "config_check.h"
#include "cost.h"
#include "hvctl.h"

#define CELL_BITS 39		     /* of a cell's address space at least */
#define LINUX_PIECE (256ULL << 20)   /* the largest that the driver asks Linux for */

struct interval {
	uint64_t first, end; /* entries of a level */
};

static int by_ipa(const void *a, const void *b)
{
	const struct mapping *x = a, *y = b;

	return x->ipa < y->ipa ? -1 : x->ipa > y->ipa;
}

static int by_first(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* Sorts, and joins neighbours that grow together. Returns how many are left. */
static uint32_t join(struct mapping *m, uint32_t count)
{
	uint32_t i, kept = 0;

	qsort(m, count, sizeof(*m), by_ipa);
	for (i = 0; i < count; i++) {
		struct mapping *last = kept ? &m[kept - 1] : NULL;

		if (last && last->merges && m[i].merges && last->ipa + last->size == m[i].ipa &&
		    last->offset == m[i].offset && last->flags == m[i].flags)
			last->size += m[i].size;
		else
			m[kept++] = m[i];
	}
	return kept;
}

/* Which entries of @size cannot be leaves of this mapping: up to two intervals. */
static uint32_t split(const struct mapping *m, uint64_t size, struct interval *to)
{
	uint64_t first = m->ipa / size, end = (m->ipa + m->size + size - 1) / size;
	uint64_t inner = (m->ipa + size - 1) / size, inner_end = (m->ipa + m->size) / size;

	if (size > m->block || m->offset % size || inner >= inner_end) {
		to[0] = (struct interval){ first, end };
		return 1;
	}
	to[0] = (struct interval){ first, inner };
	to[1] = (struct interval){ inner_end, end };
	return 2;
}

static uint64_t count_union(struct interval *all, uint32_t count)
{
	uint64_t sum = 0, end = 0;
	uint32_t i;

	qsort(all, count, sizeof(*all), by_first);
	for (i = 0; i < count; i++) {
		uint64_t first = all[i].first > end ? all[i].first : end;

		if (all[i].end > first) {
			sum += all[i].end - first;
			end = all[i].end;
		}
	}
	return sum;
}

uint64_t cost_tables(struct mapping *m, uint32_t count, uint32_t bits)
{
	/* Entries of the levels 0 to 2; with up to 43 bits the root's tables are of level 1. */
	static const uint64_t sizes[] = { 512 * COST_1G, COST_1G, COST_2M };
	struct interval *all = allocate((2ULL * count + 1) * sizeof(*all));
	uint64_t sum = 0;
	uint32_t level, i;

	count = join(m, count);
	for (level = bits <= 43 ? 1 : 0; level < ARRAY_SIZE(sizes); level++) {
		uint32_t used = 0;

		for (i = 0; i < count; i++)
			used += split(&m[i], sizes[level], all + used);
		sum += count_union(all, used);
	}
	free(all);
	return sum;
}

bool cost_memory(const void *blob, uint32_t i, struct mapping *m)
{
	const struct caisson_memory_entry *e = config_memory(blob, i);

	*m = (struct mapping){ .ipa = e->ipa,
			       .size = e->size,
			       .offset = e->pa - e->ipa,
			       .block = COST_1G,
			       .flags = e->flags & ~CAISSON_MEM_CONTIGUOUS,
			       .merges = 1 };
	if (e->pa != CAISSON_PA_ANY)
		return true;
	/*
	 * Pieces that fit the IPA, in blocks of 2 MiB; one piece begins at such a block of its own.
	 */
	m->block = COST_2M;
	m->merges = 0;
	m->offset = e->flags & CAISSON_MEM_CONTIGUOUS ? -(e->ipa % COST_2M) : 0;
	return true;
}

bool cost_device(const void *blob, uint32_t i, struct mapping *m)
{
	const struct caisson_device_entry *e = config_device(blob, i);

	*m = (struct mapping){ .ipa = e->ipa,
			       .size = e->size,
			       .offset = e->pa - e->ipa,
			       .block = COST_1G };
	return !((e->ipa | e->pa | e->size) % COST_PAGE);
}

uint64_t cost_least(const struct mapping *m)
{
	struct mapping best = { .size = m->size, .block = m->block };

	/* Of less than 1 GiB it does not depend on whether a multiple of that lies inside. */
	if (m->size < COST_1G || m->block < COST_1G)
		best.ipa = ALIGN_DOWN(m->ipa, COST_2M);
	if (m->size >= COST_2M)
		best.size = ALIGN_UP(m->size, COST_2M);
	return cost_tables(&best, 1, CELL_BITS);
}

/* As EL2 computes them (cell_make.c), from where the cell's highest region ends. */
static uint32_t address_bits(const void *blob)
{
	const struct caisson_cell_entry *cell = config_cell(blob);
	const struct caisson_console_entry *con = config_console(blob);
	uint64_t gicr = cell->gicr_base, end = cell->gicd_base > gicr ? cell->gicd_base : gicr;
	uint32_t bits = CELL_BITS, i;

	end += COST_1G;
	if (con && con->base + COST_PAGE > end)
		end = con->base + COST_PAGE;
	for (i = 0; i < config_count(blob, CAISSON_SEC_MEMORY); i++)
		if (config_memory(blob, i)->ipa + config_memory(blob, i)->size > end)
			end = config_memory(blob, i)->ipa + config_memory(blob, i)->size;
	for (i = 0; i < config_count(blob, CAISSON_SEC_DEVICE); i++)
		if (config_device(blob, i)->ipa + config_device(blob, i)->size > end)
			end = config_device(blob, i)->ipa + config_device(blob, i)->size;
	while (bits < 48 && end > 1ULL << bits)
		bits++;
	return bits;
}

uint64_t cost_cell(const void *blob, uint32_t size)
{
	uint32_t memory = config_count(blob, CAISSON_SEC_MEMORY);
	uint32_t devices = config_count(blob, CAISSON_SEC_DEVICE);
	struct mapping *m = allocate((memory + devices) * sizeof(*m));
	uint32_t bits = address_bits(blob), count = 0, i;
	uint64_t pages;

	for (i = 0; i < memory; i++)
		count += cost_memory(blob, i, &m[count]);
	for (i = 0; i < devices; i++)
		count += cost_device(blob, i, &m[count]);
	pages = cost_tables(m, count, bits);
	free(m);
	/*
	 * Itself and the page it shares with root; its copy of the configuration; its root table.
	 */
	return pages + 2 + ALIGN_UP(size, COST_PAGE) / COST_PAGE +
	       (bits >= 40 && bits <= 43 ? 1ULL << (bits - CELL_BITS) : 1);
}

uint64_t cost_root(const void *blob)
{
	uint32_t memory = config_count(blob, CAISSON_SEC_MEMORY), count = 0, i;
	struct mapping *m = allocate(memory * sizeof(*m));
	uint64_t pages = 0;

	for (i = 0; i < memory; i++) {
		const struct caisson_memory_entry *e = config_memory(blob, i);

		if (e->pa != CAISSON_PA_ANY) {
			m[count++] = (struct mapping){ .ipa = e->pa, .size = e->size,
						       .block = COST_1G };
			continue;
		}
		pages += (e->size + LINUX_PIECE - 1) / LINUX_PIECE + (e->size % COST_2M != 0) +
			 (e->ipa % COST_2M != 0);
	}
	pages += cost_tables(m, count, CELL_BITS);
	free(m);
	return pages;
}
