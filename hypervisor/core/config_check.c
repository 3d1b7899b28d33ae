// SPDX-License-Identifier: GPL-2.0-only
/*
 * The validator of compiled configurations (see config_check.h): step 2 of the tour.
 *
 * It goes from form to meaning, and each step relies on the one before: the header, where the
 * sections lie, the source of each entry (from there on a refusal can name file and line), how many
 * entries there are, each entry by itself, then the entries against each other. Nothing is walked
 * before its size is proven. What only the live machine knows (is there such a CPU, whose memory is
 * this) is checked by EL2 and the driver.
 *
 * Freestanding and without relocations: EL2 runs it position-independent, the driver and the host
 * tools compile the same file.
 */
#include "config_check.h"

#define GIC_FRAME_MASK 0xffffULL
#define PAGE_OFFSET_MASK (CAISSON_PAGE_SIZE - 1ULL)

const uint32_t config_entry_sizes[CAISSON_SEC_COUNT] = {
	[CAISSON_SEC_CELL] = sizeof(struct caisson_cell_entry),
	[CAISSON_SEC_SYSTEM] = sizeof(struct caisson_system_entry),
	[CAISSON_SEC_CPU] = sizeof(struct caisson_cpu_entry),
	[CAISSON_SEC_MEMORY] = sizeof(struct caisson_memory_entry),
	[CAISSON_SEC_DEVICE] = sizeof(struct caisson_device_entry),
	[CAISSON_SEC_IRQ] = sizeof(struct caisson_irq_entry),
	[CAISSON_SEC_CONSOLE] = sizeof(struct caisson_console_entry),
	[CAISSON_SEC_STRINGS] = 1,
};

/* A piece of an address space, and the entry that claims it. */
struct claim {
	uint64_t start;
	uint64_t size;
	uint32_t offset;
};

enum address_space { SPACE_IPA, SPACE_PA };

static struct config_verdict refuse(uint32_t code, uint32_t offset, uint32_t other, uint64_t value)
{
	struct config_verdict v = { code, offset, other, value };

	return v;
}

static struct config_verdict sound(void)
{
	return refuse(CAISSON_E_OK, 0, 0, 0);
}

static uint64_t max64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Is [start, start + size) inside of the address space? Cannot overflow. */
static int in_address_space(uint64_t start, uint64_t size)
{
	return start < CONFIG_ADDRESS_END && size <= CONFIG_ADDRESS_END - start;
}

