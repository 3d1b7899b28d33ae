// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl config check: what is found in a file, between files, and against a machine whose device
 * tree has something of each kind; how it is told.
 *
 * Sources: tools/check.c tools/check_machine.c tools/check_devices.c tools/check_costs.c tools/cost.c
 * Sources: tools/board.c tools/dma.c tools/tree.c tools/findings.c tools/excerpt.c tools/blob.c tools/util.c
 * Sources: tools/json.c tools/refusal.c tools/refusal_print.c tools/hints.c tools/machine.c
 * Sources: tools/ranges.c tools/inventory.c tools/file.c tools/nearest.c
 * Sources: tools/path_host.c hypervisor/core/config_check.c ci/unit/fake/acme.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../tools/check.h"
#include "../../tools/refusal.h"
#include "acme.h"

/* --- a machine --- */

static struct board board;

static int setup(void **state)
{
	(void)state;
	make_tree(10);
	board = (struct board){ 0 };
	board_add_tree(&board, tree);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	board_free(&board);
	return 0;
}

/* A line for each node. */
static const char *board_text(void)
{
	static const char *const kinds[] = { "device", "gic", "ram", "kernel", "boot", "hypervisor" };
	static char text[4096];
	size_t used = 0;

	*text = '\0';
	for (uint32_t n = 0; n < board.nodes; n++) {
		const struct board_node *node = &board.node[n];

		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", node->path);
		for (uint32_t i = 0; i < board.regions; i++)
			if (board.region[i].node == n)
				used += (size_t)snprintf(text + used, sizeof(text) - used,
							 " %s %" PRIx64 "-%" PRIx64,
							 kinds[board.region[i].kind],
							 board.region[i].start, board.region[i].end);
		for (uint32_t i = 0; i < board.irqs; i++)
			if (board.irq[i].node == n)
				used += (size_t)snprintf(text + used, sizeof(text) - used,
							 " irq %" PRIu32, board.irq[i].intid);
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s%s%s\n",
					 node->dma == DMA_NONE ? "" : " dma:",
					 node->dma == DMA_NONE ? "" : node->sign ? node->sign : "?",
					 node->iommu ? " iommu" : "", node->console ? " console" : "");
	}
	return text;
}

static void test_board(void **state)
{
	(void)state;
	assert_string_equal(board_text(),
			    "/memory@40000000 ram 40000000-80000000\n"
			    "/reserved-memory/firmware@42000000 kernel 42000000-42001000\n"
			    "/reserved-memory/pool@43000000 boot 43000000-43001000\n"
			    "/gic@8000000 gic 8000000-8010000 gic 80a0000-80e0000\n"
			    "/its@8080000 gic 8080000-80a0000\n"
			    "/serial@9000000 device 9000000-9001000 irq 33 console\n"
			    "/rtc@9010000 device 9010000-9011000 irq 34\n"
			    "/gpio@9020000 device 9020000-9020100 irq 35\n"
			    "/gpio@9020100 device 9020100-9020200\n"
			    "/ethernet@9030000 device 9030000-9031000 irq 37 dma:ethernet\n"
			    "/blob@9040000 device 9040000-9041000 irq 38 dma:iommus iommu\n"
			    "/thing@9060000 device 9060000-9061000 dma:?\n"
			    "/pcie@10000000 device 3f000000-40000000 device 10000000-11000000 irq 52 dma:pci-host-ecam-generic\n"
			    "/memreserve/ boot 41000000-41001000\n");
	assert_int_equal(board.cpus, 2);
	assert_false(board.no_el2_timer);
	board_free(&board);
	make_tree(9);
	board_add_tree(&board, tree);
	assert_true(board.no_el2_timer);
}

static void test_iomem(void **state)
{
	(void)state;
	board_free(&board);
	board_add_iomem(&board, "09000000-09000fff : pl011@9000000\n"
				"  09000000-09000fff : 9000000.pl011\n"
				"40000000-7fffffff : System RAM\n"
				"  40210000-41b3ffff : Kernel code\n"
				"  41b40000-41e7ffff : reserved\n"
				"    41b50000-41b5ffff : deeper\n"
				"garbage\n"
				"80000000-8000ffff : reserved\n"
				"  80000000-80000fff : reserved");
	assert_string_equal(board_text(),
			    "/proc/iomem, Kernel code kernel 40210000-41b40000\n"
			    "/proc/iomem, reserved boot 41b40000-41e80000\n"
			    "/proc/iomem, deeper boot 41b50000-41b60000\n");
	/* Root alone sees addresses. */
	board_free(&board);
	board_add_iomem(&board, "00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n");
	assert_int_equal(board.regions, 0);
}

