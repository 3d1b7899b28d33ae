// SPDX-License-Identifier: GPL-2.0-only
/* What a configuration can collide with on a machine, see board.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void add_intid(struct board *b, uint32_t node, uint32_t intid)
{
	uint32_t i;

	for (i = 0; i < b->irqs; i++)
		if (b->irq[i].intid == intid && b->irq[i].node == node)
			return;
	b->irq = grow(b->irq, b->irqs, sizeof(*b->irq));
	b->irq[b->irqs++] = (struct board_irq){ intid, node };
}

/* Type 0 is an SPI; the others are private to a CPU, or beyond INTID 1019. */
static void add_irq(struct board *b, uint32_t node, const fdt32_t *spec, int cells)
{
	if (cells >= 3 && !fdt32_to_cpu(spec[0]))
		add_intid(b, node, CONFIG_SPI_FIRST + fdt32_to_cpu(spec[1]));
}

void board_add_region(struct board *b, enum board_kind kind, const char *name, uint64_t start,
		      uint64_t end)
{
	add_region(b, kind, add_node(b, name), start, end);
}

/* The node that gets what @node's `interrupts' name, or -1. */
static int interrupt_parent(const void *fdt, int node)
{
	for (; node >= 0; node = fdt_parent_offset(fdt, node)) {
		const fdt32_t *phandle = fdt_getprop(fdt, node, "interrupt-parent", NULL);

		if (phandle)
			return fdt_node_offset_by_phandle(fdt, fdt32_to_cpu(*phandle));
	}
	return -1;
}

static int cells_of(const void *fdt, int node, const char *name)
{
	int length = 0;
	const fdt32_t *cells = node < 0 ? NULL : fdt_getprop(fdt, node, name, &length);

	return length == (int)sizeof(*cells) ? (int)(fdt32_to_cpu(*cells) & 0xff) : 0;
}

static bool is_gic(const void *fdt, int node)
{
	return node >= 0 && !fdt_node_check_compatible(fdt, node, "arm,gic-v3");
}

/*
 * Interrupts of which each says itself whose it is: of `interrupts-extended' (@skip 0), or of a bus's
 * `interrupt-map', where so many cells of what is behind the bus come before, and an address behind
 * the phandle.
 */
static void add_extended(struct board *b, const void *fdt, int node, uint32_t index,
			 const char *name, int skip)
{
	int length = 0, at = skip;
	const fdt32_t *cell = fdt_getprop(fdt, node, name, &length);

	while (at + 1 <= length / 4) {
		int parent = fdt_node_offset_by_phandle(fdt, fdt32_to_cpu(cell[at]));
		int cells = cells_of(fdt, parent, "#interrupt-cells");

		at += 1 + (skip ? cells_of(fdt, parent, "#address-cells") : 0);
		if (!cells || at + cells > length / 4)
			return;
		if (is_gic(fdt, parent))
			add_irq(b, index, cell + at, cells);
		at += cells + skip;
	}
}

static void add_irqs(struct board *b, const void *fdt, int node, uint32_t index)
{
	int length = 0, at, parent = interrupt_parent(fdt, node);
	int cells = is_gic(fdt, parent) ? cells_of(fdt, parent, "#interrupt-cells") : 0;
	const fdt32_t *own = fdt_getprop(fdt, node, "interrupts", &length);

	for (at = 0; cells && at + cells <= length / 4; at += cells)
		add_irq(b, index, own + at, cells);
	add_extended(b, fdt, node, index, "interrupts-extended", 0);
	if (cells_of(fdt, node, "#interrupt-cells") && fdt_getprop(fdt, node, "interrupt-map", NULL))
		add_extended(b, fdt, node, index, "interrupt-map",
			     cells_of(fdt, node, "#address-cells") +
				     cells_of(fdt, node, "#interrupt-cells"));
}

