// SPDX-License-Identifier: GPL-2.0-only
/* What a map shows, and where in its picture: see map.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"
#include "refusal.h"

static uint32_t add_owner(struct map *m, const char *name, char letter)
{
	m->owner = grow(m->owner, m->nowners, sizeof(*m->owner));
	m->owner[m->nowners] = (struct map_owner){ .letter = letter };
	snprintf(m->owner[m->nowners].name, sizeof(m->owner->name), "%s", name);
	return m->nowners++;
}

static void add_range(struct map_range **range, uint32_t *count, uint32_t owner, uint64_t start,
		      uint64_t size, const char *what)
{
	struct map_range *r;

	*range = grow(*range, *count, sizeof(**range));
	r = &(*range)[(*count)++];
	*r = (struct map_range){ .start = start, .size = size, .owner = owner };
	snprintf(r->what, sizeof(r->what), "%s", what);
}

static void add_device(struct map *m, uint32_t owner, uint64_t start, uint64_t size,
		       const char *what)
{
	add_range(&m->device, &m->ndevices, owner, start, size, what);
}

/* By the name of its node if it has one, else by where it was written. */
static void add_entry(struct map *m, uint32_t owner, const void *blob, uint32_t i)
{
	const struct caisson_device_entry *d = config_device(blob, i);
	char where[64];

	refusal_where(blob, config_offset(blob, CAISSON_SEC_DEVICE, i), where, sizeof(where));
	add_device(m, owner, d->pa, d->size, d->node ? config_string(blob, d->node) : where);
}

void map_given(struct map *m, uint32_t owner, uint64_t start, uint64_t size)
{
	struct map_range *last = m->ngiven ? &m->given[m->ngiven - 1] : NULL;

	m->owner[owner].bytes += size;
	if (last && last->owner == owner && last->start + last->size == start)
		last->size += size;
	else
		add_range(&m->given, &m->ngiven, owner, start, size, "");
}

void map_add_irqs(struct map *m, uint32_t owner, uint32_t first, uint32_t count, const char *what)
{
	struct map_irqs *irqs;

	m->irqs = grow(m->irqs, m->nirqs, sizeof(*m->irqs));
	irqs = &m->irqs[m->nirqs++];
	*irqs = (struct map_irqs){ .first = first, .count = count, .owner = owner };
	snprintf(irqs->what, sizeof(irqs->what), "%s", what);
}

void map_system(struct map *m, const void *blob)
{
	const struct caisson_system_entry *s = config_system(blob);
	uint32_t i;

	*m = (struct map){ 0 };
	memcpy(m->system, s->name, sizeof(m->system));
	add_owner(m, "root", '.');
	add_owner(m, "hypervisor", '#');
	add_owner(m, "GIC", '+');
	add_device(m, MAP_GIC, s->gicd_base, s->gicd_size, "distributor");
	add_device(m, MAP_GIC, s->gicr_base, s->gicr_size, "redistributors");
	for (i = 0; i < config_count(blob, CAISSON_SEC_MEMORY); i++)
		add_range(&m->ram, &m->nram, MAP_ROOT, config_memory(blob, i)->pa,
			  config_memory(blob, i)->size, "");
	for (i = 0; i < config_count(blob, CAISSON_SEC_DEVICE); i++)
		add_entry(m, MAP_ROOT, blob, i);
	for (i = 0; i < config_count(blob, CAISSON_SEC_IRQ); i++)
		map_add_irqs(m, MAP_ROOT, config_irq(blob, i)->first, config_irq(blob, i)->count,
			     "spare");
}

uint32_t map_cell(struct map *m, const void *blob, bool placed)
{
	const struct caisson_console_entry *con = config_console(blob);
	uint32_t n = m->nowners - MAP_CELL, owner, i;
	char where[64];

	/* 52 letters are more cells than a picture can show. */
	owner = add_owner(m, config_cell(blob)->name,
			  (char)(n < 26 ? 'a' + n : 'A' + (n - 26) % 26));
	config_cpus(blob, &m->owner[owner].cpus);
	for (i = 0; i < config_count(blob, CAISSON_SEC_MEMORY); i++) {
		const struct caisson_memory_entry *r = config_memory(blob, i);

		if (!placed && r->pa != CAISSON_PA_ANY)
			map_given(m, owner, r->pa, r->size);
		else if (!placed)
			m->owner[owner].unplaced += r->size;
	}
	for (i = 0; i < config_count(blob, CAISSON_SEC_DEVICE); i++)
		add_entry(m, owner, blob, i);
	for (i = 0; i < config_count(blob, CAISSON_SEC_IRQ); i++) {
		refusal_where(blob, config_offset(blob, CAISSON_SEC_IRQ, i), where, sizeof(where));
		map_add_irqs(m, owner, config_irq(blob, i)->first, config_irq(blob, i)->count,
			     where);
	}
	if (con)
		map_add_irqs(m, owner, con->intid, 1, "console");
	if (config_cell(blob)->shutdown_intid)
		map_add_irqs(m, owner, config_cell(blob)->shutdown_intid, 1, "shutdown");
	return owner;
}

