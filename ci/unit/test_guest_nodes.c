// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nodes of a cell's devices in its device tree, out of trees that dtc compiles; and who of
 * root's depends on a device, out of a sysfs made for it.
 *
 * Sources: tools/util.c tools/json.c tools/refusal.c tools/refusal_print.c tools/blob.c
 * Sources: tools/hints.c tools/machine.c tools/path_host.c tools/image.c tools/guest_fdt.c
 * Sources: tools/ranges.c tools/inventory.c tools/dma.c tools/file.c tools/nearest.c
 * Sources: tools/guest_nodes.c tools/handover.c tools/tree.c hypervisor/core/config_check.c
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
#include <sys/stat.h>
#include <unistd.h>

#include "../../tools/guest_fdt.h"
#include "../../tools/handover.h"

/* A board with a bus that moves addresses, and interrupts of four cells. */
static const char board[] =
	"/dts-v1/;\n"
	"/ {\n"
	"	#address-cells = <2>; #size-cells = <2>; interrupt-parent = <&gic>;\n"
	"	cpus { };\n"
	"	gic: gic@8000000 {\n"
	"		compatible = \"arm,gic-v3\"; interrupt-controller; #interrupt-cells = <4>;\n"
	"		reg = <0 0x8000000 0 0x10000 0 0x80a0000 0 0x80000>;\n"
	"	};\n"
	"	xtal: apb-pclk { compatible = \"fixed-clock\"; #clock-cells = <0>;\n"
	"		clock-frequency = <24000000>; };\n"
	"	half: half { compatible = \"fixed-factor-clock\"; #clock-cells = <0>;\n"
	"		clocks = <&xtal>; clock-div = <2>; clock-mult = <1>; };\n"
	"	v5: v5 { compatible = \"regulator-fixed\"; regulator-name = \"5V\"; };\n"
	"	v3: v3 { compatible = \"regulator-fixed\"; vin-supply = <&v5>; };\n"
	"	switched: switched { compatible = \"regulator-fixed\"; gpio = <&keys 1 0>; };\n"
	"	soc {\n"
	"		compatible = \"simple-bus\"; #address-cells = <1>; #size-cells = <1>;\n"
	"		ranges = <0 0 0x20000000 0x10000000>;\n"
	"		clk: clk@1000 { compatible = \"acme,clk\"; reg = <0x1000 0x1000>;\n"
	"			#clock-cells = <1>; };\n"
	"		keys: gpio@2000 { compatible = \"acme,gpio\"; reg = <0x2000 0x1000>;\n"
	"			gpio-controller; #gpio-cells = <2>; interrupt-controller;\n"
	"			#interrupt-cells = <2>; interrupts = <0 8 4 0>; };\n"
	"		gpio: gpio@3000 { compatible = \"acme,gpio\"; reg = <0x3000 0x1000>;\n"
	"			gpio-controller; #gpio-cells = <2>; interrupt-controller;\n"
	"			#interrupt-cells = <2>; interrupts = <0 7 4 0>; status = \"disabled\";\n"
	"			clocks = <0>, <&half>; pinctrl-0 = <&clk>; pinctrl-names = \"default\";\n"
	"			power-domains = <&clk>; nr-gpios = <8>; vdd-supply = <&v3>;\n"
	"			hog { gpio-hog; gpios = <3 0>; output-high; }; };\n"
	"		i2c@4000 { compatible = \"acme,i2c\"; reg = <0x4000 0x100>, <0x4100 0x100>;\n"
	"			#address-cells = <1>; #size-cells = <0>;\n"
	"			interrupts-extended = <&gic 0 9 1 0>, <&gpio 5 2>;\n"
	"			clocks = <&xtal>; reset-gpios = <&gpio 2 1>;\n"
	"			sensor@48 { compatible = \"acme,sensor\"; reg = <0x48>; status = \"disabled\";\n"
	"				interrupt-parent = <&gpio>; interrupts = <6 1>; }; };\n"
	"		clocked@5000 { reg = <0x5000 0x100>; clocks = <&xtal>, <&clk 3>; };\n"
	"		keyed@5100 { reg = <0x5100 0x100>; enable-gpios = <&keys 4 0>; };\n"
	"		supplied@5200 { reg = <0x5200 0x100>; vdd-supply = <&switched>; };\n"
	"		irqless@5300 { reg = <0x5300 0x100>; interrupts = <0 10 4 0>; };\n"
	"		private@5400 { reg = <0x5400 0x100>; interrupts = <1 10 4 0>; };\n"
	"		waked@5500 { reg = <0x5500 0x100>; interrupts-extended = <&keys 1 1>; };\n"
	"		partly@5600 { reg = <0x5600 0x100 0x9000 0x100>; };\n"
	"		bus@5700 { reg = <0x5700 0x100>; ranges = <0 0x6000 0x1000>; };\n"
	"		dangling@5800 { reg = <0x5800 0x100>; resets = <77>; };\n"
	"		short@5900 { reg = <0x5900 0x100>; clocks = <&clk>; clock-names = \"a\"; };\n"
	"		dma@5a00 { reg = <0x5a00 0x100>; dmas = <&clk>; dma-names = \"tx\"; };\n"
	"		circle: circle@5c00 { reg = <0x5c00 0x100>; interrupts = <0 10 4 0>;\n"
	"			interrupt-parent = <&circle>; };\n"
	"		timed@5b00 { reg = <0x5b00 0x100>; clocks = <&xtal>, <0>, <&clk 3>, <&clk 4>;\n"
	"			sensor { clocks = <&xtal>; }; };\n"
	"	};\n"
	"};\n";

