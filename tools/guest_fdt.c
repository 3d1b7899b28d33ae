// SPDX-License-Identifier: GPL-2.0-only
/*
 * A cell's device tree, see guest_fdt.h: step 7 of the tour. Written front to back with libfdt's
 * sequential calls.
 */
#include "caisson/hypercall.h"
#include "guest_fdt.h"
#include "guest_nodes.h"
#include "image.h"

#define KEY_POWER 116u /* linux/input-event-codes.h */

#define UART_CLOCK 24000000u /* any rate will do: EL2's PL011 has no baud rate */

static void write_chosen(struct writer *w, const struct guest_fdt *g)
{
	const struct caisson_console_entry *con = config_console(g->blob);
	char path[64];

	begin(w, "chosen");
	if (con) {
		snprintf(path, sizeof(path), "/pl011@%" PRIx64, con->base);
		string(w, "stdout-path", path);
	}
	if (g->bootargs)
		string(w, "bootargs", g->bootargs);
	if (g->initrd_end) {
		fdt64_t start = cpu_to_fdt64(g->initrd_start), behind = cpu_to_fdt64(g->initrd_end);

		bytes(w, "linux,initrd-start", &start, sizeof(start));
		bytes(w, "linux,initrd-end", &behind, sizeof(behind));
	}
	if (g->seed[0]) {
		bytes(w, "kaslr-seed", g->seed, sizeof(g->seed[0]));
		bytes(w, "rng-seed", g->seed + 1, sizeof(g->seed) - sizeof(g->seed[0]));
	}
	end(w);
}

/* EL2 numbers a cell's CPUs from 0, in the order of the configuration. */
static void write_cpus(struct writer *w, const struct guest_fdt *g, uint32_t *count)
{
	uint32_t i, k;

	*count = 0;
	begin(w, "cpus");
	cell(w, "#address-cells", 1);
	cell(w, "#size-cells", 0);
	for (i = 0; i < config_count(g->blob, CAISSON_SEC_CPU); i++) {
		const struct caisson_cpu_entry *c = config_cpu(g->blob, i);

		for (k = 0; k < c->count; k++, (*count)++) {
			char compatible[128];
			size_t length;

			length = g->cpu_compatible(c->first + k, compatible, sizeof(compatible));
			begin_at(w, "cpu", CAISSON_CELL_AFFINITY(*count));
			string(w, "device_type", "cpu");
			bytes(w, "compatible", compatible, length);
			cell(w, "reg", (uint32_t)CAISSON_CELL_AFFINITY(*count));
			string(w, "enable-method", "psci");
			end(w);
		}
	}
	end(w);
}

static void write_memory(struct writer *w, const void *blob)
{
	uint32_t ram = CAISSON_MEM_WRITE | CAISSON_MEM_EXEC;
	uint32_t i;

	for (i = 0; i < config_count(blob, CAISSON_SEC_MEMORY); i++) {
		const struct caisson_memory_entry *m = config_memory(blob, i);

		if ((m->flags & ram) != ram)
			continue; /* an operating system would take it for general use */
		begin_at(w, "memory", m->ipa);
		string(w, "device_type", "memory");
		reg(w, (uint64_t[]){ m->ipa, m->size }, 2);
		end(w);
	}
}

static void write_gic(struct writer *w, const void *blob, uint32_t ncpus)
{
	const struct caisson_cell_entry *c = config_cell(blob);

	begin_at(w, "interrupt-controller", c->gicd_base);
	string(w, "compatible", "arm,gic-v3");
	flag(w, "interrupt-controller");
	cell(w, "#interrupt-cells", 3);
	reg(w, (uint64_t[]){ c->gicd_base, CONFIG_GICD_SIZE, c->gicr_base,
			     ncpus * CONFIG_GICR_SIZE }, 4);
	cell(w, "phandle", PHANDLE_GIC);
	end(w);
}

/* Properties of the live timer node that mean something in another tree: errata, always-on, ... */
static void copy_timer(struct writer *w, const void *fdt, int node)
{
	int property;

	fdt_for_each_property_offset(property, fdt, node) {
		const char *name;
		int length;
		const void *value = fdt_getprop_by_offset(fdt, property, &name, &length);

		if (value && strcmp(name, "interrupts") && strcmp(name, "interrupts-extended") &&
		    strcmp(name, "interrupt-parent") && strcmp(name, "interrupt-names") &&
		    strcmp(name, "phandle") && strcmp(name, "linux,phandle") &&
		    strcmp(name, "compatible") && strcmp(name, "name"))
			bytes(w, name, value, (size_t)length);
	}
}

/*
 * The architected timer is the machine's own, so its PPIs are the live tree's: secure, non-secure,
 * virtual, hypervisor. Arm's Base System Architecture recommends 13, 14, 11, 10.
 */
