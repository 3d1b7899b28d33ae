// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hvctl config create makes of a device tree, board.dts, which dtc compiles: where interrupts
 * end, which devices a cell can have and for which reason not the others, RAM, the choice of CPUs,
 * places and SPIs; and what does not hold when the tree is damaged.
 *
 * Sources: tools/tree.c tools/inventory.c tools/dma.c tools/ranges.c tools/machine.c tools/new_cell.c tools/blob.c
 * Sources: tools/util.c tools/file.c tools/nearest.c tools/path_host.c tools/refusal.c tools/refusal_print.c tools/hints.c
 * Sources: tools/json.c tools/spis.c tools/device.c
 * Sources: hypervisor/core/config_check.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../tools/inventory.h"
#include "../../tools/machine.h"
#include "../../tools/new_cell.h"
#include "../../tools/refusal.h"
#include "../../tools/spis.h"

static struct machine board;
static struct inventory devices;

static int read_board(void **state)
{
	char path[] = "/tmp/hvctl-test-XXXXXX", command[128];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(command, sizeof(command), "dtc -q -I dts -O dtb -o %s board.dts", path);
	assert_int_equal(system(command), 0);
	assert_int_equal(machine_open_dtb(&board, path), HVCTL_OK);
	board.dtb = "board.dtb";
	unlink(path);
	inventory_make(&devices, board.fdt);
	return 0;
}

static int drop_board(void **state)
{
	(void)state;
	inventory_free(&devices);
	machine_close(&board);
	return 0;
}

static const struct item *find(const char *name)
{
	char why[ITEM_WHY];
	const struct item *item = inventory_find(&devices, board.fdt, name, why, sizeof(why));

	if (!item)
		print_message("%s: %s\n", name, why);
	assert_non_null(item);
	return item;
}

static void interrupts(void **state)
{
	static const struct {
		const char *path;
		uint32_t intid[3];
	} rows[] = {
		{ "serial0", { 33 } },
		{ "/soc/rtc@1000", { 34, 35 } },
		{ "/soc/gpio1@2000", { 36, 37 } },
		{ "/bus@30000000/rtc@300000000", { 53 } }, /* through the bus's map */
		{ "/soc/ethernet@6000", { 0 } },
	};
	bool wired[CONFIG_SPI_END] = { false };
	struct tree_irq irq;
	uint32_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct item *item = find(rows[i].path);

		for (k = 0; rows[i].intid[k]; k++)
			assert_int_equal(item->intid[k], rows[i].intid[k]);
		assert_int_equal(item->nintids, k);
	}
	/* The map's other rows are wires, too, and so is what a switched-off node would have. */
	tree_wired(board.fdt, wired);
	assert_true(wired[33] && wired[52] && wired[53] && wired[122]);
	assert_false(wired[0] || wired[32] || wired[54]);
	assert_int_equal(tree_irq(board.fdt, find("/soc/rtc@1000")->node, 2, &irq), 0);
	assert_int_equal(tree_irq(board.fdt, find("/soc/rtc@e000")->node, 0, &irq), -1);
}

static void obstacles(void **state)
{
	static const struct {
		const char *path;
		const char *why;
	} rows[] = {
		{ "/soc/rtc@1000", "" },
		{ "/soc/gpio1@2000", "" },
		{ "/bus@30000000/rtc@300000000", "" },
		{ "/soc/serial@0", "is root Linux's console" },
		{ "/soc/watchdog@3000", "needs resets of /soc/clock-controller@4000, which no cell has" },
		{ "/soc/serial@f000", "needs dmas of nowhere, which no cell has" },
		{ "/soc/clock-controller@4000", "is there for other devices (#clock-cells)" },
		{ "/soc/syscon@5000", "is for several drivers of root Linux (syscon)" },
		{ "/soc/ethernet@6000",
		  "does DMA (ethernet), and would reach all memory, as Caisson uses no SMMU" },
		{ "/soc/usb@7000",
		  "does DMA (dma-coherent), and would reach all memory, as Caisson uses no SMMU" },
		{ "/soc/i2c@8000", "has an interrupt at /soc/gpio1@2000, not at the GIC" },
		{ "/soc/adc@9000", "has an interrupt that is no SPI" },
		{ "/soc/rng@a000", "shares a page with /soc/pwm@a800" },
		{ "/soc/pwm@a800", "shares a page with /soc/rng@a000" },
		{ "/soc/keypad@b000", "shares INTID 41 with /soc/gpio@c000" },
		{ "/soc/gpio@c000", "shares INTID 41 with /soc/keypad@b000" },
		{ "/soc/rtc@e000", "has interrupts that hvctl does not understand" },
		{ "/bus@30000000/gpio@300001000", "has interrupts that hvctl does not understand" },
		{ "/interrupt-controller@10000000/its@10020000",
		  "belongs to the interrupt controller" },
	}, none[] = {
		{ "/soc/gpio@d000", "is switched off in the device tree" },
		{ "/soc", "is no device with registers of its own" },
		{ "/interrupt-controller@10000000", "is no device with registers of its own" },
		{ "/reserved-memory/buffer@98000000", "is no device with registers of its own" },
		{ "/soc/x", "the device tree has no such node" },
		{ "serial1", "the device tree has no such node" },
	};
	char why[ITEM_WHY];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(find(rows[i].path)->why, rows[i].why);
	for (i = 0; i < ARRAY_SIZE(none); i++) {
		assert_null(inventory_find(&devices, board.fdt, none[i].path, why, sizeof(why)));
		assert_string_equal(why, none[i].why);
	}
	assert_int_equal(devices.count, ARRAY_SIZE(rows) + 1); /* and PCI */
	assert_int_equal(find("/pcie@40000000")->nranges, 2);  /* no window of I/O ports */
}

