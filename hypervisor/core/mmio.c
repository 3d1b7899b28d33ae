// SPDX-License-Identifier: GPL-2.0-only
/*
 * MMIO that EL2 carries out [tour: 9, 10]: GIC frames, the emulated console, and pages that two
 * cells share because a device region is smaller than a page.
 *
 * Called from the data-abort decoder on the CPU that accessed, without locks. An access is at
 * most 8 bytes and comes with its value already zero-extended; what is not answered here is a
 * stray one.
 */
#include <caisson/config.h>

#include "arch_cpu.h"
#include "boot.h"
#include "cell_ctl.h"
#include "config_check.h"
#include "gic.h"
#include "mmio_dispatch.h"
#include "orphan.h"
#include "vgic.h"

/* For how long a full console ring holds a cell back before bytes are dropped. */
#define CONSOLE_HOLD_MS 50

/*
 * Whose frame it is. A cell sees the frames of its own CPUs in the order of their
 * numbers, whichever physical ones they are; root sees each where the device tree says.
 */
static struct cpu *gicr_target(struct cpu *self, uint64_t offset)
{
	struct cell *cell = self->cell;
	uint64_t frame = offset / VGICR_STRIDE;

	if (cell->id)
		return frame < cell->ncpus ? &cpus[cell->cpu[frame]] : NULL;
	/* Root sees the physical frames; in the common case each asks for its own. */
	for (uint32_t n = 0; n < ncpus; n++) {
		uint64_t base = boot->cpu[n].gicr_pa - cell->gicr_base;

		if (offset - base < VGICR_STRIDE)
			return &cpus[n];
	}
	return NULL;
}

/*
 * Beyond its last CPU's frame a cell finds nothing: GICR_TYPER.Last ended its walk
 * before.
 */
static bool gicr_access(struct cpu *self, uint64_t offset, struct mmio_access *access)
{
	struct cpu *target = gicr_target(self, offset);

	/* The other frames of a GICv4 redistributor: no virtual LPIs for anybody. */
	if (!target && !self->cell->id) {
		access->value = 0;
		return true;
	}
	if (!target)
		return false;
	if (self->cell->id)
		access->offset = offset % VGICR_STRIDE;
	else
		access->offset =
			offset - (boot->cpu[target->index].gicr_pa - self->cell->gicr_base);
	return vgicr_access(self->cell, target, access) == MMIO_DONE;
}

/*
 * Outside the console's lock, under which no other may be taken. The SPI is pended, not
 * wired: an edge, so every access that leaves the line high pends it again.
 */
void console_events(struct cell *cell, uint32_t events)
{
	if ((events & VPL011_PEND) && cell->console_intid)
		gic_spi_pend(cell->console_intid);
	if (!(events & VPL011_DOORBELL))
		return;
	if (atomic_load(&root_dead))
		orphan_take(cell);
	else
		root_doorbell();
}

/* A root that stopped reading must not stop a cell: hence the limit, in counter ticks. */
static bool console_access(struct cell *cell, struct mmio_access *access)
{
	uint64_t hold = arch_counter_hz() / 1000 * CONSOLE_HOLD_MS;
	uint32_t events = 0;
	enum mmio_result result;

	spin_lock(&cell->console.lock);
	result = vpl011_access(&cell->console, cell->page, access, arch_counter(), hold, &events);
	spin_unlock(&cell->console.lock);
	console_events(cell, events);
	return result == MMIO_DONE;
}

/* On a CPU of root, under cells_lock; pends the interrupt on the cell's behalf. */
void console_kick(struct cell *cell)
{
	uint32_t events;

	spin_lock(&cell->console.lock);
	events = vpl011_kick(&cell->console, cell->page);
	spin_unlock(&cell->console.lock);
	console_events(cell, events);
}

/*
 * One access of natural alignment to a device page mapped for its length. False: the
 * device refused.
 * The mapping is Device-nGnRE and execute-never, and may stay: nothing speculates on
 * it.
 */
static bool device_access(pa_t pa, struct mmio_access *access)
{
	volatile void *at = window_map(WINDOW_DEVICE, pa);

	return access->write ? device_store(at, access->size, &access->value) :
			       device_load(at, access->size, &access->value);
}

/* The sub-page device region of `cell` around IPAs [address, address + size). */
static const struct caisson_device_entry *subpage_find(const struct cell *cell, uint64_t address,
						       uint32_t size)
{
	for (uint32_t n = 0; n < config_count(cell->blob, CAISSON_SEC_DEVICE); n++) {
		const struct caisson_device_entry *dev = config_device(cell->blob, n);
		uint64_t at = address - dev->ipa;

		if (device_is_subpage(dev) && at < dev->size && size <= dev->size - at)
			return dev;
	}
	return NULL;
}

/*
 * Natural alignment first: an access across the region's end would reach the neighbour,
 * and EL2 runs with alignment checking. Permissions are those of the configuration.
 */
static bool subpage_access(struct cell *self, uint64_t address, struct mmio_access *access)
{
	const struct caisson_device_entry *dev;
	struct s2_entry entry;
	bool allowed;

	if (address & (access->size - 1))
		return false;
	if (self->id) {
		dev = subpage_find(self, address, access->size);
		if (!dev || !(dev->flags & (access->write ? CAISSON_MEM_WRITE : CAISSON_MEM_READ)))
			return false;
		return device_access(PA(dev->pa + (address - dev->ipa)), access);
	}
	/* Root keeps the rest of such a page: what no cell's region covers. */
	entry = root_lookup(IPA(address));
	if (entry.valid || entry.owner != S2_OWNER_EMULATED)
		return false;
	spin_lock(&cells_lock);
	allowed = !bytes_taken(address, access->size);
	spin_unlock(&cells_lock);
	return allowed && device_access(PA(address), access);
}

/* The frame around `ipa`, and how far into it; MMIO: neither the interrupt controller nor the console. */
static enum caisson_exit frame_at(const struct cell *cell, uint64_t ipa, uint64_t *offset)
{
	uint64_t frames =
		cell->id ? cell->ncpus * VGICR_STRIDE : config_system(system_config)->gicr_size;

	*offset = ipa - cell->gicd_base;
	if (*offset < VGICD_SIZE)
		return CAISSON_EXIT_GICD;
	*offset = ipa - cell->gicr_base;
	if (*offset < frames)
		return CAISSON_EXIT_GICR;
	*offset = ipa - cell->console_base;
	return *offset < PAGE_SIZE ? CAISSON_EXIT_CONSOLE : CAISSON_EXIT_MMIO;
}

bool mmio_emulated(const struct cell *cell, ipa_t ipa)
{
	uint64_t offset;

	if (frame_at(cell, ipa.v, &offset) != CAISSON_EXIT_MMIO)
		return true;
	return cell->id ? subpage_find(cell, ipa.v, 1) != NULL :
			  root_owner_of(ipa) == S2_OWNER_EMULATED;
}

bool mmio_dispatch(struct cpu *cpu, ipa_t ipa, struct mmio_access *access, enum caisson_exit *cause)
{
	struct cell *cell = cpu->cell;

	*cause = frame_at(cell, ipa.v, &access->offset);
	switch (*cause) {
	case CAISSON_EXIT_GICD:
		return vgicd_access(cell, access) == MMIO_DONE;
	case CAISSON_EXIT_GICR:
		return gicr_access(cpu, access->offset, access);
	case CAISSON_EXIT_CONSOLE:
		return console_access(cell, access);
	default:
		return subpage_access(cell, ipa.v, access);
	}
}
