// SPDX-License-Identifier: GPL-2.0-only
/* Contracts are in tables.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pool.h"
#include "tables.h"

struct event events[256];
size_t event_count;
size_t broken_count;
static uint64_t *broken[1024];
static bool barrier; /* since the operation began: tables that it built are visible */

uint8_t *memory;
struct s2 s2;

static void record(struct event event)
{
	event.available = pool_available();
	if (event_count < ARRAY_SIZE(events))
		events[event_count] = event;
	event_count++;
}

void forget_events(void)
{
	event_count = 0;
	broken_count = 0;
	barrier = false;
}

bool points_to_table(uint64_t desc)
{
	return (desc & 3) == TABLE && (desc & 0xfffffffff000ULL) >= POOL_PA;
}

void s2_arch_write(uint64_t *entry, uint64_t value)
{
	assert_in_range((uintptr_t)entry, (uintptr_t)memory,
			(uintptr_t)memory + POOL_PAGES * PAGE_SIZE - 8);
	/*
	 * Valid entries go through invalid ones, and through an invalidation, before they differ.
	 */
	assert_false(*entry & value & VALID);
	if (value & VALID) {
		for (size_t i = 0; i < broken_count; i++)
			assert_ptr_not_equal(entry, broken[i]);
	} else if (*entry & VALID && broken_count < ARRAY_SIZE(broken)) {
		broken[broken_count++] = entry;
	}
	if (points_to_table(value))
		assert_true(barrier);
	record((struct event){ .what = WRITE, .old = *entry, .new = value });
	*entry = value;
}

void s2_arch_publish(void)
{
	record((struct event){ .what = PUBLISH });
	barrier = true;
}

static struct s2_entry tlb[256];
static size_t tlb_count;

void tlb_touch(uint64_t ipa)
{
	struct s2_entry found = s2_lookup(&s2, IPA(ipa));

	if (found.valid && tlb_count < ARRAY_SIZE(tlb))
		tlb[tlb_count++] = found;
}

static void tlb_invalidate(uint64_t ipa, uint64_t size)
{
	for (size_t i = 0; i < tlb_count;) {
		if (tlb[i].ipa.v < ipa + size && ipa < tlb[i].ipa.v + tlb[i].size)
			tlb[i] = tlb[--tlb_count];
		else
			i++;
	}
}

void tlb_check(void)
{
	for (size_t i = 0; i < tlb_count; i++) {
		struct s2_entry now = s2_lookup(&s2, tlb[i].ipa);

		assert_true(now.valid);
		assert_int_equal(now.level, tlb[i].level);
		assert_int_equal(now.attrs, tlb[i].attrs);
		assert_int_equal(now.pa.v, tlb[i].pa.v);
	}
	tlb_count = 0;
}

void s2_arch_invalidate(const struct s2 *which, ipa_t ipa, uint64_t size)
{
	assert_ptr_equal(which, &s2);
	assert_true(size > 0);
	record((struct event){ .what = INVALIDATE, .ipa = ipa.v, .size = size });
	tlb_invalidate(ipa.v, size);
	broken_count = 0;
	barrier = true;
}

/* --- steps --- */

void start(uint32_t ipa_bits)
{
	memset(memory, 0, POOL_PAGES * PAGE_SIZE);
	pool_init(memory, PA(POOL_PA), POOL_PAGES);
	assert_int_equal(s2_init(&s2, 5, ipa_bits), 0);
	tlb_count = 0;
	forget_events();
}

int setup(void **state)
{
	(void)state;
	memory = aligned_alloc(PAGE_SIZE, POOL_PAGES * PAGE_SIZE);
	start(39);
	return 0;
}

int teardown(void **state)
{
	size_t left;

	(void)state;
	/* One table a call, those first that have none below; the root is the last. */
	for (left = pool_available(); s2_free_table(&s2); left++)
		assert_int_equal(pool_available(), left + 1);
	assert_null(s2.root);
	assert_int_equal(pool_available(), pool_total());
	free(memory);
	return 0;
}

void map(uint64_t ipa, uint64_t pa, uint64_t size, uint32_t attrs)
{
	forget_events();
	assert_int_equal(s2_map(&s2, IPA(ipa), PA(pa), size, attrs), 0);
}

void disown(uint64_t ipa, uint64_t size, uint32_t owner)
{
	forget_events();
	assert_int_equal(s2_disown(&s2, IPA(ipa), size, owner), 0);
}

void merge(uint64_t ipa, uint64_t size)
{
	forget_events();
	s2_merge(&s2, IPA(ipa), size);
}