static void ram(void **state)
{
	static const struct range more = { 0x100000000, 0x100001000, true };
	static const struct range expected[] = {
		{ 0x80000000, 0x90000000, true }, /* the page in which it begins is not Linux's either */
		{ 0x90002000, 0xb0000000, true }, /* two banks */
		{ 0x100000000, 0x100001000, true },
	};
	struct range r[64];
	uint32_t count = tree_ranges(board.fdt, &more, 1, r, ARRAY_SIZE(r)), i, n = 0;

	(void)state;
	for (i = 0; i < count; i++) {
		assert_true(!i || r[i].start >= r[i - 1].start);
		if (!r[i].ram)
			continue;
		assert_int_equal(r[i].start, expected[n].start);
		assert_int_equal(r[i].end, expected[n].end);
		n++;
	}
	assert_int_equal(n, ARRAY_SIZE(expected));
	assert_int_equal(tree_ranges(board.fdt, &more, 1, r, 2), 2); /* no room for more */
}

/* The options of `config create'; NULL ends a row's. */
static enum exit_code make(const char *const words[][2], void **blob, uint32_t *size)
{
	static const struct option_spec specs[] = {
		{ .name = "cpus" }, { .name = "memory" }, { .name = "device" }, { .name = "name" }, { 0 },
	};
	const struct command command = { .options = specs };
	struct given given[8];
	struct request req = { .command = &command, .given = given };
	size_t i, k;

	for (i = 0; words[i][0]; i++) {
		for (k = 0; strcmp(specs[k].name, words[i][0]); k++)
			;
		given[req.ngiven++] = (struct given){ &specs[k], words[i][1] };
	}
	return new_cell(&req, false, &board, &devices, blob, size);
}

static void choice_of_cpus(void **state)
{
	static const struct {
		const char *words, *cpus;
	} rows[] = {
		{ "+1", "4" }, { "+2", "2-3" }, { "+3", "2-4" }, { "+4", "1-4" }, { "1,3", "1,3" },
	};
	static const char *const bad[] = { "+0", "+", "+x", "2-", "+5" };
	char text[64];
	struct cpu_set set;
	uint32_t size;
	void *blob;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(make((const char *const[][2]){ { "cpus", rows[i].words }, { 0 } },
				      &blob, &size), HVCTL_OK);
		config_cpus(blob, &set);
		format_cpus(&set, text, sizeof(text));
		assert_string_equal(text, rows[i].cpus);
		free(blob);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		enum exit_code code = make((const char *const[][2]){ { "cpus", bad[i] }, { 0 } }, &blob,
					   &size);

		assert_int_equal(code, strcmp(bad[i], "+5") ? HVCTL_USAGE : HVCTL_REFUSED);
		assert_null(blob);
	}
}