/* Do two ranges, neither of which wraps around, have something in common? */
static int ranges_meet(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

static int is_spi(uint32_t intid)
{
	return intid >= CONFIG_SPI_FIRST && intid < CONFIG_SPI_END;
}

static struct config_verdict check_header(const void *blob, uint32_t size, uint32_t kind)
{
	const struct caisson_config_header *h = config_header(blob);

	if (!blob || (uintptr_t)blob % 8)
		return refuse(CAISSON_E_ARGUMENT, 0, 0, (uintptr_t)blob);
	if (size < sizeof(*h))
		return refuse(CAISSON_E_TRUNCATED, 0, 0, size);
	if (h->magic != CAISSON_CONFIG_MAGIC)
		return refuse(CAISSON_E_MAGIC, 0, 0, h->magic);
	if (h->abi_version != CAISSON_ABI_VERSION)
		return refuse(CAISSON_E_VERSION, 0, 0, h->abi_version);
	if (h->kind != CAISSON_KIND_CELL && h->kind != CAISSON_KIND_SYSTEM)
		return refuse(CAISSON_E_KIND, 0, 0, h->kind);
	if (kind && kind != h->kind)
		return refuse(CAISSON_E_KIND, 0, 0, h->kind);
	if (h->size < size || size > CAISSON_CONFIG_MAX)
		return refuse(CAISSON_E_SIZE, 0, 0, size);
	if (h->size > size)
		return refuse(CAISSON_E_TRUNCATED, 0, 0, h->size);
	if (h->reserved)
		return refuse(CAISSON_E_RESERVED, 0, 0, h->reserved);
	return sound();
}

static struct config_verdict check_sections(const void *blob)
{
	const struct caisson_config_header *h = config_header(blob);
	uint32_t i, k;

	for (i = 0; i < CAISSON_SEC_COUNT; i++) {
		const struct caisson_section *s = &h->section[i];

		if (s->entry_size != config_entry_sizes[i])
			return refuse(CAISSON_E_ENTRY_SIZE, 0, 0, i);
		if (s->reserved)
			return refuse(CAISSON_E_RESERVED, 0, 0, s->reserved);
		if (s->offset % 8 || s->offset < sizeof(*h) || s->offset > h->size ||
		    s->count > (h->size - s->offset) / s->entry_size)
			return refuse(CAISSON_E_SECTION, 0, 0, i);
		/* Both products are bounded by h->size now. An empty section meets nothing. */
		for (k = 0; k < i && s->count; k++) {
			const struct caisson_section *t = &h->section[k];

			if (t->count && ranges_meet(s->offset, s->count * s->entry_size, t->offset,
						    t->count * t->entry_size))
				return refuse(CAISSON_E_SECTION, 0, 0, i);
		}
	}
	return sound();
}

/* After this every entry has a printable origin, so verdicts may name entries. */
static struct config_verdict check_sources(const void *blob)
{
	const struct caisson_section *strings = &config_header(blob)->section[CAISSON_SEC_STRINGS];
	uint32_t sec, i;

	/* One NUL at the very end terminates every string that begins before it. */
	if (!strings->count || *config_string(blob, strings->offset + strings->count - 1))
		return refuse(CAISSON_E_STRING, 0, 0, strings->offset);
	for (sec = 0; sec < CAISSON_SEC_STRINGS; sec++) {
		for (i = 0; i < config_count(blob, sec); i++) {
			uint32_t offset = config_offset(blob, sec, i);
			const struct caisson_source *src = config_source(blob, offset);

			if (src->file < strings->offset ||
			    src->file - strings->offset >= strings->count)
				return refuse(CAISSON_E_STRING, 0, 0, offset);
			if (src->reserved)
				return refuse(CAISSON_E_RESERVED, 0, 0, offset);
		}
	}
	return sound();
}

static struct config_verdict check_multiplicity(const void *blob, uint32_t sec, uint32_t min,
						uint32_t max)
{
	uint32_t count = config_count(blob, sec);
	uint32_t is_cell = config_header(blob)->kind == CAISSON_KIND_CELL;
	uint32_t owner = is_cell ? CAISSON_SEC_CELL : CAISSON_SEC_SYSTEM;

	if (count < min) {
		uint32_t at = config_count(blob, owner) ? config_offset(blob, owner, 0) : 0;

		return refuse(CAISSON_E_MISSING, at, 0, sec);
	}
	if (count > max && max)
		return refuse(CAISSON_E_TWICE, config_offset(blob, sec, max),
			      config_offset(blob, sec, 0), sec);
	if (count > max) /* what a cell has, in a system, or the other way round */
		return refuse(CAISSON_E_KIND, config_offset(blob, sec, 0), 0, sec);
	return sound();
}

static struct config_verdict check_multiplicities(const void *blob)
{
	static const struct {
		uint32_t min;
		uint32_t max;
	} limits[2][CAISSON_SEC_STRINGS] = {
		{
			[CAISSON_SEC_CELL] = { 1, 1 },
			[CAISSON_SEC_SYSTEM] = { 0, 0 },
			[CAISSON_SEC_CPU] = { 1, ~0u },
			[CAISSON_SEC_MEMORY] = { 1, ~0u },
			[CAISSON_SEC_DEVICE] = { 0, ~0u },
			[CAISSON_SEC_IRQ] = { 0, ~0u },
			[CAISSON_SEC_CONSOLE] = { 0, 1 },
		},
		{
			[CAISSON_SEC_CELL] = { 0, 0 },
			[CAISSON_SEC_SYSTEM] = { 1, 1 },
			[CAISSON_SEC_CPU] = { 0, 0 },
			[CAISSON_SEC_MEMORY] = { 1, ~0u },
			[CAISSON_SEC_DEVICE] = { 0, ~0u },
			[CAISSON_SEC_IRQ] = { 0, ~0u },
			[CAISSON_SEC_CONSOLE] = { 0, 0 },
		},
	};
	uint32_t row = config_header(blob)->kind == CAISSON_KIND_SYSTEM;
	uint32_t sec;

	for (sec = 0; sec < CAISSON_SEC_STRINGS; sec++) {
		struct config_verdict v =
			check_multiplicity(blob, sec, limits[row][sec].min, limits[row][sec].max);

		if (v.code)
			return v;
	}
	return sound();
}

/*
 * Returns 1 for 1 to 31 permitted characters, padded with NULs to the end. The first one is such
 * that no name is `.' or `..', which sysfs cannot have, or looks like an option of hvctl.
 */
static int name_is_good(const char name[CAISSON_NAME_LEN])
{
	uint32_t len = 0, i;

	while (len < CAISSON_NAME_LEN && name[len]) {
		char c = name[len++];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      (len > 1 && (c == '.' || c == '_' || c == '-'))))
			return 0;
	}
	for (i = len; i < CAISSON_NAME_LEN; i++)
		if (name[i])
			return 0;
	return len > 0 && len < CAISSON_NAME_LEN;
}

