// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a cell comes and goes [tour: 8]: a list of steps, each of which is repeated until it is done
 * and does a bounded piece at a time, so that root's CPU is back soon whatever the cell's size. Up
 * to TAKE_CPUS root has lost nothing, behind TAKE_DEVICES nothing is refused; what was taken before
 * a refusal is given back by the steps that also end a cell, which cannot fail but for memory that
 * needs a table, and then may be tried again.
 *
 * One cell is made at a time. A call with other arguments gives that one up.
 */
#include <caisson/error.h>

#include "arch_cpu.h"
#include "boot.h"
#include "cell_own.h"
#include "config_check.h"
#include "cpu_ctl.h"
#include "gic.h"
#include "hypercalls.h"
#include "lib.h"
#include "log.h"
#include "pool.h"
#include "vgic.h"

#define CELL_IPA_BITS 39
#define CHECKS 64 /* of the configuration, in one go: some 4,000 instructions */

_Static_assert(sizeof(struct cell) + CONFIG_MAX_CPUS * sizeof(uint16_t) <= PAGE_SIZE,
	       "a cell and its CPUs' numbers fit into a page");

/* The cell that is being made: what is not its own any more once it is. */
static struct {
	struct cell *cell; /* NULL: none is */
	pa_t from;
	uint64_t size;
	struct config_progress progress;
	uint32_t irqs[CELL_IRQ_WORDS]; /* SPIs that it is to get */
	int64_t refused;	       /* and given back again; 0: not so */
	struct refusal refusal;
} making;

/*
 * Copies the blob to where root cannot change it any more. Root's CPUs go on meanwhile and could
 * change the original after the check: only the copy is ever read again. They could give a page of
 * it to a cell, too: each is looked up just before it is read.
 */
static int64_t copy_blob(struct cell *cell, struct refusal *refusal)
{
	uint64_t from = making.from.v + cell->cursor_offset;
	uint64_t part = MIN(making.size - cell->cursor_offset, PAGE_SIZE - (from & PAGE_MASK));
	ipa_t at;
	uint32_t code = root_ram_check(ALIGN_DOWN(from, PAGE_SIZE), PAGE_SIZE, S2_READ, 1, &at);

	if (code)
		return refuse(refusal, code, 0, at.v);
	memcpy((char *)cell->blob + cell->cursor_offset, window_map(WINDOW_A, PA(from)), part);
	cell->cursor_offset += part;
	return cell->cursor_offset < making.size ? CAISSON_AGAIN : 0;
}

static int64_t check_blob(struct cell *cell, struct refusal *refusal)
{
	struct config_verdict verdict;

	if (!config_check_some(cell->blob, (uint32_t)making.size, CAISSON_KIND_CELL,
			       &making.progress, CHECKS, &verdict))
		return CAISSON_AGAIN;
	return verdict.code ? refuse(refusal, verdict.code, verdict.offset, verdict.value) : 0;
}

static bool name_taken(const char *name)
{
	for (struct cell *cell = root_cell; cell; cell = cell->next)
		if (!memcmp(cell->name, name, CAISSON_NAME_LEN))
			return true;
	return false;
}

/*
 * Where the highest of its regions ends.
 * A gigabyte is room for the redistributor frames of more CPUs than there can be.
 */
static uint64_t cell_end(const void *blob)
{
	const struct caisson_cell_entry *cell = config_cell(blob);
	uint64_t end = MAX(cell->gicd_base, cell->gicr_base) + GIB(1);

	if (config_console(blob))
		end = MAX(end, config_console(blob)->base + PAGE_SIZE);
	return MAX(end, regions_end(blob));
}

/* What there is to say about it as a whole; its name, by which the list finds it, and its SPIs. */
static int64_t check_cell(struct cell *cell, struct refusal *refusal)
{
	const struct caisson_cell_entry *entry = config_cell(cell->blob);
	const struct caisson_console_entry *console = config_console(cell->blob);
	uint32_t offset = config_offset(cell->blob, CAISSON_SEC_CELL, 0);
	uint64_t end = cell_end(cell->blob);

	if (name_taken(entry->name))
		return refuse(refusal, CAISSON_E_NAME_TAKEN, offset, 0);
	if (end > BIT(max_bits(end, CELL_IPA_BITS)))
		return refuse(refusal, CAISSON_E_RANGE, offset, end);
	if (entry->watchdog_ms && irq_revokes())
		return refuse(refusal, CAISSON_E_WATCHDOG_MODE, offset, 0);
	for (uint32_t n = 0; n < config_count(cell->blob, CAISSON_SEC_IRQ); n++) {
		const struct caisson_irq_entry *irq = config_irq(cell->blob, n);

		for (uint32_t i = irq->first; i < irq->first + irq->count; i++)
			making.irqs[i / 32] |= 1u << (i % 32);
	}
	if (console)
		making.irqs[console->intid / 32] |= 1u << (console->intid % 32);
	making.irqs[entry->shutdown_intid / 32] |= 1u << (entry->shutdown_intid % 32);
	return 0;
}

