// SPDX-License-Identifier: GPL-2.0-only
/* Ranges of physical addresses, of /proc/iomem and otherwise, see machine.h. Pure. */
#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory.h"
#include "machine.h"

uint32_t parse_iomem(const char *text, struct range *ranges, uint32_t max)
{
	uint32_t count = 0;
	const char *line, *next;

	for (line = text; *line; line = next) {
		uint64_t first, last;
		int name = 0;
		struct range *r;

		next = line + strcspn(line, "\n");
		next += *next == '\n';
		/* Blanks in front mean that the range lies in another one. */
		if (*line == ' ' || count == max ||
		    sscanf(line, "%" SCNx64 "-%" SCNx64 " : %n", &first, &last, &name) != 2 ||
		    !name || !last || last < first || last >= CONFIG_ADDRESS_END)
			continue;
		if (!strncmp(line + name, "reserved\n", 9))
			continue;
		r = &ranges[count];
		r->ram = !strncmp(line + name, "System RAM", 10);
		r->start = r->ram ? ALIGN_UP(first, PAGE) : ALIGN_DOWN(first, PAGE);
		r->end = r->ram ? ALIGN_DOWN(last + 1, PAGE) : ALIGN_UP(last + 1, PAGE);
		if (r->end > r->start)
			count++;
	}
	return count;
}

/* Joins device ranges that overlap or touch; RAM ranges stay between them as they are. */
static uint32_t merge_ranges(struct range *ranges, uint32_t count)
{
	uint32_t i, kept = 0;

	for (i = 0; i < count; i++) {
		struct range *last = kept ? &ranges[kept - 1] : NULL;

		if (last && !last->ram && !ranges[i].ram && ranges[i].start <= last->end) {
			if (ranges[i].end > last->end)
				last->end = ranges[i].end;
			continue;
		}
		ranges[kept++] = ranges[i];
	}
	return kept;
}

uint32_t subtract_ranges(struct range *ranges, uint32_t count, uint32_t max,
			 const struct range *holes, uint32_t nholes)
{
	uint32_t h, i;

	for (h = 0; h < nholes; h++) {
		for (i = 0; i < count; i++) {
			struct range *r = &ranges[i];
			struct range right = { holes[h].end, r->end, false };

			if (r->ram || r->end <= holes[h].start || r->start >= holes[h].end)
				continue;
			r->end = holes[h].start > r->start ? holes[h].start : r->start;
			if (right.start >= right.end)
				continue;
			if (r->end == r->start) {
				*r = right;
			} else if (count < max) {
				memmove(r + 2, r + 1, (count - i - 1) * sizeof(*r));
				r[1] = right;
				count++;
			}
		}
	}
	for (i = h = 0; i < count; i++) /* drop what became empty */
		if (ranges[i].end > ranges[i].start)
			ranges[h++] = ranges[i];
	return merge_ranges(ranges, h);
}

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void add(struct range *ranges, uint32_t *count, uint32_t max, uint64_t start, uint64_t end)
{
	if (end > start && end <= CONFIG_ADDRESS_END && *count < max)
		ranges[(*count)++] = (struct range){ start, end, false };
}

/* What /reserved-memory keeps out of Linux's map. */
static uint32_t unmapped(const void *fdt, struct range *ranges, uint32_t max)
{
	int parent = fdt_path_offset(fdt, "/reserved-memory"), node, i;
	uint32_t count = 0;
	struct range r;

	fdt_for_each_subnode(node, fdt, parent)
		if (fdt_getprop(fdt, node, "no-map", NULL) && tree_enabled(fdt, node))
			for (i = 0; tree_range(fdt, node, i, &r); i++)
				add(ranges, &count, max, ALIGN_DOWN(r.start, PAGE),
				    ALIGN_UP(r.end, PAGE));
	return count;
}

static uint32_t tree_ram(const void *fdt, const struct range *more, uint32_t nmore,
			 struct range *ranges, uint32_t max)
{
	struct range *holes = allocate(max * sizeof(*holes));
	uint32_t count = 0, k;
	struct range r;
	int node, i;

	for (node = fdt_next_node(fdt, -1, NULL); node >= 0;
	     node = fdt_next_node(fdt, node, NULL)) {
		const char *type = tree_text(fdt, node, "device_type");

		if (!type || strcmp(type, "memory") || !tree_enabled(fdt, node))
			continue;
		for (i = 0; tree_range(fdt, node, i, &r); i++)
			add(ranges, &count, max, ALIGN_UP(r.start, PAGE), ALIGN_DOWN(r.end, PAGE));
	}
	for (k = 0; k < nmore; k++)
		add(ranges, &count, max, more[k].start, more[k].end);
	qsort(ranges, count, sizeof(*ranges), by_start);
	count = subtract_ranges(ranges, count, max, holes, unmapped(fdt, holes, max));
	for (k = 0; k < count; k++)
		ranges[k].ram = true;
	free(holes);
	return count;
}

uint32_t tree_ranges(const void *fdt, const struct range *ram, uint32_t nram, struct range *ranges,
		     uint32_t max)
{
	uint32_t count = tree_ram(fdt, ram, nram, ranges, max), i, k;
	struct inventory inv;

	inventory_make(&inv, fdt);
	for (i = 0; i < inv.count; i++)
		for (k = 0; k < inv.item[i].nranges; k++)
			add(ranges, &count, max, ALIGN_DOWN(inv.item[i].range[k].start, PAGE),
			    ALIGN_UP(inv.item[i].range[k].end, PAGE));
	inventory_free(&inv);
	qsort(ranges, count, sizeof(*ranges), by_start);
	return count;
}
