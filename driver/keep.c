// SPDX-License-Identifier: GPL-2.0-only
/*
 * KEEP_IMAGE: EL2 gets memory for a copy of what was loaded into a cell, so that it can restart the
 * cell without us; steps 7 and 11 of the tour. Before each start; the scrub that ends what was
 * loaded gives the memory back, and it stays here for the next start, if that is of the same.
 */
#include <linux/mm.h>

#include "caisson.h"

/* The next run of whole pages that something was loaded into, from @from on. */
static bool next_run(const struct cell *cell, u64 from, u64 *start, u64 *end)
{
	const struct load *load;
	u64 before;

	*start = U64_MAX;
	list_for_each_entry(load, &cell->loads, node)
		if (PAGE_ALIGN(load->ipa + load->length) > from)
			*start = min(*start, max(from, PAGE_ALIGN_DOWN(load->ipa)));
	if (*start == U64_MAX)
		return false;
	*end = *start;
	do {
		before = *end;
		list_for_each_entry(load, &cell->loads, node)
			if (PAGE_ALIGN_DOWN(load->ipa) <= *end)
				*end = max(*end, PAGE_ALIGN(load->ipa + load->length));
	} while (*end != before);
	return true;
}

static int claim(struct cell *cell, struct caisson_ioc_error *err)
{
	u64 start, end = 0;
	int ret = 0;

	while (!ret && next_run(cell, end, &start, &end))
		ret = memory_claim_image(cell, start, end - start, err);
	return ret;
}

/* As add_piece() of cell.c, of the copy. */
static int add(struct cell *cell, const struct piece *piece, struct caisson_ioc_error *err)
{
	u64 bytes = PFN_PHYS(piece->pages);
	u64 done = 0;

	while (done < bytes) {
		struct hvc_result res = hvc(CAISSON_HC_CELL_IMAGE_ADD, cell->id, piece->ipa + done,
					    PFN_PHYS(piece->pfn) + done, bytes - done, 0, 0);
		int ret = hvc_refused(&res, err);

		if (ret)
			return ret;
		done += res.value;
		cond_resched();
	}
	return 0;
}

/**
 * keep_image - have EL2 keep what was loaded, if the cell's configuration says so
 * @cell: ready and loaded
 * @err: filled in on refusal; EL2 may have a part of it then, up to the next scrub
 *
 * Process context, caisson_lock held. Return: 0 or a negative errno.
 */
int keep_image(struct cell *cell, struct caisson_ioc_error *err)
{
	struct piece *piece;
	int ret = 0;

	if (!(config_cell(cell->blob)->flags & CAISSON_CELL_KEEP_IMAGE))
		return 0;
	if (list_empty(&cell->image))
		ret = claim(cell, err);
	list_for_each_entry(piece, &cell->image, node)
		ret = ret ?: add(cell, piece, err);
	return ret;
}
