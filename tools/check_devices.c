// SPDX-License-Identifier: GPL-2.0-only
/* What a cell gets into its hands with a device, see check.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cost.h"

/*
 * What an emulated access costs, in instructions of EL2's: `console_char_insns' of performance.md.
 */
#define EMULATED 150

static const struct board_node *node_at(const struct check *c, const struct board_region *r)
{
	return &c->board->node[r->node];
}

/* Whether the cell has registers of the node, all of whose regions are looked at. */
static bool has_registers(const struct check *c, const struct unit *cell, uint32_t node)
{
	struct claim claim;
	uint32_t i, k;

	for (i = 0; i < c->board->regions; i++) {
		const struct board_region *r = &c->board->region[i];

		for (k = 0; r->node == node && check_claim(cell, k, &claim); k++)
			if (claim.device && claim.start < r->end &&
			    r->start < claim.start + claim.size)
				return true;
	}
	return false;
}

/*
 * Who else is in the page of a region that is not whole pages: a note, or what can be done about
 * it.
 */
static void tell_sharer(struct check *c, struct finding *finding, const struct claim *claim)
{
	uint64_t start = ALIGN_DOWN(claim->start, PAGE);
	uint64_t end = ALIGN_UP(claim->start + claim->size, PAGE);
	const struct board_region *r = NULL;
	struct claim other;
	uint32_t i, k;

	for (i = 0; i < c->count; i++) {
		for (k = 0; check_is_cell(c, i) && check_claim(&c->unit[i], k, &other); k++) {
			bool same = other.at.unit == claim->at.unit &&
				    other.at.offset == claim->at.offset;

			if (!other.device || same || other.start >= end ||
			    other.start + other.size <= start)
				continue;
			beside(finding, other.at, "this region shares the page");
			return;
		}
	}
	while ((r = board_find(c->board, 1 << BOARD_DEVICE, start, end - start, r))) {
		if (r->start < claim->start + claim->size && claim->start < r->end)
			continue;
		beside(finding, place_named(node_at(c, r)->path), "these registers share the page");
		return;
	}
	if (c->board)
		advise(finding, "nothing else is known in there: given whole, from 0x%" PRIx64
		       " with 0x%" PRIx64 " bytes, it is reached without an exit", start,
		       end - start);
}

static void check_page(struct check *c, const struct claim *claim, uint32_t n)
{
	struct mapping m;
	struct finding *finding;

	if (cost_device(claim->at.unit->blob, n, &m))
		return;
	finding = find(&c->found, FINDING_WARNING, "DEVICE_PAGE", claim->start, claim->at,
		       "these are no whole pages: each access exits to EL2, some %d instructions",
		       EMULATED);
	tell_sharer(c, finding, claim);
}

/* The other cells, for what a device can reach. */
static void list_others(const struct check *c, const struct unit *cell, char *text, size_t size)
{
	size_t used = 0;
	uint32_t i;

	*text = '\0';
	for (i = 0; i < c->count && used < size; i++)
		if (check_is_cell(c, i) && &c->unit[i] != cell)
			used += (size_t)snprintf(text + used, size - used, ", cell %s's",
						 config_cell(c->unit[i].blob)->name);
}

/* Does the cell see any of its memory where it is? A device sees it there. */
static bool has_identity(const struct unit *cell)
{
	uint32_t i;

	for (i = 0; i < config_count(cell->blob, CAISSON_SEC_MEMORY); i++)
		if (config_memory(cell->blob, i)->pa == config_memory(cell->blob, i)->ipa)
			return true;
	return false;
}

static void check_dma(struct check *c, const struct claim *claim, const struct board_node *node)
{
	struct finding *finding;
	char others[256], does[96] = "may do DMA, for all that hvctl knows";

	if (node->dma == DMA_SURE)
		snprintf(does, sizeof(does), "does DMA (%s)", node->sign);
	list_others(c, claim->at.unit, others, sizeof(others));
	finding = find(&c->found, FINDING_WARNING, "DMA", claim->start, claim->at,
		       "the device %s, and %s: the cell reaches all memory by it, root's, EL2's%s",
		       does, node->iommu ? "Caisson does not use its SMMU" :
		       "there is no SMMU before it", others);
	beside(finding, place_named(node->path), "this is the device");
	if (has_identity(claim->at.unit))
		advise(finding, "trust whoever drives it");
	else
		advise(finding,
		       "trust whoever drives it; and it takes addresses of the machine: give "
		       "the cell memory with .pa the same as its address");
}

/* The cell's entry that has the interrupt; false: none has. */
static bool find_spi(const struct unit *cell, uint32_t intid, struct place *at)
{
	struct spis spis;
	uint32_t i;

	for (i = 0; check_spis(cell, i, &spis); i++) {
		*at = spis.at;
		if (intid - spis.first < spis.count)
			return true;
	}
	return false;
}

/*
 * A driver of root's lets go of an interrupt if it is one of a device that is handed over by its
 * node. Of the console's all is told already.
 */
static bool is_handed_over(const struct check *c, const struct unit *cell, uint32_t intid)
{
	uint32_t i, k;

	for (i = 0; i < c->board->irqs; i++) {
		const struct board_node *of = &c->board->node[c->board->irq[i].node];
		const char *path = of->path;

		if (of->console && c->board->irq[i].intid == intid)
			return true;
		for (k = 0; k < config_count(cell->blob, CAISSON_SEC_DEVICE); k++) {
			uint64_t node = config_device(cell->blob, k)->node;

			if (c->board->irq[i].intid == intid && node &&
			    !strcmp(config_string(cell->blob, node), path))
				return true;
		}
	}
	return false;
}

