// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a cell owns, and how it changes hands [tour: 6, 8]. Root's stage 2 is the record: a page
 * is root's while it is mapped there (or was never touched), and carries its owner otherwise.
 * Memory goes: out of root's tables everywhere, zeroed to the point of coherency, into the
 * cell's, and the same way back. No CPU of the cell runs meanwhile, so the order of the two
 * mappings does not matter.
 *
 * Every change keeps one rule: what can be refused is checked or prepared first, and what has
 * been done is undone by calls that cannot fail, because they only put back what was there (the
 * tables for it exist). All of it runs under cells_lock, on one CPU of root.
 */
#include <caisson/error.h>

#include "arch_cpu.h"
#include "boot.h"
#include "cell_ctl.h"
#include "config_check.h"
#include "cpu_ctl.h"
#include "gic.h"
#include "lib.h"
#include "log.h"
#include "pool.h"
#include "vgic.h"

#define ROOT_IPA_BITS 40 /* at least; more if the system configuration says so */
#define CELL_IPA_BITS 39

_Static_assert(sizeof(struct cell) + CONFIG_MAX_CPUS * sizeof(uint16_t) <= PAGE_SIZE,
	       "a cell and its CPUs' numbers fit into a page");

struct cell *root_cell;

/* Bits of an address space that holds [0, end), at least `bits`, at most what the CPU has. */
static uint32_t max_bits(uint64_t end, uint32_t bits)
{
	/* ID_AA64MMFR0_EL1.PARange (D19.2.64); 52 bits are clamped to 48. */
	static const uint8_t pa_range[] = { 32, 36, 40, 42, 44, 48, 48, 48 };
	uint32_t limit = pa_range[read_sysreg(id_aa64mmfr0_el1) & 7];

	while (bits < 48 && end > BIT(bits))
		bits++;
	return MIN(bits, limit);
}

/*
 * Gives an SPI to another cell. vgic.c asks for the owner under gicd_lock whenever it writes, so
 * that between the first and the second line nobody owns the interrupt and nobody can touch it.
 */
static void irq_move(uint32_t intid, struct cell *from, struct cell *to)
{
	spin_lock(&gicd_lock);
	from->irqs[intid / 32] &= ~(1u << (intid % 32));
	spin_unlock(&gicd_lock);
	gic_spi_reset(intid, to->id ? &cpus[to->cpu[0]] : this_cpu());
	spin_lock(&gicd_lock);
	to->irqs[intid / 32] |= 1u << (intid % 32);
	spin_unlock(&gicd_lock);
}

/* Root's alone, in as few entries as what else is mapped around it allows. */
static uint32_t root_map(uint64_t start, uint64_t size, uint32_t attrs)
{
	uint32_t code = s2_map(&root_cell->s2, IPA(start), PA(start), size, attrs);

	if (!code)
		s2_merge(&root_cell->s2, IPA(start), size);
	return code;
}

/*
 * Maps root's RAM and devices as the system configuration lists them, then cuts out
 * what is not root's.
 * The order matters: RAM and devices first, the exclusions last, so that no listed
 * range opens up what EL2 or the GIC needs. No CPU runs under these tables yet.
 */
static uint32_t root_map_all(void)
{
	const struct caisson_system_entry *sys = config_system(system_config);
	struct s2 *s2 = &root_cell->s2;
	uint32_t code = 0;

	for (uint32_t n = 0; !code && n < config_count(system_config, CAISSON_SEC_MEMORY); n++) {
		const struct caisson_memory_entry *mem = config_memory(system_config, n);

		code = root_map(mem->pa, mem->size, S2_READ | S2_WRITE | S2_EXEC);
	}
	for (uint32_t n = 0; !code && n < config_count(system_config, CAISSON_SEC_DEVICE); n++) {
		const struct caisson_device_entry *dev = config_device(system_config, n);
		uint64_t start = ALIGN_DOWN(dev->ipa, PAGE_SIZE);
		uint64_t end = ALIGN_UP(dev->ipa + dev->size, PAGE_SIZE);

		/* Wide windows come on first touch: nobody uses all of a PCI window. */
		if (dev->size >= GIB(1))
			continue;
		code = s2_map(s2, IPA(start), PA(start), end - start, S2_READ | S2_WRITE);
		/* Two devices in one page: it is mapped already. */
		if (code == CAISSON_E_OVERLAP)
			code = 0;
	}
	if (!code)
		code = s2_disown(s2, IPA(boot->memory_pa), boot->memory_size, S2_OWNER_HYPERVISOR);
	if (!code)
		code = s2_disown(s2, IPA(sys->gicd_base), sys->gicd_size, S2_OWNER_EMULATED);
	if (!code)
		code = s2_disown(s2, IPA(sys->gicr_base), sys->gicr_size, S2_OWNER_EMULATED);
	/* The log is root's to read. */
	if (!code)
		code = s2_map(s2, IPA(log_pa().v), log_pa(), log_size(), S2_READ);
	return code;
}

