/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses in a device tree, in the bus's own numbers and as the CPUs see them. Pure. */
#ifndef TREE_H
#define TREE_H

#include <libfdt.h>

#include "machine.h"

/* The number in @count big-endian cells. */
uint64_t tree_cells(const fdt32_t *cell, int count);

/* Takes an address on the bus @node up to the root of the tree; false: it does not get there. */
bool tree_translate(const void *fdt, int node, uint64_t *address);

/* The @index-th range of @node's `reg`, as physical addresses; false: there is none. */
bool tree_range(const void *fdt, int node, int index, struct range *r);

#endif
