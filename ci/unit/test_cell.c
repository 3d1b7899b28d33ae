// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order of every operation on cells. The real cell, stage-2, pool and checker code runs on the
 * fake machine (fake/machine.h), whose events are compared line by line; what a refusal must leave
 * alone is compared bit by bit.
 *
 * Sources: hypervisor/core/cell.c hypervisor/core/cell_own.c hypervisor/core/cell_scrub.c
 * Sources: hypervisor/core/cell_image.c hypervisor/core/cell_make.c hypervisor/core/s2.c
 * Sources: hypervisor/core/pool.c
 * Sources: hypervisor/core/config_check.c
 * Sources: hypervisor/core/vpl011.c hypervisor/core/watchdog.c ci/unit/fake/machine.c
 * Sources: tools/cost.c tools/util.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <caisson/error.h>

#include "blob.h"
#include "log.h"
#include "machine.h"
#include "pool.h"
#include "smccc.h"
#include "watchdog.h"
#include "../../tools/cost.h"

struct system_blob {
	struct caisson_config_header header;
	struct caisson_system_entry system;
	struct caisson_memory_entry memory[1];
	struct caisson_device_entry device[4];
	char strings[8];
};

/* Longer than a page, so that its copy takes several windows. */
struct cell_blob {
	struct caisson_config_header header;
	struct caisson_cell_entry cell;
	struct caisson_cpu_entry cpu[1];
	struct caisson_memory_entry memory[2];
	struct caisson_device_entry device[2];
	struct caisson_irq_entry irq[1];
	struct caisson_console_entry console;
	char strings[4096];
};

static const struct system_blob system_blob = {
	.header = {
		CAISSON_CONFIG_MAGIC, CAISSON_ABI_VERSION, CAISSON_KIND_SYSTEM,
		sizeof(struct system_blob), 0,
		{
			SECTION(system_blob, system, 0, struct caisson_cell_entry),
			SECTION(system_blob, system, 1, struct caisson_system_entry),
			SECTION(system_blob, memory, 0, struct caisson_cpu_entry),
			SECTION(system_blob, memory, 1, struct caisson_memory_entry),
			SECTION(system_blob, device, 4, struct caisson_device_entry),
			SECTION(system_blob, memory, 0, struct caisson_irq_entry),
			SECTION(system_blob, strings, 0, struct caisson_console_entry),
			SECTION(system_blob, strings, 8, char),
		},
	},
	.system = { SRC(system_blob, 1), "fake", 0x08000000, 0x10000, 0x080a0000, 0x80000, 0, 0 },
	.memory = { { SRC(system_blob, 2), RAM_PA, RAM_PA, RAM_SIZE, 7, 0 } },
	.device = {
		{ SRC(system_blob, 3), 0x09000000, 0x09000000, 0x1000, 3, 0, 0 },
		{ SRC(system_blob, 4), 0x09010000, 0x09010000, 0x1000, 3, 0, 0 },
		{ SRC(system_blob, 5), 0x0a000000, 0x0a000000, 0x4000, 3, 0, 0 },
		{ SRC(system_blob, 6), 0x8000000000, 0x8000000000, GIB(64), 3, 0, 0 },
	},
	.strings = "fake.c",
};

#define MEM_IPA 0x10000000ULL /* 4 MiB, in 2 MiB blocks */
#define MEM_PA 0x50000000ULL
#define MEM_SIZE MIB(4)
#define ROM_IPA 0x20001000ULL /* 24 KiB, read-only, never aligned */
#define ROM_PA 0x5ffff000ULL
#define ROM_SIZE 0x6000ULL
#define DEVICE_PA 0x09010000ULL
#define SUBPAGE_PA 0x0a001200ULL
#define BLOB_PA 0x41000e08ULL
#define BLOB_SIZE sizeof(struct cell_blob)
#define TABLE_PAGE(pa) ALIGN_DOWN(pa, PAGE_SIZE)

static const struct cell_blob good_cell = {
	.header = {
		CAISSON_CONFIG_MAGIC, CAISSON_ABI_VERSION, CAISSON_KIND_CELL,
		sizeof(struct cell_blob), 0,
		{
			SECTION(cell_blob, cell, 1, struct caisson_cell_entry),
			SECTION(cell_blob, cpu, 0, struct caisson_system_entry),
			SECTION(cell_blob, cpu, 1, struct caisson_cpu_entry),
			SECTION(cell_blob, memory, 2, struct caisson_memory_entry),
			SECTION(cell_blob, device, 2, struct caisson_device_entry),
			SECTION(cell_blob, irq, 1, struct caisson_irq_entry),
			SECTION(cell_blob, console, 1, struct caisson_console_entry),
			SECTION(cell_blob, strings, 4096, char),
		},
	},
	.cell = { SRC(cell_blob, 1), "good", 0, 0, 1, 0, ~0u, 0, 101, 0, 0x08000000, 0x080a0000, 0, { 0 } },
	.cpu = { { SRC(cell_blob, 2), 2, 2 } },
	.memory = {
		{ SRC(cell_blob, 3), MEM_IPA, CAISSON_PA_ANY, MEM_SIZE, 7, 0 },
		{ SRC(cell_blob, 4), ROM_IPA, ROM_PA, ROM_SIZE, 1, 0 },
	},
	.device = {
		{ SRC(cell_blob, 5), 0x30000000, DEVICE_PA, 0x1000, 3, 0, 0 },
		{ SRC(cell_blob, 6), 0x30001200, SUBPAGE_PA, 0x200, 3, 0, 0 },
	},
	.irq = { { SRC(cell_blob, 7), 62, 3 } },
	.console = { SRC(cell_blob, 8), 0x09000000, 100, 0 },
	.strings = "good.c",
};

static struct cell *cell;
static struct refusal refusal;

static int setup(void **state)
{
	(void)state;
	machine_start(&system_blob);
	cell = NULL;
	return 0;
}

/* --- what a refusal leaves alone --- */

struct snapshot {
	uint8_t *pool; /* stage-2 tables, cells and the bitmap lie in it */
	struct cpu cpus[MACHINE_CPUS];
	size_t available;
	struct cell *next;
};

/* Tickets of locks count on: no part of the comparison. */
static void without_locks(uint8_t *pool, struct cpu *copies)
{
	struct cell *root = (struct cell *)(void *)(pool + (pool_pa(root_cell).v - POOL_PA));

	memset(&root->s2.lock, 0, sizeof(root->s2.lock));
	for (uint32_t n = 0; n < MACHINE_CPUS; n++)
		memset(&copies[n].lock, 0, sizeof(copies[n].lock));
}

static struct snapshot snapshot(void)
{
	struct snapshot copy = { .pool = malloc(POOL_PAGES * PAGE_SIZE),
				 .available = pool_available(),
				 .next = root_cell->next };

	memcpy(copy.pool, machine_ram(POOL_PA), POOL_PAGES * PAGE_SIZE);
	memcpy(copy.cpus, machine_cpus, sizeof(copy.cpus));
	without_locks(copy.pool, copy.cpus);
	return copy;
}

/* Bit-identical: pool, root's tables and interrupts, cells, owners of CPUs. */
static void expect_same(struct snapshot *before)
{
	struct snapshot now = snapshot();

	assert_int_equal(now.available, before->available);
	assert_ptr_equal(now.next, before->next);
	for (size_t page = 0; page < POOL_PAGES; page++)
		if (memcmp(now.pool + page * PAGE_SIZE, before->pool + page * PAGE_SIZE, PAGE_SIZE))
			fail_msg("page %zu of the pool differs", page);
	assert_memory_equal(now.cpus, before->cpus, sizeof(now.cpus));
	free(now.pool);
	free(before->pool);
}

/* --- steps --- */

static int64_t create(const struct cell_blob *blob)
{
	memcpy(machine_ram(BLOB_PA), blob, sizeof(*blob));
	memset(&refusal, 0, sizeof(refusal));
	events_forget();
	return cell_create(PA(BLOB_PA), sizeof(*blob), &cell, &refusal);
}

static void create_good(void)
{
	assert_int_equal(create(&good_cell), 0);
	machine_watched = cell;
	events_forget();
}

static int64_t add(uint64_t ipa, uint64_t pa, uint64_t size)
{
	int64_t result = 0;

	memset(&refusal, 0, sizeof(refusal));
	events_forget();
	do {
		uint64_t part = size;

		result = cell_memory_add(cell, IPA(ipa), PA(pa), &part, &refusal);
		ipa += part;
		pa += part;
		size -= part;
	} while (!result && size);
	return result;
}

static void add_all(void)
{
	assert_int_equal(add(MEM_IPA, MEM_PA, MEM_SIZE), 0);
	assert_int_equal(add(ROM_IPA, ROM_PA, ROM_SIZE), 0);
	events_forget();
}

/* Its CPUs are awake, and do what they were asked to. */
static void cpus_scrub(void)
{
	for (uint32_t n = 0; n < cell->ncpus; n++)
		cell_scrub_share(&machine_cpus[cell->cpu[n]]);
}

static void scrub_all(void)
{
	int64_t result;

	while ((result = cell_scrub(cell)) == CAISSON_AGAIN)
		;
	if (result == CAISSON_WAIT)
		cpus_scrub();
	assert_int_equal(cell_scrub(cell), 0);
	events_forget();
}

static void make_ready_from(const struct cell_blob *blob)
{
	assert_int_equal(create(blob), 0);
	machine_watched = cell;
	events_forget();
	add_all();
	scrub_all();
	assert_int_equal(cell->state, CAISSON_CELL_READY);
}

static void make_ready(void)
{
	make_ready_from(&good_cell);
}

static void start_it(void)
{
	static const uint64_t args[4];

	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), 0);
	machine_cpus[2].state = CPU_RUNNING;
	events_forget();
}

static void make_running(void)
{
	make_ready();
	start_it();
}

/* --- create --- */

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

