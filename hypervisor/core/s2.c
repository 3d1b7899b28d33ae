// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage-2 tables: who reaches what. Called when root's map is built at enable, by root's stage-2
 * faults on addresses not touched yet, when a cell takes memory from root and gives it back, and to
 * look up whose an address is.
 *
 * A change is three walks over its range, under the lock:
 *   count  finds the reason to refuse, and how many tables are missing; these are then reserved
 *   break  writes every entry that can have its final value at once: leaves over invalid entries,
 *          invalid entries over leaves. An entry that must be invalid first (a block to be split, a
 *          table to be replaced) or whose new table must be visible first becomes *pending*: the
 *          table's descriptor with the valid bit clear, which hardware ignores
 *   make   after one invalidation (or barrier) for all of them, gives the pending ones their final
 *          value
 * A merge is the last two. New tables are filled with their final content before they are linked:
 * one round of break-before-make does, however many levels a split goes down.
 */
#include "s2.h"

#include "caisson/error.h"
#include "pool.h"

/* Descriptors: Arm ARM D8.3. */
#define DESC_VALID BIT(0)
#define DESC_TABLE BIT(1) /* table at levels 0 to 2, page at level 3; clear: block */
#define DESC_TYPE (DESC_VALID | DESC_TABLE)
#define DESC_PENDING DESC_TABLE
#define DESC_DEVICE_NGNRE (0x1ULL << 2)
#define DESC_NORMAL_WB (0xfULL << 2)
#define DESC_READ BIT(6)
#define DESC_WRITE BIT(7)
#define DESC_INNER_SHAREABLE (3ULL << 8)
#define DESC_ACCESSED BIT(10)
#define DESC_ADDRESS 0x0000fffffffff000ULL
#define DESC_XN BIT(54)
#define DESC_OWNER_SHIFT 16

#define ADDRESS_BITS 48
#define ENTRIES 512u
#define LAST_LEVEL 3u

enum kind { MAP, DISOWN, MERGE };

struct change {
	const struct s2 *s2;
	enum kind kind;
	uint64_t leaf;	    /* MAP: the attributes; DISOWN: the whole descriptor */
	uint64_t offset;    /* MAP: pa - ipa */
	size_t needed;	    /* tables */
	uint64_t *reserved; /* as many, each one's first word points to the next */
	bool pending;
	uint64_t stale_start; /* what the TLBs may still hold; empty if start >= end */
	uint64_t stale_end;
	bool fresh; /* a map that overwrites no owner */
};

static uint64_t entry_size(uint32_t level)
{
	return PAGE_SIZE << (9 * (LAST_LEVEL - level));
}

/* The root's concatenated tables are one long table; every other one has 512 entries. */
static uint64_t *entry_of(const struct s2 *s2, uint64_t *table, uint32_t level, uint64_t ipa)
{
	uint64_t index = ipa / entry_size(level);

	return table + (level == s2->start_level ? index : index % ENTRIES);
}

static bool is_table(uint64_t desc, uint32_t level)
{
	return level < LAST_LEVEL && (desc & DESC_TYPE) == DESC_TYPE;
}

static uint64_t *table_of(uint64_t desc)
{
	return pool_va(PA(desc & DESC_ADDRESS));
}

static uint64_t encode(uint32_t attrs)
{
	uint64_t desc = DESC_VALID | DESC_ACCESSED;

	if (attrs & S2_DEVICE)
		desc |= DESC_DEVICE_NGNRE;
	else
		desc |= DESC_NORMAL_WB | DESC_INNER_SHAREABLE;
	if (attrs & S2_READ)
		desc |= DESC_READ;
	if (attrs & S2_WRITE)
		desc |= DESC_WRITE;
	if (!(attrs & S2_EXEC) || attrs & S2_DEVICE)
		desc |= DESC_XN;
	return desc;
}

static uint32_t decode(uint64_t desc)
{
	uint32_t attrs = 0;

	if ((desc & DESC_NORMAL_WB) != DESC_NORMAL_WB)
		attrs |= S2_DEVICE;
	if (desc & DESC_READ)
		attrs |= S2_READ;
	if (desc & DESC_WRITE)
		attrs |= S2_WRITE;
	if (!(desc & DESC_XN))
		attrs |= S2_EXEC;
	return attrs;
}

/*
 * Whether one leaf can stand for the entry at `at`, of which the change concerns [from, to). The
 * second half is the same for all entries of a table: loops do it once.
 */
static inline bool fits(const struct change *change, uint32_t level, uint64_t at, uint64_t from,
			uint64_t to)
{
	uint64_t size = entry_size(level);

	if (at < from || at + size > to)
		return false;
	return change->kind != MAP || (level > 0 && !(change->offset & (size - 1)));
}

