// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks of stage-2 tables under Frama-C's Eva: see Makefile. Whatever a descriptor of a table says,
 * the next table is one of the pool's; that s2.c writes no others, and what it changes, is for
 * ci/unit/test_s2.c.
 *
 *   walks	looking an address up, looking through a range, freeing the tables: for every size
 *		of the address space, any address and range, any content of the tables
 *   changes	the walks of map, disown and merge, a table at a time: what they do about the next
 *		one is the contract of below_...(), whose conditions Eva proves at each call. Any
 *		change, any content; ranges of up to LONGEST entries that begin in a table's first,
 *		middle, last or last but LONGEST entry, at its beginning, a page later or a page
 *		before its end, and end anywhere in that table
 *   tables	what these take the tables from and give them back to, and what merges look at
 */
#define CAISSON_LOCK_H /* hypervisor/include/lock.h: Eva has no C11 atomics, and needs none */

struct spinlock {
	int taken;
};

static void spin_lock(struct spinlock *lock)
{
	lock->taken = 1;
}

static void spin_unlock(struct spinlock *lock)
{
	lock->taken = 0;
}

#include "s2.h"

/* What walks call instead of the same walk, one level down: see Makefile. */
struct change;
uint32_t below_count_tables(struct change *change, uint64_t *table, uint32_t level, uint64_t from,
			    uint64_t to);
void below_break_entries(struct change *change, uint64_t *table, uint32_t level, uint64_t from,
			 uint64_t to, bool live);
void below_break_tables(struct change *change, uint64_t *table, uint32_t level, uint64_t from,
			uint64_t to);
void below_make_entries(struct change *change, uint64_t *table, uint32_t level, uint64_t from,
			uint64_t to);
bool below_collapse(const uint64_t *table, uint32_t level, uint64_t *leaf);
void below_free_tables(uint64_t *table, uint32_t level, size_t pages);

#include "s2_below.c"

#include <__fc_builtin.h>

#define ROOT_PAGES 16
#define LONGEST 16ULL /* entries of a range */

static uint64_t root[ROOT_PAGES * ENTRIES], next_table[ENTRIES], spare[ENTRIES];
static bool reserving;

static uint64_t any(void)
{
	return Frama_C_unsigned_long_interval(0, ~0UL);
}

/* One table that may say anything stands for all of them. */
void *pool_va(pa_t pa)
{
	(void)pa;
	return next_table;
}

pa_t pool_pa(const void *va)
{
	(void)va;
	return PA(Frama_C_unsigned_long_interval(0, ~0UL));
}

void *pool_alloc(size_t count)
{
	(void)count;
	if (!reserving)
		return root;
	return any() & 1 ? spare : NULL;
}

void pool_free(void *va, size_t count)
{
	//@ assert freed: \valid((uint8_t *)va + (0 .. count * 4096 - 1));
	(void)va;
	(void)count;
}

void s2_arch_write(uint64_t *entry, uint64_t value)
{
	*entry = value;
}

void s2_arch_publish(void)
{
}

void s2_arch_invalidate(const struct s2 *s2, ipa_t ipa, uint64_t size)
{
	(void)s2;
	(void)ipa;
	(void)size;
}

static void begin(struct s2 *s2, uint32_t bits)
{
	s2_init(s2, 1, bits);
	Frama_C_make_unknown((char *)next_table, sizeof(next_table));
	Frama_C_make_unknown((char *)root, s2->root_pages * PAGE_SIZE);
}

void walks(void)
{
	struct s2 s2;
	uint32_t bits;
	ipa_t at;

	//@ loop unroll 17;
	for (bits = 32; bits <= 48; bits++) {
		begin(&s2, bits);
		s2_lookup(&s2, IPA(any()));
		s2_covers(&s2, IPA(any()), any(), (uint32_t)any(), any() & 1, (uint32_t)any(), &at);
		s2_free_table(&s2);
	}
}

/* [from, to) ends in the table of `level` in which it begins. The root is one long table. */
/*@ predicate inside(struct change *change, integer level, integer from, integer to) =
	level == change->s2->start_level ||
	(level <= 3 && (to - 1) / (4096 << 9 * (4 - level)) == from / (4096 << 9 * (4 - level)));
 */

/*@ requires table == \null || \valid_read(table + (0 .. 511));
    requires inside(change, level, from, to);
    assigns change->needed, \result \from change->needed, from, to; */
uint32_t below_count_tables(struct change *change, uint64_t *table, uint32_t level, uint64_t from,
			    uint64_t to);

/*@ requires \valid(table + (0 .. 511));
    requires inside(change, level, from, to);
    assigns change->pending, change->stale_start, change->stale_end \from from, to;
    assigns table[0 .. 511], next_table[0 .. 511], spare[0 .. 511] \from from, to; */
void below_break_entries(struct change *change, uint64_t *table, uint32_t level, uint64_t from,
			 uint64_t to, bool live);

/*@ requires \valid(table + (0 .. 511));
    requires inside(change, level, from, to);
    assigns change->pending, change->stale_start, change->stale_end \from from, to;
    assigns table[0 .. 511], next_table[0 .. 511] \from from, to; */
void below_break_tables(struct change *change, uint64_t *table, uint32_t level, uint64_t from,
			uint64_t to);

/*@ requires \valid(table + (0 .. 511));
    requires inside(change, level, from, to);
    assigns table[0 .. 511], next_table[0 .. 511] \from from, to; */
void below_make_entries(struct change *change, uint64_t *table, uint32_t level, uint64_t from,
			uint64_t to);