/* --- what is found --- */

#define WITH_SYSTEM 1
#define WITH_BOARD 2

static struct unit units[4];
static struct check c;

static void put(char *text, size_t size, const struct place *at)
{
	if (at->unit && at->offset)
		refusal_where(at->unit->blob, at->offset, text, size);
	else
		snprintf(text, size, "%s", at->unit ? at->unit->path : at->name);
}

/* All findings, a line each: E or W, code, place, value, the other place. */
static const char *findings(void)
{
	static char text[4096];
	size_t used = 0;

	*text = '\0';
	findings_sort(&c.found);
	for (uint32_t i = 0; i < c.found.count && used < sizeof(text); i++) {
		const struct finding *f = &c.found.finding[i];
		char at[64], other[64] = "";

		put(at, sizeof(at), &f->at);
		if (f->note)
			put(other, sizeof(other), &f->other);
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%s %s %s %" PRIx64 "%s%s\n", f->severity ? "W" : "E",
					 f->code, at, f->value, f->note ? " " : "", other);
	}
	return text;
}

static void prepare(const struct spec *specs, uint32_t count, int with)
{
	c = (struct check){ .unit = units };
	for (uint32_t i = 0; i < count; i++)
		units[c.count++] = make(&specs[i]);
	if (with & WITH_SYSTEM) {
		c.system = &units[c.count];
		units[c.count++] = make_system(0, 0x40000000);
	}
	if (with & WITH_BOARD)
		c.board = &board;
}

static void forget(void)
{
	for (uint32_t i = 0; i < c.count; i++)
		free(units[i].blob);
	findings_free(&c.found);
}

#define RAM(ipa) .memory = { { ipa, ANY, MIB(16) } }