static void *fdt; /* the board's, compiled */

static struct {
	struct caisson_config_header header;
	struct caisson_cell_entry cell;
	struct caisson_cpu_entry cpu;
	struct caisson_memory_entry memory;
	struct caisson_device_entry device[4];
	struct caisson_irq_entry irq;
	char strings[256];
} blob;

#define AT(field) ((uint32_t)((uintptr_t)&blob.field - (uintptr_t)&blob))

static void section(uint32_t which, uint32_t at, uint32_t count)
{
	blob.header.section[which] = (struct caisson_section){ at, count, config_entry_sizes[which], 0 };
}

/* The SPIs 7 to 9 are its own. */
static void begin_cell(uint32_t flags)
{
	memset(&blob, 0, sizeof(blob));
	blob.header = (struct caisson_config_header){ CAISSON_CONFIG_MAGIC, CAISSON_ABI_VERSION,
						      CAISSON_KIND_CELL, sizeof(blob), 0, { { 0 } } };
	section(CAISSON_SEC_CELL, AT(cell), 1);
	section(CAISSON_SEC_SYSTEM, AT(cpu), 0);
	section(CAISSON_SEC_CPU, AT(cpu), 1);
	section(CAISSON_SEC_MEMORY, AT(memory), 1);
	section(CAISSON_SEC_DEVICE, AT(device), 0);
	section(CAISSON_SEC_IRQ, AT(irq), 1);
	section(CAISSON_SEC_CONSOLE, AT(strings), 0);
	section(CAISSON_SEC_STRINGS, AT(strings), sizeof(blob.strings));
	strcpy(blob.strings, "t.c");
	strcpy(blob.cell.name, "test");
	blob.cell.flags = flags;
	blob.cell.gicd_base = 0x08000000;
	blob.cell.gicr_base = 0x080a0000;
	blob.cell.source.file = blob.cpu.source.file = blob.memory.source.file =
		blob.irq.source.file = AT(strings);
	blob.cpu.count = 1;
	blob.memory.ipa = 0x40000000;
	blob.memory.pa = CAISSON_PA_ANY;
	blob.memory.size = 0x100000;
	blob.memory.flags = 7;
	blob.irq.first = 39;
	blob.irq.count = 3;
}

