// SPDX-License-Identifier: GPL-2.0-only
/* A machine's devices, and why a cell cannot have some of them, see inventory.h. */
#include <inttypes.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dma.h"
#include "inventory.h"

/* Who has one of these is there for other devices, which root keeps. */
static const char *const for_others[] = {
	"#clock-cells", "#reset-cells", "#power-domain-cells", "#dma-cells", "#iommu-cells",
	"#phy-cells", "#mbox-cells", "#hwlock-cells",
};
/*
 * What a device needs of others, and does not get in a cell. Not among them: clocks and power
 * domains, which the driver keeps on.
 */
static const char *const needs[] = { "resets", "dmas", "phys", "pwms" };

__attribute__((format(printf, 2, 3)))
static void object(struct item *item, const char *format, ...)
{
	va_list args;

	if (*item->why)
		return; /* one reason is enough */
	va_start(args, format);
	vsnprintf(item->why, sizeof(item->why), format, args);
	va_end(args);
}

/* The first of these properties that a node has, or NULL. */
static const char *has_property(const void *fdt, int node, const char *const *names, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (fdt_getprop(fdt, node, names[i], NULL))
			return names[i];
	return NULL;
}

/* Of a node's name (Devicetree Specification 2.2.1), and what they are in paths behind. */
static const char path_characters[] =
	"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,._+-@/";

static int stdout_node(const void *fdt)
{
	const char *path = tree_text(fdt, fdt_path_offset(fdt, "/chosen"), "stdout-path");

	/* A colon ends the path, or the alias. */
	return path ? fdt_path_offset_namelen(fdt, path, (int)strcspn(path, ":")) : -1;
}

static void check_role(struct item *item, const void *fdt)
{
	const char *found;

	if (item->path[strspn(item->path, path_characters)])
		object(item, "has a name with characters that the Devicetree Specification "
		       "forbids");
	if (!fdt_node_check_compatible(fdt, item->node, "arm,gic-v3-its"))
		object(item, "belongs to the interrupt controller");
	if (item->node == stdout_node(fdt))
		object(item, "is root Linux's console");
	if (!fdt_node_check_compatible(fdt, item->node, "syscon"))
		object(item, "is for several drivers of root Linux (syscon)");
	found = has_property(fdt, item->node, for_others, ARRAY_SIZE(for_others));
	if (found)
		object(item, "is there for other devices (%s)", found);
	switch (dma_of(fdt, item->node, &found)) {
	case DMA_SURE:
		object(item, "does DMA (%s), and would reach all memory, as Caisson uses no SMMU",
		       found);
		break;
	case DMA_MAYBE:
		object(item, "may do DMA, and would reach all memory, as Caisson uses no SMMU");
		break;
	case DMA_NONE:
		break;
	}
}

static void add_interrupts(struct item *item, const void *fdt)
{
	char path[ITEM_PATH];
	struct tree_irq irq;
	int i, got = 1;

	for (i = 0; item->nintids < ITEM_INTIDS; i++) {
		uint32_t intid;

		got = tree_irq(fdt, item->node, i, &irq);
		if (got < 1)
			break;
		intid = tree_spi(fdt, &irq);
		if (intid) {
			item->intid[item->nintids++] = intid;
		} else if (!fdt_node_check_compatible(fdt, irq.controller, "arm,gic-v3")) {
			object(item, "has an interrupt that is no SPI");
		} else {
			if (fdt_get_path(fdt, irq.controller, path, sizeof(path)))
				*path = '\0';
			object(item, "has an interrupt at %s, not at the GIC", path);
		}
	}
	if (got)
		object(item, "has interrupts that hvctl does not understand");
}

static void check_needs(struct item *item, const void *fdt)
{
	const char *property = has_property(fdt, item->node, needs, ARRAY_SIZE(needs));
	char path[ITEM_PATH];
	int of;

	if (!property)
		return;
	of = fdt_node_offset_by_phandle(fdt, tree_cell(fdt, item->node, property, 0, 0));
	if (of < 0 || fdt_get_path(fdt, of, path, sizeof(path)))
		snprintf(path, sizeof(path), "nowhere");
	object(item, "needs %s of %s, which no cell has", property, path);
}

