// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory out of running Linux and back: for EL2 itself (image.c) and for cells (cell.c): steps 2
 * and 7 of the tour.
 *
 * Linux moves its own pages out of the way (alloc_contig_range); what we hold is marked offline, so
 * that /proc/kcore and makedumpfile leave it alone.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "caisson.h"

#define BUSY_RETRIES 3	  /* at a fixed address a page may be busy for a moment only */
#define PIECE_MAX SZ_256M /* the largest block tried at once */
#define RANGES_MAX 64
#define RESERVE_DIV 32 /* this part of its memory, and at least this much, stays Linux's */
#define RESERVE_MIN SZ_32M

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

/* @data is where the next range must begin: moves it behind this one, or stops before a gap. */
static int pass_range(struct resource *res, void *data)
{
	u64 *next = data;

	if (res->start > *next)
		return 1;
	*next = res->end + 1;
	return 0;
}

/* Whether [pa, pa + size) is System RAM of Linux throughout: what is not has no struct page. */
static bool is_ram(u64 pa, u64 size)
{
	u64 next = pa;

	walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY, pa,
			    pa + size - 1, &next, pass_range);
	return next >= pa + size;
}

static int note_start(struct resource *res, void *data)
{
	*(u64 *)data = res->start;
	return 1;
}

/**
 * memory_first_ram - find System RAM of Linux in a range
 * @pa: its beginning
 * @size: bytes, not 0
 * @at: set to the first address of RAM in it
 *
 * Process context. Return: whether there is any.
 */
bool memory_first_ram(u64 pa, u64 size, u64 *at)
{
	return walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY, pa,
				   pa + size - 1, at, note_start) == 1;
}

/* The entry of a system configuration that lists address @at, or NULL. */
static const struct caisson_memory_entry *ram_entry(const void *config, u64 at)
{
	u32 i;

	for (i = 0; i < config_count(config, CAISSON_SEC_MEMORY); i++) {
		const struct caisson_memory_entry *m = config_memory(config, i);

		if (at >= m->pa && at - m->pa < m->size)
			return m;
	}
	return NULL;
}

struct unlisted {
	const void *config;
	u64 at;
};

/* Stops at the first whole page of a range that is in no entry. */
static int check_listed(struct resource *res, void *data)
{
	struct unlisted *u = data;
	u64 end = ALIGN_DOWN(res->end + 1, CAISSON_PAGE_SIZE);

	u->at = ALIGN(res->start, CAISSON_PAGE_SIZE);
	while (u->at < end) {
		const struct caisson_memory_entry *m = ram_entry(u->config, u->at);

		if (!m)
			return 1;
		u->at = m->pa + m->size;
	}
	return 0;
}

/**
 * memory_unlisted_ram - find System RAM of Linux that a system configuration does not list
 * @config: checked .sys blob
 * @at: set to the first such address
 *
 * Root would get it on first touch, but without the right to execute. Process context.
 *
 * Return: whether there is any.
 */
bool memory_unlisted_ram(const void *config, u64 *at)
{
	struct unlisted u = { .config = config };
	bool found = walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
					 0, -1, &u, check_listed) == 1;

	*at = u.at;
	return found;
}

static void note_piece(struct piece *piece, unsigned long pfn, unsigned long pages, bool block)
{
	unsigned long i;

	piece->pfn = pfn;
	piece->pages = pages;
	piece->block = block;
	/* Behind it no reader of /proc/kcore is still at a page that it found online. */
	page_offline_begin();
	for (i = 0; i < pages; i++)
		__SetPageOffline(pfn_to_page(pfn + i));
	page_offline_end();
}

/* One attempt at [pfn, pfn + pages), which is System RAM. */
static int claim(unsigned long pfn, unsigned long pages, struct piece *piece)
{
	struct page *first = pfn_to_page(pfn);
	struct page *last = pfn_to_page(pfn + pages - 1);
	int ret;

	/* Both are what alloc_contig_range() would find out the long way, or not at all. */
	if (page_zone(first) != page_zone(last) || PageReserved(first) || PageReserved(last))
		return -EBUSY;
	ret = may_fail(alloc_contig_range(pfn, pfn + pages, MIGRATE_MOVABLE,
					  GFP_KERNEL | __GFP_NOWARN), -ENOMEM);
	if (ret)
		return ret;
	note_piece(piece, pfn, pages, false);
	return 0;
}