static void destroy_it(void)
{
	int64_t result;

	machine_watched = cell;
	scrub_all();
	while ((result = cell_destroy(cell)) == CAISSON_AGAIN)
		;
	assert_int_equal(result, 0);
	events_forget();
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

/* --- memory --- */

static void test_memory_add_order(void **state)
{
	(void)state;
	create_good();
	assert_int_equal(add(MEM_IPA, MEM_PA, MEM_SIZE), 0);
	expect("cell 10000000/200000 = map 50000000 rwx");
	expect("cell 10200000/200000 = map 50200000 rwx");
	expect("publish");
	expect("root 50000000/200000 = own 17");
	expect("root 50200000/200000 = own 17");
	expect("root tlbi 50000000+400000");
	expect_end();
	for (uint64_t at = 0; at < MEM_SIZE; at += PAGE_SIZE) {
		assert_int_equal(root_owner_of(IPA(MEM_PA + at)), S2_OWNER_CELL + 1);
		assert_int_equal(s2_lookup(&cell->s2, IPA(MEM_IPA + at)).attrs,
				 S2_READ | S2_WRITE | S2_EXEC);
	}
	/* Across a border of blocks: both are split, with one invalidation for both. */
	assert_int_equal(add(ROM_IPA, ROM_PA, ROM_SIZE), 0);
	expect_skip("root");
	expect("root 5fe00000/200000 = pending");
	expect("root 60000000/200000 = pending");
	expect("root tlbi 5fe00000+400000");
	expect("root 5fe00000/200000 = table");
	expect("root 60000000/200000 = table");
	expect("publish");
	expect_end();
	assert_int_equal(s2_lookup(&cell->s2, IPA(ROM_IPA)).attrs, S2_READ);
	assert_true(root_lookup(IPA(ROM_PA - 1)).valid);
	assert_true(root_lookup(IPA(ROM_PA + ROM_SIZE)).valid);
	assert_int_equal(root_owner_of(IPA(ROM_PA)), S2_OWNER_CELL + 1);
	assert_int_equal(root_owner_of(IPA(ROM_PA + ROM_SIZE - 1)), S2_OWNER_CELL + 1);
	assert_int_equal(cell->state, CAISSON_CELL_CREATED);
	assert_false(cell->scrubbed);
}

static void test_memory_add_refused(void **state)
{
	static const struct {
		uint64_t ipa, pa, size;
		uint32_t code;
	} rows[] = {
		{ MEM_IPA, HV_PA, PAGE_SIZE, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_IPA, HV_PA - PAGE_SIZE, 2 * PAGE_SIZE, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_IPA, LOG_PA, PAGE_SIZE, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_IPA, 0x08000000, PAGE_SIZE, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_IPA, 0x09000000, PAGE_SIZE, CAISSON_E_MEM_NOT_RAM },
		{ MEM_IPA, DEVICE_PA, PAGE_SIZE, CAISSON_E_MEM_OWNED },
		{ MEM_IPA, MEM_PA, PAGE_SIZE, CAISSON_E_MEM_OWNED },
		{ MEM_IPA, MEM_PA - PAGE_SIZE, 2 * PAGE_SIZE, CAISSON_E_MEM_OWNED },
		{ MEM_IPA, 0x20000000, PAGE_SIZE, CAISSON_E_MEM_NOT_RAM },
		{ MEM_IPA, RAM_PA + RAM_SIZE - PAGE_SIZE, 2 * PAGE_SIZE, CAISSON_E_MEM_NOT_RAM },
		{ MEM_IPA, 0x51000000, PAGE_SIZE, CAISSON_E_OVERLAP },
		{ MEM_IPA, 0x51000000, 0, CAISSON_E_ALIGN },
		{ MEM_IPA, 0x51000800, PAGE_SIZE, CAISSON_E_ALIGN },
		{ MEM_IPA, ~0xfffULL, PAGE_SIZE, CAISSON_E_ALIGN },
		{ MEM_IPA + MEM_SIZE, 0x51000000, PAGE_SIZE, CAISSON_E_MEM_REGION },
		{ MEM_IPA + MEM_SIZE - PAGE_SIZE, 0x51000000, 2 * PAGE_SIZE, CAISSON_E_MEM_REGION },
		{ 0x30000000, 0x51000000, PAGE_SIZE, CAISSON_E_MEM_REGION },
		{ ROM_IPA, 0x51000000, PAGE_SIZE, CAISSON_E_ARGUMENT },
	};
	struct snapshot before;

	(void)state;
	create_good();
	assert_int_equal(add(MEM_IPA, MEM_PA, MEM_SIZE), 0);
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		before = snapshot();
		if (add(rows[n].ipa, rows[n].pa, rows[n].size) != -(int64_t)rows[n].code)
			fail_msg("row %zu", n);
		expect_end();
		/* But for the ticket of the cell's own lock. */
		assert_int_equal(pool_available(), before.available);
		free(before.pool);
	}
	assert_int_equal(s2_lookup(&cell->s2, IPA(MEM_IPA)).pa.v, MEM_PA);
	cell->state = CAISSON_CELL_READY;
	assert_int_equal(add(ROM_IPA, ROM_PA, ROM_SIZE), -CAISSON_E_STATE);
	expect_end();
}

/* Root keeps what it had, and the cell gets nothing, wherever the pool ends. */
static void test_memory_add_pool(void **state)
{
	size_t n;

	(void)state;
	create_good();
	for (n = 0; n < 20; n++) {
		void *taken = machine_starve(n);
		int64_t result = add(ROM_IPA, ROM_PA, ROM_SIZE);

		machine_feed(taken);
		if (!result)
			break;
		assert_int_equal(result, -CAISSON_E_POOL);
		for (size_t i = 0; i < events_count(); i++)
			assert_int_not_equal(strncmp(events_line(i), "root", 4), 0);
		assert_false(s2_lookup(&cell->s2, IPA(ROM_IPA)).valid);
		assert_true(root_lookup(IPA(ROM_PA)).valid);
		assert_true(root_lookup(IPA(ROM_PA + ROM_SIZE - 1)).valid);
	}
	/* Two of root's; one of the cell's, which keeps it from the second try on. */
	assert_int_equal(n, 2);
}

/* A block that comes in parts is a block in the end. */
static void test_memory_add_parts(void **state)
{
	(void)state;
	create_good();
	assert_int_equal(add(MEM_IPA, MEM_PA, PAGE_SIZE), 0);
	assert_int_equal(s2_lookup(&cell->s2, IPA(MEM_IPA)).size, PAGE_SIZE);
	assert_int_equal(add(MEM_IPA + PAGE_SIZE, MEM_PA + PAGE_SIZE, MEM_SIZE - PAGE_SIZE), 0);
	/* Root has lost it by then, and what was cut there is one entry as well. */
	expect_skip("root 501ff000/1000");
	expect("root 501ff000/1000 = own 17");
	expect("root tlbi 501c1000+3f000");
	expect("cell 10000000/200000 = pending");
	expect("cell tlbi 10000000+200000");
	expect("cell 10000000/200000 = map 50000000 rwx");
	expect("publish");
	expect("root 50000000/200000 = pending");
	expect("root tlbi 50000000+200000");
	expect("root 50000000/200000 = own 17");
	expect("publish");
	expect("cell 10200000/200000 = map 50200000 rwx");
	expect("publish");
	expect("root 50200000/200000 = own 17");
	expect("root tlbi 50200000+200000");
	expect_end();
}

/* What hvctl reckons: the cell's own pages, and root's tables for the two blocks of 2 MiB that ROM cuts. */
static void test_cost(void **state)
{
	size_t before = pool_available();

	(void)state;
	create_good();
	add_all();
	assert_int_equal(before - pool_available() - 2, cost_cell(&good_cell, sizeof(good_cell)));
	/* Root's RAM is no block of 1 GiB any more, because of the hypervisor's: two tables less. */
	assert_int_equal(cost_root(&good_cell), 2 + 2);
}

/* --- scrub --- */

/* Whole pages from `at` on, each once. */
static void expect_zeroes(uint64_t at, uint64_t size)
{
	for (; size; at += PAGE_SIZE, size -= PAGE_SIZE) {
		expect("window A %lx", U(at));
		expect("zero %lx", U(at));
	}
}

static void make_dirty(void)
{
	create_good();
	add_all();
	memset(machine_ram(MEM_PA), 0x5a, MEM_SIZE);
	memset(machine_ram(ROM_PA - PAGE_SIZE), 0x5a, ROM_SIZE + 2 * PAGE_SIZE);
}

static void expect_clean(void)
{
	assert_true(cell->scrubbed);
	assert_int_equal(cell->state, CAISSON_CELL_READY);
	for (uint64_t n = 0; n < MEM_SIZE; n += 8)
		assert_int_equal(*(uint64_t *)(void *)machine_ram(MEM_PA + n), 0);
	for (uint64_t n = 0; n < ROM_SIZE; n++)
		assert_int_equal(*machine_ram(ROM_PA + n), 0);
	/* Its neighbours are root's. */
	assert_int_equal(*machine_ram(ROM_PA - 1), 0x5a);
	assert_int_equal(*machine_ram(ROM_PA + ROM_SIZE), 0x5a);
}