static bool share_page(const struct item *a, const struct item *b)
{
	uint32_t i, k;

	for (i = 0; i < a->nranges; i++)
		for (k = 0; k < b->nranges; k++)
			if (ALIGN_DOWN(a->range[i].start, PAGE) < ALIGN_UP(b->range[k].end, PAGE) &&
			    ALIGN_DOWN(b->range[k].start, PAGE) < ALIGN_UP(a->range[i].end, PAGE))
				return true;
	return false;
}

static uint32_t shared_intid(const struct item *a, const struct item *b)
{
	uint32_t i, k;

	for (i = 0; i < a->nintids; i++)
		for (k = 0; k < b->nintids; k++)
			if (a->intid[i] == b->intid[k])
				return a->intid[i];
	return 0;
}

/* Who shares something stays where he is. */
static void check_neighbours(struct inventory *inv)
{
	uint32_t i, k;

	for (i = 0; i < inv->count; i++) {
		struct item *a = &inv->item[i];

		for (k = 0; k < inv->count && !*a->why; k++) {
			const struct item *b = &inv->item[k];
			uint32_t intid = i == k ? 0 : shared_intid(a, b);

			if (intid)
				object(a, "shares INTID %" PRIu32 " with %s", intid, b->path);
			else if (i != k && share_page(a, b))
				object(a, "shares a page with %s", b->path);
		}
	}
}

/* Is it something that a driver is bound to, with registers? */
static bool is_device(const void *fdt, int node)
{
	const char *type = tree_text(fdt, node, "device_type");
	int parent = fdt_parent_offset(fdt, node);
	struct range r;

	return tree_text(fdt, node, "compatible") && (!type || strcmp(type, "memory")) &&
	       parent >= 0 && strcmp(fdt_get_name(fdt, parent, NULL), "reserved-memory") &&
	       fdt_node_check_compatible(fdt, node, "simple-bus") &&
	       fdt_node_check_compatible(fdt, node, "arm,gic-v3") &&
	       tree_range(fdt, node, 0, &r) && tree_enabled(fdt, node);
}

static void add_ranges(struct item *item, const void *fdt)
{
	struct range r;
	int i;

	for (i = 0; item->nranges < ITEM_RANGES && tree_range(fdt, item->node, i, &r); i++)
		if (r.end > r.start && r.end <= CONFIG_ADDRESS_END)
			item->range[item->nranges++] = r;
	for (i = 0; item->nranges < ITEM_RANGES && tree_pci_window(fdt, item->node, i, &r); i++)
		if (r.end > r.start && r.end <= CONFIG_ADDRESS_END)
			item->range[item->nranges++] = r;
}

void inventory_make(struct inventory *inv, const void *fdt)
{
	uint32_t room = 0;
	int node;

	*inv = (struct inventory){ 0 };
	for (node = fdt_next_node(fdt, -1, NULL); node >= 0; node = fdt_next_node(fdt, node, NULL))
		room++;
	inv->item = allocate((room + 1) * sizeof(*inv->item));
	for (node = fdt_next_node(fdt, -1, NULL); node >= 0;
	     node = fdt_next_node(fdt, node, NULL)) {
		struct item *item = &inv->item[inv->count];

		if (!is_device(fdt, node) || fdt_get_path(fdt, node, item->path, ITEM_PATH))
			continue;
		item->node = node;
		item->compatible = tree_text(fdt, node, "compatible");
		add_ranges(item, fdt);
		if (!item->nranges)
			continue;
		check_role(item, fdt);
		add_interrupts(item, fdt);
		check_needs(item, fdt);
		inv->count++;
	}
	check_neighbours(inv);
}

void inventory_free(struct inventory *inv)
{
	free(inv->item);
	inv->item = NULL;
}

const struct item *inventory_find(const struct inventory *inv, const void *fdt, const char *name,
				  char *why, size_t room)
{
	int node = fdt_path_offset(fdt, name);
	uint32_t i;

	for (i = 0; node >= 0 && i < inv->count; i++)
		if (inv->item[i].node == node)
			return &inv->item[i];
	if (node < 0)
		snprintf(why, room, "the device tree has no such node");
	else if (!tree_enabled(fdt, node))
		snprintf(why, room, "is switched off in the device tree");
	else
		snprintf(why, room, "is no device with registers of its own");
	return NULL;
}