/* Exactly this memory, which is RAM. Return: 0, -EBUSY: Linux cannot move it away, -ENOMEM. */
static int claim_at(u64 pa, u64 size, struct piece *piece)
{
	int ret = -EBUSY;
	int i;

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

/*
 * Contiguous memory wherever Linux can spare it: @size and the power of two @align in bytes, at
 * least PAGE_SIZE. Return: 0, -ENOMEM, -EINTR.
 */
static int claim_contiguous(u64 size, u64 align, struct piece *piece)
{
	struct ram_ranges *ranges = may_fail(kmalloc(sizeof(*ranges), GFP_KERNEL), NULL);
	u64 step = max(align, min_t(u64, roundup_pow_of_two(size), SZ_2M));
	int ret;

	if (!ranges)
		return -ENOMEM;
	find_ranges(ranges);
	ret = search(ranges, PHYS_PFN(size), PHYS_PFN(step), piece);
	kfree(ranges);
	return ret;
}

/* One block of at least 2 MiB, a power of two aligned to itself, as large as is to be had. */
static int claim_block(u64 max, struct piece *piece)
{
	u64 size = min_t(u64, rounddown_pow_of_two(max), PIECE_MAX);
	int ret = -ENOMEM;

	for (; size >= SZ_2M && ret == -ENOMEM; size /= 2)
		ret = claim_contiguous(size, size, piece);
	return ret;
}

/*
 * Gives back the pages [from, to) of a block of the allocator, in blocks as large as can be: page
 * by page it would take ten times as long. A block has one reference, in its first page; what is
 * made of its other pages has none until here, as with split_page(). The first one's may be shared
 * for a moment by somebody who looks at pages by number, so it stays as it is.
 */
static void free_block(unsigned long from, unsigned long to, unsigned long first)
{
	while (from < to) {
		unsigned int order = __ffs(from | 1UL << ilog2(to - from));

		if (from != first)
			set_page_count(pfn_to_page(from), 1);
		__free_pages(pfn_to_page(from), order);
		from += 1UL << order;
	}
}

/**
 * memory_release - give a piece of memory back to Linux
 * @piece: claimed; nobody uses it any more, and nothing is in it that Linux must not see
 *
 * Process context.
 */
void memory_release(struct piece *piece)
{
	unsigned long i;

	for (i = 0; i < piece->pages; i++)
		__ClearPageOffline(pfn_to_page(piece->pfn + i));
	if (piece->block)
		free_block(piece->pfn, piece->pfn + piece->pages, piece->pfn);
	else
		free_contig_range(piece->pfn, piece->pages);
	piece->pages = 0;
}

/**
 * memory_claim_hypervisor - take contiguous, zeroed memory for EL2 itself
 * @size: bytes, a multiple of PAGE_SIZE
 * @more: the caller has use for what a power of two holds beyond that
 * @piece: filled in
 *
 * From the page allocator if it has a block, which is faster by far than moving pages out of the
 * way: whole if little of it is beyond @size, trimmed otherwise. Process context, sleeps.
 *
 * Return: 0, -ENOMEM, -EINTR.
 */
int memory_claim_hypervisor(u64 size, bool more, struct piece *piece)
{
	unsigned int order = get_order(size);
	u64 whole = PAGE_SIZE << order;
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN | __GFP_NORETRY;
	struct page *page = may_fail(alloc_pages(gfp, order), NULL);
	void *va;
	int ret;

	if (page) {
		unsigned long pfn = page_to_pfn(page);

		if (more && whole - size <= size / 8)
			size = whole;
		free_block(pfn + PHYS_PFN(size), pfn + PHYS_PFN(whole), pfn);
		note_piece(piece, pfn, PHYS_PFN(size), true);
		return 0;
	}
	ret = claim_contiguous(size, SZ_64K, piece);
	if (ret)
		return ret;
	va = phys_to_virt(PFN_PHYS(piece->pfn));
	caisson_zero(va, va + size);
	return 0;
}

static bool piece_meets(const struct piece *piece, u64 pa, u64 size)
{
	u64 start = PFN_PHYS(piece->pfn);

	return piece->pages && pa < start + PFN_PHYS(piece->pages) && start < pa + size;
}

/* Whether we gave this memory away already. Return: the reason, or CAISSON_E_OK. */
static u32 owner_of(u64 pa, u64 size)
{
	const struct piece *piece;
	const struct cell *cell;

	if (piece_meets(&hv.memory, pa, size))
		return CAISSON_E_MEM_HYPERVISOR;
	list_for_each_entry(cell, &caisson_cells, node) {
		list_for_each_entry(piece, &cell->pieces, node)
			if (piece_meets(piece, pa, size))
				return CAISSON_E_MEM_OWNED;
		list_for_each_entry(piece, &cell->image, node)
			if (piece_meets(piece, pa, size))
				return CAISSON_E_MEM_OWNED;
	}
	return CAISSON_E_OK;
}

/* The next piece of region @m from @ipa on, by the rule for regions without an address. */
static int claim_somewhere(const struct caisson_memory_entry *m, u64 ipa, struct piece *piece)
{
	u64 left = m->size - (ipa - m->ipa);
	u64 align = IS_ALIGNED(ipa, SZ_2M) && left >= SZ_2M ? SZ_2M : PAGE_SIZE;

	if (m->flags & CAISSON_MEM_CONTIGUOUS)
		return claim_contiguous(left, align, piece);
	if (align == SZ_2M)
		return claim_block(left, piece);
	return claim_contiguous(min(left, ALIGN(ipa + 1, SZ_2M) - ipa), align, piece);
}

/*
 * Whether Linux can do without @size more bytes. Asked before the first piece is taken: a region
 * that cannot be had whole would otherwise drive Linux out of memory on the way to its refusal.
 */
static bool can_spare(u64 size)
{
	u64 reserve = max_t(u64, PFN_PHYS(totalram_pages()) / RESERVE_DIV, RESERVE_MIN);
	long available = si_mem_available();

	return available > 0 && size <= PFN_PHYS(available) &&
	       PFN_PHYS(available) - size >= reserve;
}

/* Why a region of a cell was not to be had: @ret of the claim. */
static int refuse_region(const struct caisson_memory_entry *m, u32 offset, int ret,
			 struct caisson_ioc_error *err)
{
	if (ret == -EINVAL)
		return caisson_refuse(err, CAISSON_E_MEM_NOT_RAM, offset, m->pa);
	if (ret == -EBUSY)
		return caisson_refuse(err, CAISSON_E_MEM_BUSY, offset, m->pa);
	return caisson_refuse(err, CAISSON_E_NO_MEMORY, offset, m->size);
}

/* Pieces for all of @m, which go to @list. @offset: of the entry that wants them. */
static int claim_pieces(const struct caisson_memory_entry *m, u32 offset, struct list_head *list,
			struct caisson_ioc_error *err)
{
	u64 ipa = m->ipa;

	if (!can_spare(m->size))
		return refuse_region(m, offset, -ENOMEM, err);
	while (ipa < m->ipa + m->size) {
		struct piece *piece = may_fail(kzalloc(sizeof(*piece), GFP_KERNEL), NULL);
		int ret = -ENOMEM;

		if (piece)
			ret = m->pa == CAISSON_PA_ANY ? claim_somewhere(m, ipa, piece) :
							claim_at(m->pa, m->size, piece);
		if (ret) {
			kfree(piece);
			return refuse_region(m, offset, ret, err);
		}
		piece->ipa = ipa;
		piece->offset = offset;
		list_add_tail(&piece->node, list);
		ipa += PFN_PHYS(piece->pages);
	}
	return 0;
}

static int claim_region(struct cell *cell, u32 i, struct caisson_ioc_error *err)
{
	const struct caisson_memory_entry *m = config_memory(cell->blob, i);
	u32 offset = config_offset(cell->blob, CAISSON_SEC_MEMORY, i);
	u32 owner = m->pa == CAISSON_PA_ANY ? CAISSON_E_OK : owner_of(m->pa, m->size);
	int ret;

	if (owner != CAISSON_E_OK)
		return caisson_refuse(err, owner, offset, m->pa);
	if (m->pa != CAISSON_PA_ANY && !is_ram(m->pa, m->size))
		return refuse_region(m, offset, -EINVAL, err);
	ret = claim_pieces(m, offset, &cell->pieces, err);
	if (!ret)
		cell->memory_bytes += m->size;
	return ret;
}

/**
 * memory_claim_cell - take from Linux what a cell's configuration asks for
 * @cell: with its checked blob; its list of pieces is filled
 * @err: filled in on refusal; the pieces claimed so far stay listed
 *
 * Process context, caisson_lock held. Return: 0 or a negative errno.
 */
int memory_claim_cell(struct cell *cell, struct caisson_ioc_error *err)
{
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < config_count(cell->blob, CAISSON_SEC_MEMORY); i++)
		ret = claim_region(cell, i, err);
	return ret;
}

