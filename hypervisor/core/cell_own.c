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
#include "cell_own.h"
#include "config_check.h"
#include "lib.h"
#include "log.h"
#include "pool.h"
#include "vgic.h"

#define ROOT_IPA_BITS 40 /* at least; more if the system configuration says so */

struct cell *root_cell;

/* Bits of an address space that holds [0, end), at least `bits`, at most what the CPU has. */
uint32_t max_bits(uint64_t end, uint32_t bits)
{
	/* ID_AA64MMFR0_EL1.PARange (D19.2.64); 52 bits are clamped to 48. */
	static const uint8_t pa_range[] = { 32, 36, 40, 42, 44, 48, 48, 48 };
	uint32_t limit = pa_range[read_sysreg(id_aa64mmfr0_el1) & 7];

	while (bits < 48 && end > BIT(bits))
		bits++;
	return MIN(bits, limit);
}

/* Root's alone, in as few entries as what else is mapped around it allows. */
uint32_t root_map(uint64_t start, uint64_t size, uint32_t attrs)
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
uint64_t regions_end(const void *blob)
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
	if (root_cell)
		root_cell->page = pool_alloc(1);
	if (!root_cell || !root_cell->page)
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

/* In one entry as a whole: a range across two of them is refused, not pieced together. */
bool in_root_ram(uint64_t pa, uint64_t size)
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
uint32_t owner_error(ipa_t at)
{
	uint32_t owner = root_owner_of(at);

	if (owner == S2_OWNER_HYPERVISOR || owner == S2_OWNER_EMULATED)
		return CAISSON_E_MEM_HYPERVISOR;
	return owner >= S2_OWNER_CELL ? CAISSON_E_MEM_OWNED : CAISSON_E_MEM_NOT_RAM;
}

uint32_t root_ram_check(uint64_t pa, uint64_t size, uint32_t attrs, uint32_t limit, ipa_t *at)
{
	bool covers;

	*at = IPA(pa);
	/* First: the pages that we share with root are mapped there. */
	if (pa < boot->memory_pa + boot->memory_size && pa + size > boot->memory_pa)
		return CAISSON_E_MEM_HYPERVISOR;
	spin_lock(&root_cell->s2.lock);
	covers = s2_covers(&root_cell->s2, IPA(pa), size, attrs, true, limit, at);
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
			       ~0u, &at);
}

const struct caisson_memory_entry *region_of(const struct cell *cell, uint64_t ipa, uint64_t size)
{
	for (uint32_t n = 0; n < config_count(cell->blob, CAISSON_SEC_MEMORY); n++) {
		const struct caisson_memory_entry *mem = config_memory(cell->blob, n);

		if (ipa >= mem->ipa && ipa - mem->ipa < mem->size &&
		    size <= mem->size - (ipa - mem->ipa))
			return mem;
	}
	return NULL;
}

uint64_t piece_size(uint64_t ipa, uint64_t pa, uint64_t size)
{
	static const uint64_t units[] = { GIB(1), MIB(2), PAGE_SIZE };
	uint64_t piece;
	uint32_t n = 0;

	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): whole pages end it. */
	while ((ipa | pa) % units[n] || size < units[n])
		n++;
	piece = MIN(ALIGN_DOWN(size, units[n]), PIECE_ENTRIES * units[n]);
	/* Not beyond where larger leaves may begin. */
	return n ? MIN(piece, units[n - 1] - ipa % units[n - 1]) : piece;
}

/*
 * The cell is mapped first, because that step is undone without a table that might be
 * missing. Root's CPUs go on: on return of the disown none of them has a translation
 * left (DSB after TLBI), so the scrub that follows sees the last of
 * their stores. What has been cut into pages, here or in root's table, grows together.
 */
int64_t cell_memory_add(struct cell *cell, ipa_t ipa, pa_t pa, uint64_t *size,
			struct refusal *refusal)
{
	const struct caisson_memory_entry *mem = region_of(cell, ipa.v, *size);
	uint32_t code;
	ipa_t at;

	if (atomic_load(&cell->state) != CAISSON_CELL_CREATED)
		return -CAISSON_E_STATE;
	if (!*size || ((ipa.v | pa.v | *size) & PAGE_MASK) || pa.v + *size < pa.v)
		return refuse(refusal, CAISSON_E_ALIGN, 0, pa.v);
	if (!mem)
		return refuse(refusal, CAISSON_E_MEM_REGION, 0, ipa.v);
	if (mem->pa != CAISSON_PA_ANY && pa.v != mem->pa + (ipa.v - mem->ipa))
		return refuse(refusal, CAISSON_E_ARGUMENT, 0, pa.v);
	*size = piece_size(ipa.v, pa.v, *size);
	code = root_ram_check(pa.v, *size, S2_READ | S2_WRITE, PIECE_ENTRIES, &at);
	if (code)
		return refuse(refusal, code, 0, at.v);
	*size = MIN(*size, at.v - pa.v);
	code = s2_map(&cell->s2, ipa, pa, *size, mem->flags & (S2_READ | S2_WRITE | S2_EXEC));
	if (code)
		return refuse(refusal, code, 0, ipa.v);
	code = s2_disown(&root_cell->s2, IPA(pa.v), *size, S2_OWNER_CELL + cell->id);
	if (code) {
		s2_disown(&cell->s2, ipa, *size, S2_OWNER_NONE);
		return refuse(refusal, code, 0, pa.v);
	}
	/* Only now: a block would have to be split again for the step back. */
	s2_merge(&cell->s2, ipa, *size);
	if (*size < MIB(2))
		s2_merge(&root_cell->s2, IPA(pa.v), *size);
	cell_dirty(cell);
	return 0;
}