/* The configuration's entry that has the SPI. */
static uint32_t irq_offset(const void *blob, uint32_t intid)
{
	for (uint32_t n = 0; n < config_count(blob, CAISSON_SEC_IRQ); n++)
		if (intid - config_irq(blob, n)->first < config_irq(blob, n)->count)
			return config_offset(blob, CAISSON_SEC_IRQ, n);
	return config_offset(blob,
			     config_cell(blob)->shutdown_intid == intid ? CAISSON_SEC_CELL :
									  CAISSON_SEC_CONSOLE,
			     0);
}

/* Moves the cursor to the next word with a bit; 0: there is none. Word 0 is nobody's: no SPI is there. */
static uint32_t next_word(struct cell *cell, const uint32_t *irqs)
{
	while (++cell->cursor_region < CELL_IRQ_WORDS)
		if (irqs[cell->cursor_region])
			return cell->cursor_region;
	return 0;
}

/*
 * An enabled SPI has a driver in root that waits for it; the doorbell is EL2's own use of one.
 */
static int64_t check_irqs(struct cell *cell, struct refusal *refusal)
{
	uint32_t word = next_word(cell, making.irqs);

	for (uint32_t bits = word ? making.irqs[word] : 0; bits; bits &= bits - 1) {
		uint32_t intid = 32 * word + (uint32_t)__builtin_ctz(bits), code = 0;

		if (intid >= gic_spi_end)
			code = CAISSON_E_IRQ_UNKNOWN;
		else if (!cell_owns_irq(root_cell, intid) || intid == boot->doorbell_intid)
			code = CAISSON_E_IRQ_OWNED;
		else if (gic_spi_enabled(intid))
			code = CAISSON_E_IRQ_IN_USE;
		if (code)
			return refuse(refusal, code, irq_offset(cell->blob, intid), intid);
	}
	return word ? CAISSON_AGAIN : 0;
}

static bool pages_of(const struct caisson_device_entry *dev, uint64_t *start, uint64_t *size)
{
	*start = ALIGN_DOWN(dev->pa, PAGE_SIZE);
	*size = ALIGN_UP(dev->pa + dev->size, PAGE_SIZE) - *start;
	return !device_is_subpage(dev);
}

/*
 * Root's table knows pages only: of a shared page the cells' configurations tell the
 * bytes. Only if nobody has them may two cells share a page.
 */
bool bytes_taken(uint64_t pa, uint64_t size)
{
	for (struct cell *cell = root_cell->next; cell; cell = cell->next)
		for (uint32_t n = 0; n < config_count(cell->blob, CAISSON_SEC_DEVICE); n++) {
			const struct caisson_device_entry *dev = config_device(cell->blob, n);

			if (pa < dev->pa + dev->size && dev->pa < pa + size)
				return true;
		}
	return false;
}

/* The device at the cursor, and what of its pages is behind it. */
struct part {
	const struct caisson_device_entry *dev; /* NULL: that was the last one */
	bool whole;				/* it has its pages for itself */
	ipa_t ipa;
	uint64_t at, left; /* physical */
};

static struct part device_part(const struct cell *cell)
{
	struct part part = { .dev = NULL };
	uint64_t start, size;

	if (cell->cursor_region == config_count(cell->blob, CAISSON_SEC_DEVICE))
		return part;
	part.dev = config_device(cell->blob, cell->cursor_region);
	part.whole = pages_of(part.dev, &start, &size);
	part.ipa = IPA(part.dev->ipa + cell->cursor_offset);
	part.at = start + cell->cursor_offset;
	part.left = size - cell->cursor_offset;
	return part;
}

static int64_t device_part_done(struct cell *cell, const struct part *part, uint64_t size)
{
	cell->cursor_offset += size;
	if (size >= part->left) {
		cell->cursor_region++;
		cell->cursor_offset = 0;
	}
	return CAISSON_AGAIN;
}

