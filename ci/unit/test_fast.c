// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fast way of a data abort, with the long one as its oracle: after random accesses in random
 * states, fast_data_abort() has either done nothing, or exactly what trap_data_abort() does: the
 * same register, the same accesses to the hardware in the same order, the same console, interrupts
 * and counters.
 *
 * Sources: hypervisor/arch/arm64/dabt.c hypervisor/arch/arm64/emulate.c hypervisor/arch/arm64/ldst.c
 * Sources: hypervisor/core/mmio.c hypervisor/arch/arm64/vgic.c
 * Sources: hypervisor/core/vpl011.c hypervisor/core/cpu_find.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "cell_ctl.h"
#include "gic.h"
#include "mmio_dispatch.h"
#include "orphan.h"
#include "traps.h"
#include "vgic.h"

#define ROUNDS 300000u
#define GICD 0x08000000ULL
#define GICR 0x080a0000ULL
#define CONSOLE 0x09000000ULL
#define CONSOLE_SPI 40u

struct cpu *fake_this_cpu, *cpus;
uint32_t ncpus = 2;
uint32_t gic_spi_end = 1020;
uint32_t gic_quick_end = 0x400;
uint32_t gic_own_private = 1u << 15;

/* The direct modes. */
uint32_t irq_access(struct cell *c, struct cpu *cpu, enum irq_bank bank, uint32_t first, bool write,
		    uint32_t bits, uint32_t value)
{
	(void)c;
	(void)cpu;
	(void)bank;
	(void)first;
	(void)write;
	(void)bits;
	return value;
}

uint32_t gic_priority_step = 0x10;
struct spinlock gicd_lock, cells_lock;
const struct caisson_boot *boot;
const void *system_config;

/* Root lives. */
_Atomic bool root_dead;

void orphan_take(struct cell *of)
{
	(void)of;
	fail();
}

/* All that an access may change, so that it can be put back, and compared. */
static struct state {
	struct cpu cpu[2];
	struct caisson_cell_page page;
	struct vpl011 console;
	uint32_t gicd[0x10000 / 4];
	struct regs regs; /* with the slot of register 31 behind x30 */
	uint64_t elr;
	uint32_t events;
	/* Accesses to the distributor, in a row, mixed up in one word each. */
	uint32_t accesses;
	uint64_t access[8];
} now, before, fast;

static struct cell *cell;
static uint64_t far, hpfar;

static uint32_t any(uint32_t below)
{
	return (uint32_t)rand() % below;
}

static uint32_t any32(void)
{
	return (uint32_t)rand() << 16 ^ (uint32_t)rand();
}

/* --- what the sources need --- */

static void note(uint64_t what)
{
	assert_in_range(now.accesses, 0, ARRAY_SIZE(now.access) - 1);
	now.access[now.accesses++] = what;
}

/* Under the lock, if it is one part of a change. */
uint32_t gicd_read32(uint32_t offset)
{
	note(offset | (uint64_t)(gicd_lock.next - gicd_lock.serving) << 60);
	return now.gicd[offset / 4];
}

void gicd_write32(uint32_t offset, uint32_t value)
{
	assert_int_equal(gicd_lock.next - gicd_lock.serving, 1);
	note(1ULL << 63 | (uint64_t)value << 20 | offset);
	now.gicd[offset / 4] = value;
}

uint64_t gicd_read64(uint32_t offset)
{
	note(offset);
	return now.gicd[offset / 4];
}

void gicd_write64(uint32_t offset, uint64_t value)
{
	note(1ULL << 63 | value << 20 | offset);
}

uint32_t gicr_read32(const struct cpu *cpu, uint32_t offset)
{
	note(2ULL << 60 | (uint64_t)cpu->index << 32 | offset);
	return 0x5a;
}

void gicr_write32(const struct cpu *cpu, uint32_t offset, uint32_t value)
{
	note(3ULL << 60 | (uint64_t)(cpu->index + value) << 24 | offset);
}

uint64_t gicr_read64(const struct cpu *cpu, uint32_t offset)
{
	return gicr_read32(cpu, offset);
}

void gicr_write64(const struct cpu *cpu, uint32_t offset, uint64_t value)
{
	gicr_write32(cpu, offset, (uint32_t)value);
}

uint64_t fake_read_sysreg(const char *name)
{
	if (!strcmp(name, "hpfar_el2"))
		return hpfar;
	if (!strcmp(name, "far_el2"))
		return far;
	assert_string_equal(name, "elr_el2");
	return now.elr;
}

void fake_write_sysreg(const char *name, uint64_t value)
{
	assert_string_equal(name, "elr_el2");
	now.elr = value;
}

void fake_barrier(const char *what)
{
	(void)what;
}

void gic_spi_pend(uint32_t intid)
{
	assert_int_equal(intid, CONSOLE_SPI);
	now.events += 1;
}

void root_doorbell(void)
{
	now.events += 0x10000;
}

bool root_map_on_touch(ipa_t ipa)
{
	return ipa.v & 1;
}

