// SPDX-License-Identifier: GPL-2.0-only
/* Contracts are in cells.h. */
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

const struct system_blob system_blob = {
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

const struct cell_blob good_cell = {
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

struct cell *cell;
struct refusal refusal;

int setup(void **state)
{
	(void)state;
	machine_start(&system_blob);
	cell = NULL;
	return 0;
}

/* Tickets of locks count on: no part of the comparison. */
static void without_locks(uint8_t *pool, struct cpu *copies)
{
	struct cell *root = (struct cell *)(void *)(pool + (pool_pa(root_cell).v - POOL_PA));

	memset(&root->s2.lock, 0, sizeof(root->s2.lock));
	for (uint32_t n = 0; n < MACHINE_CPUS; n++)
		memset(&copies[n].lock, 0, sizeof(copies[n].lock));
}

struct snapshot snapshot(void)
{
	struct snapshot copy = { .pool = malloc(POOL_PAGES * PAGE_SIZE),
				 .available = pool_available(),
				 .next = root_cell->next };

	memcpy(copy.pool, machine_ram(POOL_PA), POOL_PAGES * PAGE_SIZE);
	memcpy(copy.cpus, machine_cpus, sizeof(copy.cpus));
	without_locks(copy.pool, copy.cpus);
	return copy;
}

void expect_same(struct snapshot *before)
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

int64_t create(const struct cell_blob *blob)
{
	memcpy(machine_ram(BLOB_PA), blob, sizeof(*blob));
	memset(&refusal, 0, sizeof(refusal));
	events_forget();
	return cell_create(PA(BLOB_PA), sizeof(*blob), &cell, &refusal);
}

void create_good(void)
{
	assert_int_equal(create(&good_cell), 0);
	machine_watched = cell;
	events_forget();
}

int64_t add(uint64_t ipa, uint64_t pa, uint64_t size)
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

void add_all(void)
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

void scrub_all(void)
{
	int64_t result;

	while ((result = cell_scrub(cell)) == CAISSON_AGAIN)
		;
	if (result == CAISSON_WAIT)
		cpus_scrub();
	assert_int_equal(cell_scrub(cell), 0);
	events_forget();
}

void make_ready_from(const struct cell_blob *blob)
{
	assert_int_equal(create(blob), 0);
	machine_watched = cell;
	events_forget();
	add_all();
	scrub_all();
	assert_int_equal(cell->state, CAISSON_CELL_READY);
}

void make_ready(void)
{
	make_ready_from(&good_cell);
}

void start_it(void)
{
	static const uint64_t args[4];

	assert_int_equal(cell_start(cell, IPA(MEM_IPA), args), 0);
	machine_cpus[2].state = CPU_RUNNING;
	events_forget();
}

void make_running(void)
{
	make_ready();
	start_it();
}

void destroy_it(void)
{
	int64_t result;

	machine_watched = cell;
	scrub_all();
	while ((result = cell_destroy(cell)) == CAISSON_AGAIN)
		;
	assert_int_equal(result, 0);
	events_forget();
}

void expect_zeroes(uint64_t at, uint64_t size)
{
	for (; size; at += PAGE_SIZE, size -= PAGE_SIZE) {
		expect("window A %lx", U(at));
		expect("zero %lx", U(at));
	}
}
