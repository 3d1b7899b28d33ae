// SPDX-License-Identifier: GPL-2.0-only
/* Contracts are in acme.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "../../../tools/blob.h"
#include "acme.h"

/* --- the machine --- */

uint64_t tree[2048];

static void begin(const char *name, const char *compatible)
{
	fdt_begin_node(tree, name);
	if (compatible)
		fdt_property(tree, "compatible", compatible, (int)strlen(compatible) + 1);
}

static void numbers(const char *name, size_t count, const uint32_t *values)
{
	fdt32_t cells[32];

	for (size_t i = 0; i < count; i++)
		cells[i] = cpu_to_fdt32(values[i]);
	fdt_property(tree, name, cells, (int)(count * sizeof(*cells)));
}

#define CELLS(name, ...) \
	numbers(name, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4, (uint32_t[]){ __VA_ARGS__ })

static void device(const char *name, const char *compatible, uint32_t at, uint32_t size,
		   uint32_t spi)
{
	begin(name, compatible);
	CELLS("reg", at, size);
	if (spi)
		CELLS("interrupts", 0, spi, 4);
}

void make_tree(uint32_t timer)
{
	assert_int_equal(fdt_create(tree, sizeof(tree)), 0);
	fdt_add_reservemap_entry(tree, 0x41000000, 0x1000);
	fdt_finish_reservemap(tree);
	begin("", "acme,board");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	CELLS("interrupt-parent", 1);
	begin("cpus", NULL);
	for (int i = 0; i < 2; i++) {
		begin(i ? "cpu@1" : "cpu@0", NULL);
		fdt_property_string(tree, "device_type", "cpu");
		fdt_end_node(tree);
	}
	fdt_end_node(tree);
	begin("memory@40000000", NULL);
	fdt_property_string(tree, "device_type", "memory");
	CELLS("reg", 0x40000000, 0x40000000);
	fdt_end_node(tree);
	begin("reserved-memory", NULL);
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	fdt_property(tree, "ranges", NULL, 0);
	begin("firmware@42000000", NULL);
	CELLS("reg", 0x42000000, 0x1000);
	fdt_end_node(tree);
	begin("pool@43000000", NULL);
	CELLS("reg", 0x43000000, 0x1000);
	fdt_property(tree, "reusable", NULL, 0);
	fdt_end_node(tree);
	fdt_end_node(tree);
	begin("gic@8000000", "arm,gic-v3");
	CELLS("reg", 0x8000000, 0x10000, 0x80a0000, 0x40000);
	CELLS("phandle", 1);
	CELLS("#interrupt-cells", 3);
	CELLS("#address-cells", 0);
	fdt_end_node(tree);
	device("its@8080000", "arm,gic-v3-its", 0x8080000, 0x20000, 0);
	fdt_end_node(tree);
	begin("timer", "arm,armv8-timer");
	CELLS("interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, timer, 4);
	fdt_end_node(tree);
	device("serial@9000000", "arm,pl011", 0x9000000, 0x1000, 1);
	fdt_end_node(tree);
	device("rtc@9010000", "arm,pl031", 0x9010000, 0x1000, 2);
	fdt_end_node(tree);
	device("gpio@9020000", "acme,gpio", 0x9020000, 0x100, 0);
	CELLS("interrupts-extended", 1, 0, 3, 4, 1, 1, 3, 4);
	fdt_end_node(tree);
	device("gpio@9020100", "acme,gpio", 0x9020100, 0x100, 0);
	fdt_end_node(tree);
	device("ethernet@9030000", "acme,nic", 0x9030000, 0x1000, 5);
	fdt_end_node(tree);
	device("blob@9040000", "acme,blob", 0x9040000, 0x1000, 6);
	CELLS("iommus", 7);
	fdt_end_node(tree);
	device("thing@9060000", "acme,thing", 0x9060000, 0x1000, 0);
	fdt_end_node(tree);
	device("thing@9050000", "acme,thing", 0x9050000, 0x1000, 8);
	fdt_property_string(tree, "status", "disabled");
	fdt_end_node(tree);
	device("pcie@10000000", "pci-host-ecam-generic", 0x3f000000, 0x1000000, 0);
	fdt_property_string(tree, "device_type", "pci");
	CELLS("#address-cells", 3);
	CELLS("#size-cells", 2);
	CELLS("#interrupt-cells", 1);
	CELLS("ranges", 0x2000000, 0, 0x10000000, 0x10000000, 0, 0x1000000);
	CELLS("interrupt-map", 0, 0, 0, 1, 1, 0, 20, 4, 0x800, 0, 0, 1, 1, 0, 20, 4);
	fdt_end_node(tree);
	begin("chosen", NULL);
	fdt_property_string(tree, "stdout-path", "/serial@9000000:115200");
	fdt_end_node(tree);
	fdt_end_node(tree);
	assert_int_equal(fdt_finish(tree), 0);
}

/* --- configurations --- */

struct unit make(const struct spec *s)
{
	struct unit unit = { .path = s->name, .sound = true };
	struct caisson_cell_entry *cell;
	struct caisson_cpu_entry *cpu;
	struct blob b;
	char origin[64];

	blob_init(&b, CAISSON_KIND_CELL);
	snprintf(origin, sizeof(origin), "%s:cell", s->name);
	cell = blob_add(&b, CAISSON_SEC_CELL, origin);
	snprintf(cell->name, sizeof(cell->name), "%s", s->name);
	cell->gicd_base = 0x8000000;
	cell->gicr_base = 0x80a0000;
	cell->watchdog_ms = s->watchdog;
	cell->flags = s->for_linux ? CAISSON_CELL_LINUX : 0;
	snprintf(origin, sizeof(origin), "%s:cpu", s->name);
	cpu = blob_add(&b, CAISSON_SEC_CPU, origin);
	cpu->first = s->cpu;
	cpu->count = s->cpus;
	for (uint32_t i = 0; i < 3 && s->memory[i][2]; i++) {
		struct caisson_memory_entry *m;

		snprintf(origin, sizeof(origin), "%s:mem%" PRIu32, s->name, i);
		m = blob_add(&b, CAISSON_SEC_MEMORY, origin);
		m->ipa = s->memory[i][0];
		m->pa = s->memory[i][1] ? s->memory[i][1] : CAISSON_PA_ANY;
		m->size = s->memory[i][2] & ~CONTIGUOUS;
		m->flags = 7 | (s->memory[i][2] & CONTIGUOUS ? CAISSON_MEM_CONTIGUOUS : 0);
	}
	for (uint32_t i = 0; i < 3 && s->device[i][1]; i++) {
		struct caisson_device_entry *d;

		snprintf(origin, sizeof(origin), "%s:dev%" PRIu32, s->name, i);
		d = blob_add(&b, CAISSON_SEC_DEVICE, s->node ? s->node : origin);
		d->ipa = 0x100000000 + s->device[i][0];
		d->pa = s->device[i][0];
		d->size = s->device[i][1];
		d->flags = 3;
	}
	if (s->irqs) {
		struct caisson_irq_entry *irq;

		snprintf(origin, sizeof(origin), "%s:irq", s->name);
		irq = blob_add(&b, CAISSON_SEC_IRQ, origin);
		irq->first = s->irq;
		irq->count = s->irqs;
	}
	if (s->console) {
		struct caisson_console_entry *con;

		snprintf(origin, sizeof(origin), "%s:console", s->name);
		con = blob_add(&b, CAISSON_SEC_CONSOLE, origin);
		con->base = 0x7000000;
		con->intid = s->intid;
	}
	unit.blob = blob_finish(&b, &unit.size);
	if (s->node) {
		struct caisson_device_entry *d =
			(void *)((char *)unit.blob + config_offset(unit.blob, CAISSON_SEC_DEVICE, 0));

		d->node = d->source.file;
	}
	assert_int_equal(config_check(unit.blob, unit.size, CAISSON_KIND_CELL).code, 0);
	return unit;
}

struct unit make_system(uint32_t pool, uint64_t ram)
{
	struct unit unit = { .path = "sys", .sound = true };
	struct caisson_system_entry *sys;
	struct caisson_memory_entry *m;
	struct caisson_irq_entry *irq;
	struct blob b;

	blob_init(&b, CAISSON_KIND_SYSTEM);
	sys = blob_add(&b, CAISSON_SEC_SYSTEM, "sys:system");
	snprintf(sys->name, sizeof(sys->name), "sys");
	sys->gicd_base = 0x8000000;
	sys->gicd_size = 0x10000;
	sys->gicr_base = 0x80a0000;
	sys->gicr_size = 4 * 0x20000;
	sys->pool_pages = pool;
	m = blob_add(&b, CAISSON_SEC_MEMORY, "sys:ram");
	m->ipa = m->pa = 0x40000000;
	m->size = ram;
	m->flags = 7;
	irq = blob_add(&b, CAISSON_SEC_IRQ, "sys:spare");
	irq->first = 220;
	irq->count = 4;
	unit.blob = blob_finish(&b, &unit.size);
	assert_int_equal(config_check(unit.blob, unit.size, CAISSON_KIND_SYSTEM).code, 0);
	return unit;
}
