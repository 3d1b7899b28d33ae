// SPDX-License-Identifier: GPL-2.0-only
/* Addresses and interrupts of a device tree, see tree.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tree.h"

#define DEPTH_MAX 64  /* of nodes, as in Linux (drivers/of/fdt.c) */
#define NEXUS_MAX 8   /* interrupt maps behind each other */
#define GIC_SPI 0u    /* bindings/interrupt-controller/arm,gic-v3.yaml */
#define PCI_SPACE 0x03000000u /* of the first cell of an address on PCI (IEEE 1275 PCI binding) */
#define PCI_IO 0x01000000u

const char *tree_text(const void *fdt, int node, const char *name)
{
	int length;
	const char *text = node < 0 ? NULL : fdt_getprop(fdt, node, name, &length);

	return text && length > 0 && !text[length - 1] ? text : NULL;
}

/* Whether a property at that place in the structure block, if it is one, is all in there. */
static bool is_whole(const void *fdt, int at)
{
	const struct fdt_property *property = fdt_offset_ptr(fdt, at, sizeof(*property));

	return !property || fdt32_to_cpu(property->tag) != FDT_PROP ||
	       fdt_offset_ptr(fdt, at + (int)sizeof(*property), fdt32_to_cpu(property->len));
}

/*
 * What libfdt does not look for: lengths that are negative to it, by which it goes back, for ever;
 * and nodes in nodes without end, into which we would recurse.
 */
static bool check_structure(const void *fdt, char *why, size_t room)
{
	int at, next = 0, depth = 0;
	uint32_t tag;

	do {
		at = next;
		if (!is_whole(fdt, at)) {
			snprintf(why, room, "the property at byte %#" PRIx32 " is longer than what "
				 "there is", fdt_off_dt_struct(fdt) + (uint32_t)at);
			return false;
		}
		tag = fdt_next_tag(fdt, at, &next);
		depth += (tag == FDT_BEGIN_NODE) - (tag == FDT_END_NODE);
	} while (tag != FDT_END && depth <= DEPTH_MAX);
	if (depth > DEPTH_MAX)
		snprintf(why, room, "more than %d nodes are inside each other at byte %#" PRIx32,
			 DEPTH_MAX, fdt_off_dt_struct(fdt) + (uint32_t)at);
	return depth <= DEPTH_MAX;
}

bool tree_check(const void *fdt, size_t size, char *why, size_t room)
{
	int error = size < sizeof(struct fdt_header) ? -FDT_ERR_TRUNCATED : fdt_check_header(fdt);

	if (!error && size < fdt_totalsize(fdt))
		error = -FDT_ERR_TRUNCATED;
	if (!error && fdt_off_dt_struct(fdt) % FDT_TAGSIZE)
		error = -FDT_ERR_ALIGNMENT;
	if (!error && !check_structure(fdt, why, room))
		return false;
	error = error ? error : fdt_check_full(fdt, size);
	snprintf(why, room, "%s", fdt_strerror(error));
	return !error;
}

uint32_t tree_cell(const void *fdt, int node, const char *name, int index, uint32_t otherwise)
{
	int length;
	const fdt32_t *cells = fdt_getprop(fdt, node, name, &length);

	return cells && length >= (index + 1) * 4 ? fdt32_to_cpu(cells[index]) : otherwise;
}

uint64_t tree_cells(const fdt32_t *cell, int count)
{
	uint64_t value = 0;

	while (count-- > 0)
		value = value << 32 | fdt32_to_cpu(*cell++);
	return value;
}