/*
 * Steps by table entries, not by pages: a PCI window of gigabytes is a few steps. A
 * page that another cell shares is EMULATED already, and so are the GIC frames, which
 * nobody gets.
 */
static int64_t check_devices(struct cell *cell, struct refusal *refusal)
{
	const struct caisson_system_entry *sys = config_system(system_config);
	struct part part = device_part(cell);
	struct s2_entry entry;
	uint32_t code = 0;
	bool shared;

	if (!part.dev)
		return 0;
	entry = root_lookup(IPA(part.at));
	shared = entry.owner == S2_OWNER_EMULATED && part.at - sys->gicd_base >= sys->gicd_size &&
		 part.at - sys->gicr_base >= sys->gicr_size;
	if (part.at + part.left > BIT(root_cell->s2.ipa_bits))
		code = CAISSON_E_RANGE;
	else if (shared && bytes_taken(part.dev->pa, part.dev->size))
		code = CAISSON_E_MEM_OWNED;
	if (code)
		part.at = part.dev->pa;
	else if (in_root_ram(part.at, PAGE_SIZE))
		code = CAISSON_E_DEVICE_RAM;
	else if (!entry.valid && entry.owner != S2_OWNER_NONE && !(shared && !part.whole))
		code = owner_error(IPA(part.at));
	if (code)
		return refuse(refusal, code,
			      config_offset(cell->blob, CAISSON_SEC_DEVICE, cell->cursor_region),
			      part.at);
	return device_part_done(cell, &part, entry.ipa.v + entry.size - part.at);
}

/* TLB entries of the ID's last holder went when that cell began to die. 0: there is none. */
static uint32_t free_id(void)
{
	uint32_t id = 1;

	while (id < CELL_IDS && cells[id])
		id++;
	return id % CELL_IDS;
}

/* The cell as an object that owns nothing of the machine yet. */
static int64_t set_up(struct cell *cell, struct refusal *refusal)
{
	const struct caisson_cell_entry *entry = config_cell(cell->blob);
	const struct caisson_console_entry *console = config_console(cell->blob);

	cell->id = free_id();
	cell->page = pool_alloc(1);
	if (entry->flags & CAISSON_CELL_KEEP_IMAGE)
		cell->image = pool_alloc(1);
	if (!cell->id || !cell->page || !cell->image != !(entry->flags & CAISSON_CELL_KEEP_IMAGE) ||
	    s2_init(&cell->s2, cell->id, max_bits(cell_end(cell->blob), CELL_IPA_BITS)))
		return refuse(refusal, CAISSON_E_POOL, 0, pool_available());
	memcpy(cell->name, entry->name, sizeof(cell->name));
	cell->flags = entry->flags;
	cell->gicd_base = entry->gicd_base;
	cell->gicr_base = entry->gicr_base;
	cell->watchdog_ms = entry->watchdog_ms;
	cell->console_base = NO_CONSOLE;
	if (console) {
		cell->console_base = console->base;
		cell->console_intid = console->intid;
	}
	return 0;
}

/*
 * One CPU of root that is off becomes the cell's next one; the cell is closed, so it
 * stays off.
 * Linux has to switch it off first: EL2 cannot take from a running kernel what it
 * schedules on.
 */
static uint32_t take_cpu(struct cell *cell, uint32_t index)
{
	struct cpu *cpu = &cpus[index];
	uint32_t code = 0;

	if (index >= ncpus)
		return CAISSON_E_CPU_UNKNOWN;
	spin_lock(&cpu->lock);
	if (cpu->cell != root_cell) {
		code = CAISSON_E_CPU_OWNED;
	} else if (cpu->state != CPU_PARKED && cpu->state != CPU_FIRMWARE) {
		code = CAISSON_E_CPU_ONLINE;
	} else {
		cpu_set_owner(cpu, cell, cell->ncpus);
		cell->cpu[cell->ncpus++] = (uint16_t)index;
	}
	spin_unlock(&cpu->lock);
	return code;
}

