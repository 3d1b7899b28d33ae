// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a cell is made: each step, and that a refusal changes nothing.
 *
 * Sources: hypervisor/core/cell.c hypervisor/core/cell_own.c hypervisor/core/cell_scrub.c
 * Sources: hypervisor/core/cell_image.c hypervisor/core/cell_make.c hypervisor/core/s2.c
 * Sources: hypervisor/core/pool.c hypervisor/core/config_check.c hypervisor/core/vpl011.c
 * Sources: hypervisor/core/watchdog.c ci/unit/fake/machine.c ci/unit/fake/cells.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <caisson/error.h>

#include "cells.h"
#include "log.h"
#include "pool.h"

/* Its three windows, and the check of the copy. */
static void expect_copy(void)
{
	expect("window A %lx", U(BLOB_PA));
	expect("window A %lx", U(TABLE_PAGE(BLOB_PA) + PAGE_SIZE));
	if ((BLOB_PA & PAGE_MASK) + BLOB_SIZE > 2 * PAGE_SIZE)
		expect("window A %lx", U(TABLE_PAGE(BLOB_PA) + 2 * PAGE_SIZE));
	expect("check %x", (unsigned int)BLOB_SIZE);
}

static void test_create_order(void **state)
{
	(void)state;
	machine_scribble = machine_ram(BLOB_PA);
	machine_scribble_size = BLOB_SIZE;
	assert_int_equal(create(&good_cell), 0);
	/* Root changed its blob before the check: the copy was checked, and the cell has it. */
	assert_memory_equal(cell->blob, &good_cell, BLOB_SIZE);
	assert_int_equal(*machine_ram(BLOB_PA), 0xa5);
	expect_copy();
	/* The console page, then the devices: root loses each of them everywhere. */
	expect("root %lx/1000 = map %lx rw", U(pool_pa(cell->page).v), U(pool_pa(cell->page).v));
	expect("publish");
	expect("cell table");
	expect("publish");
	expect("cell table");
	expect("publish");
	expect("root 9010000/1000 = own 17");
	expect("root tlbi 9010000+1000");
	expect("root a001000/1000 = own 2");
	expect("root tlbi a001000+1000");
	/* Nothing fails from here. */
	expect("route 2 to 0");
	expect("route 3 to 0");
	expect("spi 62 reset to cpu 2, owner none");
	expect("spi 63 reset to cpu 2, owner none");
	expect("spi 64 reset to cpu 2, owner none");
	expect("spi 100 reset to cpu 2, owner none");
	expect("spi 101 reset to cpu 2, owner none");
	expect_end();
	assert_true(cell->closed);
	assert_int_equal(cell->state, CAISSON_CELL_CREATED);
	assert_ptr_equal(root_cell->next, cell);
	for (uint32_t n = 0; n < 2; n++) {
		assert_int_equal(cell->cpu[n], 2 + n);
		assert_ptr_equal(machine_cpus[2 + n].cell, cell);
		assert_int_equal(machine_cpus[2 + n].vcpu, n);
	}
	for (uint32_t intid = 32; intid < 288; intid++) {
		bool its = (intid >= 62 && intid <= 64) || intid == 100 || intid == 101;

		assert_int_equal(cell_owns_irq(cell, intid), its);
		assert_int_equal(cell_owns_irq(root_cell, intid), !its);
	}
	assert_int_equal(s2_lookup(&cell->s2, IPA(0x30000000)).pa.v, DEVICE_PA);
	assert_int_equal(s2_lookup(&cell->s2, IPA(0x30000000)).attrs,
			 S2_READ | S2_WRITE | S2_DEVICE);
	assert_false(s2_lookup(&cell->s2, IPA(0x30001000)).valid);
}