/*@ requires \valid_read(table + (0 .. 511)) && level <= 3;
    assigns *leaf, \result \from level;
    ensures \result == 0 || \result == 1; */
bool below_collapse(const uint64_t *table, uint32_t level, uint64_t *leaf);

/*@ requires \valid(table + (0 .. 512 * pages - 1)) && level <= 3;
    assigns \nothing; */
void below_free_tables(uint64_t *table, uint32_t level, size_t pages);

static uint64_t *const taken = spare;

/* Its body is in tables(). */
/*@ requires level < 3;
    assigns spare[0 .. 511] \from old, level;
    assigns \result \from taken;
    ensures \result == taken; */
static uint64_t *split(struct change *change, uint64_t old, uint32_t level);

/* In bytes, a multiple of a page. */
static uint64_t any_pages(uint64_t from, uint64_t to)
{
	return PAGE_SIZE * Frama_C_unsigned_long_interval(from / PAGE_SIZE, to / PAGE_SIZE);
}

static struct change any_change(const struct s2 *s2)
{
	struct change change = {
		.s2 = s2,
		.kind = (enum kind)Frama_C_unsigned_int_interval(MAP, MERGE),
		.leaf = any(),
		.offset = any_pages(0, ~0UL),
		.needed = any(),
		.pending = any() & 1,
		.stale_start = any(),
		.stale_end = any(),
		.fresh = any() & 1,
	};

	return change;
}

/*
 * Anything. But pages are never pending: in its lowest bits every other entry here says 3, a page,
 * and the rest 0, nothing.
 */
static void fill(uint64_t *at, uint64_t entries, uint32_t level)
{
	Frama_C_make_unknown((char *)at, entries * sizeof(*at));
	//@ loop unroll ENTRIES;
	for (uint32_t i = 0; level == LAST_LEVEL && i < ENTRIES; i++)
		at[i] = 4 * Frama_C_unsigned_long_interval(0, ~0UL / 4) + (i & 1 ? 3 : 0);
}

static void parts(const struct s2 *s2, uint64_t *at, uint64_t entries, uint32_t level,
		  uint64_t from, uint64_t to)
{
	struct change change = any_change(s2);

	fill(at, entries, level);
	count_tables(&change, at, level, from, to);
	count_tables(&change, NULL, level, from, to);
	break_tables(&change, at, level, from, to);
	fill(at, entries, level);
	make_entries(&change, at, level, from, to);
	fill(at, entries, level);
	break_entries(&change, at, level, from, to, true);
	fill(at, entries, level);
	if (level < LAST_LEVEL) {
		break_entries(&change, at, level, from, to, false);
		return;
	}
	/* Of a loop that ends, Eva does not know that it ended because of `to'. */
	//@ loop unroll LONGEST;
	for (uint64_t n = 1; n <= LONGEST; n++)
		if (from + n * PAGE_SIZE <= to)
			break_entries(&change, at, level, from, from + n * PAGE_SIZE, false);
}

/* A table of so many entries whose first one is for `base`. */
static void ranges(const struct s2 *s2, uint64_t *at, uint32_t level, uint64_t base,
		   uint64_t entries)
{
	uint64_t unit = entry_size(level);
	uint64_t starts[] = { 0, entries / 2, MAX(entries, LONGEST) - LONGEST, entries - 1 };
	uint64_t insides[] = { 0, PAGE_SIZE, unit - PAGE_SIZE };

	//@ loop unroll 4;
	for (uint32_t i = 0; i < 4; i++) {
		//@ loop unroll 3;
		for (uint32_t n = 0; n < (unit > PAGE_SIZE ? 3 : 1); n++) {
			uint64_t from = base + starts[i] * unit + insides[n];
			uint64_t most = MIN(entries - starts[i], LONGEST);

			parts(s2, at, entries, level, from,
			      any_pages(from + PAGE_SIZE, base + (starts[i] + most) * unit));
		}
	}
}

void changes(void)
{
	struct s2 s2;

	/* Tables of level 1, a part of one, one, two, sixteen; and of level 0. */
	static const uint8_t sizes[] = { 32, 39, 40, 43, 44, 48 };

	//@ loop unroll 6;
	for (uint32_t i = 0; i < sizeof(sizes); i++) {
		uint32_t bits = sizes[i];

		begin(&s2, bits);
		ranges(&s2, root, s2.start_level, 0, BIT(bits - (s2.start_level ? 30 : 39)));
		if (bits < 48)
			continue;
		//@ loop unroll 3;
		for (uint32_t level = 1; level <= LAST_LEVEL; level++) {
			uint64_t last = BIT(48) - ENTRIES * entry_size(level);

			ranges(&s2, next_table, level, 0, ENTRIES);
			ranges(&s2, next_table, level, last, ENTRIES);
		}
	}
}

void tables(void)
{
	struct s2 s2;
	struct change change;
	uint64_t leaf;

	//@ loop unroll 3;
	for (uint32_t level = 1; level <= LAST_LEVEL; level++) {
		fill(next_table, ENTRIES, level);
		collapse(next_table, level, &leaf);
		free_tables(next_table, level, 1);
	}
	begin(&s2, (uint32_t)Frama_C_unsigned_int_interval(32, 48));
	reserving = true;
	change = any_change(&s2);
	in_range(any(), any(), (uint32_t)Frama_C_unsigned_int_interval(32, 48));
	encode((uint32_t)any());
	if (!reserve(&change))
		release(&change);
	if (!reserve(&change) && change.reserved)
		split(&change, any(), (uint32_t)Frama_C_unsigned_int_interval(0, LAST_LEVEL - 1));
}