static void test_all(void **state)
{
	static const struct {
		const char *what;
		int with;
		struct spec spec[3];
		const char *found;
	} rows[] = {
		{ "nothing", WITH_SYSTEM | WITH_BOARD, { { "a", 1, 1, RAM(0), .console = true } }, "" },
		{ "names and CPUs", 0, { { "a", 1, 1, RAM(0) }, { "a", 0, 2, RAM(0) } },
		  "E NAME_TAKEN a:cell 0 a:cell\nE CPU_OWNED a:cpu 1 a:cpu\n" },
		{ "the name root", 0, { { "root", 1, 1, RAM(0) } }, "E NAME_TAKEN root:cell 0\n" },
		{ "no CPU left", WITH_BOARD, { { "a", 0, 1, RAM(0) }, { "b", 1, 1, RAM(0) } },
		  "E CPU_LAST b:cpu 2\n" },
		{ "no such CPU", WITH_BOARD, { { "a", 1, 2, RAM(0) } }, "E CPU_UNKNOWN a:cpu 2\n" },
		{ "nor in the system", WITH_SYSTEM, { { "a", 3, 2, RAM(0) } },
		  "E CPU_UNKNOWN a:cpu 4\n" },
		{ "interrupts", 0, { { "a", 1, 1, RAM(0), .irq = 40, .irqs = 4 },
				     { "b", 2, 1, RAM(0), .irq = 50, .irqs = 1, .console = true, .intid = 43 },
				     { "c", 3, 1, RAM(0), .irq = 43, .irqs = 9 } },
		  "E IRQ_OWNED b:console 2b a:irq\n"
		  "E IRQ_OWNED c:irq 2b a:irq\nE IRQ_OWNED c:irq 2b b:console\nE IRQ_OWNED c:irq 32 b:irq\n" },
		{ "the doorbell, and a console's that is wired", WITH_SYSTEM,
		  { { "a", 1, 1, RAM(0), .irq = 218, .irqs = 3, .console = true, .intid = 60 } },
		  "E IRQ_OWNED a:irq dc sys:spare\nW IRQ_WIRED a:console 3c\n" },
		{ "no interrupt for the second one", WITH_SYSTEM,
		  { { "a", 1, 1, RAM(0), .console = true }, { "b", 2, 1, RAM(0), .console = true } },
		  "W SPI_EXHAUSTED b:cell 4\n" },
		{ "memory", 0, { { "a", 1, 1, .memory = { { 0, 0x50000000, MIB(4) } } },
				 { "b", 2, 1, .memory = { { 0, 0x50200000, MIB(4) } }, { { 0x9010000, 0x1000 } } },
				 { "c", 3, 1, RAM(0), { { 0x9010800, 0x800 } } } },
		  "E MEM_OWNED b:mem0 50200000 a:mem0\nE MEM_OWNED c:dev0 9010800 b:dev0\n"
		  "W DEVICE_PAGE c:dev0 9010800 b:dev0\n" },
		{ "no RAM", WITH_SYSTEM, { { "a", 1, 1, .memory = { { 0, 0x7fe00000, MIB(4) } } } },
		  "E MEM_NOT_RAM a:mem0 7fe00000 sys:ram\n" },
		{ "memory that root keeps", WITH_BOARD,
		  { { "a", 1, 1, .memory = { { 0, 0x41000000, MIB(2) }, { 0x42000000, 0x42000000, MIB(18) } } } },
		  "E MEM_BUSY a:mem1 42000000 /reserved-memory/firmware@42000000\n"
		  "W MEM_BOOT a:mem0 41000000 /memreserve/\n"
		  "W MEM_BOOT a:mem1 43000000 /reserved-memory/pool@43000000\n" },
		{ "too much", WITH_SYSTEM, { { "a", 1, 1, .memory = { { 0x40000000, ANY, MIB(1000) } } } },
		  "E NO_MEMORY a:mem0 0\n" },
		{ "devices nobody gets", WITH_SYSTEM | WITH_BOARD,
		  { { "a", 1, 1, RAM(0), { { 0x40000000, 0x1000 }, { 0x80c0000, 0x1000 }, { 0x9000000, 0x1000 } } } },
		  "E DEVICE_IN_USE a:dev1 80c0000 sys:system\nE NODE_CONSOLE a:dev2 9000000 /serial@9000000\n"
		  "E DEVICE_RAM a:dev0 40000000 sys:ram\n" },
		{ "the ITS", WITH_BOARD, { { "a", 1, 1, RAM(0), { { 0x8080000, 0x1000 } } } },
		  "E DEVICE_IN_USE a:dev0 8080000 /its@8080000\n" },
		{ "a device as it should be", WITH_BOARD,
		  { { "a", 1, 1, RAM(0), { { 0x9010000, 0x1000 } }, "/rtc@9010000", 34, 1 } }, "" },
		{ "without its interrupt, and the other way round", WITH_BOARD,
		  { { "a", 1, 1, RAM(0), { { 0x9010000, 0x1000 } }, .irq = 37, .irqs = 2 } },
		  "W IRQ_ALONE a:irq 25 /ethernet@9030000\nW IRQ_ALONE a:irq 26 /blob@9040000\n"
		  "W IRQ_MISSING a:dev0 22\n" },
		{ "root's console's interrupt", WITH_BOARD, { { "a", 1, 1, RAM(0), .irq = 33, .irqs = 1 } },
		  "E IRQ_IN_USE a:irq 21 /serial@9000000\n" },
		{ "a node without its interrupt", WITH_BOARD,
		  { { "a", 1, 1, RAM(0), { { 0x9010000, 0x1000 } }, "/rtc@9010000", .irqs = 0 } },
		  "W IRQ_MISSING /rtc@9010000 22\n" },
		{ "which is told otherwise in a cell for Linux", WITH_BOARD,
		  { { "a", 1, 1, RAM(0), { { 0x9010000, 0x1000 } }, "/rtc@9010000", .for_linux = true } }, "" },
		{ "DMA", WITH_BOARD, { { "a", 1, 1, RAM(0), { { 0x9030000, 0x1000 }, { 0x9040000, 0x1000 },
							      { 0x10000000, 0x1000 } }, .irq = 37, .irqs = 16 } },
		  "W DMA a:dev0 9030000 /ethernet@9030000\nW DMA a:dev1 9040000 /blob@9040000\n"
		  "W DMA a:dev2 10000000 /pcie@10000000\n" },
		{ "nobody knows", WITH_BOARD, { { "a", 1, 1, RAM(0), { { 0x9060000, 0x1000 } } } },
		  "W DMA a:dev0 9060000 /thing@9060000\n" },
		{ "parts of a page", WITH_BOARD,
		  { { "a", 1, 1, RAM(0), { { 0x9020100, 0x100 }, { 0x9010000, 0x10 } }, .irq = 34, .irqs = 1 } },
		  "W DEVICE_PAGE a:dev0 9020100 /gpio@9020000\nW DEVICE_PAGE a:dev1 9010000\n" },
		{ "a page with two devices, and one with none", WITH_BOARD,
		  { { "a", 1, 1, RAM(0), { { 0x9020000, 0x1000 }, { 0x9050000, 0x1000 } }, .irq = 35, .irqs = 1 } },
		  "W DEVICE_NONE a:dev1 9050000\nW DEVICE_MORE a:dev0 2 /gpio@9020000\n" },
		{ "no such node", WITH_BOARD,
		  { { "a", 1, 1, RAM(0), { { 0x9010000, 0x1000 } }, "/nope", 34, 1 } }, "E NODE_UNKNOWN /nope 9010000 /nope\n" },
		{ "another's node", WITH_BOARD,
		  { { "a", 1, 1, RAM(0), { { 0x9010000, 0x1000 } }, "/gpio@9020000", 34, 1 } },
		  "E NODE_REGION /gpio@9020000 9010000 /gpio@9020000\n" },
		{ "alignment", 0,
		  { { "a", 1, 1, .memory = { { 0x40100000, ANY, MIB(4) }, { 0x50100000, ANY, MIB(4) | CONTIGUOUS },
				   { 0x80000000, 0x100000000, MIB(1536) } } },
		    { "b", 2, 1, .memory = { { 0x40000000, 0x200200000, MIB(1024) }, { 0x180001000, 0x280002000, MIB(2) },
				   { 0, ANY, 0x10000 } } } },
		  "W ALIGNMENT a:mem0 2\nW ALIGNMENT a:mem1 3\n"
		  "W ALIGNMENT b:mem0 1\nW ALIGNMENT b:mem1 2\n" },
	};

	uint32_t bad = 0;

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		uint32_t count = 0;

		while (count < 3 && rows[n].spec[count].name)
			count++;
		prepare(rows[n].spec, count, rows[n].with);
		check_all(&c);
		if (strcmp(findings(), rows[n].found))
			print_error("%s:\n%s", rows[n].what, findings()), bad++;
		forget();
	}
	assert_int_equal(bad, 0);
}