/* A GIC range by itself: @unit is what its size must be a multiple of, in bytes. */
static struct config_verdict check_gic_range(uint32_t at, uint64_t base, uint64_t size,
					     uint64_t unit)
{
	if (!size)
		return refuse(CAISSON_E_EMPTY, at, 0, base);
	if (base & GIC_FRAME_MASK)
		return refuse(CAISSON_E_ALIGN_GIC, at, 0, base);
	if (size & (unit - 1))
		return refuse(CAISSON_E_ALIGN_GIC, at, 0, size);
	if (!in_address_space(base, size))
		return refuse(CAISSON_E_RANGE, at, 0, base);
	return sound();
}

/* CPUs of a cell; only after check_cpus(), which bounds the sum by CONFIG_MAX_CPUS. */
static uint32_t count_cpus(const void *blob)
{
	uint32_t sum = 0, i;

	for (i = 0; i < config_count(blob, CAISSON_SEC_CPU); i++)
		sum += config_cpu(blob, i)->count;
	return sum;
}

static struct config_verdict check_cell(const void *blob)
{
	const struct caisson_cell_entry *cell = config_cell(blob);
	uint32_t at = config_offset(blob, CAISSON_SEC_CELL, 0);
	struct config_verdict v;
	uint32_t i;

	if (!name_is_good(cell->name))
		return refuse(CAISSON_E_NAME, at, 0, 0);
	if (cell->flags & ~CAISSON_CELL_FLAGS)
		return refuse(CAISSON_E_FLAGS, at, 0, cell->flags);
	if (cell->reserved)
		return refuse(CAISSON_E_RESERVED, at, 0, cell->reserved);
	if ((cell->on_off | cell->on_reset | cell->on_fault) > CAISSON_ACTION_RESTART)
		return refuse(CAISSON_E_FLAGS, at, 0,
			      cell->on_off | cell->on_reset | cell->on_fault);
	if (cell->shutdown_intid && !is_spi(cell->shutdown_intid))
		return refuse(CAISSON_E_IRQ_RANGE, at, 0, cell->shutdown_intid);
	/* A value without the flag that makes it valid was meant to be something. */
	if (cell->entry && !(cell->flags & CAISSON_CELL_ENTRY))
		return refuse(CAISSON_E_FLAGS, at, 0, cell->flags);
	for (i = 0; i < sizeof(cell->args) / sizeof(cell->args[0]); i++)
		if (cell->args[i] && !(cell->flags & CAISSON_CELL_ARGS))
			return refuse(CAISSON_E_FLAGS, at, 0, cell->flags);
	v = check_gic_range(at, cell->gicd_base, CONFIG_GICD_SIZE, CONFIG_GICD_SIZE);
	if (v.code)
		return v;
	return check_gic_range(at, cell->gicr_base, count_cpus(blob) * CONFIG_GICR_SIZE,
			       CONFIG_GICR_SIZE);
}

static struct config_verdict check_system(const void *blob)
{
	const struct caisson_system_entry *sys = config_system(blob);
	uint32_t at = config_offset(blob, CAISSON_SEC_SYSTEM, 0);
	struct config_verdict v;