/* Root asks; the cell's CPUs do it, every page once; READY is root's to say, behind the last. */
static void test_scrub(void **state)
{
	static const uint64_t args[4];

	(void)state;
	make_dirty();
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	expect("kick 2");
	expect("kick 3");
	expect_end();
	/* Until they have come, and while they are at it, root's CPU does nothing. */
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	expect_end();
	cell_scrub_share(&machine_cpus[2]);
	expect("cpu 2 scrubbing");
	expect_zeroes(MEM_PA, MEM_SIZE);
	expect_zeroes(ROM_PA, ROM_SIZE);
	/* No window outlives the work, and the CPU is not parked before. */
	expect("window clear");
	expect("cpu 2 parked");
	expect_end();
	assert_int_equal(cell->state, CAISSON_CELL_CREATED);
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), -CAISSON_E_STATE);
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	/* The other one comes late: nothing is left. */
	cell_scrub_share(&machine_cpus[3]);
	expect("cpu 3 scrubbing");
	expect("window clear");
	expect("cpu 3 parked");
	assert_int_equal(cell_scrub(cell), 0);
	expect("doorbell ready");
	expect_end();
	assert_string_equal(machine_log,
			    "cell good: 1030 pages zeroed by its own cpus, 0 by root's");
	expect_clean();
	assert_int_equal(cell_scrub(cell), 0);
	expect_end();
}

/* Who wakes after all is over finds nothing to do: the cell may be loaded by then. */
static void test_scrub_late(void **state)
{
	(void)state;
	make_dirty();
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	cell_scrub_share(&machine_cpus[2]);
	fake_ticks += arch_counter_hz();
	assert_int_equal(cell_scrub(cell), 0);
	expect_clean();
	memset(machine_ram(MEM_PA), 0x77, PAGE_SIZE);
	events_forget();
	cell_scrub_share(&machine_cpus[3]);
	expect_end();
	assert_int_equal(*machine_ram(MEM_PA), 0x77);
	assert_int_equal(machine_cpus[3].state, CPU_PARKED);
}

/* CPUs that are not in EL2, or do not hear: root's does it, a piece a call. */
static void test_scrub_by_root(void **state)
{
	uint64_t at[2] = { MEM_PA, ROM_PA }, seen = 0;
	int64_t result;

	for (int firmware = 0; firmware < 2; firmware++) {
		setup(state);
		make_dirty();
		if (firmware)
			machine_cpus[2].state = machine_cpus[3].state = CPU_FIRMWARE;
		else
			assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
		/* Twenty milliseconds are theirs. */
		fake_ticks += firmware ? 0 : arch_counter_hz() / 50 - 1;
		if (!firmware)
			assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
		fake_ticks += !firmware;
		events_forget();
		seen = 0;
		at[0] = MEM_PA;
		at[1] = ROM_PA;
		while ((result = cell_scrub(cell)) == CAISSON_AGAIN) {
			assert_int_equal(cell->state, CAISSON_CELL_CREATED);
			assert_in_range(events_count(), 2, 2 * 32);
			for (size_t n = 0; n < events_count(); n += 2, seen++) {
				uint64_t *next = &at[seen >= MEM_SIZE / PAGE_SIZE];

				expect_zeroes(*next, PAGE_SIZE);
				*next += PAGE_SIZE;
			}
			expect_end();
		}
		assert_int_equal(result, 0);
		assert_int_equal(seen, (MEM_SIZE + ROM_SIZE) / PAGE_SIZE);
		expect("doorbell ready");
		expect_end();
		expect_clean();
	}
}

/* One is lost in its piece: nobody knows what it will still write, so nothing is given back. */
static void test_scrub_lost(void **state)
{
	(void)state;
	make_dirty();
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	machine_cpus[3].state = CPU_SCRUBBING;
	cell_scrub_share(&machine_cpus[2]);
	events_forget();
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	fake_ticks += 5 * arch_counter_hz();
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	fake_ticks++;
	assert_int_equal(cell_scrub(cell), -CAISSON_E_TIMEOUT);
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	expect_end();
	assert_int_equal(cell->state, CAISSON_CELL_CREATED);
	/* It comes back after all. */
	machine_cpus[3].state = CPU_PARKED;
	assert_int_equal(cell_scrub(cell), 0);
	expect_clean();
}

/* Something is missing: scrubbed (it may be destroyed), but not ready. */
static void test_scrub_missing(void **state)
{
	(void)state;
	create_good();
	assert_int_equal(add(MEM_IPA + MIB(2), MEM_PA, PAGE_SIZE), 0);
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	events_forget();
	cell_scrub_share(&machine_cpus[2]);
	expect("cpu 2 scrubbing");
	expect_zeroes(MEM_PA, PAGE_SIZE);
	expect("window clear");
	expect("cpu 2 parked");
	expect_end();
	assert_int_equal(cell_scrub(cell), 0);
	expect_end();
	assert_int_equal(cell->state, CAISSON_CELL_CREATED);
	assert_true(cell->scrubbed);
	/* The rest arrives: all of it once more, also if that was under way. */
	assert_int_equal(add(MEM_IPA, MIB(1) + MEM_PA, MIB(2)), 0);
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	cell_scrub_share(&machine_cpus[3]);
	assert_int_equal(add(MEM_IPA + MIB(2) + PAGE_SIZE, MEM_PA + MIB(8), MIB(2) - PAGE_SIZE), 0);
	assert_int_equal(add(ROM_IPA, ROM_PA, ROM_SIZE), 0);
	assert_false(cell->scrubbed);
	memset(machine_ram(MEM_PA), 0x5a, PAGE_SIZE);
	scrub_all();
	assert_int_equal(cell->state, CAISSON_CELL_READY);
	assert_int_equal(*machine_ram(MEM_PA), 0);
}

/* --- load --- */

#define SOURCE_PA 0x41000000ULL

static void test_load(void **state)
{
	(void)state;
	create_good();
	add_all();
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, false), -CAISSON_E_STATE);
	scrub_all();
	memset(machine_ram(SOURCE_PA), 0xc3, PAGE_SIZE);
	assert_int_equal(
		cell_copy(cell, IPA(MEM_IPA + MIB(2) + 0x100), PA(SOURCE_PA + 0x20), 0xf00, false), 0);
	expect("window A %lx", U(MEM_PA + MIB(2) + 0x100));
	expect("window B %lx", U(SOURCE_PA + 0x20));
	/* It was copied when it was cleaned. */
	expect("clean %lx+f00 first c3", U(MEM_PA + MIB(2) + 0x100));
	expect_end();
	assert_false(cell->scrubbed);
	assert_int_equal(*machine_ram(MEM_PA + MIB(2) + 0xff), 0);
	assert_int_equal(*machine_ram(MEM_PA + MIB(2) + 0xfff), 0xc3);
	assert_int_equal(*machine_ram(MEM_PA + MIB(2) + 0x1000), 0);
	/* What the cell itself may not write is loaded as well; not its device, not beyond. */
	assert_int_equal(cell_copy(cell, IPA(ROM_IPA), PA(SOURCE_PA), PAGE_SIZE, false), 0);
	events_forget();
	assert_int_equal(cell_copy(cell, IPA(0x30000000), PA(SOURCE_PA), 16, false),
			 -CAISSON_E_MEM_REGION);
	assert_int_equal(cell_copy(cell, IPA(0x08000000), PA(SOURCE_PA), 16, false),
			 -CAISSON_E_MEM_REGION);
	assert_int_equal(cell_copy(cell, IPA(BIT(60)), PA(SOURCE_PA), 16, false), -CAISSON_E_MEM_REGION);
	expect_end();
}

static void test_load_source(void **state)
{
	const struct {
		uint64_t pa, size;
		uint32_t code;
	} rows[] = {
		{ HV_PA, 16, CAISSON_E_MEM_HYPERVISOR },
		{ LOG_PA, 16, CAISSON_E_MEM_HYPERVISOR },
		{ POOL_PA, 16, CAISSON_E_MEM_HYPERVISOR },
		{ (make_ready(), pool_pa(cell->page).v), 16, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_PA, 16, CAISSON_E_MEM_OWNED },
		{ DEVICE_PA, 16, CAISSON_E_MEM_OWNED },
		{ 0x09000000, 16, CAISSON_E_MEM_NOT_RAM },
		{ 0x08000000, 16, CAISSON_E_MEM_HYPERVISOR },
		{ 0x20000000, 16, CAISSON_E_MEM_NOT_RAM },
		{ RAM_PA + RAM_SIZE, 16, CAISSON_E_MEM_NOT_RAM },
		{ ~0xfffULL, 16, CAISSON_E_MEM_NOT_RAM },
		{ SOURCE_PA, 0, CAISSON_E_ARGUMENT },
		{ SOURCE_PA + 8, PAGE_SIZE, CAISSON_E_ARGUMENT },
		{ SOURCE_PA, BIT(63), CAISSON_E_ARGUMENT },
	};

	(void)state;
	assert_true(root_lookup(cell->page ? IPA(pool_pa(cell->page).v) : IPA(0)).valid);
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++)
		if (cell_copy(cell, IPA(MEM_IPA), PA(rows[n].pa), rows[n].size, false) !=
		    -(int64_t)rows[n].code)
			fail_msg("row %zu", n);
	expect_end();
	/* A window that root touched is mapped, and no RAM. */
	assert_true(root_map_on_touch(IPA(0x8000000000)));
	events_forget();
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(0x8000000000), 16, false),
			 -CAISSON_E_MEM_NOT_RAM);
	expect_end();
	assert_true(cell->scrubbed);
}

/* --- start --- */

static void test_start_order(void **state)
{
	static const uint64_t args[4] = { 0x11, 2, 3, 4 };

	(void)state;
	make_ready();
	memset(machine_ram(MEM_PA), 0x77, PAGE_SIZE);
	cell->gicd_ctlr = 3;
	cell->page->reason = 1;
	cell->page->dropped = 5;
	cell->console.imsc = 0x7ff;
	assert_int_equal(cell_start(cell, IPA(MEM_IPA + 4), args), 0);
	/* The fake start asserts that the cell is open. No line about memory. */
	expect("doorbell running");
	expect("start 2 at %lx 11", U(MEM_IPA + 4));
	expect_end();
	assert_int_equal(*machine_ram(MEM_PA), 0x77);
	assert_false(cell->scrubbed);
	assert_int_equal(cell->gicd_ctlr, 0);
	assert_int_equal(cell->page->reason, 0);
	assert_int_equal(cell->page->dropped, 0);
	assert_int_equal(cell->console.imsc, 0);
	assert_int_equal(cell->running, 1);
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), -CAISSON_E_STATE);
	expect_end();
}