/* --- what is known of a machine that runs, and of what is in force there --- */

static void test_mode(void **state)
{
	static const struct spec guarded = { "a", 1, 1, RAM(0), .watchdog = 100 };

	(void)state;
	prepare(&guarded, 1, WITH_SYSTEM | WITH_BOARD);
	check_all(&c);
	assert_string_equal(findings(), "");
	c.mode = CAISSON_MODE_DIRECT_REVOKE;
	check_all(&c);
	assert_string_equal(findings(), "E WATCHDOG_MODE a:cell 0\n");
	findings_free(&c.found);
	c.mode = CAISSON_MODE_LIST;
	board.no_el2_timer = true;
	check_all(&c);
	assert_string_equal(findings(), "E WATCHDOG a:cell 0\n");
	forget();
}

static void test_live(void **state)
{
	static const struct spec specs[] = {
		{ "old", 1, 1, .memory = { { 0, 0x50000000, MIB(3) } }, .irq = 50, .irqs = 1 },
		{ "new", 1, 1, .memory = { { 0, 0x50000000, MIB(2) }, { 0x40000000, 0x60000000, MIB(2) } },
		  .irq = 64, .irqs = 4 },
	};

	(void)state;
	prepare(specs, 2, WITH_BOARD);
	units[0].live = true;
	board.spi_end = 66;
	board_add_region(&board, BOARD_HYPERVISOR, "EL2", 0x60100000, 0x60200000);
	check_all(&c);
	assert_string_equal(findings(), "E CPU_OWNED new:cpu 1 old:cpu\n"
					"E IRQ_UNKNOWN new:irq 42\n"
					"E MEM_OWNED new:mem0 50000000 old:mem0\n"
					"E MEM_HYPERVISOR new:mem1 60100000 EL2\n");
	forget();
}