/* Where the highest memory or device region of a configuration ends, in whole pages. */
static uint64_t regions_end(const void *blob)
{
	uint64_t end = 0;

	for (uint32_t n = 0; n < config_count(blob, CAISSON_SEC_MEMORY); n++)
		end = MAX(end, config_memory(blob, n)->ipa + config_memory(blob, n)->size);
	for (uint32_t n = 0; n < config_count(blob, CAISSON_SEC_DEVICE); n++)
		end = MAX(end, config_device(blob, n)->ipa + config_device(blob, n)->size);
	return ALIGN_UP(end, PAGE_SIZE);
}

/*
 * By the first CPU at enable, all others waiting. 0, CAISSON_E_POOL, CAISSON_E_RANGE or
 * CAISSON_E_OVERLAP (a configuration that maps something twice).
 */
uint32_t root_cell_init(void)
{
	const struct caisson_system_entry *sys = config_system(system_config);
	uint64_t end = MAX(boot->memory_pa + boot->memory_size, regions_end(system_config));
	uint32_t code;

	root_cell = pool_alloc(1);
	if (!root_cell)
		return CAISSON_E_POOL;
	memcpy(root_cell->name, "root", 5);
	root_cell->state = CAISSON_CELL_RUNNING;
	root_cell->gicd_base = sys->gicd_base;
	root_cell->gicr_base = sys->gicr_base;
	root_cell->console_base = NO_CONSOLE;
	/* As Linux has it when it calls us: both groups enabled. */
	root_cell->gicd_ctlr = 3;
	for (uint32_t intid = 32; intid < gic_spi_end; intid++)
		root_cell->irqs[intid / 32] |= 1u << (intid % 32);
	code = s2_init(&root_cell->s2, 0, max_bits(end, ROOT_IPA_BITS));
	return code ? code : root_map_all();
}

/*
 * On the CPU that faulted. S2_FRESH makes the map refuse where a page has got an owner
 * since the lookup, which held the lock only for itself. Never executable: RAM was
 * mapped at enable, so this is a device: in a wide window,
 * or one that no list names. No error is kept, because
 * the second lookup tells all that counts.
 */
bool root_map_on_touch(ipa_t ipa)
{
	struct s2_entry entry = root_lookup(ipa);

	if (entry.valid)
		return true;
	if (entry.owner != S2_OWNER_NONE || (ipa.v >> root_cell->s2.ipa_bits))
		return false;
	if (entry.size > GIB(1)) {
		entry.size = GIB(1);
		entry.ipa = IPA(ALIGN_DOWN(ipa.v, GIB(1)));
	}
	/*
	 * Meanwhile another CPU may have done the same, or taken a part away: then nothing is
	 * mapped here.
	 */
	root_map(entry.ipa.v, entry.size, S2_READ | S2_WRITE | S2_FRESH);
	return root_lookup(ipa).valid;
}

/*
 * The offset is that of the configuration's entry: the driver finds file and line
 * there.
 */
static int64_t refuse(struct refusal *refusal, uint32_t code, uint64_t offset, uint64_t value)
{
	refusal->offset = offset;
	refusal->value = value;
	return -(int64_t)code;
}

