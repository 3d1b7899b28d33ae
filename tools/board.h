/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a configuration can collide with on a machine, beyond what a system configuration lists:
 * CPUs, registers and interrupts of the device tree's nodes, which of them do DMA, memory that root
 * does not let go of. Of a tree in a file, or of the live machine.
 */
#ifndef BOARD_H
#define BOARD_H

#include "dma.h"
#include "hvctl.h"

enum board_kind {
	BOARD_DEVICE, /* registers, or a window to what is behind a bus */
	BOARD_GIC,    /* frames of the GIC and its ITS: nobody's to have */
	BOARD_RAM,    /* memory as the tree lists it */
	BOARD_KERNEL, /* memory that root keeps */
	BOARD_BOOT,   /* memory that was reserved at boot: root may keep it */
	BOARD_HYPERVISOR,
};

struct board_node {
	char *path;	 /* in the tree; or a line of /proc/iomem */
	enum dma dma;
	const char *sign; /* of DMA, if it does that for sure */
	bool iommu;	 /* an SMMU stands before it */
	bool console;	 /* the one of root Linux */
	bool driver;	 /* none of the tree's, but a driver of root's that uses an interrupt */
};

struct board_region {
	uint64_t start, end;
	enum board_kind kind;
	uint32_t node;
};

struct board_irq {
	uint32_t intid;
	uint32_t node;
};

struct board {
	struct board_node *node;
	struct board_region *region;
	struct board_irq *irq;
	uint32_t nodes, regions, irqs;
	uint32_t cpus;	  /* 0: not known, and so below */
	uint32_t spi_end; /* behind the last interrupt of the GIC */
	bool no_el2_timer; /* EL2's timer is known to interrupt by another PPI than 10 */
};

/* What a device tree tells; libfdt has checked it. Pure. */
void board_add_tree(struct board *b, const void *fdt);

/* What /proc/iomem tells beyond the ranges themselves: what of its RAM root keeps. Pure. */
void board_add_iomem(struct board *b, const char *text);

/* What /proc/interrupts tells: the SPIs that root's drivers use, each a node of its own. Pure. */
void board_add_interrupts(struct board *b, const char *text);

/* One more region, of a new node that is called @name. */
void board_add_region(struct board *b, enum board_kind kind, const char *name, uint64_t start,
		      uint64_t end);

void board_free(struct board *b);

/**
 * board_find - the regions that meet a range, one after the other
 * @b:	   may be NULL: nothing is known
 * @kinds: 1 << enum board_kind, or-ed
 * @start: of the range
 * @size:  of it, bytes
 * @from:  what the last call has returned, NULL: begin
 */
const struct board_region *board_find(const struct board *b, uint32_t kinds, uint64_t start,
				      uint64_t size, const struct board_region *from);

#endif
