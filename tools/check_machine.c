// SPDX-License-Identifier: GPL-2.0-only
/* A system and cells against the machine, see check.h. What is not known of it is not told. */
#include <inttypes.h>
#include <stdio.h>

#include "check.h"
#include "refusal.h"

/* As the driver keeps back of root's memory for Linux (driver/memory.c). */
#define RESERVE_DIV 32
#define RESERVE_MIN MIB(32)

static const char *node_of(const struct check *c, const struct board_region *r)
{
	return c->board->node[r->node].path;
}

/* --- the system --- */

static void check_gic(struct check *c)
{
	const struct caisson_system_entry *sys = config_system(c->system->blob);
	const struct board_region *r = board_find(c->board, 1 << BOARD_GIC, 0, ~0ULL, NULL);
	bool dist = false, redist = false;

	if (!r)
		return;
	for (; r; r = board_find(c->board, 1 << BOARD_GIC, 0, ~0ULL, r)) {
		dist = dist || r->start == sys->gicd_base;
		redist = redist || r->start == sys->gicr_base;
	}
	if (!dist || !redist)
		find_refusal(&c->found, CAISSON_E_GIC_ADDRESS,
			     dist ? sys->gicr_base : sys->gicd_base,
			     place_of(c->system, CAISSON_SEC_SYSTEM, 0));
}

/* Where memory that the system lists ends, seen from @at; @at itself if it is none. */
static uint64_t listed_until(const void *system, uint64_t at)
{
	uint32_t i;

	for (i = 0; i < config_count(system, CAISSON_SEC_MEMORY); i++) {
		const struct caisson_memory_entry *m = config_memory(system, i);

		if (at >= m->pa && at - m->pa < m->size)
			return m->pa + m->size;
	}
	return at;
}

/* The first address from @at on that the system does not list as memory. */
static uint64_t first_unlisted(const void *system, uint64_t at)
{
	uint64_t next;

	while ((next = listed_until(system, at)) != at)
		at = next;
	return at;
}

static void check_ram_listed(struct check *c)
{
	const uint32_t ram = 1 << BOARD_RAM;
	const struct board_region *r = NULL;

	while ((r = board_find(c->board, ram, 0, ~0ULL, r))) {
		uint64_t at = first_unlisted(c->system->blob, ALIGN_UP(r->start, PAGE));

		if (at < ALIGN_DOWN(r->end, PAGE))
			beside(find_refusal(&c->found, CAISSON_E_RAM_UNLISTED, at,
					    place_of(c->system, CAISSON_SEC_SYSTEM, 0)),
			       place_named(node_of(c, r)), "this is the memory");
	}
}

/* --- a cell's memory with an address --- */

static bool meets(const struct claim *claim, uint64_t start, uint64_t size)
{
	return claim->start < start + size && start < claim->start + claim->size;
}

static void check_ram(struct check *c, const struct claim *claim)
{
	const void *system = c->system->blob;
	uint64_t end = claim->start + claim->size;
	struct finding *finding;

	if (first_unlisted(system, claim->start) >= end)
		return;
	finding = find_refusal(&c->found, CAISSON_E_MEM_NOT_RAM, claim->start, claim->at);
	beside(finding, place_of(c->system, CAISSON_SEC_MEMORY, 0),
	       "the first RAM of %" PRIu32 " is here, 0x%" PRIx64 " to 0x%" PRIx64,
	       config_count(system, CAISSON_SEC_MEMORY), config_memory(system, 0)->pa,
	       config_memory(system, 0)->pa + config_memory(system, 0)->size - 1);
}

static void check_memory(struct check *c, const struct claim *claim)
{
	const uint32_t kinds = 1 << BOARD_KERNEL | 1 << BOARD_BOOT | 1 << BOARD_HYPERVISOR;
	const struct board_region *r = NULL;

	while ((r = board_find(c->board, kinds, claim->start, claim->size, r))) {
		uint64_t at = r->start > claim->start ? r->start : claim->start;
		struct finding *finding;

		if (r->kind == BOARD_BOOT)
			finding =
				find(&c->found, FINDING_WARNING, "MEM_BOOT", at, claim->at,
				     "root Linux reserved memory there when it booted, and may not "
				     "let go of it (0x%" PRIx64 ")",
				     at);
		else
			finding = find_refusal(&c->found, r->kind == BOARD_KERNEL ?
					       CAISSON_E_MEM_BUSY : CAISSON_E_MEM_HYPERVISOR, at,
					       claim->at);
		beside(finding, place_named(node_of(c, r)), "0x%" PRIx64 " to 0x%" PRIx64, r->start,
		       r->end - 1);
		advise(finding, "without .pa the memory is found wherever there is some");
	}
}

