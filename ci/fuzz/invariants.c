// SPDX-License-Identifier: GPL-2.0-only
/* Contracts are in invariants.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "fuzz.h"
#include "invariants.h"
#include "machine.h"
#include "pool.h"

void *starved;
bool making;

void walk(const struct s2 *s2, visitor *visit, void *context)
{
	for (uint64_t at = 0; at >> s2->ipa_bits == 0;) {
		struct s2_entry entry = s2_lookup(s2, IPA(at));

		require(entry.ipa.v == at && entry.size >= PAGE_SIZE);
		visit(&entry, context);
		at += entry.size;
	}
}

static const struct cell *cell_of_page(uint64_t pa)
{
	for (const struct cell *cell = root_cell->next; cell; cell = cell->next)
		if (pool_pa(cell->page).v == pa)
			return cell;
	return NULL;
}

static void check_root_entry(const struct s2_entry *entry, void *context)
{
	uint64_t start = entry->ipa.v, end = start + entry->size;

	(void)context;
	if (!entry->valid) {
		require(entry->owner < S2_OWNER_CELL || making || cells[entry->owner - S2_OWNER_CELL]);
		return;
	}
	require(entry->pa.v == start);
	if (start >= HV_PA + HV_SIZE || end <= HV_PA)
		return;
	if (start >= LOG_PA && end <= LOG_PA + LOG_SIZE)
		require(entry->attrs == S2_READ);
	else
		require(entry->size == PAGE_SIZE && !(entry->attrs & S2_EXEC) &&
			(making || cell_of_page(start)));
}

/* A page that a cell has, nobody else has: root's table says so. */
static void check_cell_entry(const struct s2_entry *entry, void *context)
{
	const struct cell *cell = context;

	for (uint64_t pa = entry->pa.v; entry->valid && pa < entry->pa.v + entry->size;) {
		struct s2_entry owner = s2_lookup(&root_cell->s2, IPA(pa));

		require(!owner.valid && owner.owner == S2_OWNER_CELL + cell->id);
		pa = owner.ipa.v + owner.size;
	}
}

static void check_devices(const struct cell *cell)
{
	for (uint32_t n = 0; n < config_count(cell->blob, CAISSON_SEC_DEVICE); n++) {
		const struct caisson_device_entry *dev = config_device(cell->blob, n);
		uint64_t pa = ALIGN_DOWN(dev->pa, PAGE_SIZE);

		for (; device_is_subpage(dev) && pa < dev->pa + dev->size; pa += PAGE_SIZE) {
			struct s2_entry entry = s2_lookup(&root_cell->s2, IPA(pa));

			require(!entry.valid && entry.owner == S2_OWNER_EMULATED);
		}
	}
}

static void check_cpus(void)
{
	for (uint32_t n = 0; n < MACHINE_CPUS; n++) {
		const struct cpu *cpu = &machine_cpus[n];
		const struct cell *cell = root_cell;

		while (cell && cell != cpu->cell)
			cell = cell->next;
		require(cell || making);
		if (cell && cell->id)
			require(cpu->vcpu < cell->ncpus && cell->cpu[cpu->vcpu] == n);
	}
}

static void check_irqs(void)
{
	for (uint32_t word = 0; word < CELL_IRQ_WORDS; word++) {
		uint32_t owned = 0;

		for (const struct cell *cell = root_cell; cell; cell = cell->next) {
			require(!(owned & cell->irqs[word]));
			owned |= cell->irqs[word];
		}
		require(owned == (word && 32 * word < gic_spi_end ? ~0u : 0) || making);
	}
}

static size_t count_tables(const uint64_t *table, size_t entries, uint32_t level)
{
	size_t count = 0;

	for (size_t n = 0; level < 3 && n < entries; n++)
		if ((table[n] & 3) == 3)
			count += 1 + count_tables(pool_va(PA(table[n] & 0xfffffffff000)), 512,
						  level + 1);
	return count;
}

static size_t tables_of(const struct s2 *s2)
{
	return s2->root_pages +
	       count_tables(s2->root, 512 * s2->root_pages, s2->start_level);
}

static size_t starved_pages(void)
{
	size_t count = 0;

	for (void *page = starved; page; page = *(void **)page)
		count++;
	return count;
}

static void check_pool(void)
{
	size_t pages = 2 + tables_of(&root_cell->s2) + starved_pages();

	for (const struct cell *cell = root_cell->next; cell; cell = cell->next)
		pages += 2 + !!cell->image + cell->blob_pages + tables_of(&cell->s2);
	require(making || pages + pool_available() == pool_total());
}

/* Nothing but events change tables. */
static void check_tables(void)
{
	walk(&root_cell->s2, check_root_entry, NULL);
	for (struct cell *cell = root_cell->next; cell; cell = cell->next) {
		/* What a dying cell still maps is root's already; it never runs again. */
		if (cell->state == CAISSON_CELL_DYING)
			continue;
		walk(&cell->s2, check_cell_entry, cell);
		check_devices(cell);
	}
}

void check_all(void)
{
	uint32_t listed = 0;

	for (struct cell *cell = root_cell->next; cell; cell = cell->next) {
		listed++;
		require(cell->id && cells[cell->id] == cell);
		require(cell->page->state == cell->state);
		require(cell->closed || cell->state == CAISSON_CELL_RUNNING);
	}
	for (uint32_t id = 0; id < CELL_IDS; id++)
		listed -= !!cells[id];
	require(!listed);
	check_cpus();
	check_irqs();
	check_pool();
	if (events_count())
		check_tables();
	events_forget();
}

void check_zero_page(uint64_t pa)
{
	static const uint8_t zeroes[PAGE_SIZE];

	require(!memcmp(machine_ram(pa), zeroes, PAGE_SIZE));
}

void check_zero_entry(const struct s2_entry *entry, void *context)
{
	(void)context;
	if (entry->valid && !(entry->attrs & S2_DEVICE))
		for (uint64_t at = 0; at < entry->size; at += PAGE_SIZE)
			check_zero_page(entry->pa.v + at);
}