/* In one entry as a whole: a range across two of them is refused, not pieced together. */
static bool in_root_ram(uint64_t pa, uint64_t size)
{
	for (uint32_t n = 0; n < config_count(system_config, CAISSON_SEC_MEMORY); n++) {
		const struct caisson_memory_entry *mem = config_memory(system_config, n);

		if (pa >= mem->pa && pa - mem->pa < mem->size && size <= mem->size - (pa - mem->pa))
			return true;
	}
	return false;
}

/*
 * Why a page is not root's, in terms of an error.
 * Which owner it is tells the user what to change, so each kind has its own code.
 */
static uint32_t owner_error(ipa_t at)
{
	uint32_t owner = root_owner_of(at);

	if (owner == S2_OWNER_HYPERVISOR || owner == S2_OWNER_EMULATED)
		return CAISSON_E_MEM_HYPERVISOR;
	return owner >= S2_OWNER_CELL ? CAISSON_E_MEM_OWNED : CAISSON_E_MEM_NOT_RAM;
}

uint32_t root_ram_check(uint64_t pa, uint64_t size, uint32_t attrs, ipa_t *at)
{
	bool covers;

	*at = IPA(pa);
	/* First: the pages that we share with root are mapped there. */
	if (pa < boot->memory_pa + boot->memory_size && pa + size > boot->memory_pa)
		return CAISSON_E_MEM_HYPERVISOR;
	spin_lock(&root_cell->s2.lock);
	covers = s2_covers(&root_cell->s2, IPA(pa), size, attrs, true, at);
	spin_unlock(&root_cell->s2.lock);
	if (!covers)
		return owner_error(*at);
	return in_root_ram(pa, size) ? 0 : CAISSON_E_MEM_NOT_RAM;
}

bool root_owns_ram(uint64_t pa, uint64_t size)
{
	ipa_t at;
	uint64_t start = ALIGN_DOWN(pa, PAGE_SIZE);

	return !root_ram_check(start, ALIGN_UP(pa + size, PAGE_SIZE) - start, S2_READ | S2_WRITE,
			       &at);
}

/*
 * Copies the blob to where root cannot change it any more, and checks the copy.
 * Root's CPUs go on meanwhile and could change the original after the check: only the
 * copy is ever read again. The pages come from a pool that root cannot map.
 */
static int64_t copy_blob(pa_t from, uint32_t size, void **copy, uint32_t *pages,
			 struct refusal *refusal)
{
	struct config_verdict verdict;
	uint32_t code;
	ipa_t at;

