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
 * Some checks are of pairs, so a whole blob can take long: config_check_some() does it in pieces, for
 * EL2, which no hypercall may hold up. Freestanding: EL2, the driver and the host tools compile the
 * same file.
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

static const void *config_at(const void *blob, uint32_t at)
{
	return (const uint8_t *)blob + at;
}

static int is_system(const void *blob)
{
	return config_header(blob)->kind == CAISSON_KIND_SYSTEM;
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

/* One NUL at the very end terminates every string that begins before it. */
static struct config_verdict check_strings(const void *blob)
{
	const struct caisson_section *strings = &config_header(blob)->section[CAISSON_SEC_STRINGS];

	if (!strings->count || *config_string(blob, strings->offset + strings->count - 1))
		return refuse(CAISSON_E_STRING, 0, 0, strings->offset);
	return sound();
}

/* After this every entry has a printable origin, so verdicts may name entries. */
static struct config_verdict check_source(const void *blob, uint32_t at)
{
	const struct caisson_section *strings = &config_header(blob)->section[CAISSON_SEC_STRINGS];
	const struct caisson_source *src = config_source(blob, at);

	if (src->file < strings->offset || src->file - strings->offset >= strings->count)
		return refuse(CAISSON_E_STRING, 0, 0, at);
	if (src->reserved)
		return refuse(CAISSON_E_RESERVED, 0, 0, at);
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

static struct config_verdict check_multiplicities(const void *blob, uint32_t at)
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

	(void)at;
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

static struct config_verdict check_cell(const void *blob, uint32_t at)
{
	const struct caisson_cell_entry *cell = config_cell(blob);
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
	if (cell->flags & CAISSON_CELL_KEEP_IMAGE &&
	    !(cell->watchdog_ms && cell->on_fault == CAISSON_ACTION_RESTART))
		return refuse(CAISSON_E_KEEP_IMAGE, at, 0, cell->watchdog_ms);
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

static struct config_verdict check_system(const void *blob, uint32_t at)
{
	const struct caisson_system_entry *sys = config_system(blob);
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

static struct config_verdict check_cpu(const void *blob, uint32_t at)
{
	const struct caisson_cpu_entry *cpu = config_at(blob, at);

	if (!cpu->count)
		return refuse(CAISSON_E_EMPTY, at, 0, cpu->first);
	if (cpu->first >= CONFIG_MAX_CPUS || cpu->count > CONFIG_MAX_CPUS - cpu->first)
		return refuse(CAISSON_E_RANGE, at, 0, cpu->first);
	return sound();
}

static struct config_verdict check_cpu_pair(const void *blob, uint32_t at, uint32_t other)
{
	const struct caisson_cpu_entry *a = config_at(blob, at), *b = config_at(blob, other);

	if (ranges_meet(a->first, a->count, b->first, b->count))
		return refuse(CAISSON_E_CPU_TWICE, at, other, max64(a->first, b->first));
	return sound();
}

static struct config_verdict check_memory(const void *blob, uint32_t at)
{
	const struct caisson_memory_entry *m = config_at(blob, at);
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
	if (is_system(blob) && m->pa != m->ipa)
		return refuse(CAISSON_E_IDENTITY, at, 0, m->pa);
	return sound();
}

/* A device's, if it has one: what check_strings() has seen ends the string. */
static struct config_verdict check_node(const void *blob, uint32_t at, uint64_t node)
{
	const struct caisson_section *strings = &config_header(blob)->section[CAISSON_SEC_STRINGS];

	if (!node)
		return sound();
	if (is_system(blob))
		return refuse(CAISSON_E_KIND, at, 0, CAISSON_SEC_DEVICE);
	if (node < strings->offset || node >= (uint64_t)strings->offset + strings->count)
		return refuse(CAISSON_E_STRING, at, 0, 0);
	if (*config_string(blob, node) != '/')
		return refuse(CAISSON_E_NODE, at, 0, 0);
	return sound();
}

static struct config_verdict check_device(const void *blob, uint32_t at)
{
	const struct caisson_device_entry *d = config_at(blob, at);

	if (d->flags & ~(CAISSON_MEM_READ | CAISSON_MEM_WRITE) || !(d->flags & CAISSON_MEM_READ))
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
	if (is_system(blob) && d->pa != d->ipa)
		return refuse(CAISSON_E_IDENTITY, at, 0, d->pa);
	return check_node(blob, at, d->node);
}

static struct config_verdict check_console(const void *blob, uint32_t at)
{
	const struct caisson_console_entry *con = config_at(blob, at);

	if (con->reserved)
		return refuse(CAISSON_E_RESERVED, at, 0, con->reserved);
	if (con->base & PAGE_OFFSET_MASK)
		return refuse(CAISSON_E_ALIGN, at, 0, con->base);
	if (!in_address_space(con->base, CONFIG_CONSOLE_SIZE))
		return refuse(CAISSON_E_RANGE, at, 0, con->base);
	if (con->intid && !is_spi(con->intid))
		return refuse(CAISSON_E_IRQ_RANGE, at, 0, con->intid);
	/* Only a cell has a console. */
	if (con->intid && con->intid == config_cell(blob)->shutdown_intid)
		return refuse(CAISSON_E_IRQ_TWICE, config_offset(blob, CAISSON_SEC_CELL, 0), at,
			      con->intid);
	return sound();
}

static struct config_verdict check_irq(const void *blob, uint32_t at)
{
	const struct caisson_irq_entry *irq = config_at(blob, at);

	if (!irq->count)
		return refuse(CAISSON_E_EMPTY, at, 0, irq->first);
	if (irq->first < CONFIG_SPI_FIRST || irq->first >= CONFIG_SPI_END ||
	    irq->count > CONFIG_SPI_END - irq->first)
		return refuse(CAISSON_E_IRQ_RANGE, at, 0, irq->first);
	return sound();
}

static struct config_verdict check_irq_pair(const void *blob, uint32_t at, uint32_t other)
{
	const struct caisson_irq_entry *a = config_at(blob, at), *b = config_at(blob, other);

	if (ranges_meet(a->first, a->count, b->first, b->count))
		return refuse(CAISSON_E_IRQ_TWICE, at, other, max64(a->first, b->first));
	return sound();
}

/* Against those that stand in other tables; 0 is no SPI: it meets nothing. */
static struct config_verdict check_irq_others(const void *blob, uint32_t at)
{
	const struct caisson_irq_entry *irq = config_at(blob, at);
	const struct caisson_console_entry *con = config_console(blob);
	uint32_t console = con ? con->intid : 0;
	uint32_t shutdown = is_system(blob) ? 0 : config_cell(blob)->shutdown_intid;

	if (ranges_meet(irq->first, irq->count, console, 1))
		return refuse(CAISSON_E_IRQ_TWICE, at, config_offset(blob, CAISSON_SEC_CONSOLE, 0),
			      console);
	if (ranges_meet(irq->first, irq->count, shutdown, 1))
		return refuse(CAISSON_E_IRQ_TWICE, at, config_offset(blob, CAISSON_SEC_CELL, 0),
			      shutdown);
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
 * IPA space alone (for a system both spaces are the same). Past the last one, and for memory that
 * has no physical address yet, the range is empty, which meets nothing.
 */
static void get_claim(const void *blob, enum address_space space, uint32_t n, struct claim *r)
{
	const struct caisson_console_entry *con = config_console(blob);

	if (space == SPACE_IPA) {
		if (n < 2) {
			gic_claim(blob, n, r);
			return;
		}
		n -= 2;
		if (con && !n--) {
			r->offset = config_offset(blob, CAISSON_SEC_CONSOLE, 0);
			r->start = con->base;
			r->size = CONFIG_CONSOLE_SIZE;
			return;
		}
	}
	if (n < config_count(blob, CAISSON_SEC_MEMORY)) {
		const struct caisson_memory_entry *m = config_memory(blob, n);

		r->offset = config_offset(blob, CAISSON_SEC_MEMORY, n);
		r->start = space == SPACE_IPA ? m->ipa : m->pa;
		r->size = m->size;
		if (r->start == CAISSON_PA_ANY)
			r->start = r->size = 0;
		return;
	}
	n -= config_count(blob, CAISSON_SEC_MEMORY);
	if (n < config_count(blob, CAISSON_SEC_DEVICE)) {
		const struct caisson_device_entry *d = config_device(blob, n);

		r->offset = config_offset(blob, CAISSON_SEC_DEVICE, n);
		r->start = space == SPACE_IPA ? d->ipa : d->pa;
		r->size = d->size;
	} else {
		r->size = 0;
	}
}

static struct config_verdict check_overlap(const void *blob, uint32_t i, uint32_t k,
					   enum address_space space)
{
	struct claim a, b;

	get_claim(blob, space, i, &a);
	if (!a.size)
		return sound();
	get_claim(blob, space, k, &b);
	if (b.size && ranges_meet(a.start, a.size, b.start, b.size))
		return refuse(CAISSON_E_OVERLAP, a.offset, b.offset, max64(a.start, b.start));
	return sound();
}

static struct config_verdict check_ipa_pair(const void *blob, uint32_t i, uint32_t k)
{
	return check_overlap(blob, i, k, SPACE_IPA);
}

static struct config_verdict check_pa_pair(const void *blob, uint32_t i, uint32_t k)
{
	return check_overlap(blob, i, k, SPACE_PA);
}

static struct config_verdict check_entry_point(const void *blob, uint32_t at)
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
	return refuse(CAISSON_E_ENTRY_POINT, at, 0, cell->entry);
}

/* What is not in a section: the blob as a whole, and the claims on the address spaces. */
enum { BLOB = CAISSON_SEC_COUNT, CLAIMS };

/*
 * In this order, for each entry i of the section: `one` (blob, offset), then `pair` of it and each
 * entry before it; of claims their numbers, not offsets. A section that this kind of blob does not
 * have is empty once check_multiplicities() has passed.
 */
static const struct {
	uint32_t section;
	struct config_verdict (*one)(const void *blob, uint32_t at);
	struct config_verdict (*pair)(const void *blob, uint32_t at, uint32_t other);
} steps[] = {
	{ .section = CAISSON_SEC_CELL, .one = check_source },
	{ .section = CAISSON_SEC_SYSTEM, .one = check_source },
	{ .section = CAISSON_SEC_CPU, .one = check_source },
	{ .section = CAISSON_SEC_MEMORY, .one = check_source },
	{ .section = CAISSON_SEC_DEVICE, .one = check_source },
	{ .section = CAISSON_SEC_IRQ, .one = check_source },
	{ .section = CAISSON_SEC_CONSOLE, .one = check_source },
	{ .section = BLOB, .one = check_multiplicities },
	/* Each kind of entry by itself, and against its own kind. */
	{ .section = CAISSON_SEC_CPU, .one = check_cpu, .pair = check_cpu_pair },
	{ .section = CAISSON_SEC_CELL, .one = check_cell },
	{ .section = CAISSON_SEC_SYSTEM, .one = check_system },
	{ .section = CAISSON_SEC_MEMORY, .one = check_memory },
	{ .section = CAISSON_SEC_DEVICE, .one = check_device },
	{ .section = CAISSON_SEC_CONSOLE, .one = check_console },
	{ .section = CAISSON_SEC_IRQ, .one = check_irq, .pair = check_irq_pair },
	{ .section = CAISSON_SEC_IRQ, .one = check_irq_others },
	{ .section = CAISSON_SEC_CELL, .one = check_entry_point },
	{ .section = CLAIMS, .pair = check_ipa_pair },
	{ .section = CLAIMS, .pair = check_pa_pair },
};

static uint32_t step_count(const void *blob, uint32_t section)
{
	if (section == BLOB)
		return 1;
	if (section != CLAIMS)
		return config_count(blob, section);
	/* As get_claim() counts them in the IPA space; the other one has fewer. */
	return 2 + config_count(blob, CAISSON_SEC_CONSOLE) +
	       config_count(blob, CAISSON_SEC_MEMORY) + config_count(blob, CAISSON_SEC_DEVICE);
}

static struct config_verdict check_form(const void *blob, uint32_t size, uint32_t kind)
{
	struct config_verdict v;

	v = check_header(blob, size, kind);
	if (!v.code)
		v = check_sections(blob);
	if (!v.code)
		v = check_strings(blob);
	return v;
}

int config_check_some(const void *blob, uint32_t size, uint32_t kind, struct config_progress *p,
		      uint32_t checks, struct config_verdict *v)
{
	if (!p->begun) {
		*v = check_form(blob, size, kind);
		if (v->code)
			return 1;
		p->begun = 1;
	}
	for (; p->step < sizeof(steps) / sizeof(steps[0]); p->step++, p->i = 0) {
		uint32_t section = steps[p->step].section;
		uint32_t count = step_count(blob, section);

		for (; p->i < count; p->i++, p->k = 0) {
			uint32_t at = section < BLOB ? config_offset(blob, section, p->i) : p->i;

			for (; p->k <= (steps[p->step].pair ? p->i : 0); p->k++) {
				if (!checks--)
					return 0;
				*v = sound();
				if (p->k)
					*v = steps[p->step].pair(
						blob, at,
						section < BLOB ?
							config_offset(blob, section, p->k - 1) :
							p->k - 1);
				else if (steps[p->step].one)
					*v = steps[p->step].one(blob, at);
				if (v->code)
					return 1;
			}
		}
	}
	*v = sound();
	return 1;
}

struct config_verdict config_check(const void *blob, uint32_t size, uint32_t kind)
{
	struct config_progress p = { 0, 0, 0, 0 };
	struct config_verdict v;

	while (!config_check_some(blob, size, kind, &p, ~0u, &v))
		;
	return v;
}