static void test_system(void **state)
{
	static const struct spec cell = { "a", 1, 1, RAM(0), .console = true };
	struct caisson_system_entry *sys;

	(void)state;
	prepare(&cell, 1, WITH_BOARD);
	c.system = &units[c.count];
	units[c.count++] = make_system(0, 0x30000000);
	sys = (void *)(uintptr_t)config_system(c.system->blob);
	sys->gicr_base += 0x20000;
	check_all(&c);
	assert_string_equal(findings(), "E RAM_UNLISTED sys:system 70000000 /memory@40000000\n"
					"E GIC_ADDRESS sys:system 80c0000\n");
	forget();
}

/* A cell of 16 MiB: itself, its page, its configuration, a root table and one of level 2. */
static void test_pool(void **state)
{
	static const struct spec specs[] = { { "a", 0, 1, RAM(0) }, { "b", 1, 1, RAM(0) } };
	struct caisson_system_entry *sys;
	struct pool pool;

	(void)state;
	prepare(specs, 2, WITH_SYSTEM);
	sys = (void *)(uintptr_t)config_system(c.system->blob);
	pool = check_pool(&c);
	assert_int_equal(pool.cells, 2 * 5);
	assert_int_equal(pool.root, 2);
	assert_int_equal(pool.has, 48);
	assert_false(pool.exact);
	check_all(&c);
	assert_string_equal(findings(), "");
	/* 16 are root's, and one for each of the four CPUs that the system has room for. */
	sys->pool_pages = 16 + 4 + 12;
	check_all(&c);
	assert_string_equal(findings(), "");
	sys->pool_pages = 16 + 4 + 11;
	check_all(&c);
	assert_string_equal(findings(), "W POOL b:cell c\n");
	findings_free(&c.found);
	sys->pool_pages = 16 + 4 + 9;
	check_all(&c);
	assert_string_equal(findings(), "E POOL b:cell c\n");
	findings_free(&c.found);
	sys->pool_pages = 1;
	assert_int_equal(check_pool(&c).has, 0);
	/* In force: EL2 says what is left, and those that exist have theirs. */
	c.enabled = true;
	c.pool_free = 7;
	units[0].live = true;
	pool = check_pool(&c);
	assert_int_equal(pool.cells, 5);
	assert_int_equal(pool.has, 7);
	assert_true(pool.exact);
	forget();
}

static void test_interrupts(void **state)
{
	static const struct spec specs[] = {
		{ "a", 1, 1, RAM(0), { { 0x9010000, 0x1000 } }, .irq = 34, .irqs = 1 },
		{ "b", 1, 1, RAM(0), { { 0x9010000, 0x1000 } }, "/rtc@9010000", 34, 1 },
	};

	(void)state;
	board_add_interrupts(&board, "           CPU0       CPU1\n"
				     " 11:        362        518     GICv3  27 Level     arch_timer\n"
				     " 13:         10          0     GICv3 34 Level     rtc-pl031, more\n"
				     "IPI0:        45         26       Rescheduling interrupts\n"
				     " 14:         10          0     pl061   3 Edge      GICv3\n");
	assert_non_null(strstr(board_text(), "/proc/interrupts, rtc-pl031, more irq 34\n"));
	assert_null(strstr(board_text(), "arch_timer"));
	prepare(&specs[0], 1, WITH_BOARD);
	check_all(&c);
	assert_string_equal(findings(), "E IRQ_IN_USE a:irq 22 /proc/interrupts, rtc-pl031, more\n");
	forget();
	/* By its node the device is handed over, interrupt included. */
	prepare(&specs[1], 1, WITH_BOARD);
	check_all(&c);
	assert_string_equal(findings(), "");
	forget();
}

/* --- all that is wrong with one file --- */