static void test_start_refused(void **state)
{
	static const uint64_t args[4];
	static const uint64_t entries[] = { MEM_IPA + MEM_SIZE, MEM_IPA - 4, ROM_IPA,
					    0x30000000,		MEM_IPA + 2, MEM_IPA + 1,
					    0x08000000,		BIT(39),     ~3ULL };

	(void)state;
	create_good();
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), -CAISSON_E_STATE);
	add_all();
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), -CAISSON_E_STATE);
	scrub_all();
	for (size_t n = 0; n < ARRAY_SIZE(entries); n++)
		assert_int_equal(cell_start(cell, IPA(entries[n]), args), -CAISSON_E_ENTRY_POINT);
	expect_end();
	assert_true(cell->closed);
	assert_true(cell->scrubbed);
	assert_int_equal(cell->state, CAISSON_CELL_READY);
}

/* A CPU that is physically off comes through firmware, which may refuse. */
static void test_start_firmware(void **state)
{
	static const uint64_t args[4];

	(void)state;
	make_ready();
	machine_cpus[2].state = CPU_FIRMWARE;
	machine_firmware = -3;
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), -CAISSON_E_TIMEOUT);
	expect("doorbell running");
	expect("start 2 at %lx 0", U(MEM_IPA));
	expect("firmware on 2");
	expect("doorbell stopped");
	expect_end();
	assert_true(cell->closed);
	machine_firmware = 0;
	scrub_all();
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), 0);
	assert_false(cell->closed);
}

/* --- stop --- */

static void expect_spis(void)
{
	/* Words from the top, bits from the bottom. */
	expect("spi 100 reset to cpu 2, owner cell");
	expect("spi 101 reset to cpu 2, owner cell");
	expect("spi 64 reset to cpu 2, owner cell");
	expect("spi 62 reset to cpu 2, owner cell");
	expect("spi 63 reset to cpu 2, owner cell");
}

/* Asked to shut down: only who runs and listens. */
static void test_ask(void **state)
{
	(void)state;
	make_running();
	assert_int_equal(cell_ask(cell), -CAISSON_E_DEAF);
	expect_end();
	machine_spi_in_use = 101;
	assert_int_equal(cell_ask(cell), 0);
	expect("pend 101");
	expect_end();
	assert_int_equal(cell_stop(cell), 0);
	events_forget();
	assert_int_equal(cell_ask(cell), -CAISSON_E_STATE);
	expect_end();
}

static void test_stop_order(void **state)
{
	(void)state;
	make_running();
	assert_int_equal(cell_stop(cell), 0);
	expect("park 2 closed");
	expect("park 3 closed");
	expect_spis();
	expect("doorbell stopped");
	expect_end();
	assert_false(cell->scrubbed);
	/* Once more: done already. */
	assert_int_equal(cell_stop(cell), 0);
	expect_end();
	/* Nothing but scrubbing gets it out of there. */
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, false), -CAISSON_E_STATE);
	expect_end();
	scrub_all();
	assert_int_equal(cell->state, CAISSON_CELL_READY);
}

/* A cell that holds the kick off loses its stage 2 after 20 ms, and has it back once stopped. */
static void test_stop_revoke(void **state)
{
	uint64_t limit = arch_counter_hz() / 50;

	(void)state;
	make_running();
	machine_cpus_obey = false;
	for (int n = 0; n < 4; n++) {
		assert_int_equal(cell_stop(cell), CAISSON_WAIT);
		expect("park 2 closed");
		expect("park 3 closed");
		if (n == 2)
			expect("revoke");
		expect_end();
		assert_int_equal(cell->state, CAISSON_CELL_RUNNING);
		fake_ticks += n ? 1 : limit; /* not at the limit, but behind it */
	}
	machine_cpus[2].state = CPU_PARKED;
	assert_int_equal(cell_stop(cell), 0);
	expect("park 2 closed");
	expect("park 3 closed");
	expect("restore");
	expect_spis();
	expect("doorbell stopped");
	expect_end();
	assert_false(cell->s2.revoked);
	assert_int_equal(cell->stop_since, 0);
	/* The next stop has its own 20 ms. */
	scrub_all();
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), (uint64_t[4]){ 0 }), 0);
	machine_cpus[2].state = CPU_RUNNING;
	events_forget();
	assert_int_equal(cell_stop(cell), CAISSON_WAIT);
	expect("park 2 closed");
	expect("park 3 closed");
	expect_end();
}

/* In direct-revoke that comes first: before any CPU is woken, and once. */
/* --- pause --- */

static void test_pause(void **state)
{
	uint64_t limit = arch_counter_hz() / 50;

	(void)state;
	create_good();
	assert_int_equal(cell_pause(cell), -CAISSON_E_STATE);
	add_all();
	scrub_all();
	/* Nothing of it runs. */
	events_forget();
	assert_int_equal(cell_pause(cell), 0);
	expect("pause 2");
	expect("pause 3");
	assert_int_equal(cell_resume(cell), 0);
	expect("resume 2");
	expect("resume 3");
	expect_end();
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), (uint64_t[4]){ 0 }), 0);
	machine_cpus[2].state = CPU_RUNNING;
	events_forget();
	/* One that runs and one that is off; who does not come loses its stage 2, and gets it back. */
	machine_cpus_obey = false;
	for (int n = 0; n < 3; n++) {
		assert_int_equal(cell_pause(cell), CAISSON_WAIT);
		expect("pause 2");
		expect("pause 3");
		if (n == 2)
			expect("revoke");
		expect_end();
		fake_ticks += n ? 1 : limit;
	}
	assert_true(cell_maps(cell, IPA(0x20000000)));
	machine_cpus_obey = true;
	assert_int_equal(cell_pause(cell), 0);
	expect("pause 2");
	expect("pause 3");
	expect("restore");
	expect_end();
	assert_false(cell_maps(cell, IPA(0x20000000)));
	assert_int_equal(cell->state, CAISSON_CELL_RUNNING);
	assert_int_equal(cell_resume(cell), 0);
	expect("resume 2");
	expect("resume 3");
	expect_end();
	/* Given up: it has its stage 2 back, and the next time its 20 ms. */
	machine_cpus_obey = false;
	assert_int_equal(cell_pause(cell), CAISSON_WAIT);
	fake_ticks += 2 * limit;
	assert_int_equal(cell_pause(cell), CAISSON_WAIT);
	assert_true(cell->s2.revoked);
	assert_int_equal(cell_resume(cell), 0);
	assert_false(cell->s2.revoked);
	assert_int_equal(cell->stop_since, 0);
	/* One that has ended meanwhile keeps what stops it. */
	cell_halt(&machine_cpus[2], CAISSON_CELL_RESET);
	s2_revoke(&cell->s2);
	assert_int_equal(cell_resume(cell), 0);
	assert_true(cell->s2.revoked);
}

static void test_pause_by_revoking(void **state)
{
	(void)state;
	machine_revokes = true;
	make_running();
	assert_int_equal(cell_pause(cell), 0);
	/* First, as the kick is EL1's to see. */
	expect("revoke");
	expect("pause 2");
	expect("pause 3");
	expect("restore");
	expect_end();
}

/* --- read --- */

static void test_read(void **state)
{
	(void)state;
	create_good();
	add_all();
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, true), -CAISSON_E_STATE);
	scrub_all();
	memset(machine_ram(MEM_PA), 0xc3, PAGE_SIZE);
	events_forget();
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), PAGE_SIZE, true), 0);
	expect("window A %lx", U(MEM_PA));
	expect("window B %lx", U(SOURCE_PA));
	/* Before it is read: what is in memory is newer than what is in a clean line. */
	expect("clean %lx+1000 first c3", U(MEM_PA));
	expect_end();
	assert_true(cell->scrubbed);
	assert_int_equal(*machine_ram(SOURCE_PA), 0xc3);
	assert_int_equal(*machine_ram(SOURCE_PA + 0xfff), 0xc3);
	/* Running, or ended. */
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), (uint64_t[4]){ 0 }), 0);
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, true), 0);
	cell_halt(&machine_cpus[2], CAISSON_CELL_OFF);
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, true), 0);
	events_forget();
	/* Nothing but its memory, and into nothing but root's. */
	assert_int_equal(cell_copy(cell, IPA(0x30000000), PA(SOURCE_PA), 16, true),
			 -CAISSON_E_MEM_REGION);
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(HV_PA), 16, true), -CAISSON_E_MEM_HYPERVISOR);
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(LOG_PA), 16, true),
			 -CAISSON_E_MEM_HYPERVISOR);
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(MEM_PA), 16, true), -CAISSON_E_MEM_OWNED);
	expect_end();
}

/* --- what a trap wants of its cell --- */

/* A word of code, from memory itself, and no window is left when the lock is free. */
static void test_fetch(void **state)
{
	uint32_t word = 0;

	(void)state;
	make_running();
	memcpy(machine_ram(MEM_PA + 0x124), "\x1f\x20\x03\xd5", 4);
	events_forget();
	assert_true(cell_fetch(cell, IPA(MEM_IPA + 0x124), &word));
	assert_int_equal(word, 0xd503201f);
	expect("window A %lx", U(MEM_PA + 0x124));
	expect("clean %lx+4 first 1f", U(MEM_PA + 0x124));
	expect("window clear");
	expect_end();
	/* Nothing is there, or no address. */
	assert_false(cell_fetch(cell, IPA(0x30000000), &word));
	assert_false(cell_fetch(cell, IPA(1ULL << 50), &word));
	expect_end();
}