/* Wherever the pool ends, nothing has happened. */
static void test_create_pool(void **state)
{
	uint32_t n;

	(void)state;
	for (n = 0; n < 100; n++) {
		void *taken = machine_starve(n);
		struct snapshot before = snapshot();
		int64_t result = create(&good_cell);

		if (!result) {
			free(before.pool);
			machine_feed(taken);
			break;
		}
		assert_int_equal(result, -CAISSON_E_POOL);
		events_forget();
		expect_end();
		expect_same(&before);
		machine_feed(taken);
	}
	/* The blob has two; the cell, its page, its root table, two tables for its device. */
	assert_in_range(n, 7, 10);
}

/* The same where root must split blocks to lose a device: 1 GiB on first touch, in two steps. */
static void test_create_pool_split(void **state)
{
	struct cell_blob blob = good_cell;
	uint32_t n;

	(void)state;
	blob.device[0].pa = 0x8000000000 + MIB(6);
	assert_true(root_map_on_touch(IPA(0x8000000000)));
	for (n = 0; n < 100; n++) {
		void *taken = machine_starve(n);
		struct snapshot before = snapshot();
		int64_t result = create(&blob);

		if (!result) {
			free(before.pool);
			machine_feed(taken);
			break;
		}
		events_forget();
		expect_end();
		assert_int_equal(result, -CAISSON_E_POOL);
		expect_same(&before);
		machine_feed(taken);
	}
	/* Two tables more, for root. */
	assert_in_range(n, 9, 12);
	expect_skip("root 8000000000/40000000 = pending");
	expect("root 8000000000/40000000 = pending");
	expect("root tlbi 8000000000+40000000");
	expect("root 8000000000/40000000 = table");
	expect("publish");
	expect("root a001000/1000 = own 2");
	expect("root tlbi a001000+1000");
	expect_skip("spi 100");
	expect("spi 100 reset to cpu 2, owner none");
	expect("spi 101 reset to cpu 2, owner none");
	expect_end();
	assert_int_equal(root_owner_of(IPA(blob.device[0].pa)), S2_OWNER_CELL + 1);
}

struct refused {
	const char *name;
	uint32_t at, width; /* a field of the blob, and its value */
	uint64_t value;
	uint32_t code;
	uint64_t reported;
};

#define FIELD(f) AT(cell_blob, f), sizeof(good_cell.f)

static const struct refused refused[] = {
	{ "form", FIELD(header.magic), 1, CAISSON_E_MAGIC, 1 },
	{ "cpu online", FIELD(cpu[0].first), 1, CAISSON_E_CPU_ONLINE, 1 },
	{ "second cpu unknown", FIELD(cpu[0].first), 3, CAISSON_E_CPU_UNKNOWN, 4 },
	{ "irq unknown", FIELD(irq[0].first), 286, CAISSON_E_IRQ_UNKNOWN, 288 },
	{ "irq enabled in root", FIELD(irq[0].first), 199, CAISSON_E_IRQ_IN_USE, 200 },
	{ "the doorbell", FIELD(irq[0].first), DOORBELL - 2, CAISSON_E_IRQ_OWNED, DOORBELL },
	{ "console irq is the doorbell", FIELD(console.intid), DOORBELL, CAISSON_E_IRQ_OWNED,
	  DOORBELL },
	{ "device in RAM", FIELD(device[0].pa), 0x48000000, CAISSON_E_DEVICE_RAM, 0x48000000 },
	{ "device in the hypervisor", FIELD(device[0].pa), HV_PA, CAISSON_E_DEVICE_RAM, HV_PA },
	{ "device is the GICD", FIELD(device[0].pa), 0x08000000, CAISSON_E_MEM_HYPERVISOR,
	  0x08000000 },
	{ "register of the GICD", FIELD(device[1].pa), 0x08000200, CAISSON_E_MEM_HYPERVISOR,
	  0x08000000 },
	{ "register of a GICR", FIELD(device[1].pa), 0x080c0200, CAISSON_E_MEM_HYPERVISOR,
	  0x080c0000 },
	{ "device nowhere", FIELD(device[0].pa), BIT(40), CAISSON_E_RANGE, BIT(40) },
	{ "beyond its address space", FIELD(memory[0].ipa), BIT(47), CAISSON_E_RANGE,
	  BIT(47) + MEM_SIZE },
};

