/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EL2's page pool: the tail of the hypervisor memory, from which stage-2 tables, cells and their
 * pages come. All of it is mapped linearly, so a page's virtual and physical address are an
 * addition apart. Any CPU, any context but the log; takes its own lock, a leaf in the lock order
 * (lock.h).
 */
#ifndef CAISSON_POOL_H
#define CAISSON_POOL_H

#include "types.h"

/* Once, by the first CPU: `pages` pages at `va`, which is `pa`; they hold zeroes. */
void pool_init(void *va, pa_t pa, size_t pages);

/* How many there are in all, but for the pool's own bitmap, << 32 | how many of them are free. */
extern uint64_t pool_pages;

/*
 * `count` contiguous zeroed pages aligned to `count` rounded up to a power of two; NULL:
 * exhausted.
 */
void *pool_alloc(size_t count);

/* Gives them back. Their content is zeroed here, so that nothing leaks into a page's next use. */
void pool_free(void *va, size_t count);

/* Between the two addresses of a page of the pool; others are not checked. */
pa_t pool_pa(const void *va);
void *pool_va(pa_t pa);
static inline size_t pool_total(void)
{
	return pool_pages >> 32;
}

static inline size_t pool_available(void)
{
	return (uint32_t)pool_pages;
}

#endif