/* Of one entry. */
static int64_t take_cpus(struct cell *cell, struct refusal *refusal)
{
	uint32_t n = cell->cursor_region++;
	const struct caisson_cpu_entry *entry = config_cpu(cell->blob, n);

	for (uint32_t i = entry->first; i < entry->first + entry->count; i++) {
		uint32_t code = take_cpu(cell, i);

		if (code)
			return refuse(refusal, code, config_offset(cell->blob, CAISSON_SEC_CPU, n),
				      i);
	}
	return n + 1 < config_count(cell->blob, CAISSON_SEC_CPU) ? CAISSON_AGAIN : 0;
}

/* The one page of ours that root may write. */
static int64_t show_page(struct cell *cell, struct refusal *refusal)
{
	uint32_t code = s2_map(&root_cell->s2, IPA(pool_pa(cell->page).v), pool_pa(cell->page),
			       PAGE_SIZE, S2_READ | S2_WRITE);

	return code ? refuse(refusal, code, 0, pool_available()) : 0;
}

/* Root's page tables lose the device; a page that is shared stays trapped for both. */
static int64_t take_devices(struct cell *cell, struct refusal *refusal)
{
	struct part part = device_part(cell);
	uint64_t size, at = part.at;
	uint32_t code = 0, attrs;

	if (!part.dev)
		return 0;
	attrs = S2_DEVICE | (part.dev->flags & CAISSON_MEM_READ ? S2_READ : 0) |
		(part.dev->flags & CAISSON_MEM_WRITE ? S2_WRITE : 0);
	size = piece_size(part.whole ? part.ipa.v : part.at, part.at, part.left);
	for (uint32_t n = 0; n < PIECE_ENTRIES && at - part.at < size; n++) {
		struct s2_entry entry = root_lookup(IPA(at));

		at = entry.ipa.v + entry.size;
	}
	size = MIN(size, at - part.at);
	if (part.whole)
		code = s2_map(&cell->s2, part.ipa, PA(part.at), size, attrs);
	if (!code)
		code = s2_disown(&root_cell->s2, IPA(part.at), size,
				 part.whole ? S2_OWNER_CELL + cell->id : S2_OWNER_EMULATED);
	if (code)
		return refuse(refusal, code, 0, pool_available());
	return device_part_done(cell, &part, size);
}

/*
 * Linux leaves disabled interrupts routed to a CPU that goes offline. Routes go before owners: an
 * SPI of root that still led to a CPU of the cell would be taken there by the wrong kernel.
 */
static int64_t route_away(struct cell *cell, struct refusal *refusal)
{
	(void)refusal;
	gic_route_away(++cell->cursor_region, cell, this_cpu());
	return 32 * (cell->cursor_region + 1) < gic_spi_end ? CAISSON_AGAIN : 0;
}

/*
 * Gives SPIs of a word to another cell. vgic.c asks for the owner under gicd_lock whenever it
 * writes, so that in between nobody owns the interrupts and nobody can touch them.
 */
static void move_irqs(uint32_t word, uint32_t bits, struct cell *from, struct cell *to)
{
	spin_lock(&gicd_lock);
	from->irqs[word] &= ~bits;
	spin_unlock(&gicd_lock);
	gic_spis_reset(word, bits, to->id ? &cpus[to->cpu[0]] : this_cpu());
	spin_lock(&gicd_lock);
	to->irqs[word] |= bits;
	spin_unlock(&gicd_lock);
}

static int64_t take_irqs(struct cell *cell, struct refusal *refusal)
{
	uint32_t word = next_word(cell, making.irqs);

	(void)refusal;
	if (word)
		move_irqs(word, making.irqs[word], root_cell, cell);
	else
		irq_lost(root_cell);
	return word ? CAISSON_AGAIN : 0;
}

/* It goes on where it was if the pool was empty. */
static int64_t give_memory(struct cell *cell, struct refusal *refusal)
{
	uint64_t size;
	uint32_t code;
	pa_t pa;

	(void)refusal;
	if (!cell_piece(cell, GIB(1), &pa, &size))
		return 0;
	if (!size)
		return CAISSON_AGAIN;
	code = root_map(pa.v, size, S2_READ | S2_WRITE | S2_EXEC);
	if (code)
		return -(int64_t)code;
	cell_piece_done(cell, size);
	return CAISSON_AGAIN;
}

static int64_t give_irqs(struct cell *cell, struct refusal *refusal)
{
	uint32_t word = next_word(cell, cell->irqs);

	(void)refusal;
	if (word)
		move_irqs(word, cell->irqs[word], cell, root_cell);
	else
		irq_lost(cell);
	return word ? CAISSON_AGAIN : 0;
}