/* The first four of each kind that differ, until the next start; a zero is one, too. */
static void test_notes(void **state)
{
	struct caisson_refused *row;

	(void)state;
	make_running();
	row = cell->page->refused[CAISSON_REFUSED_SMC];
	assert_true(cell_note(cell, CAISSON_REFUSED_SMC, 0, 0x1000));
	assert_false(cell_note(cell, CAISSON_REFUSED_SMC, 0, 0x2000));
	for (uint64_t n = 1; n < 6; n++)
		assert_int_equal(cell_note(cell, CAISSON_REFUSED_SMC, n, n), n < 4);
	for (uint64_t n = 0; n < 4; n++) {
		assert_int_equal(row[n].what, CAISSON_REFUSED_VALID | n);
		assert_int_equal(row[n].pc, n ? n : 0x1000);
	}
	/* Other kinds have places of their own, up to the end of the last. */
	for (uint32_t kind = 0; kind < CAISSON_REFUSED_KINDS; kind++)
		if (kind != CAISSON_REFUSED_SMC)
			assert_true(cell_note(cell, kind, 1ULL << 62, 8));
	assert_int_equal(row[4].what, CAISSON_REFUSED_VALID | 1ULL << 62);
	assert_true(sizeof(*cell->page) <= PAGE_SIZE);
	assert_int_equal(cell_stop(cell), 0);
	assert_int_equal(row[3].pc, 3);
	scrub_all();
	start_it();
	assert_true(cell_note(cell, CAISSON_REFUSED_SMC, 0, 0x3000));
	assert_int_equal(row[1].what | row[4].what, 0);
}

static void test_stop_by_revoking(void **state)
{
	struct cell_blob blob = good_cell;

	(void)state;
	machine_revokes = true;
	make_running();
	machine_cpus_obey = false;
	for (int n = 0; n < 3; n++) {
		assert_int_equal(cell_stop(cell), CAISSON_WAIT);
		if (!n)
			expect("revoke");
		expect("park 2 closed");
		expect("park 3 closed");
		expect_end();
		fake_ticks += arch_counter_hz();
	}
	machine_cpus[2].state = machine_cpus[3].state = CPU_PARKED;
	assert_int_equal(cell_stop(cell), 0);
	expect("park 2 closed");
	expect("park 3 closed");
	expect("restore");
	expect_spis();
	expect("doorbell stopped");
	expect_end();
	/* By one of its own CPUs: that one is in EL2 and not kicked. */
	scrub_all();
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), (uint64_t[4]){ 0 }), 0);
	events_forget();
	cell_halt(&machine_cpus[2], CAISSON_CELL_RESET);
	expect("revoke");
	expect("park 3 closed");
	expect("doorbell reset");
	expect_end();
	/* EL2 has no timer interrupt. */
	blob.cell.name[0] = 'x';
	blob.cell.watchdog_ms = 2500;
	assert_int_equal(create(&blob), -CAISSON_E_WATCHDOG_MODE);
}

/* The last CPU of its own: closed, and told to root. */
static void test_off_by_itself(void **state)
{
	(void)state;
	make_running();
	cell_cpu_off(&machine_cpus[2]);
	expect("park 3 closed");
	expect("doorbell off");
	expect_end();
	assert_int_equal(machine_cpus[2].request, CPU_REQUEST_PARK);
	assert_int_equal(cell_start(cell, IPA(MEM_IPA), (uint64_t[4]){ 0 }), -CAISSON_E_STATE);
	expect_end();
}

static void test_fail(void **state)
{
	(void)state;
	make_running();
	cell_fail(&machine_cpus[2], 0x93000046, 0x1234, HV_PA);
	expect("park 3 closed");
	expect("doorbell failed");
	expect_end();
	assert_int_equal(cell->page->reason, 0x93000046);
	assert_int_equal(cell->page->reason_pc, 0x1234);
	assert_int_equal(cell->page->reason_addr, HV_PA);
	assert_non_null(strstr(machine_log, "owner 1"));
}

/* --- the watchdog --- */

#define SECOND 1000000000ULL
#define PERIOD (2 * SECOND + SECOND / 2)

enum { INIT, SET_TIMEOUT, ENABLE, PET, TIMELEFT };

static void make_guarded(void)
{
	struct cell_blob blob = good_cell;

	blob.cell.watchdog_ms = 2500;
	make_ready_from(&blob);
	start_it();
	assert_int_equal(cell->watchdog_end, fake_ticks + PERIOD);
}

/* Returns x0; the others stay in x[]. */
static uint64_t x[3];

static uint64_t smcwd(uint64_t call, uint64_t argument)
{
	x[0] = CAISSON_SMC_WATCHDOG;
	x[1] = call;
	x[2] = argument;
	assert_true(watchdog_call(cell, x));
	return x[0];
}

static void test_watchdog_expires(void **state)
{
	uint64_t end;

	(void)state;
	make_guarded();
	machine_cpus[3].state = CPU_RUNNING;
	fake_ticks += SECOND;
	assert_int_equal(smcwd(PET, 0), 0);
	end = fake_ticks + PERIOD;
	assert_int_equal(cell->watchdog_end, end);
	/* A pet is no more than that: each CPU finds out when its timer comes, too early. */
	expect_end();
	fake_timer = 1;
	fake_ticks = end - 1;
	watchdog_look(&machine_cpus[3], 0x1234);
	assert_int_equal(fake_timer, end);
	assert_int_equal(cell->state, CAISSON_CELL_RUNNING);
	fake_ticks = end;
	machine_cpus_obey = false;
	watchdog_look(&machine_cpus[3], 0x1234);
	expect("park 2 closed");
	expect("doorbell failed");
	assert_int_equal(fake_timer, 0);
	assert_int_equal(cell->page->reason, CAISSON_REASON_WATCHDOG);
	assert_int_equal(cell->page->reason_pc, 0x1234);
	/* The other one's comes before it parks: the cell has failed already. */
	fake_timer = 1;
	watchdog_look(&machine_cpus[2], 0x5678);
	assert_int_equal(fake_timer, 0);
	assert_int_equal(cell->page->reason_pc, 0x1234);
	smcwd(PET, 0);
	assert_int_equal(cell->watchdog_end, 0);
	expect_end();
	machine_cpus_obey = true;
	/* Its next start has all of its time again. */
	assert_int_equal(cell_stop(cell), 0);
	scrub_all();
	fake_ticks += PERIOD;
	start_it();
	assert_int_equal(cell->watchdog_end, fake_ticks + PERIOD);
}

static void test_watchdog_calls(void **state)
{
	const uint64_t invalid = (uint64_t)PSCI_INVALID_PARAMETERS;

	(void)state;
	make_guarded();
	assert_int_equal(smcwd(INIT, 0), 0);
	assert_int_equal(x[1], 1);
	assert_int_equal(x[2], 2);
	/* No time that is no time, or longer than the configuration allows. */
	assert_int_equal(smcwd(SET_TIMEOUT, 0), invalid);
	assert_int_equal(smcwd(SET_TIMEOUT, 3), invalid);
	assert_int_equal(smcwd(SET_TIMEOUT, 0xffffffff), invalid);
	assert_int_equal(smcwd(ENABLE, 2), invalid);
	assert_int_equal(smcwd(5, 0), invalid);
	assert_int_equal(cell->watchdog_end, fake_ticks + PERIOD);
	expect_end();
	/* Shorter than before: who runs has to know. The second CPU is off. */
	assert_int_equal(smcwd(SET_TIMEOUT, 1), 0);
	assert_int_equal(cell->watchdog_end, fake_ticks + SECOND);
	expect("kick 2");
	expect_end();
	/* Numbers of this call have 32 bits. */
	assert_int_equal(smcwd(1ULL << 32 | TIMELEFT, 0), 0);
	assert_int_equal(x[1], 1);
	fake_ticks += SECOND / 2;
	smcwd(TIMELEFT, 0);
	assert_int_equal(x[1], 0);
	assert_int_equal(smcwd(ENABLE, 0), 0);
	smcwd(PET, 0);
	assert_int_equal(smcwd(SET_TIMEOUT, 2), 0);
	assert_int_equal(cell->watchdog_end, 0);
	smcwd(TIMELEFT, 0);
	assert_int_equal(x[1], 0);
	watchdog_look(&machine_cpus[2], 0);
	assert_int_equal(fake_timer, 0);
	expect_end();
	assert_int_equal(smcwd(ENABLE, 1), 0);
	assert_int_equal(cell->watchdog_end, fake_ticks + 2 * SECOND);
	expect("kick 2");
	expect_end();
	assert_int_equal(cell_stop(cell), 0);
	assert_int_equal(cell->watchdog_end, 0);
}

/* --- restarts by EL2 --- */

#define IMAGE_PA 0x52000000ULL
#define LOADED (MEM_PA + MIB(2)) /* a page, and the ROM's last two */

static int64_t keep(uint64_t ipa, uint64_t pa, uint64_t *size)
{
	memset(&refusal, 0, sizeof(refusal));
	events_forget();
	return cell_image_add(cell, IPA(ipa), PA(pa), size, &refusal);
}

/* Ready; what was loaded is in memory, and in the image. */
static void make_kept(uint32_t restarts)
{
	struct cell_blob blob = good_cell;
	uint64_t size = PAGE_SIZE;

	blob.cell.watchdog_ms = 2500;
	blob.cell.flags = CAISSON_CELL_KEEP_IMAGE;
	blob.cell.on_fault = CAISSON_ACTION_RESTART;
	blob.cell.restarts = restarts;
	make_ready_from(&blob);
	memset(machine_ram(LOADED), 0xc3, PAGE_SIZE);
	memset(machine_ram(ROM_PA + ROM_SIZE - 2 * PAGE_SIZE), 0x3c, 2 * PAGE_SIZE);
	assert_int_equal(keep(MEM_IPA + MIB(2), IMAGE_PA, &size), 0);
	size = 2 * PAGE_SIZE;
	assert_int_equal(keep(ROM_IPA + ROM_SIZE - size, IMAGE_PA + PAGE_SIZE, &size), 0);
	assert_int_equal(cell->images, 2);
}