static uint64_t leaf_at(const struct change *change, uint32_t level, uint64_t at)
{
	if (change->kind != MAP)
		return change->leaf;
	return (at + change->offset) | change->leaf | (level == LAST_LEVEL ? DESC_TABLE : 0);
}

static void free_tables(uint64_t *table, uint32_t level, size_t pages)
{
	for (size_t i = 0; level < LAST_LEVEL && i < pages * ENTRIES; i++) {
		if (is_table(table[i], level))
			free_tables(table_of(table[i]), level + 1, 1);
	}
	pool_free(table, pages);
}

/* First walk. `table` is NULL where there is none yet. */
static uint32_t count_tables(struct change *change, uint64_t *table, uint32_t level, uint64_t from,
			     uint64_t to)
{
	uint64_t size = entry_size(level);
	uint64_t *entry = table ? entry_of(change->s2, table, level, from) : NULL;
	uint32_t error;

	for (uint64_t at = ALIGN_DOWN(from, size); at < to; at += size) {
		uint64_t old = table ? *entry++ : 0;
		bool whole = fits(change, level, at, from, to);
		uint64_t *next = NULL;

		if (is_table(old, level)) {
			/*
			 * A map looks below what it replaces as well: nothing may be mapped
			 * there.
			 */
			if (whole && change->kind != MAP)
				continue;
			next = table_of(old);
		} else if (change->kind == MAP && (old & DESC_VALID || (old && change->fresh))) {
			return CAISSON_E_OVERLAP;
		} else if (whole || (table && old == change->leaf)) {
			continue;
		} else {
			change->needed++;
			if (level + 1 == LAST_LEVEL)
				continue;
		}
		error = count_tables(change, next, level + 1, MAX(from, at), MIN(to, at + size));
		if (error)
			return error;
	}
	return 0;
}

static void release(struct change *change)
{
	while (change->reserved) {
		uint64_t *table = change->reserved;

		change->reserved = (uint64_t *)(uintptr_t)*table;
		pool_free(table, 1);
	}
}

static uint32_t reserve(struct change *change)
{
	for (size_t i = 0; i < change->needed; i++) {
		uint64_t *table = pool_alloc(1);

		if (!table) {
			release(change);
			return CAISSON_E_POOL;
		}
		*table = (uint64_t)(uintptr_t)change->reserved;
		change->reserved = table;
	}
	return 0;
}

/* A table, not linked yet, that says the same as the leaf or invalid entry `old` of `level`. */
static uint64_t *split(struct change *change, uint64_t old, uint32_t level)
{
	uint64_t *table = change->reserved;
	uint64_t step = 0;

	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): as many are reserved as were counted. */
	change->reserved = (uint64_t *)(uintptr_t)*table;
	if (old & DESC_VALID) {
		step = entry_size(level + 1);
		if (level + 1 == LAST_LEVEL)
			old |= DESC_TABLE;
	}
	for (uint32_t i = 0; i < ENTRIES; i++)
		table[i] = old + i * step;
	return table;
}

/* Writes an entry that walkers can see, and notes what it takes to be done with it. */
static void replace(struct change *change, uint64_t *entry, uint64_t value, uint64_t at,
		    uint64_t size)
{
	if (*entry == value)
		return;
	if (*entry & DESC_VALID) {
		change->stale_start = MIN(change->stale_start, at);
		change->stale_end = MAX(change->stale_end, at + size);
	}
	if ((value & DESC_TYPE) == DESC_PENDING)
		change->pending = true;
	s2_arch_write(entry, value);
}

/* Second walk. In a table that is not `live` all entries get their final value by plain stores. */
static void break_entries(struct change *change, uint64_t *table, uint32_t level, uint64_t from,
			  uint64_t to, bool live)
{
	uint64_t size = entry_size(level);
	uint64_t *entry = entry_of(change->s2, table, level, from);

	/* Most are pages of a new table: wholly in the range, nothing below them, unseen. */
	for (; level == LAST_LEVEL && !live && from < to; from += size)
		*entry++ = leaf_at(change, level, from);
	for (uint64_t at = ALIGN_DOWN(from, size); at < to; at += size, entry++) {
		uint64_t low = MAX(from, at), high = MIN(to, at + size);
		uint64_t value = *entry & ~DESC_VALID;

		if (fits(change, level, at, from, to)) {
			if (!is_table(*entry, level))
				value = leaf_at(change, level, at);
		} else if (is_table(*entry, level)) {
			break_entries(change, table_of(*entry), level + 1, low, high, live);
			continue;
		} else if (*entry == change->leaf) {
			continue;
		} else {
			uint64_t *next = split(change, *entry, level);

			break_entries(change, next, level + 1, low, high, false);
			value = pool_pa(next).v | (live ? DESC_PENDING : DESC_TYPE);
		}
		if (live)
			replace(change, entry, value, at, size);
		else
			*entry = value;
	}
}