/* What a cell has that is to be beside it is not chosen: CPUs, SPIs of console and power button. */
static void beside(void **state)
{
	const char *const one[][2] = { { "cpus", "+1" }, { 0 } };
	const char *const two[][2] = { { "cpus", "+2" }, { 0 } };
	static uint64_t virt[64]; /* a tree of a board whose spare SPIs are known */
	struct machine m = { .fdt = virt, .dtb = "virt.dtb" };
	void *first, *second, *third;
	char text[64];
	struct cpu_set set;
	uint32_t size;

	(void)state;
	assert_int_equal(fdt_create_empty_tree(virt, sizeof(virt)), 0);
	assert_int_equal(fdt_setprop_string(virt, 0, "compatible", "linux,dummy-virt"), 0);
	assert_int_equal(make(one, &first, &size), HVCTL_OK);
	choose_spis_beforehand(&m, first);
	board.other = m.other = grow(NULL, 0, sizeof(*m.other));
	board.other[0] = first;
	board.nother = m.nother = 1;
	assert_int_equal(machine_cpus(&board, &set), 4);
	assert_int_equal(make(two, &second, &size), HVCTL_OK);
	choose_spis_beforehand(&m, second);
	config_cpus(second, &set);
	format_cpus(&set, text, sizeof(text));
	assert_string_equal(text, "2-3");
	assert_int_equal(config_console(first)->intid, 42);
	assert_int_equal(config_cell(first)->shutdown_intid, 43);
	assert_int_equal(config_console(second)->intid, 44);
	assert_int_equal(config_cell(second)->shutdown_intid, 45);

	board.other = m.other = grow(m.other, 1, sizeof(*m.other));
	board.other[1] = second;
	board.nother = m.nother = 2;
	assert_int_equal(make(two, &third, &size), HVCTL_REFUSED);
	assert_int_equal(make(one, &third, &size), HVCTL_OK);
	choose_spis_beforehand(&m, third);
	config_cpus(third, &set);
	format_cpus(&set, text, sizeof(text));
	assert_string_equal(text, "1");
	assert_int_equal(config_console(third)->intid, 46);
	assert_int_equal(config_cell(third)->shutdown_intid, 47);
	free(third);
	free(second);
	free(first);
	free(board.other);
	board.other = NULL;
	board.nother = 0;
}