static void start_kept(uint32_t restarts)
{
	make_kept(restarts);
	start_it();
	machine_cpus[3].state = CPU_RUNNING;
	memset(machine_ram(MEM_PA), 0xee, MEM_SIZE);
	memset(machine_ram(ROM_PA), 0xee, ROM_SIZE);
	events_forget();
}

/* On that CPU, which then parks. */
static void run_out(uint32_t cpu)
{
	fake_ticks = cell->watchdog_end;
	watchdog_look(&machine_cpus[cpu], 0x1234);
	if (machine_cpus[cpu].request & CPU_REQUEST_PARK)
		machine_cpus[cpu].state = CPU_PARKED;
	machine_cpus[cpu].request &= ~CPU_REQUEST_PARK;
}

static void share(uint32_t cpu)
{
	fake_this_cpu = &machine_cpus[cpu];
	cell_scrub_share(fake_this_cpu);
	fake_this_cpu = &machine_cpus[0];
}

static void expect_bytes(uint64_t at, uint64_t size, int byte)
{
	static uint8_t bytes[MEM_SIZE];

	memset(bytes, byte, size);
	assert_memory_equal(machine_ram(at), bytes, size);
}

static void expect_as_loaded(void)
{
	expect_bytes(MEM_PA, MIB(2), 0);
	expect_bytes(LOADED, PAGE_SIZE, 0xc3);
	expect_bytes(LOADED + PAGE_SIZE, MIB(2) - PAGE_SIZE, 0);
	expect_bytes(ROM_PA, ROM_SIZE - 2 * PAGE_SIZE, 0);
	expect_bytes(ROM_PA + ROM_SIZE - 2 * PAGE_SIZE, 2 * PAGE_SIZE, 0x3c);
}

static void expect_copied(uint64_t to, uint64_t from, unsigned int byte)
{
	expect("window A %lx", U(to));
	expect("window B %lx", U(from));
	expect("clean %lx+1000 first %02x", U(to), byte);
}

/* Out of root's tables and TLBs, then written. A call does eight pages; what goes on grows. */
static void test_image_add(void **state)
{
	uint64_t size = MIB(1);

	(void)state;
	make_kept(1);
	assert_int_equal(keep(MEM_IPA, IMAGE_PA + MIB(2), &size), 0);
	assert_int_equal(size, 8 * PAGE_SIZE);
	expect_skip("root tlbi");
	expect("root tlbi %lx+200000", U(IMAGE_PA + MIB(2)));
	expect("root %lx/200000 = table", U(IMAGE_PA + MIB(2)));
	expect("publish");
	for (uint64_t at = 0; at < 8 * PAGE_SIZE; at += PAGE_SIZE)
		expect_copied(IMAGE_PA + MIB(2) + at, MEM_PA + at, 0);
	expect_end();
	assert_int_equal(cell->images, 3);
	size = PAGE_SIZE;
	assert_int_equal(keep(MEM_IPA + 0x8000, IMAGE_PA + MIB(2) + 0x8000, &size), 0);
	assert_int_equal(cell->images, 3);
	assert_int_equal(root_owner_of(IPA(IMAGE_PA + MIB(2) + 0x8000)), S2_OWNER_CELL + 1);
	/* It would not be in the image. */
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, false), -CAISSON_E_STATE);
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
}

static void test_image_refused(void **state)
{
	const struct {
		uint64_t ipa, pa, size;
		uint32_t code;
	} rows[] = {
		{ MEM_IPA + 8, 0x53000000, PAGE_SIZE, CAISSON_E_ALIGN },
		{ MEM_IPA, 0x53000010, PAGE_SIZE, CAISSON_E_ALIGN },
		{ MEM_IPA, 0x53000000, 0, CAISSON_E_ALIGN },
		{ MEM_IPA, 0x53000000, 0x1800, CAISSON_E_ALIGN },
		{ MEM_IPA, ~0xfffULL, 0x2000, CAISSON_E_ALIGN },
		{ 0x30000000, 0x53000000, PAGE_SIZE, CAISSON_E_MEM_REGION },
		{ MEM_IPA + MEM_SIZE - PAGE_SIZE, 0x53000000, 0x2000, CAISSON_E_MEM_REGION },
		{ ~0xfffULL, 0x53000000, PAGE_SIZE, CAISSON_E_MEM_REGION },
		{ MEM_IPA, MEM_PA, PAGE_SIZE, CAISSON_E_MEM_OWNED },
		{ MEM_IPA, IMAGE_PA, PAGE_SIZE, CAISSON_E_MEM_OWNED },
		{ MEM_IPA, HV_PA, PAGE_SIZE, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_IPA, 0x08000000, PAGE_SIZE, CAISSON_E_MEM_HYPERVISOR },
		{ MEM_IPA, RAM_PA + RAM_SIZE, PAGE_SIZE, CAISSON_E_MEM_NOT_RAM },
	};
	uint64_t size = PAGE_SIZE, n;
	void *taken;

	(void)state;
	make_ready();
	assert_int_equal(keep(MEM_IPA, IMAGE_PA, &size), -CAISSON_E_STATE);
	destroy_it();
	make_kept(1);
	for (n = 0; n < ARRAY_SIZE(rows); n++) {
		size = rows[n].size;
		if (keep(rows[n].ipa, rows[n].pa, &size) != -(int64_t)rows[n].code)
			fail_msg("row %lu", U(n));
		expect_end();
	}
	/* No page for the table that root needs; then no entry for another piece. */
	size = PAGE_SIZE;
	taken = machine_starve(0);
	assert_int_equal(keep(MEM_IPA, 0x53000000, &size), -CAISSON_E_POOL);
	machine_feed(taken);
	for (n = cell->images; n < PAGE_SIZE / 24; n++)
		assert_int_equal(keep(MEM_IPA, 0x53000000 + 2 * n * PAGE_SIZE, &size), 0);
	assert_int_equal(keep(MEM_IPA, 0x53800000, &size), -CAISSON_E_POOL);
	start_it();
	assert_int_equal(keep(MEM_IPA, 0x53800000, &size), -CAISSON_E_STATE);
	assert_int_equal(cell_stop(cell), 0);
	destroy_it();
}

/* By the CPU that found it out; each step behind the one that it relies on. */
static void test_restart_order(void **state)
{
	(void)state;
	start_kept(1);
	cell->gicd_ctlr = 2;
	run_out(3);
	expect("park 2 closed");
	expect("doorbell restarting");
	expect_end();
	assert_int_equal(cell->page->restarts, 1);
	share(3);
	expect("cpu 3 scrubbing");
	expect("spi 100 reset to cpu 2, owner cell");
	expect("spi 101 reset to cpu 2, owner cell");
	expect("spi 64 reset to cpu 2, owner cell");
	expect("spi 62 reset to cpu 2, owner cell");
	expect("spi 63 reset to cpu 2, owner cell");
	expect_zeroes(MEM_PA, MEM_SIZE);
	expect_zeroes(ROM_PA, ROM_SIZE);
	expect_copied(LOADED, IMAGE_PA, 0xc3);
	expect_copied(ROM_PA + ROM_SIZE - 2 * PAGE_SIZE, IMAGE_PA + PAGE_SIZE, 0x3c);
	expect_copied(ROM_PA + ROM_SIZE - PAGE_SIZE, IMAGE_PA + 2 * PAGE_SIZE, 0x3c);
	expect("doorbell running");
	expect("start 2 at %lx 0", U(MEM_IPA));
	expect("window clear");
	expect("cpu 3 parked");
	expect_end();
	expect_as_loaded();
	assert_int_equal(machine_cpus[2].state, CPU_PENDING);
	assert_int_equal(cell->gicd_ctlr, 0);
	assert_int_equal(cell->page->reason, 0);
	assert_int_equal(cell->watchdog_end, fake_ticks + PERIOD);
	/* So often and no more; by hand it begins anew. */
	machine_cpus[2].state = CPU_RUNNING;
	run_out(2);
	expect_skip("doorbell");
	expect("doorbell failed");
	expect_end();
	assert_int_equal(cell->page->restarts, 1);
	assert_int_equal(machine_cpus[2].request & CPU_REQUEST_SCRUB, 0);
}

/* The first CPU starts itself. Any number of times. */
static void test_restart_by_first(void **state)
{
	(void)state;
	start_kept(CAISSON_RESTARTS_UNLIMITED);
	for (uint32_t n = 1; n < 5; n++) {
		run_out(2);
		share(2);
		assert_int_equal(cell->state, CAISSON_CELL_RUNNING);
		assert_int_equal(machine_cpus[2].state, CPU_PENDING);
		expect_as_loaded();
		assert_int_equal(cell->page->restarts, n);
		machine_cpus[2].state = CPU_RUNNING;
		memset(machine_ram(MEM_PA), 0xee, MEM_SIZE);
		events_forget();
	}
	/* Not who was asked to shut down, nor by anything but the watchdog. */
	assert_int_equal(cell_ask(cell), -CAISSON_E_DEAF);
	machine_spi_in_use = 101;
	assert_int_equal(cell_ask(cell), 0);
	run_out(2);
	assert_int_equal(cell->state, CAISSON_CELL_FAILED);
	assert_int_equal(cell_stop(cell), 0);
	scrub_all();
	assert_int_equal(cell->images, 0);
	start_it();
	cell_fail(&machine_cpus[2], 0x93000046, 0x1234, HV_PA);
	assert_int_equal(cell->state, CAISSON_CELL_FAILED);
	events_forget();
	assert_int_equal(cell_stop(cell), 0);
	events_forget();
}

