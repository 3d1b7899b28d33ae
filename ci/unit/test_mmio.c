// SPDX-License-Identifier: GPL-2.0-only
/*
 * From an address to the device behind it: whose redistributor frame it is, the console, and
 * registers of pages that root and cells share. What the devices do with it is in test_vgic.c and
 * test_vpl011.c.
 *
 * Sources: hypervisor/core/mmio.c hypervisor/core/vpl011.c
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
#include "vgic.h"

#define GICD 0x08000000ULL
#define GICR 0x080a0000ULL
#define CONSOLE 0x09000000ULL
#define SPI 40u

struct cpu *fake_this_cpu, *cpus;
uint32_t ncpus = 4;
struct spinlock cells_lock;
struct cell *root_cell;
const struct caisson_boot *boot;
const void *system_config;
_Atomic bool root_dead;

static struct cpu machine[4];
static struct cell *root, *cell;
static struct caisson_cell_page page;
static struct caisson_boot *the_boot;

static struct blob {
	struct caisson_config_header header;
	struct caisson_system_entry system;
	struct caisson_device_entry device[2];
} system_blob, cell_blob;

/* --- what was asked of the devices --- */

static struct {
	const struct cell *cell;
	const struct cpu *target;
	uint64_t offset, pa;
	unsigned int calls, pends, doorbells, orphans;
} seen;
static enum mmio_result answer;
static bool device_answers, root_maps, taken;
static uint32_t root_owner;

enum mmio_result vgicd_access(struct cell *c, struct mmio_access *access)
{
	seen.cell = c;
	seen.offset = access->offset;
	seen.calls++;
	return answer;
}

enum mmio_result vgicr_access(struct cell *c, struct cpu *target, struct mmio_access *access)
{
	seen.cell = c;
	seen.target = target;
	seen.offset = access->offset;
	seen.calls++;
	return answer;
}

void gic_spi_pend(uint32_t intid)
{
	assert_int_equal(intid, SPI);
	seen.pends++;
}

void orphan_take(struct cell *of)
{
	assert_ptr_equal(of, cell);
	seen.orphans++;
}

void root_doorbell(void)
{
	seen.doorbells++;
}

void *window_map(enum window_slot slot, pa_t pa)
{
	assert_int_equal(slot, WINDOW_DEVICE);
	seen.pa = pa.v;
	return &seen;
}

bool device_load(volatile void *at, uint32_t size, uint64_t *value)
{
	(void)at;
	*value = size;
	return device_answers;
}

bool device_store(volatile void *at, uint32_t size, uint64_t *value)
{
	(void)at;
	(void)size;
	(void)value;
	return device_answers;
}

struct s2_entry root_lookup(ipa_t ipa)
{
	return (struct s2_entry){ .valid = root_maps, .owner = root_owner, .ipa = ipa };
}

uint32_t root_owner_of(ipa_t ipa)
{
	return root_lookup(ipa).owner;
}

bool bytes_taken(uint64_t pa, uint64_t size)
{
	(void)pa;
	(void)size;
	assert_true(cells_lock.next != cells_lock.serving);
	return taken;
}

/* --- a root of four CPUs, of which the cell has 3 and 1 --- */

static struct cell *make(uint32_t id, struct blob *blob)
{
	struct cell *c = calloc(1, sizeof(*c) + 4 * sizeof(uint16_t));

	c->id = id;
	c->gicd_base = GICD;
	c->gicr_base = GICR;
	c->console_base = NO_CONSOLE;
	c->blob = blob;
	return c;
}