/* A page stays trapped for root while any cell has a part of it: one that dies uses its part no more. */
static bool page_shared(uint64_t page)
{
	for (struct cell *cell = root_cell->next; cell; cell = cell->next)
		for (uint32_t n = 0; atomic_load(&cell->state) != CAISSON_CELL_DYING &&
				     n < config_count(cell->blob, CAISSON_SEC_DEVICE);
		     n++) {
			uint64_t start, size;

			if (!pages_of(config_device(cell->blob, n), &start, &size) &&
			    page - start < size)
				return true;
		}
	return false;
}

/* What root's table says is the cell's: also of a device of which it has got a part only. */
static int64_t give_devices(struct cell *cell, struct refusal *refusal)
{
	struct part part = device_part(cell);
	struct s2_entry entry;
	uint32_t code = 0;
	uint64_t size;

	(void)refusal;
	if (!part.dev)
		return 0;
	entry = root_lookup(IPA(part.at));
	size = MIN(entry.ipa.v + entry.size - part.at, part.left);
	if (!part.whole && entry.owner == S2_OWNER_EMULATED) {
		size = PAGE_SIZE;
		if (!page_shared(part.at))
			code = root_map(part.at, size, S2_READ | S2_WRITE);
	} else if (part.whole && entry.owner == S2_OWNER_CELL + cell->id) {
		code = root_map(part.at, size, S2_READ | S2_WRITE);
	}
	if (code)
		return -(int64_t)code;
	return device_part_done(cell, &part, size);
}

static int64_t free_tables(struct cell *cell, struct refusal *refusal)
{
	(void)refusal;
	return s2_free_table(&cell->s2) ? CAISSON_AGAIN : 0;
}

enum step {
	COPY_BLOB,
	CHECK_BLOB,
	CHECK_CELL,
	CHECK_IRQS,
	CHECK_DEVICES,
	SET_UP,
	TAKE_CPUS,
	SHOW_PAGE,
	TAKE_DEVICES,
	ROUTE_AWAY,
	TAKE_IRQS,
	MADE,
	GIVE_MEMORY = MADE,
	GIVE_IRQS,
	GIVE_DEVICES,
	FREE_TABLES,
	GONE
};

/* AGAIN: not done yet; 0: done; or a refusal. */
static int64_t (*const steps[])(struct cell *cell, struct refusal *refusal) = {
	[COPY_BLOB] = copy_blob,   [CHECK_BLOB] = check_blob,	    [CHECK_CELL] = check_cell,
	[CHECK_IRQS] = check_irqs, [CHECK_DEVICES] = check_devices, [SET_UP] = set_up,
	[TAKE_CPUS] = take_cpus,   [SHOW_PAGE] = show_page,	    [TAKE_DEVICES] = take_devices,
	[ROUTE_AWAY] = route_away, [TAKE_IRQS] = take_irqs,	    [GIVE_MEMORY] = give_memory,
	[GIVE_IRQS] = give_irqs,   [GIVE_DEVICES] = give_devices,   [FREE_TABLES] = free_tables,
};

static void go_to(struct cell *cell, uint32_t step)
{
	cell->step = step;
	cell->cursor_region = 0;
	cell->cursor_offset = 0;
}

/* Goes on up to `end`: 0, or AGAIN when this call has taken long enough, or a refusal. */
static int64_t run_to(struct cell *cell, enum step end, struct refusal *refusal)
{
	while (cell->step < end) {
		int64_t result = steps[cell->step](cell, refusal);

		if (result < 0)
			return result;
		if (!result)
			go_to(cell, cell->step + 1);
		if (cell->step < end && hypercall_is_long())
			return CAISSON_AGAIN;
	}
	return 0;
}

/*
 * They stay as they are, parked or with firmware: root finds them off, and a CPU_ON of
 * its own brings them back, through a complete reset.
 */
static void give_back_cpus(struct cell *cell)
{
	for (uint32_t n = 0; n < cell->ncpus; n++) {
		struct cpu *cpu = &cpus[cell->cpu[n]];

		spin_lock(&cpu->lock);
		cpu_set_owner(cpu, root_cell, cpu->index);
		spin_unlock(&cpu->lock);
	}
}

/*
 * Also of a cell that was not made to its end. No TLB holds entries of its VMID: either it never
 * ran, or its end invalidated them.
 */
