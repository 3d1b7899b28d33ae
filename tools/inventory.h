/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The devices of a machine, by its device tree: registers, interrupts, and whether a cell can have
 * them. What `hvctl config create` writes, and `--device` gives away.
 */
#ifndef INVENTORY_H
#define INVENTORY_H

#include "tree.h"

#define ITEM_RANGES 16
#define ITEM_INTIDS 64
#define ITEM_PATH 256
#define ITEM_WHY 400

/* A node with registers. */
struct item {
	int node;
	char path[ITEM_PATH];
	const char *compatible; /* the first one, never NULL */
	struct range range[ITEM_RANGES]; /* as the tree has them: of any alignment */
	uint32_t nranges;
	uint32_t intid[ITEM_INTIDS]; /* its SPIs at the GIC */
	uint32_t nintids;
	char why[ITEM_WHY]; /* for what reason no cell can have it; "": one can */
};

struct inventory {
	struct item *item; /* in the tree's order */
	uint32_t count;
};

/**
 * inventory_make - list the devices that are switched on
 * @inv: filled in, to be freed by inventory_free()
 * @fdt: a checked tree
 *
 * Buses, memory and CPUs are none, and neither is the GIC, but its ITS is. Pure.
 */
void inventory_make(struct inventory *inv, const void *fdt);
void inventory_free(struct inventory *inv);

/**
 * inventory_find - a device by what a user calls it
 * @inv:  the list
 * @fdt:  its tree
 * @name: path or alias
 * @why:  for NULL: what is wrong with it, in words
 * @room: of @why
 *
 * Return: the device, which a cell may not be able to have, or NULL.
 */
const struct item *inventory_find(const struct inventory *inv, const void *fdt, const char *name,
				  char *why, size_t room);

#endif