static void write_timer(struct writer *w, const void *fdt)
{
	uint32_t ppi[4] = { 13, 14, 11, 10 };
	uint32_t spec[12];
	int node = fdt ? fdt_node_offset_by_compatible(fdt, -1, "arm,armv8-timer") : -1;
	int gic = fdt ? fdt_node_offset_by_compatible(fdt, -1, "arm,gic-v3") : -1;
	const fdt32_t *width = gic >= 0 ? fdt_getprop(fdt, gic, "#interrupt-cells", NULL) : NULL;
	int length = 0;
	const fdt32_t *irq = node >= 0 ? fdt_getprop(fdt, node, "interrupts", &length) : NULL;
	uint32_t row = width ? fdt32_to_cpu(*width) : 3;
	uint32_t i;

	for (i = 0; i < 4; i++) {
		if (irq && row >= 3 && row <= 4 && (uint32_t)length >= (i + 1) * row * 4 &&
		    fdt32_to_cpu(irq[i * row]) == IRQ_PPI)
			ppi[i] = fdt32_to_cpu(irq[i * row + 1]);
		spec[3 * i] = IRQ_PPI;
		spec[3 * i + 1] = ppi[i];
		spec[3 * i + 2] = IRQ_LEVEL_HIGH;
	}
	begin(w, "timer");
	string(w, "compatible", "arm,armv8-timer");
	cells(w, "interrupts", spec, ARRAY_SIZE(spec));
	if (node >= 0)
		copy_timer(w, fdt, node);
	end(w);
}

/* Linux: Documentation/devicetree/bindings/watchdog/arm-smc-wdt.yaml */
static void write_watchdog(struct writer *w)
{
	begin(w, "watchdog");
	string(w, "compatible", "arm,smc-wdt");
	cell(w, "arm,smc-id", CAISSON_SMC_WATCHDOG);
	end(w);
}

static void write_console(struct writer *w, const struct caisson_console_entry *con)
{
	static const char compatible[] = "arm,pl011\0arm,primecell";
	static const char clock_names[] = "uartclk\0apb_pclk";

	begin(w, "apb-pclk");
	string(w, "compatible", "fixed-clock");
	cell(w, "#clock-cells", 0);
	cell(w, "clock-frequency", UART_CLOCK);
	cell(w, "phandle", PHANDLE_CLOCK);
	end(w);

	begin_at(w, "pl011", con->base);
	bytes(w, "compatible", compatible, sizeof(compatible));
	reg(w, (uint64_t[]){ con->base, CONFIG_CONSOLE_SIZE }, 2);
	if (con->intid)
		cells(w, "interrupts",
		      (uint32_t[]){ IRQ_SPI, con->intid - CONFIG_SPI_FIRST, IRQ_LEVEL_HIGH }, 3);
	cells(w, "clocks", (uint32_t[]){ PHANDLE_CLOCK, PHANDLE_CLOCK }, 2);
	bytes(w, "clock-names", clock_names, sizeof(clock_names));
	end(w);
}

/*
 * The power button: a key with an interrupt and no GPIO (bindings/input/gpio-keys.yaml). What
 * listens to it shuts down, as systemd-logind does without being told.
 */
static void write_power_key(struct writer *w, uint32_t intid)
{
	begin(w, "gpio-keys");
	string(w, "compatible", "gpio-keys");
	begin(w, "power");
	string(w, "label", "shutdown");
	cell(w, "linux,code", KEY_POWER);
	cells(w, "interrupts", (uint32_t[]){ IRQ_SPI, intid - CONFIG_SPI_FIRST, IRQ_EDGE_RISING },
	      3);
	end(w);
	end(w);
}

int guest_fdt_build(struct guest_fdt *g, void *out)
{
	struct writer w = { .fdt = out };
	uint32_t ncpus;

	keep(&w, fdt_create(out, GUEST_FDT_SIZE));
	keep(&w, fdt_finish_reservemap(out));
	begin(&w, "");
	cell(&w, "#address-cells", 2);
	cell(&w, "#size-cells", 2);
	cell(&w, "interrupt-parent", PHANDLE_GIC);
	string(&w, "compatible", "caisson,cell");
	string(&w, "model", "Caisson cell");
	write_chosen(&w, g);
	write_cpus(&w, g, &ncpus);
	write_memory(&w, g->blob);
	write_gic(&w, g->blob, ncpus);
	write_timer(&w, g->machine_fdt);
	begin(&w, "psci");
	string(&w, "compatible", "arm,psci-1.0");
	string(&w, "method", "hvc");
	end(&w);
	if (config_cell(g->blob)->watchdog_ms)
		write_watchdog(&w);
	if (config_console(g->blob))
		write_console(&w, config_console(g->blob));
	if (config_cell(g->blob)->shutdown_intid)
		write_power_key(&w, config_cell(g->blob)->shutdown_intid);
	guest_nodes_write(&w, g);
	end(&w);
	keep(&w, fdt_finish(out));
	return w.error ? w.error : (int)fdt_totalsize(out);
}

uint64_t guest_fdt_address(const void *blob)
{
	const struct caisson_memory_entry *m = main_memory(blob);
	uint64_t end = ALIGN_DOWN(m->ipa + m->size, GUEST_FDT_SIZE);

	if (end < m->ipa + GUEST_FDT_SIZE)
		return ADDRESS_ANY;
	return end - GUEST_FDT_SIZE;
}