/**
 * memory_claim_image - take from Linux what a copy of a cell's memory needs
 * @cell: its list `image` gets the pieces
 * @ipa: of what is copied
 * @size: bytes, whole pages
 * @err: filled in on refusal; the pieces claimed so far stay listed
 *
 * Process context, caisson_lock held. Return: 0 or a negative errno.
 */
int memory_claim_image(struct cell *cell, u64 ipa, u64 size, struct caisson_ioc_error *err)
{
	const struct caisson_memory_entry m = { .ipa = ipa, .pa = CAISSON_PA_ANY, .size = size };

	return claim_pieces(&m, config_offset(cell->blob, CAISSON_SEC_CELL, 0), &cell->image, err);
}

static void release_pieces(struct list_head *list)
{
	struct piece *piece, *next;

	list_for_each_entry_safe(piece, next, list, node) {
		list_del(&piece->node);
		memory_release(piece);
		kfree(piece);
	}
}

/* EL2 has none of it: it was scrubbed, or never had it. As below. */
void memory_release_image(struct cell *cell)
{
	release_pieces(&cell->image);
}

/**
 * memory_release_cell - give a cell's memory back to Linux
 * @cell: EL2 has scrubbed its memory or never had it
 *
 * Process context, caisson_lock held.
 */
void memory_release_cell(struct cell *cell)
{
	release_pieces(&cell->pieces);
	memory_release_image(cell);
}