static void test_create_refused(void **state)
{
	(void)state;
	machine_spi_in_use = 200;
	for (size_t n = 0; n < ARRAY_SIZE(refused); n++) {
		struct snapshot before = snapshot();
		struct cell_blob blob = good_cell;

		memcpy((char *)&blob + refused[n].at, &refused[n].value, refused[n].width);
		if (create(&blob) != -(int64_t)refused[n].code)
			fail_msg("%s", refused[n].name);
		assert_int_equal(refusal.value, refused[n].reported);
		events_forget();
		expect_end();
		expect_same(&before);
	}
}

/* Against a cell that exists: everything is taken, and nothing changes. */
static void test_create_owned(void **state)
{
	static const struct refused rows[] = {
		{ "name", FIELD(cell.reserved), 0, CAISSON_E_NAME_TAKEN, 0 },
		{ "irq", FIELD(cell.name[0]), 'x', CAISSON_E_IRQ_OWNED, 62 },
		{ "shutdown irq", FIELD(irq[0].first), 70, CAISSON_E_IRQ_OWNED, 101 },
		{ "device", FIELD(cell.shutdown_intid), 0, CAISSON_E_MEM_OWNED, DEVICE_PA },
		{ "register", FIELD(device[0].pa), 0x09000000, CAISSON_E_MEM_OWNED, SUBPAGE_PA },
	};
	struct cell_blob blob = good_cell;
	struct snapshot before;

	(void)state;
	create_good();
	blob.console.intid = 0;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		before = snapshot();
		memcpy((char *)&blob + rows[n].at, &rows[n].value, rows[n].width);
		if (create(&blob) != -(int64_t)rows[n].code)
			fail_msg("%s", rows[n].name);
		assert_int_equal(refusal.value, rows[n].reported);
		expect_same(&before);
	}
	/* The next register of the same page is free, the CPU is not. */
	blob.device[1].ipa += 0x200;
	blob.device[1].pa += 0x200;
	before = snapshot();
	assert_int_equal(create(&blob), -CAISSON_E_CPU_OWNED);
	assert_int_equal(refusal.value, 2);
	expect_same(&before);
	machine_cpus[1].state = CPU_FIRMWARE;
	blob.cpu[0].first = blob.cpu[0].count = 1;
	assert_int_equal(create(&blob), 0);
	assert_int_equal(cell->id, 2);
	assert_int_equal(root_owner_of(IPA(0x0a001000)), S2_OWNER_EMULATED);
}

/* Where the blob may come from. */
static void test_create_source(void **state)
{
	static const struct {
		uint64_t pa, size;
		uint32_t code;
	} rows[] = {
		{ HV_PA, 4096, CAISSON_E_MEM_HYPERVISOR },
		{ LOG_PA, 4096, CAISSON_E_MEM_HYPERVISOR },
		{ HV_PA - 8, 4096, CAISSON_E_MEM_HYPERVISOR },
		{ 0x09010000, 4096, CAISSON_E_MEM_NOT_RAM },
		{ 0x08000000, 4096, CAISSON_E_MEM_HYPERVISOR },
		{ 0x0b000000, 4096, CAISSON_E_MEM_NOT_RAM },
		{ RAM_PA + RAM_SIZE - 8, 4096, CAISSON_E_MEM_NOT_RAM },
		{ ~0xfffULL, 4096, CAISSON_E_MEM_NOT_RAM },
		{ 0x41000004, 4096, CAISSON_E_ARGUMENT },
		{ 0x41000000, 0, CAISSON_E_ARGUMENT },
		{ 0x41000000, CAISSON_CONFIG_MAX + 1, CAISSON_E_ARGUMENT },
		{ 0x41000000, BIT(32) + 4096, CAISSON_E_ARGUMENT },
	};
	struct snapshot before = snapshot();

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++)
		assert_int_equal(cell_create(PA(rows[n].pa), rows[n].size, &cell, &refusal),
				 -(int64_t)rows[n].code);
	expect_end();
	expect_same(&before);
}

