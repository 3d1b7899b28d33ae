/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Configurations against each other and against a machine: whatever would be refused when the cells
 * are created one after the other, and what would not be, but costs or endangers something. Each
 * file by itself is the validator's affair (config_check.h). Pure but for allocating memory.
 */
#ifndef CHECK_H
#define CHECK_H

#include "board.h"
#include "findings.h"
#include "machine.h"

/* What is checked, and all that is known beside it. */
struct check {
	struct unit *unit; /* cells, those in force first, then in the order of their making */
	uint32_t count;
	const struct unit *system; /* sound; NULL: none is known */
	const struct board *board; /* NULL: nothing is */
	struct machine machine;	   /* what that is from; without a tree: nothing */
	uint32_t mode;		   /* how interrupts are delivered; CAISSON_MODE_AUTO: not known */
	bool enabled;		   /* then pool_free is EL2's word; live cells have theirs */
	uint64_t pool_free;
	struct findings found;
};

/* What the cells that are not in force yet take from EL2's pool, in pages. */
struct pool {
	uint64_t cells;	 /* theirs alone */
	uint64_t root;	 /* what root's tables grow by, about */
	uint64_t has;	 /* for cells; 0: not known */
	bool exact;	 /* it has no more; otherwise Linux may have given a few more, or less */
};

/* Everything that is wrong with one file in itself, in the validator's order. Sets unit->sound. */
void check_unit(struct findings *f, struct unit *unit, uint32_t kind);

/* Everything else. Units that are not sound, and those without a blob, are left out. */
void check_all(struct check *c);

/* The parts of it: the cells against each other; each against the machine; what they cost. */
void check_cells(struct check *c);
void check_machine(struct check *c);
void check_devices(struct check *c, const struct unit *unit);
void check_costs(struct check *c);

struct pool check_pool(const struct check *c);

/* --- for these parts --- */

/* May the @i-th unit be walked: is it a sound cell? */
bool check_is_cell(const struct check *c, uint32_t i);

static inline struct place place_of(const struct unit *unit, uint32_t section, uint32_t i)
{
	return (struct place){ .unit = unit, .offset = config_offset(unit->blob, section, i) };
}

static inline struct place place_named(const char *name)
{
	return (struct place){ .name = name };
}

/* What a cell has of the physical address space, and of the SPIs, table after table. */
struct claim {
	uint64_t start;
	uint64_t size; /* 0: memory without an address */
	struct place at;
	bool device;
};

struct spis {
	uint32_t first;
	uint32_t count; /* 0: to be chosen */
	struct place at;
	bool listed; /* by an IRQ; otherwise a console's, or for shutting down */
};

/* The @n-th of each; false: there are no more. */
bool check_claim(const struct unit *unit, uint32_t n, struct claim *claim);
bool check_spis(const struct unit *unit, uint32_t n, struct spis *spis);

/* CPUs that the machine can have; 0: not known. A system has room for at least so many. */
uint32_t check_cpus(const struct check *c);

#endif