bool tree_enabled(const void *fdt, int node)
{
	for (; node > 0; node = fdt_parent_offset(fdt, node)) {
		const char *status = tree_text(fdt, node, "status");

		if (status && strcmp(status, "okay") && strcmp(status, "ok"))
			return false;
	}
	return true;
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

bool tree_pci_window(const void *fdt, int node, int index, struct range *r)
{
	int parent = fdt_parent_offset(fdt, node);
	int parent_cells = fdt_address_cells(fdt, parent);
	int row = 3 + parent_cells + 2; /* PCI has three cells for an address, two for a size */
	const char *type = tree_text(fdt, node, "device_type");
	int length, i;
	const fdt32_t *ranges = fdt_getprop(fdt, node, "ranges", &length);

	if (!type || strcmp(type, "pci") || !ranges || parent < 0 || parent_cells < 1)
		return false;
	for (i = 0; i + row <= length / 4; i += row) {
		if ((fdt32_to_cpu(ranges[i]) & PCI_SPACE) == PCI_IO || index--)
			continue;
		r->start = tree_cells(ranges + i + 3, parent_cells);
		r->end = tree_cells(ranges + i + 3 + parent_cells, 2);
		r->ram = false;
		if (!tree_translate(fdt, parent, &r->start))
			return false;
		r->end += r->start;
		return true;
	}
	return false;
}

int tree_irq_parent(const void *fdt, int node)
{
	int i;

	for (i = 0; i < NEXUS_MAX * 4; i++) {
		uint32_t phandle = tree_cell(fdt, node, "interrupt-parent", 0, 0);

		node = phandle ? fdt_node_offset_by_phandle(fdt, phandle) :
				 fdt_parent_offset(fdt, node);
		if (node < 0 || fdt_getprop(fdt, node, "#interrupt-cells", NULL))
			return node;
	}
	return -FDT_ERR_BADSTRUCTURE;
}

/*
 * Copies the @index-th specifier out of @cells; 1, 0: there are not so many, -1: the tree is wrong.
 */
static int take(const void *fdt, struct tree_irq *irq, const fdt32_t *cells, int length, int index)
{
	irq->count = tree_cell(fdt, irq->controller, "#interrupt-cells", 0, 0);
	if (!irq->count || irq->count > TREE_IRQ_CELLS)
		return -1;
	if ((index + 1) * (int)irq->count > length / 4)
		return 0;
	for (uint32_t i = 0; i < irq->count; i++)
		irq->cell[i] = fdt32_to_cpu(cells[(uint32_t)index * irq->count + i]);
	return 1;
}

/* The specifier as the device has it. */
static int first_specifier(const void *fdt, int node, int index, struct tree_irq *irq)
{
	int length, at = 0;
	const fdt32_t *cells = fdt_getprop(fdt, node, "interrupts-extended", &length);

	if (!cells) {
		cells = fdt_getprop(fdt, node, "interrupts", &length);
		if (!cells)
			return 0;
		irq->controller = tree_irq_parent(fdt, node);
		return irq->controller < 0 ? -1 : take(fdt, irq, cells, length, index);
	}
	while (at < length / 4) {
		int got;

		irq->controller = fdt_node_offset_by_phandle(fdt, fdt32_to_cpu(cells[at]));
		got = -1;
		if (irq->controller >= 0)
			got = take(fdt, irq, cells + at + 1, length - (at + 1) * 4, 0);
		if (got < 1)
			return -1;
		if (!index--)
			return 1;
		at += 1 + (int)irq->count;
	}
	return 0;
}

/* Does a row of an `interrupt-map`, its first @width cells, fit this interrupt under the mask? */
static bool row_fits(const void *fdt, int nexus, int node, const struct tree_irq *irq,
		     const fdt32_t *row, uint32_t width)
{
	uint32_t address = width - irq->count, i;

	for (i = 0; i < width; i++) {
		uint32_t mask = tree_cell(fdt, nexus, "interrupt-map-mask", (int)i, ~0u);
		uint32_t have = i < address ? tree_cell(fdt, node, "reg", (int)i, 0) :
					      irq->cell[i - address];

		if ((have ^ fdt32_to_cpu(row[i])) & mask)
			return false;
	}
	return true;
}

/* Of a unit address in an `interrupt-map`, where, unlike elsewhere, there are none by default. */
static uint32_t unit_cells(const void *fdt, int node)
{
	uint32_t cells = tree_cell(fdt, node, "#address-cells", 0, 0);

	return cells < FDT_MAX_NCELLS ? cells : FDT_MAX_NCELLS;
}

/*
 * One row of an `interrupt-map`: the first @width cells are compared, the others are the specifier
 * at the next controller. Moves *at behind it. 1; 0: there is no more, -1: the tree is wrong.
 */
static int map_row(const void *fdt, const fdt32_t *map, int length, uint32_t width, int *at,
		   struct tree_irq *next)
{
	int specifier;

	if (*at + (int)width >= length / 4)
		return 0;
	next->controller = fdt_node_offset_by_phandle(fdt, fdt32_to_cpu(map[*at + (int)width]));
	if (next->controller < 0)
		return -1;
	specifier = *at + (int)(width + 1 + unit_cells(fdt, next->controller));
	if (specifier > length / 4 ||
	    take(fdt, next, map + specifier, length - specifier * 4, 0) < 1)
		return -1;
	*at = specifier + (int)next->count;
	return 1;
}

/* One step through an interrupt nexus. */
static int through_map(const void *fdt, int node, struct tree_irq *irq)
{
	int nexus = irq->controller, length, at = 0;
	const fdt32_t *map = fdt_getprop(fdt, nexus, "interrupt-map", &length);
	uint32_t width = unit_cells(fdt, nexus) + irq->count;

	for (;;) {
		const fdt32_t *row = map + at;
		struct tree_irq next;

		if (map_row(fdt, map, length, width, &at, &next) < 1)
			return -1;
		if (row_fits(fdt, nexus, node, irq, row, width)) {
			*irq = next;
			return 1;
		}
	}
}

int tree_irq(const void *fdt, int node, int index, struct tree_irq *irq)
{
	int got = first_specifier(fdt, node, index, irq), i;

	for (i = 0; got > 0 && i < NEXUS_MAX; i++) {
		if (fdt_getprop(fdt, irq->controller, "interrupt-controller", NULL) ||
		    !fdt_getprop(fdt, irq->controller, "interrupt-map", NULL))
			return 1;
		got = through_map(fdt, node, irq);
	}
	return got > 0 ? -1 : got;
}

uint32_t tree_spi(const void *fdt, const struct tree_irq *irq)
{
	if (fdt_node_check_compatible(fdt, irq->controller, "arm,gic-v3") || irq->count < 3 ||
	    irq->cell[0] != GIC_SPI || irq->cell[1] >= CONFIG_SPI_END - CONFIG_SPI_FIRST)
		return 0;
	return CONFIG_SPI_FIRST + irq->cell[1];
}

void tree_wired(const void *fdt, bool has[CONFIG_SPI_END])
{
	struct tree_irq irq;
	int node, i;

	for (node = fdt_next_node(fdt, -1, NULL); node >= 0;
	     node = fdt_next_node(fdt, node, NULL)) {
		int length, at = 0;
		const fdt32_t *map = fdt_getprop(fdt, node, "interrupt-map", &length);
		uint32_t width =
			unit_cells(fdt, node) + tree_cell(fdt, node, "#interrupt-cells", 0, 0);

		for (i = 0; tree_irq(fdt, node, i, &irq) > 0; i++)
			has[tree_spi(fdt, &irq)] = true;
		while (map && width <= FDT_MAX_NCELLS + TREE_IRQ_CELLS &&
		       map_row(fdt, map, length, width, &at, &irq) > 0)
			has[tree_spi(fdt, &irq)] = true;
	}
	has[0] = false; /* what was none */
}

/* Of the names in bindings/gpio/gpio.txt; the others are numbers. */
static bool is_gpio_list(const char *name)
{
	static const char *const ends[] = { "gpio", "gpios" };
	size_t i, length = strlen(name);

	for (i = 0; i < 2; i++) {
		size_t end = strlen(ends[i]);

		if (length >= end && !strcmp(name + length - end, ends[i]) &&
		    (length == end || name[length - end - 1] == '-') && strcmp(name, "nr-gpios"))
			return true;
	}
	return false;
}

static bool has_line(const void *fdt, const fdt32_t *cells, int count, int on)
{
	int i = 0, target;

	while (i < count) {
		if (!cells[i]) { /* a gap in the list */
			i++;
			continue;
		}
		target = fdt_node_offset_by_phandle(fdt, fdt32_to_cpu(cells[i]));
		if (target == on)
			return true;
		if (target < 0)
			break;
		i += 1 + (int)(tree_cell(fdt, target, "#gpio-cells", 0, 0) & 0xff);
	}
	return false;
}

static bool has_lines(const void *fdt, int node, int on)
{
	struct tree_irq irq;
	int property, i;

	fdt_for_each_property_offset(property, fdt, node) {
		const char *name;
		int length;
		const fdt32_t *cells = fdt_getprop_by_offset(fdt, property, &name, &length);

		if (cells && is_gpio_list(name) && has_line(fdt, cells, length / 4, on))
			return true;
	}
	for (i = 0; tree_irq(fdt, node, i, &irq) > 0; i++)
		if (irq.controller == on)
			return true;
	return false;
}

bool tree_hangs_on(const void *fdt, int node, int on)
{
	int above = node;

	if (!has_lines(fdt, node, on) || !tree_enabled(fdt, node))
		return false;
	while (above >= 0 && above != on)
		above = fdt_parent_offset(fdt, above);
	return above != on;
}