/* A PCI host's windows: three cells of PCI's, which nobody here asks for, then the CPUs' address. */
static void add_windows(struct board *b, const void *fdt, int node, uint32_t index)
{
	int parent = fdt_parent_offset(fdt, node), up = fdt_address_cells(fdt, parent);
	int row = 3 + up + 2, length = 0, at;
	const fdt32_t *cell = fdt_getprop(fdt, node, "ranges", &length);

	for (at = 0; up > 0 && at + row <= length / 4; at += row) {
		uint64_t start = tree_cells(cell + at + 3, up);
		uint64_t size = tree_cells(cell + at + 3 + up, 2);

		if (tree_translate(fdt, parent, &start))
			add_region(b, BOARD_DEVICE, index, start, start + size);
	}
}

static bool has_word(const void *fdt, int node, const char *name, const char *word)
{
	int length = 0;
	const char *text = node < 0 ? NULL : fdt_getprop(fdt, node, name, &length);

	return text && length == (int)strlen(word) + 1 && !memcmp(text, word, (size_t)length);
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
	const char *status = fdt_getprop(fdt, node, "status", NULL);
	enum board_kind kind = kind_of(fdt, node);
	char path[PATH_SIZE];
	struct range r;
	uint32_t index;
	int i;

	if ((status && strcmp(status, "okay") && strcmp(status, "ok")) ||
	    !tree_range(fdt, node, 0, &r) || fdt_get_path(fdt, node, path, sizeof(path)))
		return;
	index = add_node(b, path);
	if (kind == BOARD_DEVICE)
		b->node[index].dma = dma_of(fdt, node, &b->node[index].sign);
	b->node[index].iommu = fdt_getprop(fdt, node, "iommus", NULL) ||
			       fdt_getprop(fdt, node, "iommu-map", NULL);
	for (i = 0; tree_range(fdt, node, i, &r); i++)
		add_region(b, kind, index, r.start, r.end);
	if (has_word(fdt, node, "device_type", "pci"))
		add_windows(b, fdt, node, index);
	add_irqs(b, fdt, node, index);
}

/* /chosen names it by path or alias, with the line's parameters behind a colon. */
static void find_console(struct board *b, const void *fdt)
{
	int length = 0, chosen = fdt_path_offset(fdt, "/chosen");
	const char *text = chosen < 0 ? NULL : fdt_getprop(fdt, chosen, "stdout-path", &length);
	char path[PATH_SIZE];
	uint32_t i;
	int node;

	if (!text || length < 1 || text[length - 1])
		return;
	node = fdt_path_offset_namelen(fdt, text, (int)strcspn(text, ":"));
	if (node < 0 || fdt_get_path(fdt, node, path, sizeof(path)))
		return;
	for (i = 0; i < b->nodes; i++)
		b->node[i].console = b->node[i].console || !strcmp(b->node[i].path, path);
}

/* As the driver finds it: the timer's interrupt of that name, or the fourth, and a PPI. */
static void check_timer(struct board *b, const void *fdt)
{
	int length = 0, node = fdt_node_offset_by_compatible(fdt, -1, "arm,armv8-timer");
	int cells = node < 0 ? 0 : cells_of(fdt, interrupt_parent(fdt, node), "#interrupt-cells");
	const fdt32_t *irq = node < 0 ? NULL : fdt_getprop(fdt, node, "interrupts", &length);
	int n = node < 0 ? 0 : fdt_stringlist_search(fdt, node, "interrupt-names", "hyp-phys");

	if (n < 0)
		n = 3;
	if (cells >= 2 && length / 4 >= (n + 1) * cells)
		b->no_el2_timer = fdt32_to_cpu(irq[n * cells]) != 1 ||
				  fdt32_to_cpu(irq[n * cells + 1]) != PPI_EL2_TIMER;
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
		if (sscanf(line, " %" SCNx64 "-%" SCNx64 " : %n", &first, &last, &words) != 2 || !words)
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
