/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must hold after each call of root's, whatever it was:
 *   - a CPU, an interrupt and a page have one owner, which all records agree about;
 *   - root reaches nothing of EL2 but its log and the cells' pages, each page at its own address,
 *     and no byte of a device that a cell has for itself;
 *   - the pages of the pool are those that can be found from the cells, while none is being made.
 */
#ifndef FUZZ_INVARIANTS_H
#define FUZZ_INVARIANTS_H

#include <stdbool.h>
#include <stdint.h>

struct s2;
struct s2_entry;

extern void *starved; /* what gives the pool back its pages, machine_starve() */
extern bool making; /* a create has answered AGAIN */

/*
 * Stops where something does not hold. Events since the last time say whether tables are to be
 * looked at.
 */
void check_all(void);

typedef void visitor(const struct s2_entry *entry, void *context);

/* Each entry, valid or not, in order. */
void walk(const struct s2 *s2, visitor *visit, void *context);

void check_zero_page(uint64_t pa);
/* A visitor: all of its memory is zero. */
void check_zero_entry(const struct s2_entry *entry, void *context);

#endif