/* Each call a piece as small as possible: what comes of it is the same. Returns how many calls. */
static int create_in_pieces(const struct cell_blob *blob, int64_t wanted)
{
	int64_t result = create(blob);
	int calls = 1;

	for (; result == CAISSON_AGAIN; calls++) {
		assert_in_range(calls, 1, 1000);
		result = cell_create(PA(BLOB_PA), sizeof(*blob), &cell, &refusal);
	}
	assert_int_equal(result, wanted);
	return calls;
}

static void test_create_in_pieces(void **state)
{
	struct cell_blob blob = good_cell;
	struct snapshot before;

	(void)state;
	machine_cpus[0].call_end = 0;
	before = snapshot();
	/* Pages of the blob, checks, words of SPIs and their routes, devices. */
	assert_true(create_in_pieces(&blob, 0) > 3 + 2 * 3 + 8 + 2 * 2);
	expect_copy();
	expect("root %lx/1000 = map %lx rw", U(pool_pa(cell->page).v), U(pool_pa(cell->page).v));
	expect_skip("route 2 to 0");
	assert_true(cell_owns_irq(cell, 62) && cell_owns_irq(cell, 64));
	assert_false(cell_owns_irq(root_cell, 62));
	assert_int_equal(cell->ncpus, 2);
	assert_ptr_equal(cell_find(1), cell);
	events_forget();
	destroy_it();
	expect_same(&before);
	/* A refusal, early or late, comes when all is as it was. */
	before = snapshot();
	blob.device[1].pa = blob.device[1].ipa = 0x08001200;
	blob.device[1].ipa = 0x30001200;
	assert_true(create_in_pieces(&blob, -CAISSON_E_MEM_HYPERVISOR) > 3);
	assert_int_equal(refusal.offset, AT(cell_blob, device[1]));
	assert_null(cell_find(1));
	expect_same(&before);
}

/* Root makes something else of it, after any number of calls: nothing is left of the first one. */
static void test_create_given_up(void **state)
{
	const uint64_t other_pa = 0x42000000;
	struct cell_blob other = good_cell;
	struct snapshot before;
	int64_t result;

	(void)state;
	machine_cpus[0].call_end = 0;
	strcpy(other.cell.name, "other");
	memcpy(machine_ram(other_pa), &other, sizeof(other));
	for (int calls = 1, done = 0; !done; calls++) {
		before = snapshot();
		result = create(&good_cell);
		for (int n = 1; n < calls && result == CAISSON_AGAIN; n++)
			result = cell_create(PA(BLOB_PA), sizeof(good_cell), &cell, &refusal);
		done = !result;
		if (done) {
			assert_string_equal(cell->name, "good");
		} else {
			assert_int_equal(result, CAISSON_AGAIN);
			while ((result = cell_create(PA(other_pa), sizeof(other), &cell,
						     &refusal)) == CAISSON_AGAIN)
				;
			assert_int_equal(result, 0);
			assert_string_equal(cell->name, "other");
		}
		destroy_it();
		expect_same(&before);
	}
}

/* A page of the blob that is a cell's by then is not read. */
static void test_create_blob_taken(void **state)
{
	struct cell_blob other = good_cell;
	struct cell *made;

	(void)state;
	create_good();
	made = cell;
	machine_cpus[0].call_end = 0;
	strcpy(other.cell.name, "other");
	assert_int_equal(create(&other), CAISSON_AGAIN);
	cell = made;
	assert_int_equal(add(MEM_IPA, TABLE_PAGE(BLOB_PA) + PAGE_SIZE, PAGE_SIZE), 0);
	assert_int_equal(cell_create(PA(BLOB_PA), sizeof(other), &made, &refusal),
			 -CAISSON_E_MEM_OWNED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_create_order),
		TEST(test_create_pool),
		TEST(test_create_pool_split),
		TEST(test_create_refused),
		TEST(test_create_owned),
		TEST(test_create_source),
		TEST(test_create_in_pieces),
		TEST(test_create_given_up),
		TEST(test_create_blob_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