void map_name_devices(struct map *m, const char *iomem)
{
	uint64_t start;
	uint32_t i;
	int name;

	for (; *iomem; iomem += strcspn(iomem, "\n"), iomem += *iomem == '\n') {
		name = 0;
		if (sscanf(iomem, " %" SCNx64 "-%*x : %n", &start, &name) != 1 || !name)
			continue;
		for (i = 0; i < m->ndevices; i++) {
			struct map_range *d = &m->device[i];

			/* The first line about it is the one of all of it. */
			if (!strcmp(d->what, "/proc/iomem") && start >= d->start &&
			    start - d->start < d->size)
				snprintf(d->what, sizeof(d->what), "%.*s",
					 (int)strcspn(iomem + name, "\n"), iomem + name);
		}
	}
}

static int by_start(const void *a, const void *b)
{
	const struct map_range *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->owner < y->owner ? -1 : x->owner > y->owner;
}

static int by_first(const void *a, const void *b)
{
	const struct map_irqs *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->owner < y->owner ? -1 : x->owner > y->owner;
}

static void sort(void *array, uint32_t count, size_t size, int (*order)(const void *, const void *))
{
	if (count)
		qsort(array, count, size, order);
}

uint32_t map_cpu_owner(const struct map *m, uint32_t cpu)
{
	uint32_t owner = MAP_ROOT, i;

	for (i = MAP_CELL; i < m->nowners; i++) {
		if (!cpu_in_set(&m->owner[i].cpus, cpu))
			continue;
		if (owner != MAP_ROOT)
			return MAP_NOBODY;
		owner = i;
	}
	return owner;
}

static bool irq_taken(const struct map *m, uint32_t intid)
{
	uint32_t i;

	for (i = 0; i < m->nirqs; i++)
		if (m->irqs[i].owner != MAP_ROOT && intid >= m->irqs[i].first &&
		    intid - m->irqs[i].first < m->irqs[i].count)
			return true;
	return false;
}

/* Leaves root of its spare interrupts those that nobody has got. */
static void cut_spares(struct map *m)
{
	uint32_t n, count = m->nirqs;

	for (n = 0; n < count; n++) {
		struct map_irqs spare = m->irqs[n];
		uint32_t end = spare.first + spare.count, first, last;

		if (spare.owner != MAP_ROOT)
			continue;
		m->irqs[n].count = 0;
		for (first = spare.first; first < end; first = last + 1) {
			for (last = first; last < end && !irq_taken(m, last);)
				last++;
			if (last > first)
				map_add_irqs(m, MAP_ROOT, first, last - first, spare.what);
		}
	}
	for (n = count = 0; n < m->nirqs; n++)
		if (m->irqs[n].count)
			m->irqs[count++] = m->irqs[n];
	m->nirqs = count;
}

/* Bytes that [start, start + size) and a range have in common. */
static uint64_t common(const struct map_range *r, uint64_t start, uint64_t size)
{
	uint64_t from = r->start > start ? r->start : start;
	uint64_t to = r->start + r->size < start + size ? r->start + r->size : start + size;

	return to > from ? to - from : 0;
}

/* Leaves root of the devices that it listed what no cell and not the GIC has. */
static void cut_devices(struct map *m)
{
	uint32_t n, i, count;

	for (n = 0; n < m->ndevices; n++) {
		for (i = 0; m->device[n].owner == MAP_ROOT && i < m->ndevices; i++) {
			struct map_range root = m->device[n], other = m->device[i];
			uint64_t end = root.start + root.size, behind = other.start + other.size;

			if (other.owner == MAP_ROOT || !common(&other, root.start, root.size))
				continue;
			if (behind < end)
				add_device(m, MAP_ROOT, behind, end - behind, root.what);
			m->device[n].size = other.start > root.start ? other.start - root.start : 0;
		}
	}
	for (n = count = 0; n < m->ndevices; n++)
		if (m->device[n].size)
			m->device[count++] = m->device[n];
	m->ndevices = count;
}

