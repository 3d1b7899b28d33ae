// SPDX-License-Identifier: GPL-2.0-only
/* What a configuration can collide with on a machine, see board.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "board.h"
#include "tree.h"

#define PATH_SIZE 256
#define PPI_EL2_TIMER 10 /* as the tree counts; INTID 26 */

static uint32_t add_node(struct board *b, const char *path)
{
	size_t size = strlen(path) + 1;

	b->node = grow(b->node, b->nodes, sizeof(*b->node));
	b->node[b->nodes] = (struct board_node){ .path = allocate(size) };
	memcpy(b->node[b->nodes].path, path, size);
	return b->nodes++;
}

static void add_region(struct board *b, enum board_kind kind, uint32_t node, uint64_t start,
		       uint64_t end)
{
	if (start >= end)
		return;
	b->region = grow(b->region, b->regions, sizeof(*b->region));
	b->region[b->regions++] = (struct board_region){ start, end, kind, node };
}

/* Once for each node; 0 is no SPI. */
static void add_intid(struct board *b, uint32_t node, uint32_t intid)
{
	uint32_t i;

	for (i = 0; i < b->irqs; i++)
		if (b->irq[i].intid == intid && b->irq[i].node == node)
			return;
	if (!intid)
		return;
	b->irq = grow(b->irq, b->irqs, sizeof(*b->irq));
	b->irq[b->irqs++] = (struct board_irq){ intid, node };
}

void board_add_region(struct board *b, enum board_kind kind, const char *name, uint64_t start,
		      uint64_t end)
{
	add_region(b, kind, add_node(b, name), start, end);
}

/*
 * What is behind a bus gets its interrupts by its map (Devicetree Specification 2.4.3): so many
 * cells of the bus's own, the controller, an address if that has some, its specifier.
 */
static void add_map(struct board *b, const void *fdt, int node, uint32_t index)
{
	uint32_t skip = tree_cell(fdt, node, "#address-cells", 0, 0) +
			tree_cell(fdt, node, "#interrupt-cells", 0, 0);
	int length = 0, at;
	const fdt32_t *cell = fdt_getprop(fdt, node, "interrupt-map", &length);

	if (skip > 16)
		return;
	for (at = (int)skip; at + 1 <= length / 4; at += (int)skip) {
		struct tree_irq irq = {
			.controller = fdt_node_offset_by_phandle(fdt, fdt32_to_cpu(cell[at])),
		};
		uint32_t i;

		if (irq.controller < 0)
			return;
		irq.count = tree_cell(fdt, irq.controller, "#interrupt-cells", 0, 0);
		at += 1 + (int)(tree_cell(fdt, irq.controller, "#address-cells", 0, 0) & 15);
		if (!irq.count || irq.count > TREE_IRQ_CELLS || at + (int)irq.count > length / 4)
			return;
		for (i = 0; i < irq.count; i++)
			irq.cell[i] = fdt32_to_cpu(cell[at++]);
		add_intid(b, index, tree_spi(fdt, &irq));
	}
}

static void add_irqs(struct board *b, const void *fdt, int node, uint32_t index)
{
	struct tree_irq irq;
	int i;

	for (i = 0; tree_irq(fdt, node, i, &irq) > 0; i++)
		add_intid(b, index, tree_spi(fdt, &irq));
	add_map(b, fdt, node, index);
}

static bool has_word(const void *fdt, int node, const char *name, const char *word)
{
	const char *text = tree_text(fdt, node, name);

	return text && !strcmp(text, word);
}

static enum board_kind kind_of(const void *fdt, int node)
{
	static const char *const gics[] = { "arm,gic-v3", "arm,gic-v3-its" };
	int parent = fdt_parent_offset(fdt, node);
	const char *name = parent < 0 ? NULL : fdt_get_name(fdt, parent, NULL);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(gics); i++)
		if (!fdt_node_check_compatible(fdt, node, gics[i]))
			return BOARD_GIC;
	if (has_word(fdt, node, "device_type", "memory"))
		return BOARD_RAM;
	/* Contiguous memory for drivers is Linux's to use meanwhile: it can be moved away. */
	if (name && !strcmp(name, "reserved-memory"))
		return fdt_getprop(fdt, node, "reusable", NULL) ? BOARD_BOOT : BOARD_KERNEL;
	return BOARD_DEVICE;
}

/* A node with registers. Those that are disabled are for firmware, or not there. */
static void add_device(struct board *b, const void *fdt, int node)
{
	enum board_kind kind = kind_of(fdt, node);
	char path[PATH_SIZE];
	struct range r;
	uint32_t index;
	int i;

	if (!tree_enabled(fdt, node) || !tree_range(fdt, node, 0, &r) ||
	    fdt_get_path(fdt, node, path, sizeof(path)))
		return;
	index = add_node(b, path);
	if (kind == BOARD_DEVICE)
		b->node[index].dma = dma_of(fdt, node, &b->node[index].sign);
	b->node[index].iommu = fdt_getprop(fdt, node, "iommus", NULL) ||
			       fdt_getprop(fdt, node, "iommu-map", NULL);
	for (i = 0; tree_range(fdt, node, i, &r); i++)
		add_region(b, kind, index, r.start, r.end);
	for (i = 0; tree_pci_window(fdt, node, i, &r); i++)
		add_region(b, kind, index, r.start, r.end);
	add_irqs(b, fdt, node, index);
}

