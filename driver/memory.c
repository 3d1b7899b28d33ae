// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory out of running Linux and back: for EL2 itself (image.c) and for cells (cell.c).
 *
 * Linux moves its own pages out of the way (alloc_contig_range); what we hold is marked offline, so
 * that /proc/kcore and makedumpfile leave it alone.
 */
#include <linux/gfp.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/sizes.h>

#include "caisson.h"

#define BUSY_RETRIES 3	  /* at a fixed address a page may be busy for a moment only */
#define PIECE_MAX SZ_256M /* the largest block tried at once */
#define RANGES_MAX 64

struct ram_range {
	unsigned long start; /* pfns, end exclusive */
	unsigned long end;
};

struct ram_ranges {
	struct ram_range range[RANGES_MAX];
	unsigned int count;
};

static int note_range(struct resource *res, void *data)
{
	struct ram_ranges *ranges = data;

	if (ranges->count < RANGES_MAX) {
		ranges->range[ranges->count].start = PFN_UP(res->start);
		ranges->range[ranges->count].end = PFN_DOWN(res->end + 1);
		ranges->count++;
	}
	return 0;
}

/* Whether [pa, pa + size) is System RAM of Linux throughout. */
bool memory_is_ram(u64 pa, u64 size)
{
	return region_intersects(pa, size, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
				 IORES_DESC_NONE) == REGION_INTERSECTS;
}

/* One attempt at [pfn, pfn + pages), which is System RAM. */
static int claim(unsigned long pfn, unsigned long pages, struct piece *piece)
{
	struct page *first = pfn_to_page(pfn);
	struct page *last = pfn_to_page(pfn + pages - 1);
	unsigned long i;
	int ret;

	/* Both are what alloc_contig_range() would find out the long way, or not at all. */
	if (page_zone(first) != page_zone(last) || PageReserved(first) || PageReserved(last))
		return -EBUSY;
	ret = alloc_contig_range(pfn, pfn + pages, MIGRATE_MOVABLE, GFP_KERNEL | __GFP_NOWARN);
	if (ret)
		return ret;
	for (i = 0; i < pages; i++)
		__SetPageOffline(pfn_to_page(pfn + i));
	piece->pfn = pfn;
	piece->pages = pages;
	return 0;
}

/**
 * memory_claim_at - take exactly this memory from Linux
 * @pa: physical address
 * @size: bytes; both multiples of PAGE_SIZE
 * @piece: filled in
 *
 * Process context, sleeps.
 *
 * Return: 0, -EINVAL if it is not all RAM, -EBUSY if Linux cannot spare it, -ENOMEM.
 */
int memory_claim_at(u64 pa, u64 size, struct piece *piece)
{
	int ret = -EBUSY;
	int i;

	if (!memory_is_ram(pa, size))
		return -EINVAL;
	for (i = 0; i < BUSY_RETRIES && ret == -EBUSY; i++)
		ret = claim(PHYS_PFN(pa), PHYS_PFN(size), piece);
	return ret;
}

/* Every place of @ranges aligned to @step for @pages, from the top down. */
static int search(const struct ram_ranges *ranges, unsigned long pages, unsigned long step,
		  struct piece *piece)
{
	unsigned int i = ranges->count;

	while (i--) {
		const struct ram_range *r = &ranges->range[i];
		unsigned long pfn;

		if (r->end - r->start < pages)
			continue;
		for (pfn = ALIGN_DOWN(r->end - pages, step); pfn >= r->start; pfn -= step) {
			int ret = claim(pfn, pages, piece);

			if (ret != -EBUSY)
				return ret;
			if (fatal_signal_pending(current))
				return -EINTR;
			if (pfn < step)
				break;
		}
	}
	return -ENOMEM;
}

static void find_ranges(struct ram_ranges *ranges)
{
	ranges->count = 0;
	walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY, 0, -1,
			    ranges, note_range);
}

/**
 * memory_claim_contiguous - take physically contiguous memory wherever Linux can spare it
 * @size: bytes, a multiple of PAGE_SIZE
 * @align: bytes, a power of two of at least PAGE_SIZE
 * @piece: filled in
 *
 * Process context, sleeps. Return: 0, -ENOMEM, -EINTR.
 */
int memory_claim_contiguous(u64 size, u64 align, struct piece *piece)
{
	struct ram_ranges *ranges = kmalloc(sizeof(*ranges), GFP_KERNEL);
	int ret;

	if (!ranges)
		return -ENOMEM;
	find_ranges(ranges);
	ret = search(ranges, PHYS_PFN(size), PHYS_PFN(align), piece);
	kfree(ranges);
	return ret;
}

/**
 * memory_claim_any - take one block, as large as is to be had at once
 * @max: bytes wanted at most, at least 2 MiB
 * @piece: filled in: a power of two of at least 2 MiB, aligned to itself
 *
 * Process context, sleeps. Return: 0, -ENOMEM, -EINTR.
 */
int memory_claim_any(u64 max, struct piece *piece)
{
	u64 size = min_t(u64, rounddown_pow_of_two(max), PIECE_MAX);
	int ret = -ENOMEM;

	for (; size >= SZ_2M && ret == -ENOMEM; size /= 2)
		ret = memory_claim_contiguous(size, size, piece);
	return ret;
}

/**
 * memory_release - give a piece back to Linux
 * @piece: as claimed; EL2 does not have it any more
 * @zero: clear it: it held something of ours that nobody has scrubbed
 *
 * Process context.
 */
void memory_release(struct piece *piece, bool zero)
{
	unsigned long i;

	for (i = 0; i < piece->pages; i++) {
		struct page *page = pfn_to_page(piece->pfn + i);

		if (zero)
			clear_page(page_address(page));
		__ClearPageOffline(page);
	}
	free_contig_range(piece->pfn, piece->pages);
	piece->pages = 0;
}