/* As line @n + 1 of the configuration. */
static void give(uint64_t ipa, uint64_t pa, uint64_t size, const char *node)
{
	uint32_t n = blob.header.section[CAISSON_SEC_DEVICE].count++;
	char *at = &blob.strings[8 + 60 * n];

	assert_true(n < 4 && strlen(node) < 60);
	strcpy(at, node);
	blob.device[n] = (struct caisson_device_entry){ { AT(strings), n + 1, 0 }, ipa, pa, size, 3, 0,
							(uint64_t)(at - (char *)&blob) };
	assert_int_equal(config_check(&blob, sizeof(blob), CAISSON_KIND_CELL).code, 0);
}

static size_t cpu_compatible(uint32_t cpu, char *text, size_t size)
{
	(void)cpu;
	return (size_t)snprintf(text, size, "arm,armv8") + 1;
}

/* As the driver says it; of all other nodes nothing is known. */
static uint64_t clock_rate(int fd, const char *node, uint32_t index)
{
	assert_int_equal(fd, 5);
	return strcmp(node, "/soc/timed@5b00") ? 0 : 1000000000 + index;
}

static int build(void *tree, struct guest_fdt *g)
{
	*g = (struct guest_fdt){ .blob = &blob, .machine_fdt = fdt, .cpu_compatible = cpu_compatible,
				 .clock_rate = clock_rate, .fd = 5 };
	return guest_fdt_build(g, tree);
}

static uint32_t cell_of(const void *tree, const char *path, const char *name, int index)
{
	int length, node = fdt_path_offset(tree, path);
	const fdt32_t *value = fdt_getprop(tree, node, name, &length);

	if (!value || length < 4 * (index + 1))
		fail_msg("%s: no cell %d in %s", path, index, name);
	return fdt32_to_cpu(value[index]);
}

static bool has(const void *tree, const char *path, const char *name)
{
	return fdt_getprop(tree, fdt_path_offset(tree, path), name, NULL);
}

/* That property refers to that node. */
static void refers(const void *tree, const char *path, const char *name, int index, const char *to)
{
	int node = fdt_node_offset_by_phandle(tree, cell_of(tree, path, name, index));

	assert_true(node >= 0);
	assert_int_equal(node, fdt_path_offset(tree, to));
}