	if (!name_is_good(sys->name))
		return refuse(CAISSON_E_NAME, at, 0, 0);
	if (sys->irq_mode > CAISSON_MODE_LIST)
		return refuse(CAISSON_E_FLAGS, at, 0, sys->irq_mode);
	v = check_gic_range(at, sys->gicd_base, sys->gicd_size, CONFIG_GICD_SIZE);
	if (v.code)
		return v;
	return check_gic_range(at, sys->gicr_base, sys->gicr_size, CONFIG_GICR_SIZE);
}

static struct config_verdict check_cpus(const void *blob)
{
	uint32_t i, k;

	for (i = 0; i < config_count(blob, CAISSON_SEC_CPU); i++) {
		const struct caisson_cpu_entry *cpu = config_cpu(blob, i);
		uint32_t at = config_offset(blob, CAISSON_SEC_CPU, i);

		if (!cpu->count)
			return refuse(CAISSON_E_EMPTY, at, 0, cpu->first);
		if (cpu->first >= CONFIG_MAX_CPUS || cpu->count > CONFIG_MAX_CPUS - cpu->first)
			return refuse(CAISSON_E_RANGE, at, 0, cpu->first);
		for (k = 0; k < i; k++) {
			const struct caisson_cpu_entry *o = config_cpu(blob, k);

			if (ranges_meet(cpu->first, cpu->count, o->first, o->count))
				return refuse(CAISSON_E_CPU_TWICE, at,
					      config_offset(blob, CAISSON_SEC_CPU, k),
					      max64(cpu->first, o->first));
		}
	}
	return sound();
}

static struct config_verdict check_memory(const void *blob)
{
	uint32_t is_system = config_header(blob)->kind == CAISSON_KIND_SYSTEM;
	uint32_t i;

	for (i = 0; i < config_count(blob, CAISSON_SEC_MEMORY); i++) {
		const struct caisson_memory_entry *m = config_memory(blob, i);
		uint32_t at = config_offset(blob, CAISSON_SEC_MEMORY, i);
		int placed = m->pa != CAISSON_PA_ANY;

		if (m->flags & ~CAISSON_MEM_FLAGS || !(m->flags & CAISSON_MEM_READ))
			return refuse(CAISSON_E_FLAGS, at, 0, m->flags);
		if (m->reserved)
			return refuse(CAISSON_E_RESERVED, at, 0, m->reserved);
		if (!m->size)
			return refuse(CAISSON_E_EMPTY, at, 0, m->ipa);
		if (m->size & PAGE_OFFSET_MASK)
			return refuse(CAISSON_E_ALIGN, at, 0, m->size);
		if (m->ipa & PAGE_OFFSET_MASK)
			return refuse(CAISSON_E_ALIGN, at, 0, m->ipa);
		if (placed && m->pa & PAGE_OFFSET_MASK)
			return refuse(CAISSON_E_ALIGN, at, 0, m->pa);
		if (!in_address_space(m->ipa, m->size))
			return refuse(CAISSON_E_RANGE, at, 0, m->ipa);
		if (placed && !in_address_space(m->pa, m->size))
			return refuse(CAISSON_E_RANGE, at, 0, m->pa);
		if (is_system && m->pa != m->ipa)
			return refuse(CAISSON_E_IDENTITY, at, 0, m->pa);
	}
	return sound();
}

static struct config_verdict check_devices(const void *blob)
{
	uint32_t is_system = config_header(blob)->kind == CAISSON_KIND_SYSTEM;
	uint32_t i;

	for (i = 0; i < config_count(blob, CAISSON_SEC_DEVICE); i++) {
		const struct caisson_device_entry *d = config_device(blob, i);
		uint32_t at = config_offset(blob, CAISSON_SEC_DEVICE, i);

		if (d->flags & ~(CAISSON_MEM_READ | CAISSON_MEM_WRITE) || !d->flags)
			return refuse(CAISSON_E_FLAGS, at, 0, d->flags);
		if (d->reserved)
			return refuse(CAISSON_E_RESERVED, at, 0, d->reserved);
		if (!d->size)
			return refuse(CAISSON_E_EMPTY, at, 0, d->ipa);
		if (d->size % 4)
			return refuse(CAISSON_E_ALIGN_DEVICE, at, 0, d->size);
		if (d->ipa % 4)
			return refuse(CAISSON_E_ALIGN_DEVICE, at, 0, d->ipa);
		/* So that the whole pages of a region can be mapped, whatever its ends are. */
		if ((d->ipa ^ d->pa) & PAGE_OFFSET_MASK)
			return refuse(CAISSON_E_ALIGN_DEVICE, at, 0, d->pa);
		if (!in_address_space(d->ipa, d->size))
			return refuse(CAISSON_E_RANGE, at, 0, d->ipa);
		if (!in_address_space(d->pa, d->size))
			return refuse(CAISSON_E_RANGE, at, 0, d->pa);
		if (is_system && d->pa != d->ipa)
			return refuse(CAISSON_E_IDENTITY, at, 0, d->pa);
	}
	return sound();
}