/* A CPU that does not hear loses its stage 2, and if that does not help the cell has failed. */
static void test_restart_deaf(void **state)
{
	(void)state;
	start_kept(1);
	machine_cpus_obey = false;
	fake_tick_step = arch_counter_hz() / 1000;
	run_out(3);
	share(3);
	expect("park 2 closed");
	expect("doorbell restarting");
	expect("cpu 3 scrubbing");
	expect("revoke");
	expect("doorbell failed");
	expect("window clear");
	expect("cpu 3 parked");
	expect_end();
	assert_int_equal(cell->page->reason, CAISSON_REASON_WATCHDOG);
	/* It can be stopped when the CPU comes after all. */
	machine_cpus[2].state = CPU_PARKED;
	assert_int_equal(cell_stop(cell), 0);
	expect("park 2 closed");
	expect("park 3 closed");
	expect("restore");
	events_forget();
}

static int64_t stopped;

static void stop_meanwhile(void)
{
	struct cpu *self = fake_this_cpu;

	fake_this_cpu = &machine_cpus[0];
	stopped = cell_stop(cell);
	assert_int_equal(cell_pause(cell), CAISSON_WAIT);
	fake_this_cpu = self;
}

static void revoke_meanwhile(void)
{
	cell->s2.revoked = true;
	for (uint32_t n = 0; n < 512 * cell->s2.root_pages; n++)
		((uint64_t *)cell->s2.root)[n] &= ~1ULL;
}

/* Root stops the cell at any moment: the restart ends there, and its CPU parks. */
static void test_restart_stopped(void **state)
{
	static const char *const moments[] = {
		"spi 63 reset to cpu 2, owner cell", "zero 50000000", "zero 50200000",
		"zero 60004000", "clean 50200000+1000 first c3", "clean 60004000+1000 first 3c",
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(moments); n++) {
		start_kept(1);
		run_out(3);
		stopped = 0;
		machine_when = moments[n];
		machine_meanwhile = stop_meanwhile;
		share(3);
		assert_null(machine_meanwhile);
		assert_int_equal(stopped, CAISSON_WAIT);
		assert_int_equal(machine_cpus[3].state, CPU_PARKED);
		assert_int_equal(machine_cpus[2].state, CPU_PARKED);
		assert_int_equal(cell->state, CAISSON_CELL_FAILED);
		assert_true(cell->closed);
		events_forget();
		assert_int_equal(cell_stop(cell), 0);
		destroy_it();
		machine_cpus[2].request = machine_cpus[3].request = 0;
	}
	/* Before it began. */
	start_kept(1);
	run_out(3);
	assert_int_equal(cell_stop(cell), 0);
	share(3);
	assert_int_equal(cell->state, CAISSON_CELL_STOPPED);
	destroy_it();
}

/* Without its tables memory is not found: no cell begins in what was not zeroed. */
static void test_restart_revoked(void **state)
{
	static const char *const moments[] = { "zero 50000000", "clean 50200000+1000 first c3" };

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(moments); n++) {
		setup(NULL);
		start_kept(1);
		run_out(3);
		machine_when = moments[n];
		machine_meanwhile = revoke_meanwhile;
		share(3);
		assert_null(machine_meanwhile);
		assert_int_equal(cell->state, CAISSON_CELL_FAILED);
		events_forget();
	}
}

/* The next scrub gives the image back, zeroed, in pieces; if the pool is empty, later. */
static void test_image_given_back(void **state)
{
	struct snapshot before = snapshot();
	void *taken;

	(void)state;
	start_kept(1);
	assert_int_equal(cell_stop(cell), 0);
	events_forget();
	taken = machine_starve(0);
	assert_int_equal(cell_scrub(cell), CAISSON_AGAIN);
	machine_feed(taken);
	expect_zeroes(IMAGE_PA + PAGE_SIZE, 2 * PAGE_SIZE);
	expect_skip("publish");
	expect("publish");
	expect_end();
	assert_int_equal(cell->images, 1);
	assert_int_equal(cell_scrub(cell), CAISSON_AGAIN);
	expect_zeroes(IMAGE_PA, PAGE_SIZE);
	events_forget();
	assert_int_equal(root_lookup(IPA(IMAGE_PA)).size, MIB(2));
	assert_int_equal(*machine_ram(IMAGE_PA), 0);
	destroy_it();
	events_forget();
	for (uint32_t n = 2; n < MACHINE_CPUS; n++)
		machine_cpus[n].request = before.cpus[n].request;
	expect_same(&before);
}

static void test_watchdog_none(void **state)
{
	uint64_t none[3] = { CAISSON_SMC_WATCHDOG, ENABLE, 1 };

	(void)state;
	make_running();
	assert_false(watchdog_call(cell, none));
	assert_int_equal(none[0], CAISSON_SMC_WATCHDOG);
	assert_int_equal(cell->watchdog_end, 0);
	expect_end();
}

/* --- destroy --- */

static void expect_given_back(void)
{
	expect("spi 62 reset to cpu 0, owner none");
	expect("spi 63 reset to cpu 0, owner none");
	expect("spi 64 reset to cpu 0, owner none");
	expect("spi 100 reset to cpu 0, owner none");
	expect("spi 101 reset to cpu 0, owner none");
	expect("root 9010000/1000 = map 9010000 rw");
	expect("publish");
	expect("root a001000/1000 = map a001000 rw");
	expect("publish");
}

static void test_destroy_order(void **state)
{
	struct snapshot before = snapshot();
	uint64_t page;

	(void)state;
	make_running();
	page = pool_pa(cell->page).v;
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	expect_end();
	assert_int_equal(cell_stop(cell), 0);
	scrub_all();
	/* A call that takes longer than it may does one piece. */
	machine_cpus[0].call_end = 0;
	assert_int_equal(cell_destroy(cell), CAISSON_AGAIN);
	/* No TLB has anything of this VMID before root gets the first page; its CPUs are parked. */
	expect("doorbell dying");
	expect("cell tlbi 0+8000000000");
	expect("root 50000000/200000 = map 50000000 rwx");
	expect("root 50200000/200000 = map 50200000 rwx");
	expect("publish");
	expect_end();
	assert_ptr_equal(machine_cpus[2].cell, cell);
	assert_int_equal(cell_destroy(cell), CAISSON_AGAIN);
	expect("root 5ffff000/1000 = map 5ffff000 rwx");
	for (uint64_t at = 0x60000000; at < ROM_PA + ROM_SIZE; at += PAGE_SIZE)
		expect("root %lx/1000 = map %lx rwx", U(at), U(at));
	expect("publish");
	/* Back into blocks, by break-before-make. */
	expect("root 5fe00000/200000 = pending");
	expect("root 60000000/200000 = pending");
	expect("root tlbi 5fe00000+400000");
	expect("root 5fe00000/200000 = map 5fe00000 rwx");
	expect("root 60000000/200000 = map 60000000 rwx");
	expect("publish");
	expect_end();
	machine_cpus[0].call_end = UINT64_MAX / 2;
	assert_int_equal(cell_destroy(cell), 0);
	expect_given_back();
	expect("root %lx/1000 = own 1", U(page));
	expect("root tlbi %lx+1000", U(page));
	expect_end();
	assert_ptr_equal(machine_cpus[2].cell, root_cell);
	assert_ptr_equal(machine_cpus[3].cell, root_cell);
	assert_int_equal(machine_cpus[3].vcpu, 3);
	machine_cpus[2].request = before.cpus[2].request;
	expect_same(&before);
}

/* With registers in the same page. */
static struct cell_blob neighbour(void)
{
	struct cell_blob other = good_cell;

	strcpy(other.cell.name, "other");
	other.cell.shutdown_intid = 0;
	other.cpu[0].first = 1;
	other.cpu[0].count = 1;
	machine_cpus[1].state = CPU_PARKED;
	other.device[0].pa = 0x09000000;
	other.device[1].ipa += 0x200;
	other.device[1].pa += 0x200;
	other.irq[0].first = 40;
	other.console.intid = 0;
	return other;
}

/*
 * A page of which both have registers would be root's again while the one that is being made, which is
 * in no list yet, counts on it: no cell ends until it is made, or given up.
 */
static void test_destroy_while_making(void **state)
{
	struct cell_blob other;
	struct cell *made;

	(void)state;
	create_good();
	made = cell;
	scrub_all();
	other = neighbour();
	machine_cpus[0].call_end = 0;
	for (int64_t result = create(&other); result;) {
		assert_int_equal(result, CAISSON_AGAIN);
		assert_int_equal(cell_destroy(made), -CAISSON_E_STATE);
		assert_int_equal(made->state, CAISSON_CELL_CREATED);
		result = cell_create(PA(BLOB_PA), sizeof(other), &cell, &refusal);
	}
	assert_ptr_not_equal(cell, made);
	machine_watched = made;
	while (cell_destroy(made) == CAISSON_AGAIN)
		;
	assert_int_equal(root_owner_of(IPA(TABLE_PAGE(SUBPAGE_PA))), S2_OWNER_EMULATED);
	destroy_it();
	assert_true(root_lookup(IPA(TABLE_PAGE(SUBPAGE_PA))).valid);
}

/* Two that end across each other, call by call: who is last to give the page back gives it to root. */
static void test_destroy_across(void **state)
{
	struct cell *ending[2];
	struct cell_blob other;
	int64_t result[2] = { CAISSON_AGAIN, CAISSON_AGAIN };

	(void)state;
	create_good();
	scrub_all();
	ending[0] = cell;
	other = neighbour();
	assert_int_equal(create(&other), 0);
	scrub_all();
	ending[1] = cell;
	machine_cpus[0].call_end = 0;
	while (result[0] || result[1])
		for (int n = 0; n < 2; n++) {
			assert_false(result[n] && result[n] != CAISSON_AGAIN);
			machine_watched = ending[n];
			if (result[n])
				result[n] = cell_destroy(ending[n]);
		}
	assert_true(root_lookup(IPA(TABLE_PAGE(SUBPAGE_PA))).valid);
}

