// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * From device tree to struct machine: called by boot_early() before anything else works, so it only
 * reads and stores. Bindings: arm,gic-v3, arm,armv8-timer, arm,pl011, arm,psci, gpio-keys, and the
 * specification's /memory, /cpus and /chosen.
 */
#include "arch.h"
#include "machine.h"
#include "util.h"

#define MPIDR_AFFINITY 0xff00ffffffULL
#define KEY_POWER 116 /* as Linux numbers keys */

struct machine machine;

const char *conduit_name(enum conduit conduit)
{
	if (conduit == CONDUIT_HVC)
		return "hvc";
	return conduit == CONDUIT_SMC ? "smc" : "none";
}

uint32_t machine_interrupt(uint32_t node, unsigned int index, bool *edge)
{
	const struct fdt *fdt = &machine.fdt;
	uint32_t cells = 3, kind, number, flags;
	uint32_t gic = fdt_find_compatible(fdt, FDT_NONE, "arm,gic-v3");

	if (gic == FDT_NONE)
		return 0;
	fdt_cell(fdt, gic, "#interrupt-cells", 0, &cells);
	if (cells < 3 || cells > 4 || !fdt_cell(fdt, node, "interrupts", index * cells, &kind) ||
	    !fdt_cell(fdt, node, "interrupts", index * cells + 1, &number) ||
	    !fdt_cell(fdt, node, "interrupts", index * cells + 2, &flags))
		return 0;
	if (edge)
		*edge = flags & 3; /* 1, 2: edges; 4, 8: levels */
	if (kind == 0 && number < 1020 - 32)
		return number + 32; /* SPI */
	if (kind == 1 && number < 16)
		return number + 16; /* PPI */
	return 0;
}

uint32_t machine_interrupts(uint32_t n)
{
	uint32_t node = FDT_NONE, bits = 0, intid;
	unsigned int depth, i;

	while ((node = fdt_next(&machine.fdt, node, &depth)) != FDT_NONE) {
		for (i = 0; (intid = machine_interrupt(node, i, NULL)) != 0; i++) {
			if (intid / 32 == n)
				bits |= 1u << (intid % 32);
		}
	}
	return bits;
}

static void read_memory(void)
{
	const struct fdt *fdt = &machine.fdt;
	unsigned int depth, i;
	uint32_t node = FDT_NONE;
	struct range r;

	while ((node = fdt_next(fdt, node, &depth)) != FDT_NONE) {
		const char *type = fdt_string(fdt, node, "device_type");

		if (!type || strcmp(type, "memory"))
			continue;
		for (i = 0; machine.nmemory < MACHINE_MEMORY_MAX; i++) {
			if (!fdt_reg(fdt, node, i, &r.base, &r.size))
				break;
			if (r.size)
				machine.memory[machine.nmemory++] = r;
		}
	}
}

static void read_cpus(void)
{
	const struct fdt *fdt = &machine.fdt;
	uint64_t self = sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
	uint64_t mpidr, unused;
	unsigned int depth, i;
	uint32_t node = FDT_NONE;

	while ((node = fdt_next(fdt, node, &depth)) != FDT_NONE && machine.ncpus < CPU_MAX) {
		const char *type = fdt_string(fdt, node, "device_type");

		if (!type || strcmp(type, "cpu") || !fdt_reg(fdt, node, 0, &mpidr, &unused))
			continue;
		machine.mpidr[machine.ncpus++] = mpidr & MPIDR_AFFINITY;
	}
	/* CPU 0 is the one that runs: area 0 is its stack already. */
	for (i = 1; i < machine.ncpus; i++) {
		if (machine.mpidr[i] == self) {
			machine.mpidr[i] = machine.mpidr[0];
			machine.mpidr[0] = self;
		}
	}
}