	if (!size || size > CAISSON_CONFIG_MAX || (from.v & 7))
		return refuse(refusal, CAISSON_E_ARGUMENT, 0, size);
	code = root_ram_check(ALIGN_DOWN(from.v, PAGE_SIZE),
			      ALIGN_UP((from.v & PAGE_MASK) + size, PAGE_SIZE), S2_READ, &at);
	if (code)
		return refuse(refusal, code, 0, at.v);
	*pages = (uint32_t)(ALIGN_UP(size, PAGE_SIZE) / PAGE_SIZE);
	*copy = pool_alloc(*pages);
	if (!*copy)
		return refuse(refusal, CAISSON_E_POOL, 0, *pages);
	for (uint32_t done = 0, part; done < size; done += part) {
		part = (uint32_t)MIN(size - done, PAGE_SIZE - ((from.v + done) & PAGE_MASK));
		memcpy((char *)*copy + done, window_map(WINDOW_A, PA(from.v + done)), part);
	}
	verdict = config_check(*copy, size, CAISSON_KIND_CELL);
	if (!verdict.code)
		return 0;
	pool_free(*copy, *pages);
	return refuse(refusal, verdict.code, verdict.offset, verdict.value);
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

/* What was taken before a refusal is given back by cell_undo(). */
static int64_t take_cpus(struct cell *cell, struct refusal *refusal)
{
	for (uint32_t n = 0; n < config_count(cell->blob, CAISSON_SEC_CPU); n++) {
		const struct caisson_cpu_entry *entry = config_cpu(cell->blob, n);

		for (uint32_t i = entry->first; i < entry->first + entry->count; i++) {
			uint32_t code = take_cpu(cell, i);

			if (code)
				return refuse(refusal, code,
					      config_offset(cell->blob, CAISSON_SEC_CPU, n), i);
		}
	}
	return 0;
}

/*
 * An enabled SPI has a driver in root that waits for it; the doorbell is EL2's own use
 * of one.
 */
static int64_t check_irq(uint32_t intid, uint32_t offset, struct refusal *refusal)
{
	if (intid >= gic_spi_end)
		return refuse(refusal, CAISSON_E_IRQ_UNKNOWN, offset, intid);
	if (!cell_owns_irq(root_cell, intid) || intid == boot->doorbell_intid)
		return refuse(refusal, CAISSON_E_IRQ_OWNED, offset, intid);
	if (gic_spi_enabled(intid))
		return refuse(refusal, CAISSON_E_IRQ_IN_USE, offset, intid);
	return 0;
}

/* All SPIs of the configuration, its console's and the one of a shutdown among them. */
static int64_t check_irqs(const void *blob, struct refusal *refusal)
{
	const struct caisson_console_entry *console = config_console(blob);
	uint32_t shutdown = config_cell(blob)->shutdown_intid;
	int64_t result = 0;

	for (uint32_t n = 0; n < config_count(blob, CAISSON_SEC_IRQ); n++) {
		const struct caisson_irq_entry *irq = config_irq(blob, n);

		for (uint32_t i = 0; !result && i < irq->count; i++)
			result = check_irq(irq->first + i, config_offset(blob, CAISSON_SEC_IRQ, n),
					   refusal);
	}
	if (!result && console && console->intid)
		result = check_irq(console->intid, config_offset(blob, CAISSON_SEC_CONSOLE, 0),
				   refusal);
	if (!result && shutdown)
		result = check_irq(shutdown, config_offset(blob, CAISSON_SEC_CELL, 0), refusal);
	return result;
}

static bool pages_of(const struct caisson_device_entry *dev, uint64_t *start, uint64_t *size)
{
	*start = ALIGN_DOWN(dev->pa, PAGE_SIZE);
	*size = ALIGN_UP(dev->pa + dev->size, PAGE_SIZE) - *start;
	return !device_is_subpage(dev);
}

/*
 * Another cell has some of these bytes already: only then may two cells share a page.
 * Root's table knows pages only: of a shared page the cells' configurations tell the
 * bytes.
 */
static bool bytes_taken(const struct caisson_device_entry *dev)
{
	for (struct cell *cell = root_cell->next; cell; cell = cell->next)
		for (uint32_t n = 0; n < config_count(cell->blob, CAISSON_SEC_DEVICE); n++) {
			const struct caisson_device_entry *other = config_device(cell->blob, n);

			if (dev->pa < other->pa + other->size && other->pa < dev->pa + dev->size)
				return true;
		}
	return false;
}

/*
 * Steps by table entries, not by pages: a PCI window of gigabytes is a few steps. A
 * page that another cell shares is EMULATED already, and so are the GIC frames, which
 * nobody gets.
 */
static uint32_t check_device(const struct caisson_device_entry *dev, uint64_t *at)
{
	const struct caisson_system_entry *sys = config_system(system_config);
	uint64_t start, size;
	bool whole = pages_of(dev, &start, &size);

	*at = dev->pa;
	if (start + size > BIT(root_cell->s2.ipa_bits))
		return CAISSON_E_RANGE;
	if (bytes_taken(dev))
		return CAISSON_E_MEM_OWNED;
	for (*at = start; *at < start + size;) {
		struct s2_entry entry = root_lookup(IPA(*at));
		bool shared = !whole && entry.owner == S2_OWNER_EMULATED &&
			      *at - sys->gicd_base >= sys->gicd_size &&
			      *at - sys->gicr_base >= sys->gicr_size;

		if (in_root_ram(*at, PAGE_SIZE))
			return CAISSON_E_DEVICE_RAM;
		if (!entry.valid && entry.owner != S2_OWNER_NONE && !shared)
			return owner_error(IPA(*at));
		*at = entry.ipa.v + entry.size;
	}
	return 0;
}

static int64_t check_devices(const void *blob, struct refusal *refusal)
{
	for (uint32_t n = 0; n < config_count(blob, CAISSON_SEC_DEVICE); n++) {
		uint64_t at;
		uint32_t code = check_device(config_device(blob, n), &at);

		if (code)
			return refuse(refusal, code, config_offset(blob, CAISSON_SEC_DEVICE, n),
				      at);
	}
	return 0;
}

/* Root's page tables lose the device; a page that is shared stays trapped for both. */
static uint32_t take_device(struct cell *cell, const struct caisson_device_entry *dev)
{
	uint32_t attrs = S2_DEVICE | (dev->flags & CAISSON_MEM_READ ? S2_READ : 0) |
			 (dev->flags & CAISSON_MEM_WRITE ? S2_WRITE : 0);
	uint64_t start, size;
	uint32_t code;

	if (!pages_of(dev, &start, &size))
		return s2_disown(&root_cell->s2, IPA(start), size, S2_OWNER_EMULATED);
	code = s2_map(&cell->s2, IPA(dev->ipa), PA(dev->pa), dev->size, attrs);
	return code ? code : s2_disown(&root_cell->s2, IPA(start), size, S2_OWNER_CELL + cell->id);
}

/* A page stays trapped for root while any cell has a part of it. */
static bool page_shared(const struct cell *except, uint64_t page)
{
	for (struct cell *cell = root_cell->next; cell; cell = cell->next)
		for (uint32_t n = 0;
		     cell != except && n < config_count(cell->blob, CAISSON_SEC_DEVICE); n++) {
			uint64_t start, size;

			if (!pages_of(config_device(cell->blob, n), &start, &size) &&
			    page - start < size)
				return true;
		}
	return false;
}

/* The very ranges that were taken, so that no table is needed: this cannot fail. */
static void give_back_devices(struct cell *cell)
{
	for (uint32_t n = 0; n < config_count(cell->blob, CAISSON_SEC_DEVICE); n++) {
		uint64_t start, size;
		bool whole = pages_of(config_device(cell->blob, n), &start, &size);
		uint32_t owner = root_owner_of(IPA(start));

		if (whole && owner == S2_OWNER_CELL + cell->id)
			root_map(start, size, S2_READ | S2_WRITE);
		for (uint64_t at = start; !whole && at < start + size; at += PAGE_SIZE)
			if (root_owner_of(IPA(at)) == S2_OWNER_EMULATED && !page_shared(cell, at))
				root_map(at, PAGE_SIZE, S2_READ | S2_WRITE);
	}
}

/* TLB entries of the ID's last holder went when that cell began to die. 0: there is none. */
static uint32_t free_id(void)
{
	uint32_t id = 1;

	while (id < CELL_IDS && cells[id])
		id++;
	return id % CELL_IDS;
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

/*
 * The cell as an object that owns nothing of the machine yet.
 * `closed` from the start: its CPUs cannot come up before a start, whatever root asks.
 */
static struct cell *cell_alloc(void *blob, uint32_t pages)
{
	const struct caisson_cell_entry *entry = config_cell(blob);
	const struct caisson_console_entry *console = config_console(blob);
	struct cell *cell = pool_alloc(1);

	if (!cell)
		return NULL;
	cell->id = free_id();
	cell->page = pool_alloc(1);
	if (!cell->id || !cell->page ||
	    s2_init(&cell->s2, cell->id, max_bits(cell_end(blob), CELL_IPA_BITS))) {
		if (cell->page)
			pool_free(cell->page, 1);
		pool_free(cell, 1);
		return NULL;
	}
	memcpy(cell->name, entry->name, sizeof(cell->name));
	cell->flags = entry->flags;
	cell->state = CAISSON_CELL_CREATED;
	cell->closed = true;
	cell->gicd_base = entry->gicd_base;
	cell->gicr_base = entry->gicr_base;
	cell->watchdog_ms = entry->watchdog_ms;
	cell->blob = blob;
	cell->blob_pages = pages;
	cell->console_base = NO_CONSOLE;
	if (console) {
		cell->console_base = console->base;
		cell->console_intid = console->intid;
	}
	return cell;
}

/* No TLB holds entries of its VMID: either it never ran, or its end invalidated them. */
static void cell_free(struct cell *cell)
{
	s2_free(&cell->s2);
	pool_free(cell->page, 1);
	pool_free(cell->blob, cell->blob_pages);
	pool_free(cell, 1);
}

/* The configuration's interrupts, not the bitmap's: the same set on the way in and out. */
static void each_irq(struct cell *cell, struct cell *from, struct cell *to)
{
	for (uint32_t n = 0; n < config_count(cell->blob, CAISSON_SEC_IRQ); n++) {
		const struct caisson_irq_entry *irq = config_irq(cell->blob, n);

		for (uint32_t i = 0; i < irq->count; i++)
			irq_move(irq->first + i, from, to);
	}
	if (cell->console_intid)
		irq_move(cell->console_intid, from, to);
	if (config_cell(cell->blob)->shutdown_intid)
		irq_move(config_cell(cell->blob)->shutdown_intid, from, to);
	irq_lost(from);
}

/*
 * The last part of create: nothing in here fails.
 * Routes go before owners: an SPI of root that still led to a CPU of the cell would be
 * taken there by the wrong kernel. The list comes last: who finds the cell finds it
 * complete.
 */
static void cell_commit(struct cell *cell)
{
	/* Linux leaves disabled interrupts routed to a CPU that goes offline. */
	for (uint32_t n = 0; n < cell->ncpus; n++)
		gic_route_away(&cpus[cell->cpu[n]], this_cpu());
	each_irq(cell, root_cell, cell);
	cell->next = root_cell->next;
	root_cell->next = cell;
	cells[cell->id] = cell;
	log_line("cell %s: created, id %lu", cell->name, U(cell->id));
}

static bool name_taken(const char *name)
{
	for (struct cell *cell = root_cell; cell; cell = cell->next)
		if (!memcmp(cell->name, name, CAISSON_NAME_LEN))
			return true;
	return false;
}

/* What can be refused without having touched anything. */
static int64_t check_cell(const void *blob, struct refusal *refusal)
{
	uint32_t offset = config_offset(blob, CAISSON_SEC_CELL, 0);
	uint64_t end = cell_end(blob);
	int64_t refused = 0;

	if (name_taken(config_cell(blob)->name))
		return refuse(refusal, CAISSON_E_NAME_TAKEN, offset, 0);
	if (end > BIT(max_bits(end, CELL_IPA_BITS)))
		return refuse(refusal, CAISSON_E_RANGE, offset, end);
	if (config_cell(blob)->watchdog_ms && irq_revokes())
		return refuse(refusal, CAISSON_E_WATCHDOG_MODE, offset, 0);
	refused = check_irqs(blob, refusal);
	return refused ? refused : check_devices(blob, refusal);
}

/*
 * What it takes from root before it exists; undone by cell_undo().
 * CPUs before devices: taking them needs no tables, and undoing that only the owner.
 */
static int64_t cell_take(struct cell *cell, struct refusal *refusal)
{
	int64_t refused = take_cpus(cell, refusal);
	uint32_t code;

	if (refused)
		return refused;
	/* The console page is the one page of ours that root may write. */
	code = s2_map(&root_cell->s2, IPA(pool_pa(cell->page).v), pool_pa(cell->page), PAGE_SIZE,
		      S2_READ | S2_WRITE);
	for (uint32_t n = 0; !code && n < config_count(cell->blob, CAISSON_SEC_DEVICE); n++)
		code = take_device(cell, config_device(cell->blob, n));
	return code ? refuse(refusal, code, 0, pool_available()) : 0;
}

/*
 * Devices, CPUs and the console page go back; the cell is gone.
 * Also for a cell that took only a part: each step finds out what is the cell's.
 */
static void cell_undo(struct cell *cell)
{
	give_back_devices(cell);
	give_back_cpus(cell);
	s2_disown(&root_cell->s2, IPA(pool_pa(cell->page).v), PAGE_SIZE, S2_OWNER_HYPERVISOR);
	s2_merge(&root_cell->s2, IPA(pool_pa(cell->page).v), PAGE_SIZE);
	cell_free(cell);
}

/*
 * Copy, check, allocate, take, commit: up to `take` root has lost nothing, after it
 * nothing is refused. The memory comes later, in pieces, by cell_memory_add().
 */
int64_t cell_create(pa_t from, uint64_t size, struct cell **result, struct refusal *refusal)
{
	struct cell *cell;
	uint32_t pages = 0;
	void *blob = NULL;
	int64_t refused = copy_blob(from, (uint32_t)MIN(size, UINT32_MAX), &blob, &pages, refusal);

	if (refused)
		return refused;
	refused = check_cell(blob, refusal);
	cell = refused ? NULL : cell_alloc(blob, pages);
	if (!cell) {
		pool_free(blob, pages);
		return refused ? refused : refuse(refusal, CAISSON_E_POOL, 0, pool_available());
	}
	refused = cell_take(cell, refusal);
	if (refused) {
		cell_undo(cell);
		return refused;
	}
	cell_commit(cell);
	*result = cell;
	return 0;
}

static const struct caisson_memory_entry *region_of(const struct cell *cell, uint64_t ipa,
						    uint64_t size)
{
	for (uint32_t n = 0; n < config_count(cell->blob, CAISSON_SEC_MEMORY); n++) {
		const struct caisson_memory_entry *mem = config_memory(cell->blob, n);

		if (ipa >= mem->ipa && ipa - mem->ipa < mem->size &&
		    size <= mem->size - (ipa - mem->ipa))
			return mem;
	}
	return NULL;
}

/*
 * The cell is mapped first, because that step is undone without a table that might be
 * missing. Root's CPUs go on: on return of the disown none of them has a translation
 * left (DSB after TLBI, Arm ARM D8.13), so the scrub that follows sees the last of
 * their stores.
 */
int64_t cell_memory_add(struct cell *cell, ipa_t ipa, pa_t pa, uint64_t size,
			struct refusal *refusal)
{
	const struct caisson_memory_entry *mem = region_of(cell, ipa.v, size);
	uint32_t code;
	ipa_t at;

	if (atomic_load(&cell->state) != CAISSON_CELL_CREATED)
		return -CAISSON_E_STATE;
	if (!size || size > GIB(1) || ((ipa.v | pa.v | size) & PAGE_MASK) || pa.v + size < pa.v)
		return refuse(refusal, CAISSON_E_ALIGN, 0, pa.v);
	if (!mem)
		return refuse(refusal, CAISSON_E_MEM_REGION, 0, ipa.v);
	if (mem->pa != CAISSON_PA_ANY && pa.v != mem->pa + (ipa.v - mem->ipa))
		return refuse(refusal, CAISSON_E_ARGUMENT, 0, pa.v);
	code = root_ram_check(pa.v, size, S2_READ | S2_WRITE, &at);
	if (code)
		return refuse(refusal, code, 0, at.v);
	code = s2_map(&cell->s2, ipa, pa, size, mem->flags & (S2_READ | S2_WRITE | S2_EXEC));
	if (code)
		return refuse(refusal, code, 0, ipa.v);
	code = s2_disown(&root_cell->s2, IPA(pa.v), size, S2_OWNER_CELL + cell->id);
	if (code) {
		s2_disown(&cell->s2, ipa, size, S2_OWNER_NONE);
		return refuse(refusal, code, 0, pa.v);
	}
	/* Only now: a block would have to be split again for the step back. */
	s2_merge(&cell->s2, ipa, size);
	cell_dirty(cell);
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
	uint64_t size;
	uint32_t code;
	pa_t pa;

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
	if (cell_piece(cell, GIB(1), &pa, &size)) {
		if (!size)
			return CAISSON_AGAIN;
		code = root_map(pa.v, size, S2_READ | S2_WRITE | S2_EXEC);
		if (code)
			return -(int64_t)code;
		cell_piece_done(cell, size);
		return CAISSON_AGAIN;
	}
	each_irq(cell, cell, root_cell);
	for (struct cell *prev = root_cell; prev; prev = prev->next)
		if (prev->next == cell)
			prev->next = cell->next;
	cells[cell->id] = NULL;
	log_line("cell %s: destroyed", cell->name);
	cell_undo(cell);
	return 0;
}