static void test_unit(void **state)
{
	static const struct spec specs[] = { { "a", 1, 1,
		.memory = { { 0, ANY, MIB(2) }, { 0x40000000, ANY, MIB(2) }, { 0x50000000, ANY, MIB(2) } },
		.irq = 40, .irqs = 1, .console = true } };
	struct caisson_memory_entry *m;
	struct unit *unit = &units[0];

	(void)state;
	prepare(specs, 1, 0);
	m = (void *)((char *)unit->blob + config_offset(unit->blob, CAISSON_SEC_MEMORY, 0));
	m[0].ipa = 0x40000000;
	m[1].ipa = 0x40100000; /* meets the first, and is told once */
	m[2].ipa = 0x40101001; /* would meet both, but is wrong anyway */
	((struct caisson_cpu_entry *)(uintptr_t)config_cpu(unit->blob, 0))->count = 0;
	((struct caisson_console_entry *)(uintptr_t)config_console(unit->blob))->intid = 40;
	check_unit(&c.found, unit, 0);
	assert_false(unit->sound);
	assert_string_equal(findings(), "E ALIGN a:mem2 40101001\nE EMPTY a:cpu 1\n"
					"E IRQ_TWICE a:irq 28 a:console\n"
					"E OVERLAP a:mem1 40100000 a:mem0\n");
	/* It is not compared with others then. */
	c.board = &board;
	check_all(&c);
	assert_int_equal(c.found.count, 4);
	findings_free(&c.found);
	/* Where the form is broken nothing more can be said. */
	((struct caisson_config_header *)unit->blob)->size++;
	check_unit(&c.found, unit, 0);
	assert_int_equal(c.found.count, 1);
	assert_string_equal(c.found.finding[0].code, "TRUNCATED");
	findings_free(&c.found);
	((struct caisson_config_header *)unit->blob)->size--;
	((struct caisson_config_header *)unit->blob)->section[CAISSON_SEC_MEMORY].count = 0;
	check_unit(&c.found, unit, 0);
	assert_int_equal(c.found.count, 1);
	assert_string_equal(c.found.finding[0].code, "MISSING");
	forget();
}

/* Whatever stands in a file: nothing outside of it is read, and what is told has a place in it. */
static void test_garbage(void **state)
{
	static const struct spec cell = { "a", 1, 1,
		.memory = { { 0, ANY, MIB(2) }, { 0x40000000, 0x50000000, MIB(2) } },
		.device = { { 0x9010000, 0x1000 }, { 0x9020100, 0x100 } },
		.irq = 40, .irqs = 1, .console = true };
	struct unit good[2] = { make(&cell), make_system(0, 0x40000000) };
	uint32_t sound = 0;

	(void)state;
	srand(1);
	for (uint32_t round = 0; round < 20000; round++) {
		const struct unit *from = &good[round % 2];
		uint32_t *words, changes = 1 + (uint32_t)rand() % 4;

		c = (struct check){ .unit = units, .count = 1, .board = &board };
		units[0] = *from;
		units[0].blob = words = malloc(from->size);
		assert_non_null(words);
		memcpy(words, from->blob, from->size);
		/* Mostly small numbers, and mostly behind the header, which would refuse most. */
		while (changes--) {
			uint32_t at = (uint32_t)rand() % (from->size / 4);

			if (at < sizeof(struct caisson_config_header) / 4 && rand() % 8)
				continue;
			words[at] = rand() % 2 ? (uint32_t)rand() % 64 : (uint32_t)rand() * 2654435761u;
		}
		check_unit(&c.found, &units[0], 0);
		assert_int_equal(units[0].sound, !config_check(words, from->size, 0).code);
		assert_int_equal(units[0].sound, !c.found.count);
		sound += units[0].sound;
		check_all(&c);
		findings();
		forget();
	}
	assert_true(sound > 100);
	free(good[0].blob);
	free(good[1].blob);
}

/* --- how it is told --- */

static char printed[4096];

/* What findings_print() says, or findings_json(). */
static const char *print(bool json)
{
	int saved, which = json ? STDOUT_FILENO : STDERR_FILENO;
	FILE *to = tmpfile();
	struct json j;

	assert_non_null(to);
	fflush(NULL);
	saved = dup(which);
	dup2(fileno(to), which);
	if (json) {
		json_begin(&j, stdout);
		json_object(&j, NULL);
		findings_json(&j, &c.found);
		json_end_object(&j);
	} else {
		findings_print(&c.found);
	}
	fflush(NULL);
	dup2(saved, which);
	close(saved);
	rewind(to);
	printed[fread(printed, 1, sizeof(printed) - 1, to)] = '\0';
	fclose(to);
	return printed;
}

