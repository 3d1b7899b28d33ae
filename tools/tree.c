// SPDX-License-Identifier: GPL-2.0-only
/* Addresses in a device tree, see tree.h. */
#include "tree.h"

uint64_t tree_cells(const fdt32_t *cell, int count)
{
	uint64_t value = 0;

	while (count-- > 0)
		value = value << 32 | fdt32_to_cpu(*cell++);
	return value;
}

bool tree_translate(const void *fdt, int node, uint64_t *address)
{
	while (node > 0) {
		int parent = fdt_parent_offset(fdt, node);
		int child_cells = fdt_address_cells(fdt, node);
		int parent_cells = fdt_address_cells(fdt, parent);
		int size_cells = fdt_size_cells(fdt, node);
		int row = child_cells + parent_cells + size_cells;
		int length, i;
		const fdt32_t *ranges = fdt_getprop(fdt, node, "ranges", &length);

		if (!ranges || parent < 0 || child_cells < 1 || parent_cells < 1 || size_cells < 1)
			return false;
		for (i = 0; i + row <= length / 4; i += row) {
			uint64_t from = tree_cells(ranges + i, child_cells);
			uint64_t to = tree_cells(ranges + i + child_cells, parent_cells);
			uint64_t size = tree_cells(ranges + i + child_cells + parent_cells,
						   size_cells);

			if (*address >= from && *address - from < size) {
				*address = *address - from + to;
				break;
			}
		}
		if (length && i + row > length / 4)
			return false;
		node = parent;
	}
	return true;
}

bool tree_range(const void *fdt, int node, int index, struct range *r)
{
	int parent = fdt_parent_offset(fdt, node);
	int address_cells = fdt_address_cells(fdt, parent);
	int size_cells = fdt_size_cells(fdt, parent);
	int row = address_cells + size_cells;
	int length;
	const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &length);

	if (!reg || parent < 0 || address_cells < 1 || size_cells < 1 ||
	    (index + 1) * row > length / 4)
		return false;
	reg += index * row;
	r->start = tree_cells(reg, address_cells);
	r->end = tree_cells(reg + address_cells, size_cells);
	r->ram = false;
	if (!tree_translate(fdt, parent, &r->start))
		return false;
	r->end += r->start;
	return true;
}