static void cell_free(struct cell *cell)
{
	give_back_cpus(cell);
	if (cell->page) {
		ipa_t page = IPA(pool_pa(cell->page).v);

		s2_disown(&root_cell->s2, page, PAGE_SIZE, S2_OWNER_HYPERVISOR);
		s2_merge(&root_cell->s2, page, PAGE_SIZE);
		pool_free(cell->page, 1);
	}
	if (cell->image)
		pool_free(cell->image, 1);
	s2_free(&cell->s2);
	pool_free(cell->blob, cell->blob_pages);
	pool_free(cell, 1);
}

/* `closed` from the start: its CPUs cannot come up before a start, whatever root asks. */
static int64_t begin(pa_t from, uint64_t size, struct refusal *refusal)
{
	uint32_t pages = (uint32_t)(ALIGN_UP(size, PAGE_SIZE) / PAGE_SIZE), code;
	struct cell *cell;
	ipa_t at;

	if (!size || size > CAISSON_CONFIG_MAX || (from.v & 7))
		return refuse(refusal, CAISSON_E_ARGUMENT, 0, size);
	code = root_ram_check(ALIGN_DOWN(from.v, PAGE_SIZE),
			      ALIGN_UP((from.v & PAGE_MASK) + size, PAGE_SIZE), S2_READ, ~0u, &at);
	if (code)
		return refuse(refusal, code, 0, at.v);
	cell = pool_alloc(1);
	if (cell)
		cell->blob = pool_alloc(pages);
	if (!cell || !cell->blob) {
		if (cell)
			pool_free(cell, 1);
		return refuse(refusal, CAISSON_E_POOL, 0, pool_available());
	}
	cell->blob_pages = pages;
	cell->closed = true;
	memset(&making, 0, sizeof(making));
	making.cell = cell;
	making.from = from;
	making.size = size;
	return 0;
}

int64_t cell_create(pa_t from, uint64_t size, struct cell **result, struct refusal *refusal)
{
	struct cell *cell = making.cell;
	bool given_up = cell && (making.from.v != from.v || making.size != size);
	int64_t refused = 0;

	if (!cell)
		refused = begin(from, size, refusal);
	if (refused)
		return refused;
	cell = making.cell;
	if (!making.refused) {
		refused = given_up ? -CAISSON_E_ARGUMENT : run_to(cell, MADE, &making.refusal);
		if (refused == CAISSON_AGAIN)
			return refused;
		making.refused = refused;
		/* What was not checked is not walked either. */
		if (refused)
			go_to(cell, cell->step < TAKE_DEVICES ? GONE : GIVE_IRQS);
	}
	if (making.refused && run_to(cell, GONE, refusal))
		return CAISSON_AGAIN;
	making.cell = NULL;
	if (making.refused) {
		*refusal = making.refusal;
		cell_free(cell);
		return given_up ? CAISSON_AGAIN : making.refused;
	}
	/* Who finds the cell finds it complete. */
	cell->next = root_cell->next;
	root_cell->next = cell;
	cells[cell->id] = cell;
	log_line("cell %s: created, id %lu", cell->name, U(cell->id));
	*result = cell;
	return 0;
}

/*
 * A pool that is empty refuses a piece with nothing changed: the driver may free
 * something and call again, since a DYING cell goes on where it was. CPUs and devices
 * go last, so that until then the cell is found by its name and its ID stays taken.
 */
int64_t cell_destroy(struct cell *cell)
{
	uint32_t state = atomic_load(&cell->state);
	int64_t result;

	/* That one may have parts of our pages, and no list has it yet: see page_shared(). */
	if (making.cell)
		return -CAISSON_E_STATE;
	if (state != CAISSON_CELL_DYING) {
		if ((state != CAISSON_CELL_READY && state != CAISSON_CELL_CREATED) ||
		    !cell->scrubbed)
			return -CAISSON_E_STATE;
		cell_set_state(cell, CAISSON_CELL_DYING);
		/*
		 * Its CPUs sleep under root's stage 2: from here no entry of its VMID comes
		 * back.
		 */
		s2_arch_invalidate(&cell->s2, IPA(0), BIT(cell->s2.ipa_bits));
	}
	result = run_to(cell, GONE, NULL);
	if (result)
		return result;
	for (struct cell *prev = root_cell; prev; prev = prev->next)
		if (prev->next == cell)
			prev->next = cell->next;
	cells[cell->id] = NULL;
	log_line("cell %s: destroyed", cell->name);
	cell_free(cell);
	return 0;
}