/* Without memory, too; and only what was scrubbed. */
static void test_destroy_refused(void **state)
{
	struct snapshot before = snapshot();

	(void)state;
	create_good();
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	add_all();
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	assert_int_equal(cell_scrub(cell), CAISSON_WAIT);
	events_forget();
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	scrub_all();
	assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, false), 0);
	events_forget();
	assert_int_equal(cell_destroy(cell), -CAISSON_E_STATE);
	assert_int_equal(cell_scrub(cell), -CAISSON_E_STATE);
	expect_end();
	assert_int_equal(cell_stop(cell), 0);
	scrub_all();
	while (cell_destroy(cell) == CAISSON_AGAIN)
		;
	events_forget();
	expect_same(&before);
	before = snapshot();
	create_good();
	scrub_all();
	assert_int_equal(cell->state, CAISSON_CELL_CREATED);
	assert_int_equal(cell_destroy(cell), 0);
	expect("doorbell dying");
	expect("cell tlbi 0+8000000000");
	expect_given_back();
	expect_skip("root tlbi 7c");
	expect_same(&before);
}

/* Giving back may need a table: the destroy fails, can be tried again, and ends the same way. */
static void test_destroy_pool(void **state)
{
	struct snapshot before = snapshot();
	struct cell_blob blob = good_cell;
	uint32_t failures = 0;

	(void)state;
	/* Blocks in root that are pages in the cell. */
	assert_int_equal(create(&blob), 0);
	machine_watched = cell;
	assert_int_equal(add(MEM_IPA + PAGE_SIZE, MEM_PA, MIB(2)), 0);
	scrub_all();
	for (int64_t result = CAISSON_AGAIN; result;) {
		void *taken = machine_starve(0);

		result = cell_destroy(cell);
		machine_feed(taken);
		if (result == CAISSON_AGAIN || !result)
			continue;
		failures++;
		assert_int_equal(result, -CAISSON_E_POOL);
		assert_int_equal(cell->state, CAISSON_CELL_DYING);
		assert_int_equal(cell_stop(cell), 0);
		assert_int_equal(cell_scrub(cell), 0);
		assert_int_equal(cell_copy(cell, IPA(MEM_IPA), PA(SOURCE_PA), 16, false),
				 -CAISSON_E_STATE);
		assert_int_equal(cell_start(cell, IPA(MEM_IPA), (uint64_t[4]){ 0 }),
				 -CAISSON_E_STATE);
		assert_int_equal(add(ROM_IPA, ROM_PA, ROM_SIZE), -CAISSON_E_STATE);
		result = cell_destroy(cell);
		assert_in_range(result, 0, CAISSON_AGAIN);
	}
	assert_in_range(failures, 1, 100);
	events_forget();
	expect_end();
	expect_same(&before);
}

/* A hundred lives leave nothing behind. */
static void test_lives(void **state)
{
	struct snapshot before = snapshot();

	(void)state;
	for (int n = 0; n < 100; n++) {
		make_running();
		assert_int_equal(cell->id, 1);
		assert_int_equal(cell_stop(cell), 0);
		scrub_all();
		while (cell_destroy(cell) == CAISSON_AGAIN)
			;
		events_forget();
		expect_end();
	}
	machine_cpus[2].request = before.cpus[2].request;
	expect_same(&before);
}

/* --- first touch --- */

static void test_touch(void **state)
{
	struct cell_blob blob = good_cell;
	uint64_t device = 0x8040000000;

	(void)state;
	/* Owners stay: hypervisor, GIC, a cell's memory, device and register. */
	make_ready();
	assert_false(root_map_on_touch(IPA(HV_PA)));
	assert_false(root_map_on_touch(IPA(POOL_PA)));
	assert_false(root_map_on_touch(IPA(0x08000000)));
	assert_false(root_map_on_touch(IPA(0x0811fffc)));
	assert_false(root_map_on_touch(IPA(MEM_PA + MIB(3))));
	assert_false(root_map_on_touch(IPA(ROM_PA)));
	assert_false(root_map_on_touch(IPA(DEVICE_PA)));
	assert_false(root_map_on_touch(IPA(SUBPAGE_PA)));
	assert_false(root_map_on_touch(IPA(BIT(40))));
	assert_false(root_map_on_touch(IPA(~0ULL)));
	/* What another CPU has just mapped, or just taken apart, is there. */
	assert_true(root_map_on_touch(IPA(RAM_PA)));
	expect_end();
	/* A window: all of its gibibyte, never executable. */
	assert_true(root_map_on_touch(IPA(0x8000001234)));
	expect("root 8000000000/40000000 = map 8000000000 rw");
	expect("publish");
	expect_end();
	/* In an untouched one a cell has a page: the rest comes, the page does not. */
	blob.cell.name[0] = 'x';
	blob.cpu[0].first = 1;
	blob.cpu[0].count = 1;
	machine_cpus[1].state = CPU_PARKED;
	blob.irq[0].first = 70;
	blob.console.intid = 0;
	blob.cell.shutdown_intid = 0;
	blob.device[0].pa = device;
	blob.device[1].ipa += 0x200;
	blob.device[1].pa += 0x200;
	assert_int_equal(create(&blob), 0);
	events_forget();
	assert_false(root_map_on_touch(IPA(device)));
	expect_end();
	assert_true(root_map_on_touch(IPA(device + PAGE_SIZE)));
	expect("root 8040001000/1000 = map 8040001000 rw");
	expect("publish");
	assert_true(root_map_on_touch(IPA(device + MIB(2))));
	expect("root 8040200000/200000 = map 8040200000 rw");
	expect("publish");
	expect_end();
	assert_int_equal(root_owner_of(IPA(device)), S2_OWNER_CELL + 2);
	/* Had the page been taken between the look and the map, the map would have been refused. */
	assert_int_equal(s2_map(&root_cell->s2, IPA(device), PA(device), PAGE_SIZE,
				S2_READ | S2_WRITE | S2_FRESH),
			 CAISSON_E_OVERLAP);
	expect_end();
}

/* What a cell had out of an untouched window: as root touches the rest, it grows together. */
static void test_touch_merges(void **state)
{
	struct cell_blob blob = good_cell;
	uint64_t window = 0x8040000000, device = window + MIB(4);

	(void)state;
	blob.device[0].pa = device;
	assert_int_equal(create(&blob), 0);
	machine_watched = cell;
	scrub_all();
	while (cell_destroy(cell) == CAISSON_AGAIN)
		;
	assert_int_equal(root_lookup(IPA(device)).size, PAGE_SIZE);
	for (uint64_t at = window; at < window + GIB(1); at += PAGE_SIZE)
		assert_true(root_map_on_touch(IPA(at)));
	assert_int_equal(root_lookup(IPA(device)).size, GIB(1));
	events_forget();
	expect_end();
}

/* With 48 bits one entry of the topmost table is 512 GiB: one gibibyte is mapped all the same. */
static void test_touch_clamped(void **state)
{
	struct system_blob big = system_blob;

	(void)state;
	machine_pa_range = 5;
	big.device[3].ipa = big.device[3].pa = BIT(46);
	machine_start(&big);
	machine_pa_range = 2;
	assert_int_equal(root_cell->s2.start_level, 0);
	assert_true(root_map_on_touch(IPA(BIT(46) + GIB(3) + 8)));
	assert_true(root_lookup(IPA(BIT(46) + GIB(3))).valid);
	assert_int_equal(root_lookup(IPA(BIT(46) + GIB(3))).size, GIB(1));
	assert_false(root_lookup(IPA(BIT(46) + GIB(2))).valid);
}

/* Illegal transitions are refused by name, and change nothing. */
static void test_states(void **state)
{
	(void)state;
	make_ready();
	assert_false(cell_set_state(cell, CAISSON_CELL_CREATED));
	assert_string_equal(machine_log, "cell good: illegal transition ready to created");
	assert_false(cell_set_state(cell, CAISSON_CELL_FAILED));
	expect_end();
	assert_int_equal(cell->state, CAISSON_CELL_READY);
	assert_int_equal(cell->page->state, CAISSON_CELL_READY);
	assert_true(cell_set_state(cell, CAISSON_CELL_DYING));
	for (uint32_t to = 0; to < CAISSON_CELL_STATE_COUNT; to++)
		assert_false(cell_set_state(cell, to));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

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
		TEST(test_memory_add_order),
		TEST(test_memory_add_refused),
		TEST(test_memory_add_pool),
		TEST(test_memory_add_parts),
		TEST(test_cost),
		TEST(test_scrub),
		TEST(test_scrub_late),
		TEST(test_scrub_by_root),
		TEST(test_scrub_lost),
		TEST(test_scrub_missing),
		TEST(test_load),
		TEST(test_load_source),
		TEST(test_start_order),
		TEST(test_start_refused),
		TEST(test_start_firmware),
		TEST(test_ask),
		TEST(test_stop_order),
		TEST(test_stop_revoke),
		TEST(test_stop_by_revoking),
		TEST(test_pause),
		TEST(test_pause_by_revoking),
		TEST(test_read),
		TEST(test_fetch),
		TEST(test_notes),
		TEST(test_off_by_itself),
		TEST(test_fail),
		TEST(test_watchdog_expires),
		TEST(test_watchdog_calls),
		TEST(test_watchdog_none),
		TEST(test_image_add),
		TEST(test_image_refused),
		TEST(test_restart_order),
		TEST(test_restart_by_first),
		TEST(test_restart_deaf),
		TEST(test_restart_stopped),
		TEST(test_restart_revoked),
		TEST(test_image_given_back),
		TEST(test_destroy_order),
		TEST(test_destroy_while_making),
		TEST(test_destroy_across),
		TEST(test_destroy_refused),
		TEST(test_destroy_pool),
		TEST(test_lives),
		TEST(test_touch),
		TEST(test_touch_merges),
		TEST(test_touch_clamped),
		TEST(test_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
