// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL2's page pool: first fit over a bitmap that lies in the pool's own first pages. Set up by the
 * first CPU at enable; afterwards stage-2 tables and cells come from here and go back. A free page
 * always holds zeroes, so an allocation writes to no page at all, and the driver need not clear it
 * when it takes the pool back (caisson/image.h).
 */
#include "pool.h"

#include "lib.h"
#include "lock.h"

#define WORD_BITS 64

static struct {
	struct spinlock lock;
	uint8_t *va; /* of page 0, the first page of the bitmap */
	pa_t pa;
	uint64_t *taken; /* one bit per page */
	size_t pages;	 /* in all */
	size_t lowest;	 /* no page below this one is available */
} pool;

uint64_t pool_pages;

static bool is_taken(size_t page)
{
	return pool.taken[page / WORD_BITS] & BIT(page % WORD_BITS);
}

static void mark(size_t first, size_t count, bool taken)
{
	for (size_t page = first; page < first + count; page++) {
		if (taken)
			pool.taken[page / WORD_BITS] |= BIT(page % WORD_BITS);
		else
			pool.taken[page / WORD_BITS] &= ~BIT(page % WORD_BITS);
	}
}

void pool_init(void *va, pa_t pa, size_t pages)
{
	pool.va = va;
	pool.pa = pa;
	pool.taken = va;
	pool.pages = pages;
	pool.lowest = MIN(ALIGN_UP(pages, 8 * PAGE_SIZE) / (8 * PAGE_SIZE), pages);
	mark(0, pool.lowest, true);
	pool_pages = (pages - pool.lowest) << 32 | (pages - pool.lowest);
}

/* The first of `count` available pages, aligned by physical address; pool.pages: there are none. */
static size_t find(size_t count)
{
	size_t frame = pool.pa.v / PAGE_SIZE;
	size_t align = 1, page, i;

	while (align < count)
		align *= 2;
	for (page = ALIGN_UP(frame + pool.lowest, align) - frame; page < pool.pages;
	     page += align) {
		if (count > pool.pages - page)
			break;
		for (i = 0; i < count && !is_taken(page + i); i++)
			;
		if (i == count)
			return page;
	}
	return pool.pages;
}

void *pool_alloc(size_t count)
{
	void *va = NULL;
	size_t page;

	spin_lock(&pool.lock);
	if (count && count <= pool_available()) {
		page = find(count);
		if (page < pool.pages) {
			mark(page, count, true);
			pool_pages -= count;
			if (count == 1)
				pool.lowest = page + 1;
			va = pool.va + page * PAGE_SIZE;
		}
	}
	spin_unlock(&pool.lock);
	return va;
}

void pool_free(void *va, size_t count)
{
	size_t page = (size_t)((uint8_t *)va - pool.va) / PAGE_SIZE;

	/* Before the lock: the pages are still the caller's, and others need not wait for this. */
	memset(va, 0, count * PAGE_SIZE);
	spin_lock(&pool.lock);
	mark(page, count, false);
	pool_pages += count;
	pool.lowest = MIN(pool.lowest, page);
	spin_unlock(&pool.lock);
}

pa_t pool_pa(const void *va)
{
	return PA(pool.pa.v + (uint64_t)((const uint8_t *)va - pool.va));
}

void *pool_va(pa_t pa)
{
	return pool.va + (pa.v - pool.pa.v);
}
