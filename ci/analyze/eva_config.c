// SPDX-License-Identifier: GPL-2.0-only
/*
 * The validator under Frama-C's Eva: see Makefile. Eva knows of each number between which it lies, and
 * nothing of how two of them are related. That a section's offset and its entries together end inside
 * the file is such a relation; hence three analyses:
 *
 *   any_header   a file of any size and any bytes up to where the sections are known to lie in it
 *   any_entries  from there on, any entries of any number, and any progress between two calls. Of what
 *                was proven it is told each number's bounds alone, so an entry may begin where the
 *                file's last byte may be; behind that is memory here. Proves all arithmetic and each
 *                pointer, and of accesses that they go no further than these bounds.
 *   exact_form   files of known form and exactly their size, any bytes in the entries: no access leaves
 *                them. For files of all forms ci/fuzz/config.c attacks this.
 */
#include "../../hypervisor/core/config_check.c"

#include <__fc_builtin.h>

#define MAX CAISSON_CONFIG_MAX

static uint32_t any(uint32_t from, uint32_t to)
{
	return (uint32_t)Frama_C_unsigned_int_interval(from, to);
}

void any_header(void)
{
	static uint64_t file[MAX / 8];
	uint32_t size = any(0, MAX);

	Frama_C_make_unknown((char *)file, sizeof(file));
	check_header(file, any(0, ~0u), any(0, 3));
	if (size >= sizeof(struct caisson_config_header)) {
		((struct caisson_config_header *)file)->size = size;
		check_sections(file);
	}
}

/* The bounds are conditions of check_header() and check_sections(), one by one. */
void any_entries(void)
{
	static uint64_t file[2 * MAX / 8];
	struct caisson_config_header *header = (void *)file;
	uint32_t n, step;

	Frama_C_make_unknown((char *)file, sizeof(file));
	header->magic = CAISSON_CONFIG_MAGIC;
	header->kind = (uint16_t)any(CAISSON_KIND_CELL, CAISSON_KIND_SYSTEM);
	header->size = any(sizeof(*header), MAX);
	//@ loop unroll CAISSON_SEC_COUNT;
	for (n = 0; n < CAISSON_SEC_COUNT; n++) {
		header->section[n].offset = any(sizeof(*header), MAX);
		header->section[n].entry_size = config_entry_sizes[n];
		header->section[n].count = any(0, MAX / config_entry_sizes[n]);
	}
	check_strings(file);
	//@ loop unroll 100;
	for (step = 0; step < sizeof(steps) / sizeof(steps[0]); step++) {
		struct config_progress progress = { 1, step, any(0, ~0u), any(0, ~0u) };
		struct config_verdict verdict;

		config_check_some(file, header->size, 0, &progress, 1, &verdict);
	}
}

struct cell_file {
	struct caisson_config_header header;
	struct caisson_cell_entry cell;
	struct caisson_cpu_entry cpu[2];
	struct caisson_memory_entry memory[2];
	struct caisson_device_entry device[2];
	struct caisson_irq_entry irq[2];
	struct caisson_console_entry console;
	char strings[8];
};

struct system_file {
	struct caisson_config_header header;
	struct caisson_system_entry system;
	struct caisson_memory_entry memory[2];
	struct caisson_device_entry device[2];
	struct caisson_irq_entry irq[2];
	char strings[8];
};

static void section(struct caisson_config_header *header, uint32_t which, uint64_t offset,
		    uint64_t bytes)
{
	header->section[which].offset = (uint32_t)offset;
	header->section[which].entry_size = config_entry_sizes[which];
	header->section[which].count = (uint32_t)bytes / config_entry_sizes[which];
	header->section[which].reserved = 0;
}

static void begin(struct caisson_config_header *header, uint16_t kind, uint64_t size)
{
	uint32_t n;

	header->magic = CAISSON_CONFIG_MAGIC;
	header->abi_version = CAISSON_ABI_VERSION;
	header->kind = kind;
	header->size = (uint32_t)size;
	header->reserved = 0;
	//@ loop unroll CAISSON_SEC_COUNT;
	for (n = 0; n < CAISSON_SEC_COUNT; n++)
		section(header, n, sizeof(*header), 0);
}

#define SECTION(file, which, field) \
	section(&file.header, which, __builtin_offsetof(typeof(file), field), sizeof(file.field))

void exact_form(void)
{
	static struct cell_file cell;
	static struct system_file sys;

	Frama_C_make_unknown((char *)&cell, sizeof(cell));
	begin(&cell.header, CAISSON_KIND_CELL, sizeof(cell));
	SECTION(cell, CAISSON_SEC_CELL, cell);
	SECTION(cell, CAISSON_SEC_CPU, cpu);
	SECTION(cell, CAISSON_SEC_MEMORY, memory);
	SECTION(cell, CAISSON_SEC_DEVICE, device);
	SECTION(cell, CAISSON_SEC_IRQ, irq);
	SECTION(cell, CAISSON_SEC_CONSOLE, console);
	SECTION(cell, CAISSON_SEC_STRINGS, strings);
	config_check(&cell, sizeof(cell), CAISSON_KIND_CELL);

	Frama_C_make_unknown((char *)&sys, sizeof(sys));
	begin(&sys.header, CAISSON_KIND_SYSTEM, sizeof(sys));
	SECTION(sys, CAISSON_SEC_SYSTEM, system);
	SECTION(sys, CAISSON_SEC_MEMORY, memory);
	SECTION(sys, CAISSON_SEC_DEVICE, device);
	SECTION(sys, CAISSON_SEC_IRQ, irq);
	SECTION(sys, CAISSON_SEC_STRINGS, strings);
	config_check(&sys, sizeof(sys), CAISSON_KIND_SYSTEM);
}