void map_finish(struct map *m, uint32_t ncpus)
{
	uint32_t i;

	m->live = ncpus;
	m->ncpus = ncpus;
	for (i = 0; !ncpus && i < CONFIG_MAX_CPUS; i++)
		if (map_cpu_owner(m, i) != MAP_ROOT)
			m->ncpus = i + 1;
	for (i = 0; i < m->ncpus; i++)
		if (map_cpu_owner(m, i) == MAP_ROOT)
			m->owner[MAP_ROOT].cpus.word[i / 64] |= 1ULL << (i % 64);
	for (i = 0; i < m->nram; i++)
		m->owner[MAP_ROOT].bytes += m->ram[i].size;
	for (i = MAP_HYPERVISOR; i < m->nowners; i++)
		m->owner[MAP_ROOT].bytes -= m->owner[i].bytes < m->owner[MAP_ROOT].bytes ?
						    m->owner[i].bytes :
						    m->owner[MAP_ROOT].bytes;
	cut_spares(m);
	cut_devices(m);
	sort(m->ram, m->nram, sizeof(*m->ram), by_start);
	sort(m->given, m->ngiven, sizeof(*m->given), by_start);
	sort(m->device, m->ndevices, sizeof(*m->device), by_start);
	sort(m->irqs, m->nirqs, sizeof(*m->irqs), by_first);
}

void map_free(struct map *m)
{
	free(m->owner);
	free(m->ram);
	free(m->given);
	free(m->device);
	free(m->irqs);
	*m = (struct map){ 0 };
}

/* The first RAM, root's or given away, in [@at, @end); false: there is none. */
static bool next_ram(const struct map *m, uint64_t at, uint64_t end, uint64_t *found)
{
	const struct map_range *const list[] = { m->ram, m->given };
	const uint32_t count[] = { m->nram, m->ngiven };
	uint32_t which, i;

	*found = end;
	for (which = 0; which < ARRAY_SIZE(list); which++)
		for (i = 0; i < count[which]; i++) {
			const struct map_range *r = &list[which][i];
			uint64_t first = r->start > at ? r->start : at;

			if (first < r->start + r->size && first < *found)
				*found = first;
		}
	return *found < end;
}

/* Where rows of @span bytes begin that hold RAM. Returns their number, or more than MAP_ROWS. */
static uint32_t list_rows(const struct map *m, uint64_t span, struct map_row row[MAP_ROWS])
{
	uint64_t at = 0, found;
	uint32_t count;

	for (count = 0; next_ram(m, at, CONFIG_ADDRESS_END, &found); count++) {
		if (count == MAP_ROWS)
			return MAP_ROWS + 1;
		row[count].start = ALIGN_DOWN(found, span);
		at = row[count].start + span;
	}
	return count;
}

static uint32_t granule_owner(const struct map *m, uint64_t start, uint64_t size, uint64_t *bytes)
{
	uint32_t best = MAP_NOBODY, i;
	uint64_t most = 0, found;

	memset(bytes, 0, m->nowners * sizeof(*bytes));
	for (i = 0; i < m->ngiven; i++)
		bytes[m->given[i].owner] += common(&m->given[i], start, size);
	for (i = MAP_HYPERVISOR; i < m->nowners; i++) {
		if (bytes[i] <= most)
			continue;
		most = bytes[i];
		best = i;
	}
	if (best == MAP_NOBODY && next_ram(m, start, start + size, &found))
		return MAP_ROOT;
	return best;
}

void map_layout(const struct map *m, struct map_layout *l)
{
	uint64_t *bytes = allocate(m->nowners * sizeof(*bytes));
	uint32_t row, i;

	l->granule = PAGE;
	while ((l->nrows = list_rows(m, l->granule * MAP_COLUMNS, l->row)) > MAP_ROWS)
		l->granule *= 2;
	for (row = 0; row < l->nrows; row++)
		for (i = 0; i < MAP_COLUMNS; i++)
			l->row[row].owner[i] = granule_owner(m, l->row[row].start + i * l->granule,
							     l->granule, bytes);
	free(bytes);
}

char map_letter(const struct map *m, uint32_t owner)
{
	return owner == MAP_NOBODY ? ' ' : m->owner[owner].letter;
}

char map_cpu_letter(const struct map *m, uint32_t cpu)
{
	uint32_t owner = map_cpu_owner(m, cpu);

	return owner == MAP_NOBODY ? '!' : map_letter(m, owner);
}

bool map_has_clash(const struct map *m)
{
	uint32_t cpu;

	for (cpu = 0; cpu < m->ncpus; cpu++)
		if (map_cpu_owner(m, cpu) == MAP_NOBODY)
			return true;
	return false;
}