bool cell_maps(struct cell *of, ipa_t ipa)
{
	return of && (ipa.v & 1);
}

bool stage1_walk(uint64_t va)
{
	fail();
	return va;
}

bool cell_fetch(struct cell *of, ipa_t ipa, uint32_t *word)
{
	fail();
	return of && ipa.v && word;
}

uint32_t root_owner_of(ipa_t ipa)
{
	fail();
	return (uint32_t)ipa.v;
}

bool root_owns_ram(uint64_t pa, uint64_t size)
{
	return pa && size;
}

bool bytes_taken(uint64_t pa, uint64_t size)
{
	(void)pa;
	(void)size;
	fail_msg("no device is shared here");
	return true;
}

struct s2_entry root_lookup(ipa_t ipa)
{
	(void)ipa;
	return (struct s2_entry){ 0 };
}

void *window_map(enum window_slot slot, pa_t pa)
{
	fail();
	(void)slot;
	(void)pa;
	return NULL;
}

bool device_load(volatile void *at, uint32_t size, uint64_t *value)
{
	fail();
	return at && size && value;
}

bool device_store(volatile void *at, uint32_t size, uint64_t *value)
{
	return device_load(at, size, value);
}

/* --- states --- */

/* Indices a little apart, sometimes in the way that a root which writes nonsense has them. */
static void any_ring(uint32_t *head, uint32_t *tail, uint32_t size)
{
	static const int32_t near[] = { 0, 1, -1 };
	uint32_t base = any32(), apart = any(4) * size / 2 + (uint32_t)near[any(3)];

	*tail = base;
	*head = base + (any(16) ? apart : any32());
}

static void any_state(void)
{
	memset(&now, 0, sizeof(now));
	any_ring(&now.page.out_head, &now.page.out_tail, CAISSON_CONSOLE_OUT);
	any_ring(&now.page.in_head, &now.page.in_tail, CAISSON_CONSOLE_IN);
	now.console.imsc = any(3) ? any32() & 0x7ff : 0;
	now.console.ris_latched = any(2) ? 0x20 : 0;
	if (!any(4)) {
		now.console.full_since = 1 + any(1000);
		now.console.stalled = any(2);
	}
	for (uint32_t n = 0; n < 0x800 / 4; n++)
		now.gicd[n] = any32();
	for (uint32_t n = 0; n < 31; n++)
		now.regs.x[n] = (uint64_t)any32() << 32 | any32();
	if (any(2)) /* priorities of 0 */
		now.regs.x[any(31)] &= 0x0f300f00;
	for (uint32_t n = 1; n < CELL_IRQ_WORDS; n++)
		cell->irqs[n] = any(4) ? any32() : any(2) ? ~0u : 0;
	cell->irqs[31] &= 0x0fffffff;
	cell->gicd_ctlr = any(4);
	cell->console_base = any(4) ? CONSOLE : NO_CONSOLE;
	for (uint32_t n = 0; n < 2; n++) {
		now.cpu[n].index = n;
		now.cpu[n].vcpu = 1 - n;
		now.cpu[n].cell = cell;
		now.cpu[n].waker_shadow = any(2) ? 2 : 0;
		now.cpu[n].gicr_ipa = GICR + (1 - n) * VGICR_STRIDE;
	}
	now.elr = 0x40001000;
}

static void load(const struct state *s)
{
	now = *s;
	cell->console = s->console;
}

static void store(struct state *s)
{
	now.console = cell->console;
	*s = now;
}

/* What the register holds afterwards, wherever the frame has it. */
static uint64_t *slot(uint32_t reg)
{
	return (uint64_t *)&now.regs + reg;
}

static uint64_t any_address(void)
{
	static const uint32_t hot[] = { 0,     4,     0x100, 0x104,  0x17c, 0x180,
					0x200, 0x280, 0x300, 0x380,  0x3fc, 0x400,
					0x420, 0x7fc, 0x800, 0xffe8, 0xff,  0x401 };

	switch (any(6)) {
	case 0:
		return CONSOLE + (any(2) ? 0x18 : 0);
	case 1:
		return CONSOLE + any(0x1000);
	case 2:
		return GICR + any(2) * VGICR_STRIDE + (any(2) ? 0x14 : any(0x200) * 4);
	case 3:
		return GICD + any(0x1000);
	case 4:
		return GICD + 4 * any(0x200);
	default:
		return GICD + hot[any(ARRAY_SIZE(hot))];
	}
}

