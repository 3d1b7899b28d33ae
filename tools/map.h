/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who owns which CPUs, memory and interrupts: `hvctl map`. map_system() and map_cell() collect it
 * from configurations, the driver adds where memory really is, map_layout() makes the picture's
 * rows, which map_text() and map_svg() draw alike. Pure but for writing to a stream.
 */
#ifndef MAP_H
#define MAP_H

#include <stdio.h>

#include "hvctl.h"
#include "json.h"

enum { MAP_ROOT, MAP_HYPERVISOR, MAP_GIC, MAP_CELL }; /* owners; cells are MAP_CELL and up */

#define MAP_NOBODY UINT32_MAX
#define MAP_CLASH "more than one cell" /* whose a CPU is that they all want */

struct map_owner {
	char name[CAISSON_NAME_LEN];
	char letter;	     /* that stands for it in pictures */
	struct cpu_set cpus; /* root's are those that no cell has */
	uint64_t bytes;	     /* RAM whose place is known, */
	uint64_t unplaced;   /* and RAM that the driver is still to find */
};

struct map_range {
	uint64_t start, size;
	uint32_t owner;
	char what[64];
};

struct map_irqs {
	uint32_t first, count; /* INTIDs; 0: a spare one that is still to be chosen */
	uint32_t owner;
	char what[64];
};

struct map {
	char system[CAISSON_NAME_LEN];
	uint32_t ncpus;
	bool live; /* of a running hypervisor: every CPU is known; else those that cells have */
	struct map_owner *owner;
	uint32_t nowners;
	struct map_range *ram; /* root's before it gave some away, */
	uint32_t nram;
	struct map_range *given; /* and what the others have of it */
	uint32_t ngiven;
	struct map_range *device; /* by address */
	uint32_t ndevices;
	struct map_irqs *irqs; /* by number */
	uint32_t nirqs;
};

#define MAP_COLUMNS 64u
#define MAP_ROWS 8u

/* One row of the picture of memory: owner[n] has what lies n granules behind `start'. */
struct map_row {
	uint64_t start;
	uint32_t owner[MAP_COLUMNS]; /* MAP_NOBODY: no RAM */
};

struct map_layout {
	uint64_t granule; /* bytes of one place in a row, a power of two */
	struct map_row row[MAP_ROWS];
	uint32_t nrows;
};

/* Begins a map with a checked .sys: root, the hypervisor, the GIC. */
void map_system(struct map *m, const void *blob);

/**
 * map_cell - add a cell
 * @blob:   checked .cell
 * @placed: its RAM is added by map_given(); otherwise it is taken from the blob as far as that has
 *          it
 *
 * Return: its owner number.
 */
uint32_t map_cell(struct map *m, const void *blob, bool placed);

/* RAM that @owner has. */
void map_given(struct map *m, uint32_t owner, uint64_t start, uint64_t size);

/* Interrupts that @owner has, and what for. */
void map_add_irqs(struct map *m, uint32_t owner, uint32_t first, uint32_t count, const char *what);

/*
 * Gives root's devices that were found in /proc/iomem, whose text this is, the names that it has
 * for them.
 */
void map_name_devices(struct map *m, const char *iomem);

/* When all is added: sorts, and gives root what is left. @ncpus: 0 if not known. */
void map_finish(struct map *m, uint32_t ncpus);

void map_free(struct map *m);

/**
 * map_layout - where in the picture of memory is what
 * @m: finished
 * @l: rows in the order of their addresses
 *
 * All rows have one scale, the finest with which MAP_ROWS are enough. A granule belongs to who has
 * most of it, root last: what is small can be seen.
 */
void map_layout(const struct map *m, struct map_layout *l);

/* Whose CPU @cpu is; MAP_NOBODY: more than one cell wants it. */
uint32_t map_cpu_owner(const struct map *m, uint32_t cpu);

/* Letter of an owner; ' ' for MAP_NOBODY. */
char map_letter(const struct map *m, uint32_t owner);

/* Letter of who has a CPU; '!' if more than one cell wants it. */
char map_cpu_letter(const struct map *m, uint32_t cpu);

/* Whether more than one cell wants some CPU: then '!' is in the pictures. */
bool map_has_clash(const struct map *m);

/* The lines of the lists, without what stands for the owner. */
#define MAP_LINE 192
void map_owner_line(const struct map *m, uint32_t owner, char line[MAP_LINE]);
void map_device_line(const struct map_range *device, char line[MAP_LINE]);
void map_irqs_line(const struct map_irqs *irqs, char line[MAP_LINE]);

void map_text(FILE *to, const struct map *m);
void map_svg(FILE *to, const struct map *m);
void map_json(FILE *to, const struct map *m);

#endif
