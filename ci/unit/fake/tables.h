/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage-2 tables on the host, for tests of core/s2.c. The architecture's hooks are a recorder: what
 * was written, invalidated and published, in which order and with how many free pages at the time.
 * On every write it checks break-before-make by itself.
 */
#ifndef FAKE_TABLES_H
#define FAKE_TABLES_H

#include "s2.h"

#define POOL_PAGES 1024u
#define POOL_PA 0x800000000000ULL /* no test maps it: an address of a table is known by it */

#define RWX (S2_READ | S2_WRITE | S2_EXEC)
#define DEVICE (S2_READ | S2_WRITE | S2_DEVICE)
#define OWNER (S2_OWNER_CELL + 3)

/* Descriptors by hand: not the ones that the code under test computes. */
#define VALID 1ULL
#define TABLE 3ULL
#define PENDING 2ULL
#define BLOCK_RWX 0x7fdULL /* AF, inner shareable, write, read, WB, block */
#define PAGE_RWX 0x7ffULL
#define BLOCK_DEVICE (BIT(54) | 0x4c5ULL)
#define OWNED(owner) ((uint64_t)(owner) << 16)

/* --- the recorder --- */

enum what { WRITE, INVALIDATE, PUBLISH };

struct event {
	enum what what;
	uint64_t old, new;     /* WRITE */
	uint64_t ipa, size;    /* INVALIDATE */
	size_t available;      /* pages in the pool at this point */
};

extern struct event events[256]; /* since forget_events() */
extern size_t event_count;
extern size_t broken_count; /* entries that were valid, and that the TLBs may still have */

void forget_events(void);
bool points_to_table(uint64_t desc);

/* --- a TLB --- */

/* A walker may have cached this. */
void tlb_touch(uint64_t ipa);
/* What it has is what the tables say; then it is empty. */
void tlb_check(void);

/* --- steps, each with events of its own --- */

extern uint8_t *memory; /* the pool's */
extern struct s2 s2;

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int setup(void **state);
/* Every page of the pool is free again. */
int teardown(void **state);
/* Empty tables, in an empty pool. */
void start(uint32_t ipa_bits);
void map(uint64_t ipa, uint64_t pa, uint64_t size, uint32_t attrs);
void disown(uint64_t ipa, uint64_t size, uint32_t owner);
void merge(uint64_t ipa, uint64_t size);

#endif