/* Whether a leaf one level up can say what `table` says: that leaf is *leaf. */
static bool collapse(const uint64_t *table, uint32_t level, uint64_t *leaf)
{
	uint64_t size = entry_size(level), first = 0, wanted = 0, step = 0;

	for (uint32_t i = 0; i < ENTRIES; i++, wanted += step) {
		uint64_t desc = table[i];

		if (i && desc == wanted)
			continue;
		if (is_table(desc, level) && !collapse(table_of(desc), level + 1, &desc))
			return false;
		if (i == 0) {
			first = wanted = desc;
			step = first & DESC_VALID ? size : 0;
		} else if (desc != wanted) {
			return false;
		}
	}
	if (first & DESC_VALID) {
		if (level == 1 || (first & DESC_ADDRESS) % (ENTRIES * size))
			return false;
		if (level == LAST_LEVEL)
			first &= ~DESC_TABLE;
	}
	*leaf = first;
	return true;
}

/* A merge's break: the uppermost tables that one leaf can replace become pending. */
static void break_tables(struct change *change, uint64_t *table, uint32_t level, uint64_t from,
			 uint64_t to)
{
	uint64_t size = entry_size(level), leaf;
	uint64_t *entry = entry_of(change->s2, table, level, from);

	for (uint64_t at = ALIGN_DOWN(from, size); at < to; at += size, entry++) {
		if (!is_table(*entry, level))
			continue;
		if (collapse(table_of(*entry), level + 1, &leaf))
			replace(change, entry, *entry & ~DESC_VALID, at, size);
		else
			break_tables(change, table_of(*entry), level + 1, MAX(from, at),
				     MIN(to, at + size));
	}
}

/* Last walk: no walker holds on to what the pending entries were. */
static void make_entries(struct change *change, uint64_t *table, uint32_t level, uint64_t from,
			 uint64_t to)
{
	uint64_t size = entry_size(level);
	uint64_t *entry = entry_of(change->s2, table, level, from);

	for (uint64_t at = ALIGN_DOWN(from, size); at < to; at += size, entry++) {
		uint64_t linked = *entry | DESC_VALID, value = linked;

		if (is_table(*entry, level)) {
			make_entries(change, table_of(linked), level + 1, MAX(from, at),
				     MIN(to, at + size));
			continue;
		}
		if ((*entry & DESC_TYPE) != DESC_PENDING)
			continue;
		if (change->kind == MERGE)
			collapse(table_of(linked), level + 1, &value);
		else if (fits(change, level, at, from, to))
			value = leaf_at(change, level, at);
		s2_arch_write(entry, value);
		if (value != linked)
			free_tables(table_of(linked), level + 1, 1);
	}
}

/* From break to make. A disown that left nothing pending had its barriers in the invalidation. */
static void finish(struct change *change, uint64_t from, uint64_t to)
{
	if (change->stale_start < change->stale_end)
		s2_arch_invalidate(change->s2, IPA(change->stale_start),
				   change->stale_end - change->stale_start);
	else if (change->pending)
		s2_arch_publish();
	if (change->pending)
		make_entries(change, change->s2->root, change->s2->start_level, from, to);
	if (change->pending || change->kind == MAP)
		s2_arch_publish();
}

static uint32_t apply(struct s2 *s2, struct change *change, uint64_t from, uint64_t to)
{
	uint32_t error;

	if (from == to)
		return 0;
	change->s2 = s2;
	change->stale_start = UINT64_MAX;
	spin_lock(&s2->lock);
	error = count_tables(change, s2->root, s2->start_level, from, to);
	if (!error)
		error = reserve(change);
	if (!error) {
		break_entries(change, s2->root, s2->start_level, from, to, true);
		finish(change, from, to);
	}
	spin_unlock(&s2->lock);
	return error;
}

/* Whole pages below 1 << bits; neither addend nor sum wraps. */
static bool in_range(uint64_t start, uint64_t size, uint32_t bits)
{
	uint64_t end = 1ULL << bits;

	return !((start | size) & PAGE_MASK) && start <= end && size <= end - start;
}

uint32_t s2_init(struct s2 *s2, uint32_t vmid, uint32_t ipa_bits)
{
	/* 16 concatenated tables reach 4 bits beyond level 1's own 39: D8.2. */
	uint32_t start_level = ipa_bits <= 43 ? 1 : 0;
	uint32_t pages = ipa_bits >= 40 && ipa_bits <= 43 ? 1u << (ipa_bits - 39) : 1;

	*s2 = (struct s2){
		.root = pool_alloc(pages),
		.root_pages = pages,
		.start_level = start_level,
		.ipa_bits = ipa_bits,
		.vmid = vmid,
	};
	return s2->root ? 0 : CAISSON_E_POOL;
}