static void test_random(void **state)
{
	uint32_t by_cause[CAISSON_EXIT_COUNT] = { 0 };

	(void)state;
	srand(4);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint64_t ipa = any_address(), esr = 0x24ULL << 26 | 3 << 24;
		uint32_t reg = any(32), self = any(2);
		struct trap trap = { .regs = &now.regs, .cpu = &now.cpu[self] };
		bool did;

		esr |= (any(3) ? 2ULL : any(4)) << 22 | (uint64_t)reg << 16 | any(2) << 6 |
		       (any(8) ? 4 : any(64) & ~3u) | any(4) | (any(8) ? 0 : any32() & 0x8000);
		if (esr >> 22 == (0x93000000ULL >> 22 | 3)) /* 64 bits go into 64 bits */
			esr |= 1 << 15;
		far = 0xffff800000000000 | (ipa & PAGE_MASK);
		hpfar = ipa >> 12 << 4;
		trap.esr = esr;
		fake_this_cpu = &now.cpu[self];
		cpus = now.cpu;
		any_state();
		cell->console = now.console;
		store(&before);

		did = fast_data_abort(slot(reg), esr);
		store(&fast);
		if (!did) {
			assert_memory_equal(&fast.page, &before.page, sizeof(fast.page));
			assert_memory_equal(&fast.regs, &before.regs, sizeof(fast.regs));
			assert_memory_equal(fast.cpu, before.cpu, sizeof(fast.cpu));
			assert_int_equal(fast.accesses + fast.events, 0);
			assert_int_equal(fast.elr, before.elr);
			fast.console.lock = before.console.lock;
			assert_memory_equal(&fast.console, &before.console, sizeof(fast.console));
			continue;
		}
		load(&before);
		assert_int_equal(trap_data_abort(&trap), TRAP_ADVANCE);
		store(&now);
		if (reg == 31) /* what the fast way leaves there is nobody's */
			*slot(31) = *((uint64_t *)&fast.regs + 31);
		assert_memory_equal(&fast.regs, &now.regs, sizeof(fast.regs));
		assert_memory_equal(&fast.page, &now.page, sizeof(fast.page));
		fast.console.lock = now.console.lock; /* FR is read without */
		if (!(esr & 0x40)) {
			fast.console.full_since = now.console.full_since;
			fast.console.stalled = now.console.stalled;
		}
		assert_memory_equal(&fast.console, &now.console, sizeof(fast.console));
		assert_memory_equal(fast.gicd, now.gicd, sizeof(fast.gicd));
		assert_memory_equal(fast.cpu, now.cpu, sizeof(fast.cpu));
		assert_int_equal(fast.events, now.events);
		assert_int_equal(fast.accesses, now.accesses);
		assert_memory_equal(fast.access, now.access, sizeof(fast.access));
		assert_int_equal(fast.elr, before.elr + 4);
		for (uint32_t n = 0; n < CAISSON_EXIT_COUNT; n++)
			by_cause[n] += fast.cpu[self].exits[n] ? 1 : 0;
	}
	/* The fast way was gone, often. */
	assert_in_range(by_cause[CAISSON_EXIT_GICD], ROUNDS / 20, ROUNDS);
	assert_in_range(by_cause[CAISSON_EXIT_GICR], ROUNDS / 100, ROUNDS);
	assert_in_range(by_cause[CAISSON_EXIT_CONSOLE], ROUNDS / 100, ROUNDS);
}

/* Of these it is a must: they are in the books of make bench. */
static void test_taken(void **state)
{
	static const struct {
		uint64_t ipa;
		bool write;
	} rows[] = {
		{ GICD, false },	   { GICD + 0x104, false },
		{ GICD + 0x104, true },	   { GICD + 0x420, false },
		{ GICD + 0x420, true },	   { GICR + VGICR_STRIDE + 0x14, false },
		{ CONSOLE + 0x18, false }, { CONSOLE, true },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		any_state();
		memset(&now.page, 0, sizeof(now.page));
		cell->console_base = CONSOLE;
		memset(&cell->console, 0, sizeof(cell->console));
		fake_this_cpu = &now.cpu[0];
		far = rows[n].ipa & PAGE_MASK;
		hpfar = rows[n].ipa >> 12 << 4;
		if (!fast_data_abort(&now.regs.x[1],
				     0x93800047 & (rows[n].write ? ~0ULL : ~0x40ULL)))
			fail_msg("row %zu", n);
	}
}

/* Without a console there is nothing anywhere else either, page 0 included. */
static void test_no_console(void **state)
{
	static struct caisson_config_header empty;
	static const uint64_t places[] = { 0, 3, 0xfff, 0x1000, CONSOLE, (1ULL << 48) - 1 };

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(places); n++) {
		struct mmio_access access = { .size = 1, .write = true };
		enum caisson_exit cause;

		any_state();
		cell->console_base = NO_CONSOLE;
		cell->blob = &empty;
		assert_false(mmio_dispatch(&now.cpu[0], IPA(places[n]), &access, &cause));
		assert_int_equal(cause, CAISSON_EXIT_MMIO);
	}
}

static int group_setup(void **state)
{
	(void)state;
	cell = calloc(1, sizeof(*cell) + 2 * sizeof(cell->cpu[0]));
	if (!cell)
		return -1;
	cell->id = 1;
	cell->ncpus = 2;
	cell->cpu[0] = 1;
	cell->gicd_base = GICD;
	cell->gicr_base = GICR;
	cell->page = &now.page;
	cell->console_intid = CONSOLE_SPI;
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	free(cell);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_no_console),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