static void read_gic_and_timer(void)
{
	const struct fdt *fdt = &machine.fdt;
	uint32_t node = fdt_find_compatible(fdt, FDT_NONE, "arm,gic-v3");

	if (node != FDT_NONE) {
		fdt_reg(fdt, node, 0, &machine.gicd.base, &machine.gicd.size);
		fdt_reg(fdt, node, 1, &machine.gicr.base, &machine.gicr.size);
	}
	/* Its interrupts in this order: secure, non-secure physical, virtual, hypervisor. */
	node = fdt_find_compatible(fdt, FDT_NONE, "arm,armv8-timer");
	if (node != FDT_NONE) {
		machine.timer_phys_intid = machine_interrupt(node, 1, NULL);
		machine.timer_virt_intid = machine_interrupt(node, 2, NULL);
	}
}

/* The console: /chosen/stdout-path if it leads to a PL011, else the first PL011. */
static void read_uart(void)
{
	const struct fdt *fdt = &machine.fdt;
	uint32_t chosen = fdt_find_path(fdt, "/chosen");
	const char *path = NULL;
	uint32_t node = FDT_NONE;
	char copy[64];
	size_t n;

	if (chosen != FDT_NONE)
		path = fdt_string(fdt, chosen, "stdout-path");
	for (n = 0; path && path[n] && path[n] != ':' && n < sizeof(copy) - 1; n++)
		copy[n] = path[n];
	copy[n] = '\0';
	if (copy[0] && copy[0] != '/') {
		uint32_t aliases = fdt_find_path(fdt, "/aliases");

		path = aliases == FDT_NONE ? NULL : fdt_string(fdt, aliases, copy);
		node = path ? fdt_find_path(fdt, path) : FDT_NONE;
	} else if (copy[0]) {
		node = fdt_find_path(fdt, copy);
	}
	if (node == FDT_NONE || !fdt_compatible(fdt, node, "arm,pl011"))
		node = fdt_find_compatible(fdt, FDT_NONE, "arm,pl011");
	if (node == FDT_NONE)
		return;
	fdt_reg(fdt, node, 0, &machine.uart.base, &machine.uart.size);
	machine.uart_intid = machine_interrupt(node, 0, &machine.uart_edge);
}

/* A key of gpio-keys with an interrupt of its own, as a cell of Caisson has. */
static void read_power_key(void)
{
	const struct fdt *fdt = &machine.fdt;
	unsigned int depth;
	uint32_t node = FDT_NONE;
	uint32_t code;

	while ((node = fdt_next(fdt, node, &depth)) != FDT_NONE)
		if (fdt_cell(fdt, node, "linux,code", 0, &code) && code == KEY_POWER)
			machine.power_intid = machine_interrupt(node, 0, NULL);
}

static void read_psci(void)
{
	const struct fdt *fdt = &machine.fdt;
	uint32_t node = fdt_find_compatible(fdt, FDT_NONE, "arm,psci-1.0");
	const char *method;

	if (node == FDT_NONE)
		node = fdt_find_compatible(fdt, FDT_NONE, "arm,psci-0.2");
	if (node == FDT_NONE)
		return;
	method = fdt_string(fdt, node, "method");
	if (method && !strcmp(method, "hvc"))
		machine.conduit = CONDUIT_HVC;
	else if (method && !strcmp(method, "smc"))
		machine.conduit = CONDUIT_SMC;
}

/* The number is the binding's own if the tree has none. */
static void read_watchdog(void)
{
	uint32_t node = fdt_find_compatible(&machine.fdt, FDT_NONE, "arm,smc-wdt");

	if (node == FDT_NONE)
		return;
	if (!fdt_cell(&machine.fdt, node, "arm,smc-id", 0, &machine.watchdog_id))
		machine.watchdog_id = 0x82003d06;
}

bool machine_read(uint64_t dtb)
{
	if (!dtb || !fdt_open(&machine.fdt, (const void *)dtb))
		return false;
	machine.dtb = (struct range){ dtb, machine.fdt.total_size };
	read_memory();
	read_cpus();
	read_gic_and_timer();
	read_uart();
	read_power_key();
	read_psci();
	read_watchdog();
	return machine.nmemory && machine.ncpus;
}