void s2_free(struct s2 *s2)
{
	if (s2->root)
		free_tables(s2->root, s2->start_level, s2->root_pages);
	s2->root = NULL;
}

/* The first one below `table`, which is none of the last level, that has none below itself, if any. */
static bool free_one(uint64_t *table, uint32_t level, size_t entries)
{
	for (size_t i = 0; i < entries; i++) {
		uint64_t *next;

		if ((table[i] & DESC_TYPE) != DESC_TYPE)
			continue;
		next = table_of(table[i]);
		if (level + 1 == LAST_LEVEL || !free_one(next, level + 1, ENTRIES)) {
			pool_free(next, 1);
			table[i] = 0;
		}
		return true;
	}
	return false;
}

bool s2_free_table(struct s2 *s2)
{
	if (!s2->root || free_one(s2->root, s2->start_level, s2->root_pages * ENTRIES))
		return s2->root;
	pool_free(s2->root, s2->root_pages);
	s2->root = NULL;
	return false;
}

struct s2_entry s2_lookup(const struct s2 *s2, ipa_t ipa)
{
	struct s2_entry found = { .level = s2->start_level, .size = PAGE_SIZE };
	uint64_t *table = s2->root;
	uint64_t desc;

	found.ipa = IPA(ALIGN_DOWN(ipa.v, PAGE_SIZE));
	if (ipa.v >= BIT(s2->ipa_bits))
		return found;
	for (;; found.level++) {
		desc = *entry_of(s2, table, found.level, ipa.v);
		if (!is_table(desc, found.level))
			break;
		table = table_of(desc);
	}
	found.size = entry_size(found.level);
	found.ipa = IPA(ALIGN_DOWN(ipa.v, found.size));
	found.valid = desc & DESC_VALID;
	if (found.valid) {
		found.attrs = decode(desc);
		found.pa = PA(desc & DESC_ADDRESS);
	} else {
		found.owner = (uint32_t)(desc >> DESC_OWNER_SHIFT) & S2_OWNER_MAX;
	}
	return found;
}

uint32_t s2_map(struct s2 *s2, ipa_t ipa, pa_t pa, uint64_t size, uint32_t attrs)
{
	struct change change = {
		.kind = MAP,
		.fresh = attrs & S2_FRESH,
		.leaf = encode(attrs),
		.offset = pa.v - ipa.v,
	};

	if (!in_range(ipa.v, size, s2->ipa_bits) || !in_range(pa.v, size, ADDRESS_BITS))
		return CAISSON_E_RANGE;
	return apply(s2, &change, ipa.v, ipa.v + size);
}

uint32_t s2_disown(struct s2 *s2, ipa_t ipa, uint64_t size, uint32_t owner)
{
	struct change change = { .kind = DISOWN, .leaf = (uint64_t)owner << DESC_OWNER_SHIFT };

	if (!in_range(ipa.v, size, s2->ipa_bits) || owner > S2_OWNER_MAX)
		return CAISSON_E_RANGE;
	return apply(s2, &change, ipa.v, ipa.v + size);
}

void s2_merge(struct s2 *s2, ipa_t ipa, uint64_t size)
{
	struct change change = { .s2 = s2, .kind = MERGE, .stale_start = UINT64_MAX };
	uint64_t limit = 1ULL << s2->ipa_bits;
	uint64_t from = MIN(ipa.v, limit);
	uint64_t to = from + MIN(size, limit - from);

	if (from == to)
		return;
	spin_lock(&s2->lock);
	break_tables(&change, s2->root, s2->start_level, from, to);
	finish(&change, from, to);
	spin_unlock(&s2->lock);
}

bool s2_covers(const struct s2 *s2, ipa_t ipa, uint64_t size, uint32_t attrs, bool identity,
	       uint32_t limit, ipa_t *at)
{
	for (*at = ipa; at->v - ipa.v < size && limit--;) {
		uint32_t level = s2->start_level;
		uint64_t *table = s2->root, desc, start;

		if (at->v >= BIT(s2->ipa_bits))
			return false;
		while (desc = *entry_of(s2, table, level, at->v), is_table(desc, level)) {
			table = table_of(desc);
			level++;
		}
		start = ALIGN_DOWN(at->v, entry_size(level));
		if (!(desc & DESC_VALID) || (decode(desc) & attrs) != attrs ||
		    (identity && (desc & DESC_ADDRESS) != start))
			return false;
		*at = IPA(start + entry_size(level));
	}
	return true;
}