static void test_nodes(void **state)
{
	static const uint32_t reg[] = { 0, 0x0a004000, 0, 0x100, 0, 0x0b004100, 0, 0x100 };
	static uint64_t tree[GUEST_FDT_SIZE / 8];
	struct guest_fdt g;
	int i, clock, property;

	(void)state;
	begin_cell(CAISSON_CELL_LINUX);
	give(0x0a004000, 0x20004000, 0x100, "/soc/i2c@4000");
	give(0x20003000, 0x20003000, 0x1000, "/soc/gpio@3000");
	give(0x0b004100, 0x20004100, 0x100, "/soc/i2c@4000");
	assert_true(build(tree, &g) > 0);
	assert_int_equal(g.refused, 0);
	assert_int_equal(fdt_check_full(tree, sizeof(tree)), 0);

	for (i = 0; i < 8; i++)
		assert_int_equal(cell_of(tree, "/i2c@a004000", "reg", i), reg[i]);
	refers(tree, "/i2c@a004000", "interrupts-extended", 0, "/interrupt-controller@8000000");
	assert_int_equal(cell_of(tree, "/i2c@a004000", "interrupts-extended", 2), 9);
	assert_int_equal(cell_of(tree, "/i2c@a004000", "interrupts-extended", 3), 1);
	refers(tree, "/i2c@a004000", "interrupts-extended", 4, "/gpio@20003000");
	assert_int_equal(cell_of(tree, "/i2c@a004000", "interrupts-extended", 5), 5);
	refers(tree, "/i2c@a004000", "reset-gpios", 0, "/gpio@20003000");
	assert_int_equal(cell_of(tree, "/i2c@a004000", "reset-gpios", 1), 2);
	/* What is below a device stays as it is. */
	assert_int_equal(cell_of(tree, "/i2c@a004000/sensor@48", "reg", 0), 0x48);
	refers(tree, "/i2c@a004000/sensor@48", "interrupts-extended", 0, "/gpio@20003000");
	assert_true(has(tree, "/i2c@a004000/sensor@48", "status"));
	assert_int_equal(cell_of(tree, "/gpio@20003000/hog", "gpios", 0), 3);

	assert_false(has(tree, "/gpio@20003000", "status"));
	assert_false(has(tree, "/gpio@20003000", "pinctrl-0"));
	assert_false(has(tree, "/gpio@20003000", "pinctrl-names"));
	assert_false(has(tree, "/gpio@20003000", "power-domains"));
	assert_int_equal(cell_of(tree, "/gpio@20003000", "nr-gpios", 0), 8);
	assert_int_equal(cell_of(tree, "/gpio@20003000", "interrupts", 1), 7);
	refers(tree, "/gpio@20003000", "interrupt-parent", 0, "/interrupt-controller@8000000");

	/* A clock that hangs on another one, which both devices share; and so a regulator. */
	assert_int_equal(cell_of(tree, "/gpio@20003000", "clocks", 0), 0);
	clock = fdt_node_offset_by_phandle(tree, cell_of(tree, "/gpio@20003000", "clocks", 1));
	assert_int_equal(fdt_node_check_compatible(tree, clock, "fixed-factor-clock"), 0);
	assert_int_equal(fdt_parent_offset(tree, clock), 0);
	property = (int)fdt32_to_cpu(*(const fdt32_t *)fdt_getprop(tree, clock, "clocks", NULL));
	assert_int_equal(cell_of(tree, "/i2c@a004000", "clocks", 0), property);
	clock = fdt_node_offset_by_phandle(tree, (uint32_t)property);
	assert_int_equal(fdt_node_check_compatible(tree, clock, "fixed-clock"), 0);
	i = fdt_node_offset_by_phandle(tree, cell_of(tree, "/gpio@20003000", "vdd-supply", 0));
	property = (int)fdt32_to_cpu(*(const fdt32_t *)fdt_getprop(tree, i, "vin-supply", NULL));
	i = fdt_node_offset_by_phandle(tree, (uint32_t)property);
	assert_string_equal(fdt_getprop(tree, i, "regulator-name", NULL), "5V");
	assert_true(fdt_path_offset(tree, "/soc") < 0);
}

/* What a node wants and the cell has not. */
static const struct {
	uint64_t at;
	const char *node, *property, *why;
} wanting[] = {
	{ 0x5000, "/soc/clocked@5000", "clocks",
	  "clocks: /soc/clk@1000 is root Linux's: give it to the cell as well" },
	{ 0x5100, "/soc/keyed@5100", "enable-gpios",
	  "enable-gpios: /soc/gpio@2000 is root Linux's: give it to the cell as well" },
	{ 0x5200, "/soc/supplied@5200", NULL,
	  "gpio: /soc/gpio@2000 is root Linux's: give it to the cell as well" },
	{ 0x5300, "/soc/irqless@5300", "interrupts",
	  "interrupts: INTID 42 is not the cell's: add IRQ(42)" },
	{ 0x5400, "/soc/private@5400", "interrupts",
	  "interrupts: this one is no SPI, which alone a cell can be given" },
	{ 0x5500, "/soc/waked@5500", "interrupts-extended",
	  "interrupts: /soc/gpio@2000 is root Linux's: give it to the cell as well" },
	{ 0x5600, "/soc/partly@5600", NULL,
	  "reg: 0x20009000 to 0x20009100 is in no DEVICE of that node" },
	{ 0x5700, "/soc/bus@5700", "ranges",
	  "ranges: devices behind another one are not supported" },
	{ 0x5800, "/soc/dangling@5800", "resets",
	  "resets: root Linux's device tree lacks what it refers to" },
	{ 0x5900, "/soc/short@5900", "clocks",
	  "clocks: /soc/clk@1000 is root Linux's: give it to the cell as well" },
	{ 0x5a00, "/soc/dma@5a00", "dmas",
	  "dmas: /soc/clk@1000 is root Linux's: give it to the cell as well" },
	{ 0x5c00, "/soc/circle@5c00", "interrupts",
	  "interrupts: root Linux's device tree lacks their controller" },
};