static int setup(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	memset(&page, 0, sizeof(page));
	memset(machine, 0, sizeof(machine));
	answer = MMIO_DONE;
	device_answers = true;
	root_maps = taken = false;
	root_owner = S2_OWNER_EMULATED;
	cpus = machine;
	root = root_cell = make(0, NULL);
	cell = make(1, &cell_blob);
	cell->console_base = CONSOLE;
	cell->console_intid = SPI;
	cell->page = &page;
	cell->ncpus = 2;
	cell->cpu[0] = 3;
	cell->cpu[1] = 1;
	the_boot = calloc(1, sizeof(*the_boot) + 4 * sizeof(the_boot->cpu[0]));
	boot = the_boot;
	for (uint32_t n = 0; n < 4; n++) {
		machine[n].index = n;
		machine[n].cell = n & 1 ? cell : root;
		/* In another order, and with a gap. */
		the_boot->cpu[n].gicr_pa = GICR + (4 - n) * VGICR_STRIDE;
	}
	system_blob.header.section[CAISSON_SEC_SYSTEM] = (struct caisson_section){
		offsetof(struct blob, system), 1, sizeof(system_blob.system), 0
	};
	system_blob.system.gicr_size = 6 * VGICR_STRIDE;
	system_config = &system_blob;
	cell_blob.header.section[CAISSON_SEC_DEVICE] = (struct caisson_section){
		offsetof(struct blob, device), 2, sizeof(cell_blob.device[0]), 0
	};
	cell_blob.device[0] = (struct caisson_device_entry){
		.ipa = 0x0c000100, .pa = 0x0a000100, .size = 0x10, .flags = CAISSON_MEM_READ
	};
	cell_blob.device[1] = (struct caisson_device_entry){
		.ipa = 0x0c001000, .pa = 0x0a001000, .size = 0x1000, .flags = 3
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(root);
	free(cell);
	free(the_boot);
	return 0;
}

static bool touch(uint32_t cpu, uint64_t ipa, uint32_t size, bool write, enum caisson_exit expected)
{
	struct mmio_access access = { .size = size, .write = write, .value = 'x' };
	enum caisson_exit cause = CAISSON_EXIT_OTHER;
	bool done = mmio_dispatch(&machine[cpu], IPA(ipa), &access, &cause);

	assert_int_equal(cause, expected);
	return done;
}

/* --- the interrupt controller --- */

static void test_distributor(void **state)
{
	(void)state;
	assert_true(touch(1, GICD + 0x104, 4, false, CAISSON_EXIT_GICD));
	assert_ptr_equal(seen.cell, cell);
	assert_int_equal(seen.offset, 0x104);
	answer = MMIO_STRAY;
	assert_false(touch(0, GICD + VGICD_SIZE - 4, 4, false, CAISSON_EXIT_GICD));
	assert_ptr_equal(seen.cell, root);
	root_owner = S2_OWNER_NONE;
	assert_false(touch(0, GICD + VGICD_SIZE, 4, false, CAISSON_EXIT_MMIO));
	assert_int_equal(seen.calls, 2);
}

/* A cell's frames are those of its CPUs in their order; behind the last one is nothing. */
static void test_frames_of_cell(void **state)
{
	(void)state;
	assert_true(touch(1, GICR + 0x10080, 4, true, CAISSON_EXIT_GICR));
	assert_ptr_equal(seen.target, &machine[3]);
	assert_int_equal(seen.offset, 0x10080);
	assert_true(touch(3, GICR + VGICR_STRIDE + 8, 8, false, CAISSON_EXIT_GICR));
	assert_ptr_equal(seen.target, &machine[1]);
	assert_int_equal(seen.offset, 8);
	assert_int_equal(seen.calls, 2);
	assert_false(touch(1, GICR + 2 * VGICR_STRIDE, 4, false, CAISSON_EXIT_MMIO));
	assert_int_equal(seen.calls, 2);
	answer = MMIO_STRAY;
	assert_false(touch(1, GICR, 4, false, CAISSON_EXIT_GICR));
}

/* Root's are where its device tree says; in gaps it reads zero. */
static void test_frames_of_root(void **state)
{
	struct mmio_access access = { .size = 4, .value = 5 };
	enum caisson_exit cause;

	(void)state;
	for (uint32_t n = 0; n < 4; n++) {
		assert_true(touch(0, GICR + (4 - n) * VGICR_STRIDE + 0x14, 4, false,
				  CAISSON_EXIT_GICR));
		assert_ptr_equal(seen.target, &machine[n]);
		assert_ptr_equal(seen.cell, root);
		assert_int_equal(seen.offset, 0x14);
	}
	assert_true(mmio_dispatch(&machine[0], IPA(GICR + 0x14), &access, &cause));
	assert_int_equal(access.value, 0);
	assert_int_equal(seen.calls, 4);
}

/* --- the console --- */

static void test_console(void **state)
{
	(void)state;
	assert_true(touch(1, CONSOLE, 1, true, CAISSON_EXIT_CONSOLE));
	assert_int_equal(page.out_head, 1);
	assert_int_equal(page.out[0], 'x');
	assert_int_equal(seen.doorbells, 1);
	assert_int_equal(seen.pends, 0);
	/* Nobody hears a bell any more. */
	page.out_tail = 1;
	root_dead = true;
	assert_true(touch(1, CONSOLE, 1, true, CAISSON_EXIT_CONSOLE));
	assert_int_equal(seen.orphans, 1);
	assert_int_equal(seen.doorbells, 1);
	root_dead = false;
	/* With the receive interrupt on, what root types pends it. */
	cell->console.imsc = 0x10;
	page.in_head = 1;
	console_kick(cell);
	assert_int_equal(seen.pends, 1);
	cell->console_intid = 0;
	console_kick(cell);
	assert_int_equal(seen.pends, 1);
	/* Root has none. */
	root_owner = S2_OWNER_NONE;
	assert_false(touch(0, CONSOLE, 4, false, CAISSON_EXIT_MMIO));
}

/* --- pages that are shared --- */

static void test_register_of_cell(void **state)
{
	(void)state;
	assert_true(touch(1, 0x0c000104, 4, false, CAISSON_EXIT_MMIO));
	assert_int_equal(seen.pa, 0x0a000104);
	assert_true(touch(1, 0x0c000108, 8, false, CAISSON_EXIT_MMIO));
	seen.pa = 0;
	/* Neither unaligned, nor beyond its end, nor in front of it, nor written. */
	assert_false(touch(1, 0x0c000102, 4, false, CAISSON_EXIT_MMIO));
	assert_false(touch(1, 0x0c000110, 4, false, CAISSON_EXIT_MMIO));
	assert_false(touch(1, 0x0c0000fc, 4, false, CAISSON_EXIT_MMIO));
	assert_false(touch(1, 0x0c000104, 4, true, CAISSON_EXIT_MMIO));
	/* Nor a page that is its own: that is mapped. */
	assert_false(touch(1, 0x0c001000, 4, false, CAISSON_EXIT_MMIO));
	assert_int_equal(seen.pa, 0);
	cell_blob.device[0].flags = CAISSON_MEM_READ | CAISSON_MEM_WRITE;
	assert_true(touch(1, 0x0c000104, 4, true, CAISSON_EXIT_MMIO));
	device_answers = false;
	assert_false(touch(1, 0x0c000104, 4, true, CAISSON_EXIT_MMIO));
	assert_false(touch(1, 0x0c000104, 4, false, CAISSON_EXIT_MMIO));
}

/* Root has the bytes of such a page that no cell has. */
static void test_register_of_root(void **state)
{
	(void)state;
	assert_true(touch(0, 0x0a000200, 4, true, CAISSON_EXIT_MMIO));
	assert_int_equal(seen.pa, 0x0a000200);
	seen.pa = 0;
	taken = true;
	assert_false(touch(0, 0x0a000200, 4, true, CAISSON_EXIT_MMIO));
	taken = false;
	root_owner = S2_OWNER_HYPERVISOR;
	assert_false(touch(0, 0x0a000200, 4, true, CAISSON_EXIT_MMIO));
	root_owner = S2_OWNER_EMULATED;
	root_maps = true;
	assert_false(touch(0, 0x0a000200, 4, true, CAISSON_EXIT_MMIO));
	assert_int_equal(seen.pa, 0);
}

/* What is behind an address, without touching it. */
static void test_emulated(void **state)
{
	(void)state;
	assert_true(mmio_emulated(cell, IPA(GICD)) && mmio_emulated(cell, IPA(GICR + VGICR_STRIDE)));
	assert_true(mmio_emulated(cell, IPA(CONSOLE)) && mmio_emulated(cell, IPA(0x0c00010c)));
	assert_false(mmio_emulated(cell, IPA(GICR + 2 * VGICR_STRIDE)));
	assert_false(mmio_emulated(cell, IPA(0x0c000110)) || mmio_emulated(cell, IPA(0x0d000000)));
	assert_true(mmio_emulated(root, IPA(GICD)) && mmio_emulated(root, IPA(0x0a000200)));
	root_owner = S2_OWNER_NONE;
	assert_false(mmio_emulated(root, IPA(0x0a000200)));
	assert_int_equal(seen.calls, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_distributor),	   TEST(test_frames_of_cell),
		TEST(test_frames_of_root), TEST(test_console),
		TEST(test_register_of_cell), TEST(test_register_of_root),
		TEST(test_emulated),
	};

	return cmocka_run_group_tests_name("mmio", tests, NULL, NULL);
}