/* Interrupts that are a device's which the cell has not, or a driver's of root Linux. */
static void check_wires(struct check *c, const struct unit *cell)
{
	uint32_t i;

	for (i = 0; i < c->board->irqs; i++) {
		const struct board_irq *irq = &c->board->irq[i];
		const struct board_node *node = &c->board->node[irq->node];
		struct finding *finding;
		struct place at;

		if (has_registers(c, cell, irq->node) || !find_spi(cell, irq->intid, &at) ||
		    (node->driver && is_handed_over(c, cell, irq->intid)))
			continue;
		if (node->console || node->driver)
			finding = find_refusal(&c->found, CAISSON_E_IRQ_IN_USE, irq->intid, at);
		else
			finding =
				find(&c->found, FINDING_WARNING, "IRQ_ALONE", irq->intid, at,
				     "the cell has INTID %" PRIu32 ", but not the registers of its "
				     "device",
				     irq->intid);
		beside(finding, place_named(node->path), node->console ?
		       "it is root Linux's console" : node->driver ? "this is the driver" :
		       "this is the device");
		if (node->console)
			advise(finding, "a cell has a console of its own by CONSOLE()");
	}
}

/* In a cell for Linux a node without its interrupt is an error, which handover_lacks() tells. */
static bool is_copied(const struct claim *claim, const char *path)
{
	const void *blob = claim->at.unit->blob;
	const struct caisson_device_entry *d =
		(const void *)((const char *)blob + claim->at.offset);

	return d->node && config_cell(blob)->flags & CAISSON_CELL_LINUX &&
	       !strcmp(config_string(blob, d->node), path);
}

static void check_missing_wire(struct check *c, const struct claim *claim,
			       const struct board_region *r)
{
	uint32_t i;

	if (is_copied(claim, node_at(c, r)->path))
		return;
	for (i = 0; i < c->board->irqs; i++) {
		uint32_t intid = c->board->irq[i].intid;
		struct finding *finding;
		struct place at;

		if (c->board->irq[i].node != r->node || find_spi(claim->at.unit, intid, &at))
			continue;
		finding = find(&c->found, FINDING_WARNING, "IRQ_MISSING", intid, claim->at,
			       "the cell has the device %s, but not its INTID %" PRIu32,
			       node_at(c, r)->path, intid);
		advise(finding, "IRQ(%" PRIu32 ") gives it; a device that is polled does without",
		       intid);
	}
}

/* Does another region of the same node come before this one in the range? It was told then. */
static bool is_first(const struct check *c, const struct claim *claim, const struct board_region *r)
{
	const struct board_region *before = NULL;

	while ((before = board_find(c->board, 1 << BOARD_DEVICE, claim->start, claim->size,
				    before)) != r)
		if (before->node == r->node)
			return false;
	return true;
}

static void check_nodes(struct check *c, const struct claim *claim)
{
	const struct board_region *r = NULL, *first = NULL;
	struct finding *finding;
	uint32_t others = 0;

	while ((r = board_find(c->board, 1 << BOARD_DEVICE, claim->start, claim->size, r))) {
		const struct board_node *node = node_at(c, r);

		if (node->console || !is_first(c, claim, r))
			continue;
		if (node->dma != DMA_NONE)
			check_dma(c, claim, node);
		check_missing_wire(c, claim, r);
		others += first && r->node != first->node;
		first = first ? first : r;
	}
	if (others) {
		finding = find(&c->found, FINDING_WARNING, "DEVICE_MORE", others + 1, claim->at,
			       "these are the registers of %" PRIu32 " devices", others + 1);
		beside(finding, place_named(node_at(c, first)->path), "this is the first of them");
	}
	if (!first && !board_find(c->board, 1 << BOARD_GIC | 1 << BOARD_DEVICE | 1 << BOARD_RAM,
				  claim->start, claim->size, NULL)) {
		finding = find(&c->found, FINDING_WARNING, "DEVICE_NONE", claim->start, claim->at,
			       "the device tree has no registers there (0x%" PRIx64 ")",
			       claim->start);
		advise(finding, "an access to nothing is an abort in the cell, or worse");
	}
}

/* .node has to be a device of the machine, and these registers of one of its regions. */
static void check_path(struct check *c, const struct claim *claim, const char *path)
{
	uint64_t end = claim->start + claim->size;
	struct finding *finding = NULL;
	bool known = false, fits = false;
	uint32_t i;

	for (i = 0; i < c->board->regions; i++) {
		const struct board_region *r = &c->board->region[i];

		if (strcmp(node_at(c, r)->path, path))
			continue;
		known = true;
		fits = fits || (r->start <= claim->start && end <= r->end);
	}
	if (!known)
		finding = find_refusal(&c->found, CAISSON_E_NODE_UNKNOWN, claim->start, claim->at);
	else if (!fits)
		finding = find_refusal(&c->found, CAISSON_E_NODE_REGION, claim->start, claim->at);
	if (finding)
		beside(finding, place_named(path), "this is the node");
}

void check_devices(struct check *c, const struct unit *cell)
{
	uint32_t memory = config_count(cell->blob, CAISSON_SEC_MEMORY), i;
	struct claim claim;

	for (i = memory; check_claim(cell, i, &claim); i++) {
		uint64_t path = config_device(cell->blob, i - memory)->node;

		check_page(c, &claim, i - memory);
		if (c->board)
			check_nodes(c, &claim);
		if (c->board && path)
			check_path(c, &claim, config_string(cell->blob, path));
	}
	if (c->board)
		check_wires(c, cell);
}