/* Linux's cell is refused, bare metal does without. */
static void test_refusals(void **state)
{
	static uint64_t tree[GUEST_FDT_SIZE / 8];
	struct guest_fdt g;
	char text[256];
	size_t i;

	(void)state;
	alarm(30); /* who looks for a controller in a circle */
	for (i = 0; i < ARRAY_SIZE(wanting); i++) {
		begin_cell(CAISSON_CELL_LINUX);
		give(0x0c000000, 0x20003000, 0x1000, "/soc/gpio@3000");
		give(0x0b000000 + wanting[i].at, 0x20000000 + wanting[i].at, 0x100, wanting[i].node);
		assert_int_equal(build(tree, &g), -FDT_ERR_BADVALUE);
		assert_int_equal(config_source(&blob, g.refused)->line, 2);
		snprintf(text, sizeof(text), "%s: %s", strstr(wanting[i].why, "gpio: ") == wanting[i].why ?
			 "/switched" : wanting[i].node, wanting[i].why);
		assert_string_equal(g.why, text);

		blob.cell.flags = 0;
		assert_true(build(tree, &g) > 0);
		assert_int_equal(g.refused, 0);
		snprintf(text, sizeof(text), "%.*s@%llx", (int)strcspn(wanting[i].node + 4, "@"),
			 wanting[i].node + 4, 0x0b000000ULL + wanting[i].at);
		assert_true(fdt_path_offset(tree, text) > 0);
		if (wanting[i].property)
			assert_false(has(tree, text, wanting[i].property));
	}
	alarm(0);
	/* With what it refers to, a device is fine. */
	begin_cell(CAISSON_CELL_LINUX);
	give(0x20005100, 0x20005100, 0x100, "/soc/keyed@5100");
	give(0x20002000, 0x20002000, 0x1000, "/soc/gpio@2000");
	assert_true(build(tree, &g) > 0);
	refers(tree, "/keyed@20005100", "enable-gpios", 0, "/gpio@20002000");
	/* And what is to be seen of the list when the target itself is too short for it. */
	begin_cell(CAISSON_CELL_LINUX);
	give(0x20005900, 0x20005900, 0x100, "/soc/short@5900");
	give(0x20001000, 0x20001000, 0x1000, "/soc/clk@1000");
	assert_int_equal(build(tree, &g), -FDT_ERR_BADVALUE);
	assert_string_equal(g.why, "/soc/short@5900: clocks: /soc/clk@1000 makes no sense there");
}

/* Clocks that root goes on driving, as long as the device is the cell's. */
static void test_held_clocks(void **state)
{
	static uint64_t tree[GUEST_FDT_SIZE / 8];
	struct guest_fdt g;
	uint32_t phandle;
	int i, node;

	(void)state;
	begin_cell(CAISSON_CELL_LINUX);
	give(0x20005b00, 0x20005b00, 0x100, "/soc/timed@5b00");
	assert_true(build(tree, &g) > 0);
	assert_int_equal(fdt_check_full(tree, sizeof(tree)), 0);
	assert_int_equal(cell_of(tree, "/timed@20005b00", "clocks", 0),
			 cell_of(tree, "/timed@20005b00/sensor", "clocks", 0));
	assert_int_equal(cell_of(tree, "/timed@20005b00", "clocks", 1), 0);
	for (i = 2; i < 4; i++) {
		phandle = cell_of(tree, "/timed@20005b00", "clocks", i);
		node = fdt_node_offset_by_phandle(tree, phandle);
		assert_int_equal(fdt_node_check_compatible(tree, node, "fixed-clock"), 0);
		assert_int_equal(fdt32_to_cpu(*(const fdt32_t *)fdt_getprop(
					 tree, node, "clock-frequency", NULL)), 1000000000 + i);
	}
	fdt_getprop(tree, fdt_path_offset(tree, "/timed@20005b00"), "clocks", &i);
	assert_int_equal(i, 16);
}

