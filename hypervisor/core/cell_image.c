// SPDX-License-Identifier: GPL-2.0-only
/*
 * KEEP_IMAGE [tour: 11]: a cell that is restarted when its watchdog runs out, whatever has become of
 * root. Behind the last load root gives memory for a copy of what was loaded. It is the cell's from
 * then on, mapped nowhere, and goes back zeroed by the next scrub, which forgets what was loaded, too.
 *
 * The CPU that found the watchdog to have run out parks like the others, and restarts the cell from
 * there as it would scrub it: in pieces, between which it holds no lock and looks whether root has
 * stopped the cell meanwhile (cell_stop()). So nothing that the cell has goes away under it: root gets
 * it back from parked CPUs only.
 */
#include <caisson/error.h>

#include "arch_cpu.h"
#include "cell_own.h"
#include "lib.h"
#include "log.h"

#define COPY_PIECE (8 * PAGE_SIZE)  /* some 30,000 instructions */
#define GIVE_PIECE (32 * PAGE_SIZE) /* some 10,000 */

struct image {
	uint64_t ipa, pa, size; /* of the cell's memory, of the copy; of both */
};

#define IMAGES (PAGE_SIZE / sizeof(struct image))

/* The cell, or whoever reads it, may have its caches off. */
static void copy_page(uint64_t to, uint64_t from)
{
	void *at = window_map(WINDOW_A, PA(to));

	memcpy(at, window_map(WINDOW_B, PA(from)), PAGE_SIZE);
	dcache_clean_inval(at, PAGE_SIZE);
}

/* The page of its memory, under its tables' lock; false: they are revoked, as root wants its CPUs. */
static bool find_page(struct cell *cell, uint64_t ipa, uint64_t *pa)
{
	struct s2_entry entry;

	spin_lock(&cell->s2.lock);
	entry = s2_lookup(&cell->s2, IPA(ipa));
	spin_unlock(&cell->s2.lock);
	*pa = entry.pa.v + (ipa - entry.ipa.v);
	return entry.valid;
}

/* The place for another piece: behind the last one, which grows if it can; NULL: there is none. */
static struct image *place_for(struct cell *cell, uint64_t ipa, uint64_t pa)
{
	struct image *last = &cell->image[cell->images];

	if (cell->images && last[-1].ipa + last[-1].size == ipa &&
	    last[-1].pa + last[-1].size == pa)
		return last - 1;
	return cell->images < IMAGES ? last : NULL;
}

int64_t cell_image_add(struct cell *cell, ipa_t ipa, pa_t pa, uint64_t *size,
		       struct refusal *refusal)
{
	uint64_t from[COPY_PIECE / PAGE_SIZE];
	struct image *place;
	uint32_t code;
	ipa_t at;

	if (atomic_load(&cell->state) != CAISSON_CELL_READY || !cell->image)
		return -CAISSON_E_STATE;
	if (!*size || ((ipa.v | pa.v | *size) & PAGE_MASK) || pa.v + *size < pa.v)
		return refuse(refusal, CAISSON_E_ALIGN, 0, pa.v);
	*size = MIN(*size, COPY_PIECE);
	for (uint64_t done = 0; done < *size; done += PAGE_SIZE)
		if (!region_of(cell, ipa.v + done, PAGE_SIZE) ||
		    !find_page(cell, ipa.v + done, &from[done / PAGE_SIZE]))
			return refuse(refusal, CAISSON_E_MEM_REGION, 0, ipa.v + done);
	place = place_for(cell, ipa.v, pa.v);
	code = place ? root_ram_check(pa.v, *size, S2_READ | S2_WRITE, PIECE_ENTRIES, &at) :
		       (uint32_t)CAISSON_E_POOL;
	if (!code)
		code = s2_disown(&root_cell->s2, IPA(pa.v), *size, S2_OWNER_CELL + cell->id);
	if (code)
		return refuse(refusal, code, 0, pa.v);
	s2_merge(&root_cell->s2, IPA(pa.v), *size);
	for (uint64_t done = 0; done < *size; done += PAGE_SIZE)
		copy_page(pa.v + done, from[done / PAGE_SIZE]);
	if (!place->size) {
		*place = (struct image){ ipa.v, pa.v, 0 };
		cell->images++;
	}
	place->size += *size;
	cell_dirty(cell);
	return 0;
}

/* From the end on, so that what is left is a list all the time. */
int64_t cell_image_give(struct cell *cell)
{
	struct image *last = &cell->image[cell->images - 1];
	uint64_t size = MIN(last->size, GIVE_PIECE), from = last->pa + last->size - size;
	uint32_t code;

	for (uint64_t at = from; at < from + size; at += PAGE_SIZE)
		zero_page_to_poc(window_map(WINDOW_A, PA(at)));
	code = root_map(from, size, S2_READ | S2_WRITE | S2_EXEC);
	if (code)
		return -(int64_t)code;
	last->size -= size;
	if (!last->size)
		cell->images--;
	return CAISSON_AGAIN;
}

static bool goes_on(const struct cell *cell)
{
	return atomic_load(&cell->state) == CAISSON_CELL_RESTARTING;
}

/* All memory as it was when the cell was started. False if it is not, or need not be any more. */
static bool restore(struct cell *cell)
{
	while (goes_on(cell) && cell_scrub_piece(cell, true))
		;
	for (uint32_t n = 0; n < cell->images; n++) {
		const struct image *image = &cell->image[n];

		for (uint64_t at = 0; at < image->size; at += PAGE_SIZE) {
			uint64_t to;

			if (!goes_on(cell) || !find_page(cell, image->ipa + at, &to))
				return false;
			copy_page(to, image->pa + at);
		}
	}
	return !cell->missing;
}

void cell_restart(struct cell *cell)
{
	uint64_t end = arch_counter() + CPU_LOST_SECONDS * arch_counter_hz();
	bool all = cell_gather(cell);

	for (; !all && goes_on(cell) && arch_counter() < end; all = cell_gather(cell))
		arch_relax();
	if (all && restore(cell)) {
		log_line("cell %s: restarted from its image", cell->name);
		cell_begin(cell);
	} else if (goes_on(cell)) {
		cell_set_state(cell, CAISSON_CELL_FAILED);
	}
}