/* --- a cell's registers, as far as it cannot have them --- */

static void check_registers(struct check *c, const struct claim *claim)
{
	const struct board_region *r = NULL;
	const void *system = c->system ? c->system->blob : NULL;
	uint32_t i;

	for (i = 0; system && i < config_count(system, CAISSON_SEC_MEMORY); i++) {
		const struct caisson_memory_entry *m = config_memory(system, i);

		if (!meets(claim, m->pa, m->size))
			continue;
		beside(find_refusal(&c->found, CAISSON_E_DEVICE_RAM,
				    m->pa > claim->start ? m->pa : claim->start, claim->at),
		       place_of(c->system, CAISSON_SEC_MEMORY, i), "the RAM is here");
		return;
	}
	if (system && (meets(claim, config_system(system)->gicd_base,
			     config_system(system)->gicd_size) ||
		       meets(claim, config_system(system)->gicr_base,
			     config_system(system)->gicr_size))) {
		struct finding *finding = find_refusal(&c->found, CAISSON_E_DEVICE_IN_USE,
						       claim->start, claim->at);

		beside(finding, place_of(c->system, CAISSON_SEC_SYSTEM, 0), "the GIC is here");
		advise(finding, "a cell has a GIC of its own, at .gicd_base and .gicr_base");
		return;
	}
	while ((r = board_find(c->board, 1 << BOARD_GIC | 1 << BOARD_DEVICE, claim->start,
			       claim->size, r))) {
		struct finding *finding;

		if (r->kind != BOARD_GIC && !c->board->node[r->node].console)
			continue;
		finding = find_refusal(&c->found,
				       r->kind == BOARD_GIC ? CAISSON_E_DEVICE_IN_USE :
							      CAISSON_E_NODE_CONSOLE,
				       claim->start, claim->at);
		beside(finding, place_named(node_of(c, r)), "this is the node");
		advise(finding, r->kind == BOARD_GIC ?
		       "a cell has a GIC of its own, at .gicd_base and .gicr_base" :
		       "a cell has a console of its own by CONSOLE()");
		return;
	}
}

/* --- CPUs, interrupts, time --- */

static void check_cpu_numbers(struct check *c, const struct unit *cell)
{
	uint32_t i, count = check_cpus(c);

	for (i = 0; count && i < config_count(cell->blob, CAISSON_SEC_CPU); i++) {
		const struct caisson_cpu_entry *cpu = config_cpu(cell->blob, i);

		if (cpu->first + cpu->count > count)
			advise(find_refusal(&c->found, CAISSON_E_CPU_UNKNOWN,
					    cpu->first > count ? cpu->first : count,
					    place_of(cell, CAISSON_SEC_CPU, i)),
			       "the machine has the CPUs 0 to %" PRIu32, count - 1);
	}
}

static bool is_spare(const void *system, uint32_t intid)
{
	uint32_t i;

	for (i = 0; i < config_count(system, CAISSON_SEC_IRQ); i++)
		if (intid - config_irq(system, i)->first < config_irq(system, i)->count)
			return true;
	return false;
}

static void check_spi(struct check *c, const struct spis *spis)
{
	const void *system = c->system ? c->system->blob : NULL;
	uint32_t end = c->board ? c->board->spi_end : 0, last = spis->first + spis->count - 1;
	bool spares = system && config_count(system, CAISSON_SEC_IRQ);
	struct finding *finding;

	if (!spis->count)
		return;
	if (end && last >= end)
		advise(find_refusal(&c->found, CAISSON_E_IRQ_UNKNOWN,
				    spis->first > end ? spis->first : end, spis->at),
		       "the GIC's last interrupt is INTID %" PRIu32, end - 1);
	if (spares && config_irq(system, 0)->first - spis->first < spis->count) {
		finding = find_refusal(&c->found, CAISSON_E_IRQ_OWNED,
				       config_irq(system, 0)->first, spis->at);
		beside(finding, place_of(c->system, CAISSON_SEC_IRQ, 0),
		       "the first of the spare interrupts is root Linux's doorbell");
		advise(finding, "take another one, or none: then a spare one is chosen");
	} else if (spares && !spis->listed && !is_spare(system, spis->first)) {
		finding =
			find(&c->found, FINDING_WARNING, "IRQ_WIRED", spis->first, spis->at,
			     "INTID %" PRIu32 " is none of the spare interrupts, and a device may "
			     "raise it",
			     spis->first);
		advise(finding, "leave it out: then a spare one is chosen");
	}
}