static struct config_verdict check_console(const void *blob)
{
	const struct caisson_console_entry *con = config_console(blob);
	uint32_t at;

	if (!con)
		return sound();
	at = config_offset(blob, CAISSON_SEC_CONSOLE, 0);
	if (con->reserved)
		return refuse(CAISSON_E_RESERVED, at, 0, con->reserved);
	if (con->base & PAGE_OFFSET_MASK)
		return refuse(CAISSON_E_ALIGN, at, 0, con->base);
	if (!in_address_space(con->base, CONFIG_CONSOLE_SIZE))
		return refuse(CAISSON_E_RANGE, at, 0, con->base);
	if (con->intid && !is_spi(con->intid))
		return refuse(CAISSON_E_IRQ_RANGE, at, 0, con->intid);
	return sound();
}

static struct config_verdict check_irqs(const void *blob)
{
	const struct caisson_console_entry *con = config_console(blob);
	uint32_t is_cell = config_header(blob)->kind == CAISSON_KIND_CELL;
	uint32_t console = con ? con->intid : 0; /* 0 is no SPI: it meets nothing */
	uint32_t shutdown = is_cell ? config_cell(blob)->shutdown_intid : 0;
	uint32_t i, k;

	if (shutdown && shutdown == console)
		return refuse(CAISSON_E_IRQ_TWICE, config_offset(blob, CAISSON_SEC_CELL, 0),
			      config_offset(blob, CAISSON_SEC_CONSOLE, 0), shutdown);
	for (i = 0; i < config_count(blob, CAISSON_SEC_IRQ); i++) {
		const struct caisson_irq_entry *irq = config_irq(blob, i);
		uint32_t at = config_offset(blob, CAISSON_SEC_IRQ, i);

		if (!irq->count)
			return refuse(CAISSON_E_EMPTY, at, 0, irq->first);
		if (irq->first < CONFIG_SPI_FIRST || irq->first >= CONFIG_SPI_END ||
		    irq->count > CONFIG_SPI_END - irq->first)
			return refuse(CAISSON_E_IRQ_RANGE, at, 0, irq->first);
		for (k = 0; k < i; k++) {
			const struct caisson_irq_entry *o = config_irq(blob, k);

			if (ranges_meet(irq->first, irq->count, o->first, o->count))
				return refuse(CAISSON_E_IRQ_TWICE, at,
					      config_offset(blob, CAISSON_SEC_IRQ, k),
					      max64(irq->first, o->first));
		}
		if (ranges_meet(irq->first, irq->count, console, 1))
			return refuse(CAISSON_E_IRQ_TWICE, at,
				      config_offset(blob, CAISSON_SEC_CONSOLE, 0), console);
		if (ranges_meet(irq->first, irq->count, shutdown, 1))
			return refuse(CAISSON_E_IRQ_TWICE, at,
				      config_offset(blob, CAISSON_SEC_CELL, 0), shutdown);
	}
	return sound();
}

/* What comes with the cell or system entry itself: 0 the distributor, 1 the redistributors. */
static void gic_claim(const void *blob, uint32_t n, struct claim *r)
{
	if (config_header(blob)->kind == CAISSON_KIND_CELL) {
		const struct caisson_cell_entry *cell = config_cell(blob);

		r->offset = config_offset(blob, CAISSON_SEC_CELL, 0);
		r->start = n ? cell->gicr_base : cell->gicd_base;
		r->size = n ? count_cpus(blob) * CONFIG_GICR_SIZE : CONFIG_GICD_SIZE;
	} else {
		const struct caisson_system_entry *sys = config_system(blob);

		r->offset = config_offset(blob, CAISSON_SEC_SYSTEM, 0);
		r->start = n ? sys->gicr_base : sys->gicd_base;
		r->size = n ? sys->gicr_size : sys->gicd_size;
	}
}