/* /chosen names it by path or alias, with the line's parameters behind a colon. */
static void find_console(struct board *b, const void *fdt)
{
	const char *text = tree_text(fdt, fdt_path_offset(fdt, "/chosen"), "stdout-path");
	int node = text ? fdt_path_offset_namelen(fdt, text, (int)strcspn(text, ":")) : -1;
	char path[PATH_SIZE];
	uint32_t i;

	if (node < 0 || fdt_get_path(fdt, node, path, sizeof(path)))
		return;
	for (i = 0; i < b->nodes; i++)
		b->node[i].console = b->node[i].console || !strcmp(b->node[i].path, path);
}

/* As the driver finds it: the timer's interrupt of that name, or the fourth, and a PPI. */
static void check_timer(struct board *b, const void *fdt)
{
	int node = fdt_node_offset_by_compatible(fdt, -1, "arm,armv8-timer");
	int n = node < 0 ? 0 : fdt_stringlist_search(fdt, node, "interrupt-names", "hyp-phys");
	struct tree_irq irq = { 0 };

	if (node >= 0 && tree_irq(fdt, node, n < 0 ? 3 : n, &irq) > 0)
		b->no_el2_timer = irq.cell[0] != 1 || irq.cell[1] != PPI_EL2_TIMER;
}

void board_add_tree(struct board *b, const void *fdt)
{
	int node, cpus = fdt_path_offset(fdt, "/cpus");
	uint64_t start, size;
	int i;

	for (node = cpus < 0 ? cpus : fdt_first_subnode(fdt, cpus); node >= 0;
	     node = fdt_next_subnode(fdt, node))
		b->cpus += has_word(fdt, node, "device_type", "cpu");
	for (node = fdt_next_node(fdt, -1, NULL); node >= 0; node = fdt_next_node(fdt, node, NULL))
		if (cpus < 0 || fdt_parent_offset(fdt, node) != cpus)
			add_device(b, fdt, node);
	for (i = 0; i < fdt_num_mem_rsv(fdt); i++)
		if (!fdt_get_mem_rsv(fdt, i, &start, &size))
			board_add_region(b, BOARD_BOOT, "/memreserve/", start, start + size);
	find_console(b, fdt);
	check_timer(b, fdt);
}

/*
 * What stands inside of System RAM. The kernel does not move; what was reserved at boot may be the
 * initial RAM disk, which is long gone, or what must stay: the list does not say.
 */
void board_add_iomem(struct board *b, const char *text)
{
	bool ram = false;
	const char *line, *next;

	for (line = text; *line; line = next) {
		size_t length = strcspn(line, "\n");
		uint64_t first, last;
		char name[PATH_SIZE];
		int words = 0;

		next = line + length + (line[length] == '\n');
		if (sscanf(line, " %" SCNx64 "-%" SCNx64 " : %n", &first, &last, &words) != 2 ||
		    !words)
			continue;
		if (*line != ' ') {
			ram = !strncmp(line + words, "System RAM", 10);
			continue;
		}
		if (!ram || !last || (size_t)words > length)
			continue;
		snprintf(name, sizeof(name), "/proc/iomem, %.*s", (int)(length - (size_t)words),
			 line + words);
		board_add_region(b, strncmp(line + words, "Kernel ", 7) ? BOARD_BOOT : BOARD_KERNEL,
				 name, first, last + 1);
	}
}

/* " 14:   0   0   GICv3  34 Level   rtc-pl031": counts of the CPUs, then what is asked for here. */
void board_add_interrupts(struct board *b, const char *text)
{
	const char *line, *next;

	for (line = text; *line; line = next) {
		const char *gic = strstr(line, "GICv3 ");
		char driver[64], name[PATH_SIZE];
		uint32_t intid;

		next = line + strcspn(line, "\n");
		next += *next == '\n';
		if (!gic || gic >= next ||
		    sscanf(gic, "GICv3 %" SCNu32 " %*s %63[^\n]", &intid, driver) != 2 ||
		    intid < CONFIG_SPI_FIRST || intid >= CONFIG_SPI_END)
			continue;
		snprintf(name, sizeof(name), "/proc/interrupts, %s", driver);
		add_intid(b, add_node(b, name), intid);
		b->node[b->nodes - 1].driver = true;
	}
}

void board_free(struct board *b)
{
	uint32_t i;

	for (i = 0; i < b->nodes; i++)
		free(b->node[i].path);
	free(b->node);
	free(b->region);
	free(b->irq);
	*b = (struct board){ 0 };
}

const struct board_region *board_find(const struct board *b, uint32_t kinds, uint64_t start,
				      uint64_t size, const struct board_region *from)
{
	const struct board_region *r;

	if (!b)
		return NULL;
	for (r = from ? from + 1 : b->region; r && r < b->region + b->regions; r++)
		if (kinds >> r->kind & 1 && r->start < start + size && start < r->end)
			return r;
	return NULL;
}