/* A device stays where it is, unless the cell has RAM or the like there. */
static void places(void **state)
{
	char where[64];
	uint32_t size, i;
	void *blob;

	(void)state;
	assert_int_equal(make((const char *const[][2]){ { "device", "/soc/gpio1@2000" },
				{ "memory", "32M" }, { "device", "/bus@30000000/rtc@300000000" },
				{ 0 } }, &blob, &size), HVCTL_OK);
	assert_int_equal(config_check(blob, size, CAISSON_KIND_CELL).code, CAISSON_E_OK);
	assert_int_equal(config_count(blob, CAISSON_SEC_DEVICE), 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(config_device(blob, i)->ipa, config_device(blob, i)->pa);
	assert_int_equal(config_device(blob, 1)->pa, 0x20012000);
	assert_int_equal(config_device(blob, 1)->size, 0x2000);
	assert_string_equal(config_string(blob, config_device(blob, 1)->node), "/soc/gpio1@2000");
	assert_string_equal(config_string(blob, config_device(blob, 2)->node),
			    "/bus@30000000/rtc@300000000");
	assert_int_equal(config_count(blob, CAISSON_SEC_IRQ), 3);
	assert_int_equal(config_irq(blob, 2)->first, 53);
	refusal_where(blob, config_offset(blob, CAISSON_SEC_IRQ, 0), where, sizeof(where));
	assert_string_equal(where, "--device /soc/gpio1@2000");
	refusal_where(blob, config_offset(blob, CAISSON_SEC_CPU, 0), where, sizeof(where));
	assert_string_equal(where, "--cpus +1, as nothing was said");
	free(blob);

	/*
	 * A kernel that begins at 1 GiB and ends at 2.5: PCI's window is in it, if it could be had.
	 */
	for (i = 0; i < devices.count; i++)
		if (!strcmp(devices.item[i].path, "/pcie@40000000"))
			devices.item[i].why[0] = '\0';
	assert_int_equal(make((const char *const[][2]){ { "memory", "512M" },
				{ "device", "/pcie@40000000" }, { 0 } }, &blob, &size), HVCTL_OK);
	assert_int_equal(config_check(blob, size, CAISSON_KIND_CELL).code, CAISSON_E_OK);
	assert_int_equal(config_device(blob, 0)->pa, 0x40000000);
	assert_int_equal(config_device(blob, 0)->ipa, 0x10000000);
	assert_int_equal(config_device(blob, 1)->ipa, 0x11000000);
	free(blob);
}

static void system_of_a_tree(void **state)
{
	uint32_t size, i, at = 0;
	void *blob;

	(void)state;
	assert_int_equal(machine_system(&board, &blob, &size), HVCTL_OK);
	assert_string_equal(config_system(blob)->name, "acme-board");
	assert_int_equal(config_system(blob)->gicr_base, 0x10080000);
	assert_int_equal(config_count(blob, CAISSON_SEC_MEMORY), 2);
	assert_int_equal(config_count(blob, CAISSON_SEC_IRQ), 0); /* a board that hvctl does not know */
	for (i = 0; i < config_count(blob, CAISSON_SEC_DEVICE); i++)
		if (config_device(blob, i)->pa == 0x20000000)
			at = i + 1;
	assert_true(at);
	assert_int_equal(config_device(blob, at - 1)->size, 0xd000); /* up to what is switched off */
	free(blob);
}

/* Lengths that are negative to libfdt 1.6.1, which goes back by them, for ever; and too large. */
static void overlong(void **state)
{
	static const uint32_t lengths[] = { -12u, -8u, -4u, -1u, -24u, 0x80000000, 0x7fffffff,
					    0x7ffffff0, 8192 };
	size_t size = fdt_totalsize(board.fdt), i;
	char *tree = malloc(size), why[96], expected[96];
	uint32_t tag, count = 0;
	int at, next = 0;

	(void)state;
	assert_non_null(tree);
	alarm(20);
	for (at = 0; (tag = fdt_next_tag(board.fdt, at, &next)) != FDT_END; at = next) {
		uint32_t byte = fdt_off_dt_struct(board.fdt) + (uint32_t)at;
		struct fdt_property *property = (struct fdt_property *)(void *)(tree + byte);

		for (i = 0; tag == FDT_PROP && i < ARRAY_SIZE(lengths); i++, count++) {
			memcpy(tree, board.fdt, size);
			property->len = cpu_to_fdt32(lengths[i]);
			assert_false(tree_check(tree, size, why, sizeof(why)));
			snprintf(expected, sizeof(expected), "the property at byte %#x is longer "
				 "than what there is", byte);
			assert_string_equal(why, expected);
		}
	}
	assert_true(count > 500);
	for (i = 0; i < size; i++) { /* what a copy lost */
		char *cut = malloc(i + 1);

		memcpy(cut, board.fdt, i);
		assert_false(tree_check(cut, i, why, sizeof(why)));
		assert_string_equal(why, "FDT_ERR_TRUNCATED");
		free(cut);
	}
	memcpy(tree, board.fdt, size);
	fdt_set_off_dt_struct(tree, fdt_off_dt_struct(tree) + 2);
	assert_false(tree_check(tree, size, why, sizeof(why)));
	alarm(0);
	free(tree);
}

/* Nodes in nodes: so many as Linux reads, and one more. */
static void deep(void **state)
{
	uint32_t tree[512];
	char why[96];
	int depth, i;

	(void)state;
	for (depth = 64; depth <= 65; depth++) {
		assert_int_equal(fdt_create(tree, sizeof(tree)), 0);
		assert_int_equal(fdt_finish_reservemap(tree), 0);
		for (i = 0; i < depth; i++)
			assert_int_equal(fdt_begin_node(tree, i ? "in" : ""), 0);
		for (i = 0; i < depth; i++)
			assert_int_equal(fdt_end_node(tree), 0);
		assert_int_equal(fdt_finish(tree), 0);
		assert_int_equal(tree_check(tree, sizeof(tree), why, sizeof(why)), depth == 64);
	}
	assert_string_equal(why, "more than 64 nodes are inside each other at byte 0x240");
}

/* A name that would end a string of the source. */
static void forbidden_name(void **state)
{
	size_t size = fdt_totalsize(board.fdt);
	void *tree = malloc(size);
	struct inventory inv;
	const struct item *item;
	char why[ITEM_WHY];

	(void)state;
	assert_non_null(tree);
	memcpy(tree, board.fdt, size);
	assert_int_equal(fdt_set_name(tree, find("/soc/rtc@1000")->node, "rt\"@1000"), 0);
	inventory_make(&inv, tree);
	item = inventory_find(&inv, tree, "/soc/rt\"@1000", why, sizeof(why));
	assert_non_null(item);
	assert_string_equal(item->why, "has a name with characters that the Devicetree "
				       "Specification forbids");
	inventory_free(&inv);
	free(tree);
}

/* Whatever a file holds: no access outside of it (the sanitizers look), and an end. */
static void damaged(void **state)
{
	static const uint32_t masks[] = { 0x00000001, 0x00ffff00, 0x80000000, 0xffffffff };
	size_t size = fdt_totalsize(board.fdt), i;
	uint32_t *tree = malloc(size), sound = 0;
	struct inventory inv;
	struct range r[256];
	char why[96];

	(void)state;
	assert_non_null(tree);
	alarm(60);
	for (i = 0; i < size / 4; i += 5) {
		bool wired[CONFIG_SPI_END] = { false };

		memcpy(tree, board.fdt, size);
		tree[i] ^= cpu_to_fdt32(masks[i % ARRAY_SIZE(masks)]);
		if (!tree_check(tree, size, why, sizeof(why)))
			continue;
		sound++;
		inventory_make(&inv, tree);
		inventory_free(&inv);
		tree_wired(tree, wired);
		tree_ranges(tree, NULL, 0, r, ARRAY_SIZE(r));
	}
	alarm(0);
	assert_true(sound > 100);
	free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interrupts), cmocka_unit_test(obstacles),
		cmocka_unit_test(ram),	      cmocka_unit_test(choice_of_cpus),
		cmocka_unit_test(beside),      cmocka_unit_test(places),
		cmocka_unit_test(system_of_a_tree),
		cmocka_unit_test(overlong),    cmocka_unit_test(deep),
		cmocka_unit_test(forbidden_name), cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests_name("create", tests, read_board, drop_board);
}