static void write_source(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void set_line(struct unit *unit, uint32_t line)
{
	((struct caisson_source *)((char *)unit->blob +
				   config_offset(unit->blob, CAISSON_SEC_CPU, 0)))->line = line;
}

static void test_print(void **state)
{
	static const struct spec specs[] = { { "a", 1, 1, RAM(0) }, { "b", 0, 2, RAM(0) } };
	char directory[] = "/tmp/check-XXXXXX";
	struct finding *f;

	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_int_equal(chdir(directory), 0);
	prepare(specs, 2, 0);
	set_line(&units[0], 2);
	set_line(&units[1], 1);
	units[0].path = "a.cell";
	units[1].path = "b.cell";
	f = find_refusal(&c.found, CAISSON_E_CPU_OWNED, 1, place_of(&units[1], CAISSON_SEC_CPU, 0));
	beside(f, place_of(&units[0], CAISSON_SEC_CPU, 0), "here");
	advise(f, "another one");
	f = find(&c.found, FINDING_WARNING, "DMA", 7, (struct place){ &units[1], 0, NULL }, "DMA");
	beside(f, place_named("/nic"), "there");
	/* No source at hand. */
	assert_string_equal(print(false), "b:cpu:1: error: the CPU belongs to another cell (CPU 1)\n"
					  "a:cpu:2: note: here\n"
					  "hvctl: hint: another one\n"
					  "b.cell: warning: DMA\n"
					  "/nic: note: there\n");
	/* One is at hand; the other is newer than what was compiled, and a third of neither is. */
	write_source("b:cpu", "\t  CPUS(0, 2);\n");
	write_source("b.cell", "");
	write_source("a.cell", "");
	write_source("a:cpu", "one\ntwo\n");
	assert_int_equal(system("touch -d '1 hour ago' a.cell"), 0);
	assert_string_equal(print(false), "b:cpu:1: error: the CPU belongs to another cell (CPU 1)\n"
					  "    1 | \t  CPUS(0, 2);\n"
					  "      | \t  ^~~~\n"
					  "a:cpu:2: note: here\n"
					  "hvctl: hint: another one\n"
					  "b.cell: warning: DMA\n"
					  "/nic: note: there\n");
	/* A line that the file does not have. */
	set_line(&units[1], 9);
	assert_null(strstr(print(false), "|"));
	assert_string_equal(print(true), "{\n  \"findings\": [\n    {\n"
					 "      \"severity\": \"error\",\n"
					 "      \"code\": \"CPU_OWNED\",\n"
					 "      \"message\": \"the CPU belongs to another cell (CPU 1)\",\n"
					 "      \"value\": 1,\n"
					 "      \"file\": \"b.cell\",\n"
					 "      \"where\": \"b:cpu:9\",\n"
					 "      \"other\": \"a:cpu:2\",\n"
					 "      \"note\": \"here\",\n"
					 "      \"hint\": \"another one\"\n"
					 "    },\n    {\n"
					 "      \"severity\": \"warning\",\n"
					 "      \"code\": \"DMA\",\n"
					 "      \"message\": \"DMA\",\n"
					 "      \"value\": 7,\n"
					 "      \"file\": \"b.cell\",\n"
					 "      \"where\": \"b.cell\",\n"
					 "      \"other\": \"/nic\",\n"
					 "      \"note\": \"there\"\n"
					 "    }\n  ]\n}\n");
	assert_int_equal(findings_count(&c.found, FINDING_ERROR, &units[1]), 1);
	assert_int_equal(findings_count(&c.found, FINDING_WARNING, &units[0]), 0);
	assert_int_equal(findings_count(&c.found, FINDING_WARNING, NULL), 1);
	forget();
	assert_int_equal(chdir("/"), 0);
	snprintf(printed, sizeof(printed), "rm -r %s", directory);
	assert_int_equal(system(printed), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_board), TEST(test_iomem), TEST(test_all),  TEST(test_mode), TEST(test_live),
		TEST(test_system), TEST(test_pool), TEST(test_interrupts), TEST(test_unit), TEST(test_garbage),
		TEST(test_print),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
