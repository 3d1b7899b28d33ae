/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device tree as Linux reads it: physical addresses behind buses, interrupts behind nexus nodes,
 * and what is switched off. On top of libfdt, which knows properties. Pure.
 */
#ifndef TREE_H
#define TREE_H

#include <libfdt.h>

#include "machine.h"

/**
 * tree_check - whether it is a device tree; what has not passed this must go nowhere else
 * @fdt:  what a file holds, aligned to 8
 * @size: of it, bytes
 * @why:  for false: what is wrong, in words
 * @room: of @why
 *
 * libfdt's own check, which does not end on every tree, behind one of lengths and depth.
 */
bool tree_check(const void *fdt, size_t size, char *why, size_t room);

/* The text of a property, NULL if it is no NUL-terminated one. Of a list the first. */
const char *tree_text(const void *fdt, int node, const char *name);

/* The @index-th cell of a property, or @otherwise if it has not so many. */
uint32_t tree_cell(const void *fdt, int node, const char *name, int index, uint32_t otherwise);

/* The number in @count cells. */
uint64_t tree_cells(const fdt32_t *cell, int count);

/* Its status, and that of all nodes above it, is okay. */
bool tree_enabled(const void *fdt, int node);

/* Takes an address on the bus @node up to the root of the tree; false: it does not get there. */
bool tree_translate(const void *fdt, int node, uint64_t *address);

/* The @index-th range of a node's `reg`, as physical addresses; false: there is none. */
bool tree_range(const void *fdt, int node, int index, struct range *r);

/* The same of the windows that a PCI host bridge has for memory. */
bool tree_pci_window(const void *fdt, int node, int index, struct range *r);

/*
 * What a node's `interrupts` are for, as an operating system finds it: the next controller above,
 * or behind an `interrupt-parent`; negative: there is none.
 */
int tree_irq_parent(const void *fdt, int node);

#define TREE_IRQ_CELLS 8

/* An interrupt of a device, as its controller's specifier. */
struct tree_irq {
	int controller; /* node */
	uint32_t count; /* cells */
	uint32_t cell[TREE_IRQ_CELLS];
};

/**
 * tree_irq - where an interrupt of a device ends
 * @fdt:   a checked tree
 * @node:  of the device
 * @index: which of its interrupts
 * @irq:   filled in
 *
 * Goes through `interrupts-extended`, or `interrupts` and `interrupt-parent`, and each
 * `interrupt-map` on the way (Devicetree Specification 2.4).
 *
 * Return: 1; 0 if the device has not so many; -1 if the tree is wrong there.
 */
int tree_irq(const void *fdt, int node, int index, struct tree_irq *irq);

/* The INTID of an SPI at a GICv3; 0: it is something else. */
uint32_t tree_spi(const void *fdt, const struct tree_irq *irq);

/*
 * Whether a node that is switched on has GPIO lines or interrupts of node @on, and is no part of
 * it.
 */
bool tree_hangs_on(const void *fdt, int node, int on);

/* Marks all SPIs that a node names, be it switched off: by INTID, @has is false before. */
void tree_wired(const void *fdt, bool has[CONFIG_SPI_END]);

#endif