static void make(const char *root, const char *format, const char *link)
{
	char command[512];

	if (link)
		snprintf(command, sizeof(command), "mkdir -p $(dirname %s%s) && ln -s %s %s%s", root,
			 format, link, root, format);
	else
		snprintf(command, sizeof(command), "mkdir -p %s%s", root, format);
	assert_int_equal(system(command), 0);
}

static enum exit_code check(void)
{
	struct guest_fdt g = { .blob = &blob, .cpu_compatible = cpu_compatible };

	return handover_check(&g);
}

#define DEVICES "/sys/bus/platform/devices"
#define KEYS "/sys/devices/keys"

static void test_consumers(void **state)
{
	char root[] = "/tmp/hvctl-test-XXXXXX", path[128];
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(root));
	setenv("HVCTL_ROOT", root, 1);
	make(root, "/sys/firmware", NULL);
	snprintf(path, sizeof(path), "%s/sys/firmware/fdt", root);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(fdt, fdt_totalsize(fdt), 1, f), 1);
	fclose(f);
	make(root, DEVICES "/20004000.i2c/of_node",
	     "../../../firmware/devicetree/base/soc/i2c@4000");
	make(root, DEVICES "/20003000.gpio/of_node",
	     "../../../firmware/devicetree/base/soc/gpio@3000");
	make(root, DEVICES "/20003000.gpio/gpiochip0", NULL); /* /dev has no such one */
	begin_cell(CAISSON_CELL_LINUX);
	give(0x20003000, 0x20003000, 0x1000, "/soc/gpio@3000");
	assert_int_equal(check(), HVCTL_OK);
	/* Somebody would use it, and does. */
	make(root, DEVICES "/20003000.gpio/consumer:platform:keys/consumer", "../../../../../devices/keys");
	make(root, KEYS, NULL);
	assert_int_equal(check(), HVCTL_OK);
	make(root, KEYS "/driver", NULL);
	assert_int_equal(check(), HVCTL_REFUSED);
	/* Who is given away as well uses it no more. */
	make(root, KEYS "/of_node", "../../firmware/devicetree/base/soc/i2c@4000");
	assert_int_equal(check(), HVCTL_REFUSED);
	give(0x20004000, 0x20004000, 0x100, "/soc/i2c@4000");
	give(0x20004100, 0x20004100, 0x100, "/soc/i2c@4000");
	assert_int_equal(check(), HVCTL_OK);
	/* The tree has its say too, and is asked only if it matters. */
	blob.irq.count = 1;
	assert_int_equal(check(), HVCTL_REFUSED);
	unlink(path);
	assert_int_equal(check(), HVCTL_REFUSED);
	begin_cell(CAISSON_CELL_LINUX);
	assert_int_equal(check(), HVCTL_OK);
	unsetenv("HVCTL_ROOT");
	snprintf(path, sizeof(path), "rm -r %s", root);
	assert_int_equal(system(path), 0);
}

static int compile(void **state)
{
	char directory[] = "/tmp/hvctl-test-XXXXXX", command[160], path[64];
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/board.dtb", directory);
	snprintf(command, sizeof(command), "dtc -q -f -I dts -O dtb -o %s", path);
	f = popen(command, "w");
	assert_non_null(f);
	fputs(board, f);
	assert_int_equal(pclose(f), 0);
	fdt = calloc(1, 65536);
	assert_non_null(fdt);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(fdt, 1, 65536, f) > 0);
	fclose(f);
	unlink(path);
	rmdir(directory);
	return 0;
}

static int forget(void **state)
{
	(void)state;
	free(fdt);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_held_clocks),
		cmocka_unit_test(test_consumers),
	};

	return cmocka_run_group_tests(tests, compile, forget);
}
