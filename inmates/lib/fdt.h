/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A read-only flattened device tree (Devicetree Specification 0.4, chapter 5). Every access stays
 * inside the blob whatever it holds. A node is the offset of its FDT_BEGIN_NODE in the structure
 * block; FDT_NONE is no node. Any context, MMU on or off.
 */
#ifndef INMATE_FDT_H
#define INMATE_FDT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FDT_NONE 0xffffffffu

struct fdt {
	const uint8_t *structure;
	const char *strings;
	uint32_t structure_size; /* bytes */
	uint32_t strings_size;
	uint32_t total_size;
};

/* Checks the header of the blob at `blob` and fills in `fdt`. False: not a tree of version 17. */
bool fdt_open(struct fdt *fdt, const void *blob);

/*
 * The node after `node` in document order (after FDT_NONE: the root), or FDT_NONE.
 * *depth: 0 = root; start with any value.
 */
uint32_t fdt_next(const struct fdt *fdt, uint32_t node, unsigned int *depth);

/* Name with unit address; "" for the root. */
const char *fdt_name(const struct fdt *fdt, uint32_t node);

/* A property's value and its length in bytes, or NULL. `length` may be NULL. */
const uint8_t *fdt_property(const struct fdt *fdt, uint32_t node, const char *name,
			    uint32_t *length);

/* A property that is a string (the first of a list), or NULL if absent or not terminated. */
const char *fdt_string(const struct fdt *fdt, uint32_t node, const char *name);

/* Cell `index` of a property of 32-bit cells. False: absent or too short. */
bool fdt_cell(const struct fdt *fdt, uint32_t node, const char *name, unsigned int index,
	      uint32_t *value);

/* Is `compatible` one of the node's strings? */
bool fdt_compatible(const struct fdt *fdt, uint32_t node, const char *compatible);

/*
 * The next node after `after` (FDT_NONE: from the start) with that compatible string, or
 * FDT_NONE.
 */
uint32_t fdt_find_compatible(const struct fdt *fdt, uint32_t after, const char *compatible);

/* The node at "/a/b"; a unit address may be left out of each name. FDT_NONE if there is none. */
uint32_t fdt_find_path(const struct fdt *fdt, const char *path);

/* The node's parent, or FDT_NONE for the root. */
uint32_t fdt_parent(const struct fdt *fdt, uint32_t node);

/* Entry `index` of `reg`, by the parent's #address-cells and #size-cells (2 and 1 if absent; size 0
 * with 0 size cells). Buses with a translating `ranges` are not followed. */
bool fdt_reg(const struct fdt *fdt, uint32_t node, unsigned int index, uint64_t *address,
	     uint64_t *size);

#endif