/*
 * Fills in the @n-th claim on @space: memory, devices, then what EL2 emulates, which lies in the
 * IPA space alone (for a system both spaces are the same). Returns 0 past the last one. Memory
 * that has no physical address yet claims an empty range, which meets nothing.
 */
static int get_claim(const void *blob, enum address_space space, uint32_t n, struct claim *r)
{
	const struct caisson_console_entry *con = config_console(blob);
	uint32_t fixed = space == SPACE_IPA ? 2u + !!con : 0;

	if (n < fixed) {
		if (n < 2) {
			gic_claim(blob, n, r);
			return 1;
		}
		r->offset = config_offset(blob, CAISSON_SEC_CONSOLE, 0);
		r->start = con->base;
		r->size = CONFIG_CONSOLE_SIZE;
		return 1;
	}
	n -= fixed;
	if (n < config_count(blob, CAISSON_SEC_MEMORY)) {
		const struct caisson_memory_entry *m = config_memory(blob, n);

		r->offset = config_offset(blob, CAISSON_SEC_MEMORY, n);
		r->start = space == SPACE_IPA ? m->ipa : m->pa;
		r->size = m->size;
		if (r->start == CAISSON_PA_ANY)
			r->start = r->size = 0;
		return 1;
	}
	n -= config_count(blob, CAISSON_SEC_MEMORY);
	if (n < config_count(blob, CAISSON_SEC_DEVICE)) {
		const struct caisson_device_entry *d = config_device(blob, n);

		r->offset = config_offset(blob, CAISSON_SEC_DEVICE, n);
		r->start = space == SPACE_IPA ? d->ipa : d->pa;
		r->size = d->size;
		return 1;
	}
	return 0;
}

static struct config_verdict check_overlaps(const void *blob, enum address_space space)
{
	struct claim a, b;
	uint32_t i, k;

	for (i = 0; get_claim(blob, space, i, &a); i++) {
		for (k = 0; a.size && k < i; k++) {
			get_claim(blob, space, k, &b);
			if (b.size && ranges_meet(a.start, a.size, b.start, b.size))
				return refuse(CAISSON_E_OVERLAP, a.offset, b.offset,
					      max64(a.start, b.start));
		}
	}
	return sound();
}

static struct config_verdict check_entry_point(const void *blob)
{
	const struct caisson_cell_entry *cell = config_cell(blob);
	uint32_t i;

	if (!(cell->flags & CAISSON_CELL_ENTRY))
		return sound();
	for (i = 0; i < config_count(blob, CAISSON_SEC_MEMORY) && !(cell->entry % 4); i++) {
		const struct caisson_memory_entry *m = config_memory(blob, i);

		if (m->flags & CAISSON_MEM_EXEC && cell->entry >= m->ipa &&
		    cell->entry - m->ipa < m->size)
			return sound();
	}
	return refuse(CAISSON_E_ENTRY_POINT, config_offset(blob, CAISSON_SEC_CELL, 0), 0,
		      cell->entry);
}

/* Each kind of entry by itself, and against its own kind. */
static struct config_verdict check_entries(const void *blob)
{
	uint32_t is_cell = config_header(blob)->kind == CAISSON_KIND_CELL;
	struct config_verdict v;

	v = check_cpus(blob);
	if (!v.code)
		v = is_cell ? check_cell(blob) : check_system(blob);
	if (!v.code)
		v = check_memory(blob);
	if (!v.code)
		v = check_devices(blob);
	if (!v.code)
		v = check_console(blob);
	if (!v.code)
		v = check_irqs(blob);
	if (!v.code && is_cell)
		v = check_entry_point(blob);
	return v;
}

struct config_verdict config_check(const void *blob, uint32_t size, uint32_t kind)
{
	struct config_verdict v;

	v = check_header(blob, size, kind);
	if (!v.code)
		v = check_sections(blob);
	if (!v.code)
		v = check_sources(blob);
	if (!v.code)
		v = check_multiplicities(blob);
	if (!v.code)
		v = check_entries(blob);
	if (!v.code)
		v = check_overlaps(blob, SPACE_IPA);
	if (!v.code)
		v = check_overlaps(blob, SPACE_PA);
	return v;
}
