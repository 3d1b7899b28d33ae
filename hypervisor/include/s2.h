/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage-2 translation tables: what a cell reaches, and who owns what it does not.
 *
 * VMSAv8-64, 4 KiB granule (Arm ARM D8.2, D8.3). The start level and the number of concatenated
 * root tables follow from the IPA size. An invalid descriptor is zero, or carries an *owner* in
 * bits that hardware ignores (bit 0 clear: D8.3.1): the root cell's table thus records for every
 * page of the machine whether it is root's (mapped, or zero: not touched yet) or whose it is. No
 * second database.
 *
 * Every change goes through this file, in two phases: tables are prepared (the only part that
 * can fail), then entries change with break-before-make (D8.14.1). Pure: touches memory and the
 * three s2_arch_* hooks only, so that host tests can record and assert the order of operations.
 * s2_map, s2_disown and s2_merge take s2->lock; s2_lookup wants it held or the table quiet.
 */
#ifndef CAISSON_S2_H
#define CAISSON_S2_H

#include "lock.h"
#include "types.h"

/* Attributes of a mapping. Memory type: Normal write-back, so that the cell's stage 1 decides. */
#define S2_READ 0x1u
#define S2_WRITE 0x2u
#define S2_EXEC 0x4u
#define S2_DEVICE 0x8u /* Device-nGnRE whatever stage 1 says, never executable */
#define S2_FRESH 0x10u /* s2_map: an entry with an owner is an overlap, too */

/* Owners. 0 means "nobody took it": in root's table such an address is root's own. */
#define S2_OWNER_NONE 0u
#define S2_OWNER_HYPERVISOR 1u
#define S2_OWNER_EMULATED 2u /* GIC frames and sub-page devices: trapped on purpose */
#define S2_OWNER_CELL 16u    /* + cell ID */
#define S2_OWNER_MAX 0xffffu

struct s2 {
	struct spinlock lock;
	void *root; /* concatenated root tables, from the pool */
	uint32_t root_pages;
	uint32_t start_level; /* 0, 1 or 2 */
	uint32_t ipa_bits;
	uint32_t vmid;
	bool revoked; /* cut off to get its CPUs back: s2_revoke() */
};

struct s2_entry {
	bool valid;
	uint32_t level; /* where the walk ended */
	uint32_t attrs; /* of a valid entry */
	uint32_t owner; /* of an invalid one */
	ipa_t ipa;	/* start of the range the entry covers */
	uint64_t size;	/* of that range */
	pa_t pa;	/* where `ipa` goes, if valid */
};

/* ipa_bits 32..48. Returns 0 or CAISSON_E_POOL; the root table is empty. */
uint32_t s2_init(struct s2 *s2, uint32_t vmid, uint32_t ipa_bits);

/*
 * Frees all tables. No CPU uses the VMID any more, and its TLB entries are gone (the caller's
 * duty).
 */
void s2_free(struct s2 *s2);
/* The same in pieces: frees one table a call, the root last; then it answers false. */
bool s2_free_table(struct s2 *s2);

/*
 * The entry that a walk for `ipa` ends at; beyond ipa_bits an invalid one without
 * owner.
 */
struct s2_entry s2_lookup(const struct s2 *s2, ipa_t ipa);

/*
 * Maps [ipa, ipa + size) to pa, in the largest blocks that alignment and existing tables allow;
 * whatever owner the entries carried is overwritten (unless S2_FRESH). Multiples of 4 KiB; attrs
 * without S2_READ are a bug. Returns 0, CAISSON_E_RANGE (beyond ipa_bits), CAISSON_E_OVERLAP
 * (something is mapped there: nothing changed) or CAISSON_E_POOL (nothing changed). No TLB
 * maintenance is needed: only invalid entries change.
 */
uint32_t s2_map(struct s2 *s2, ipa_t ipa, pa_t pa, uint64_t size, uint32_t attrs);

/*
 * Makes [ipa, ipa + size) invalid and records `owner` (S2_OWNER_NONE: plain unmap), splitting
 * blocks at its ends by break-before-make; on return no CPU has a stale translation. Returns 0,
 * CAISSON_E_RANGE, or CAISSON_E_POOL (nothing changed). Another CPU may fault on a block while
 * it is being split: it looks the address up again under the lock.
 */
uint32_t s2_disown(struct s2 *s2, ipa_t ipa, uint64_t size, uint32_t owner);

/*
 * Turns tables below [ipa, ipa + size) back into blocks where all their entries are contiguous,
 * equal in attributes and aligned (or all invalid with one owner), and frees them. Cannot fail.
 */
void s2_merge(struct s2 *s2, ipa_t ipa, uint64_t size);

/*
 * True if every page of [ipa, ipa + size) is mapped with at least `attrs` and, if `identity`,
 * onto itself; *at is then where the last entry ends, or the first one beyond `limit` of them begins.
 * On false *at is the first address that is not. Under s2->lock.
 */
bool s2_covers(const struct s2 *s2, ipa_t ipa, uint64_t size, uint32_t attrs, bool identity,
	       uint32_t limit, ipa_t *at);

/* Provided by the architecture (arch/arm64/tlb.c), or by a test's recorder. */
void s2_arch_publish(void); /* DSB ISHST, ISB: new valid entries become visible to walkers */
/*
 * TLBI by IPA for s2's VMID, all CPUs, stage 1 combinations too, DSBs included; last level or
 * table.
 */
void s2_arch_invalidate(const struct s2 *s2, ipa_t ipa, uint64_t size);
void s2_arch_write(uint64_t *entry, uint64_t value); /* one single-copy atomic store */

#endif
