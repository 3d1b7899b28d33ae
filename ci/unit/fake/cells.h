/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cell on the fake machine, for the tests of what is done with it (test_cell_*.c). The real cell,
 * stage-2, pool and checker code runs on the machine, whose events are compared line by line; what
 * a refusal must leave alone is compared bit by bit.
 */
#ifndef FAKE_CELLS_H
#define FAKE_CELLS_H

#include "blob.h"
#include "machine.h"

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
#define SOURCE_PA 0x41000000ULL /* root's, what is loaded comes from there */

#define SECOND 1000000000ULL
#define PERIOD (2 * SECOND + SECOND / 2) /* of the watchdogs */

#define FIELD(f) AT(cell_blob, f), sizeof(good_cell.f)

extern const struct system_blob system_blob;
extern const struct cell_blob good_cell;
extern struct cell *cell; /* the last that was created */
extern struct refusal refusal;

#define TEST(name) cmocka_unit_test_setup(name, setup)

/* Power on, before each test: root alone. */
int setup(void **state);

/* --- what a refusal leaves alone --- */

struct snapshot {
	uint8_t *pool; /* stage-2 tables, cells and the bitmap lie in it */
	struct cpu cpus[MACHINE_CPUS];
	size_t available;
	struct cell *next;
};

struct snapshot snapshot(void);
/* Bit-identical: pool, root's tables and interrupts, cells, owners of CPUs. Frees it. */
void expect_same(struct snapshot *before);

/* --- steps --- */

/* The first call of it; `cell` is what came of it. */
int64_t create(const struct cell_blob *blob);
void create_good(void);
/* All of it, in as many calls as it takes. */
int64_t add(uint64_t ipa, uint64_t pa, uint64_t size);
void add_all(void);
/* By the cell's CPUs, or by root's. */
void scrub_all(void);
void make_ready_from(const struct cell_blob *blob);
void make_ready(void);
void start_it(void);
void make_running(void);
/* Scrubs it before. */
void destroy_it(void);
/* Whole pages from `at` on, each once. */
void expect_zeroes(uint64_t at, uint64_t size);

#endif