static void check_watchdog(struct check *c, const struct unit *cell)
{
	struct place at = place_of(cell, CAISSON_SEC_CELL, 0);

	if (!config_cell(cell->blob)->watchdog_ms)
		return;
	if (c->mode == CAISSON_MODE_DIRECT_REVOKE)
		find_refusal(&c->found, CAISSON_E_WATCHDOG_MODE, 0, at);
	else if (c->board && c->board->no_el2_timer)
		find_refusal(&c->found, CAISSON_E_WATCHDOG, 0, at);
}

/* All that the cells ask for, of root's whole memory: that there is so much is not said by this. */
static void check_total(struct check *c)
{
	const void *system = c->system->blob;
	uint64_t ram = 0, asked = 0, reserve;
	const struct unit *last = NULL;
	char has[32], wants[32];
	uint32_t i, k;

	for (i = 0; i < config_count(system, CAISSON_SEC_MEMORY); i++)
		ram += config_memory(system, i)->size;
	for (i = 0; i < c->count; i++) {
		if (!check_is_cell(c, i))
			continue;
		for (k = 0; k < config_count(c->unit[i].blob, CAISSON_SEC_MEMORY); k++)
			asked += config_memory(c->unit[i].blob, k)->size;
		if (!c->unit[i].live)
			last = &c->unit[i];
	}
	reserve = ram / RESERVE_DIV > RESERVE_MIN ? ram / RESERVE_DIV : RESERVE_MIN;
	if (!last || asked + reserve <= ram)
		return;
	format_bytes(ram, has, sizeof(has));
	format_bytes(asked, wants, sizeof(wants));
	advise(find_refusal(&c->found, CAISSON_E_NO_MEMORY, 0,
			    place_of(last, CAISSON_SEC_MEMORY, 0)),
	       "all cells ask for %s, the machine has %s, and root Linux needs some", wants, has);
}

/* Consoles and shutting down without a number get a spare one each, as long as there are any. */
static void check_spares(struct check *c)
{
	uint32_t spare = 0, wanted = 0, i, k;
	const struct unit *last = NULL;
	struct finding *finding;
	struct spis spis;

	for (i = 0; i < config_count(c->system->blob, CAISSON_SEC_IRQ); i++)
		spare += config_irq(c->system->blob, i)->count;
	for (i = 0; i < c->count; i++) {
		if (!check_is_cell(c, i))
			continue;
		for (k = 0; check_spis(&c->unit[i], k, &spis); k++)
			wanted += !spis.listed &&
				  (!spis.count || is_spare(c->system->blob, spis.first));
		if (!c->unit[i].live)
			last = &c->unit[i];
	}
	if (!last || wanted + 1 <= spare)
		return;
	finding = find(&c->found, FINDING_WARNING, refusal_name(CAISSON_E_SPI_EXHAUSTED), wanted,
		       place_of(last, CAISSON_SEC_CELL, 0),
		       "the cells want %" PRIu32 " spare interrupts, and the system has %" PRIu32
		       " beside root's doorbell", wanted, spare ? spare - 1 : 0);
	advise(finding, "a console without one is polled; SPARE_SPIS(first, count) names more");
}

void check_machine(struct check *c)
{
	uint32_t i, k;

	if (c->system && c->board && !c->system->live) {
		check_gic(c);
		check_ram_listed(c);
	}
	for (i = 0; i < c->count; i++) {
		const struct unit *cell = &c->unit[i];
		struct claim claim;
		struct spis spis;

		if (!check_is_cell(c, i) || cell->live)
			continue;
		check_cpu_numbers(c, cell);
		for (k = 0; check_claim(cell, k, &claim); k++) {
			if (claim.device)
				check_registers(c, &claim);
			else if (claim.size && c->system)
				check_ram(c, &claim);
			if (!claim.device && claim.size)
				check_memory(c, &claim);
		}
		for (k = 0; check_spis(cell, k, &spis); k++)
			check_spi(c, &spis);
		check_watchdog(c, cell);
		check_devices(c, cell);
	}
	if (c->system) {
		check_total(c);
		check_spares(c);
	}
}
