// SPDX-License-Identifier: GPL-2.0-only
/*
 * The validator: one row for each way to be refused, tables that are too many or too long,
 * truncation at each byte.
 *
 * Sources: hypervisor/core/config_check.c ci/unit/fake/samples.c ci/fuzz/slow_check.c
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

#include "samples.h"

/*
 * For the system tests, which show these very blobs to hvctl: with $REFUSED, a directory, each one
 * that is refused goes there, and into its `index' what must be said: file, reason, where, text.
 */
static void keep(const void *blob, size_t size, const char *suffix, const struct config_verdict *v)
{
	static const struct {
		const char *name, *text;
	} reasons[] = {
#define X(name, text) { #name, text },
		CAISSON_ERRORS(X)
#undef X
	};
	const char *dir = getenv("REFUSED");
	static unsigned int n;
	char path[4096], where[64] = "";
	FILE *f;

	if (!dir || !v->code)
		return;
	if (v->offset)
		snprintf(where, sizeof(where), "%s:%" PRIu32,
			 config_string(blob, config_source(blob, v->offset)->file),
			 config_source(blob, v->offset)->line);
	snprintf(path, sizeof(path), "%s/%u.%s", dir, n, suffix);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(blob, 1, size, f), size);
	fclose(f);
	snprintf(path, sizeof(path), "%s/index", dir);
	f = fopen(path, "a");
	assert_non_null(f);
	fprintf(f, "%u.%s\t%s\t%s\t%s\n", n++, suffix, reasons[v->code].name, where,
		reasons[v->code].text);
	fclose(f);
}

/* One field to overwrite; width 0: none. */
struct edit {
	uint32_t at;
	uint32_t width;
	uint64_t value;
};

struct row {
	const char *name;
	struct edit edit[4];
	uint32_t code;
	uint32_t offset;
	uint32_t other;
	uint64_t value;
};

#define SET(type, field, v) { AT(type, field), sizeof(((struct type *)0)->field), (uint64_t)(v) }
#define CELL(field, v) SET(cell_blob, field, v)
#define SYS(field, v) SET(system_blob, field, v)
#define C(field) AT(cell_blob, field)
#define LETTERS 0x7878787878787878
#define NAME_PART(n) { C(cell.name[n]), 8, LETTERS }
#define S(field) AT(system_blob, field)
#define SEC(n, member) header.section[CAISSON_SEC_##n].member

static const struct row cell_rows[] = {
	{ "magic", { CELL(header.magic, 1) }, E(MAGIC), 0, 0, 1 },
	{ "version", { CELL(header.abi_version, 99) }, E(VERSION), 0, 0, 99 },
	{ "kind unknown", { CELL(header.kind, 3) }, E(KIND), 0, 0, 3 },
	{ "kind zero", { CELL(header.kind, 0) }, E(KIND), 0, 0, 0 },
	{ "kind not the expected one", { CELL(header.kind, 2) }, E(KIND), 0, 0, 2 },
	{ "header says longer", { CELL(header.size, sizeof(good_cell) + 1) }, E(TRUNCATED), 0, 0,
	  sizeof(good_cell) + 1 },
	{ "header says shorter", { CELL(header.size, sizeof(good_cell) - 8) }, E(SIZE), 0, 0,
	  sizeof(good_cell) },
	{ "header reserved", { CELL(header.reserved, 1) }, E(RESERVED), 0, 0, 1 },

	{ "section entry size", { CELL(SEC(CPU, entry_size), 16) }, E(ENTRY_SIZE), 0, 0, 2 },
	{ "section entry size 0", { CELL(SEC(IRQ, entry_size), 0) }, E(ENTRY_SIZE), 0, 0, 5 },
	{ "section reserved", { CELL(SEC(CPU, reserved), 5) }, E(RESERVED), 0, 0, 5 },
	{ "section unaligned", { CELL(SEC(CPU, offset), C(cpu) + 4) }, E(SECTION), 0, 0, 2 },
	{ "section in header", { CELL(SEC(CPU, offset), 136) }, E(SECTION), 0, 0, 2 },
	{ "section past end", { CELL(SEC(CPU, offset), 0xfffffff8) }, E(SECTION), 0, 0, 2 },
	{ "section too long", { CELL(SEC(STRINGS, count), 9) }, E(SECTION), 0, 0, 7 },
	{ "section count overflows", { CELL(SEC(MEMORY, count), 0x05555556) }, E(SECTION), 0, 0, 3 },
	{ "empty section past end", { CELL(SEC(SYSTEM, offset), 65536) }, E(SECTION), 0, 0, 1 },
	{ "sections meet", { CELL(SEC(MEMORY, offset), C(cpu[1])) }, E(SECTION), 0, 0, 3 },

	{ "strings empty", { CELL(SEC(STRINGS, count), 0) }, E(STRING), 0, 0, C(strings) },
	{ "string not terminated", { CELL(strings[7], 'x') }, E(STRING), 0, 0, C(strings) },
	{ "file before strings", { CELL(irq[1].source.file, C(strings) - 1) }, E(STRING), 0, 0,
	  C(irq[1]) },
	{ "file behind strings", { CELL(cpu[0].source.file, sizeof(good_cell)) }, E(STRING), 0, 0,
	  C(cpu[0]) },
	{ "file far away", { CELL(cell.source.file, ~0ULL) }, E(STRING), 0, 0, C(cell) },
	{ "source reserved", { CELL(memory[1].source.reserved, 1) }, E(RESERVED), 0, 0, C(memory[1]) },

	{ "no cell", { CELL(SEC(CELL, count), 0) }, E(MISSING), 0, 0, CAISSON_SEC_CELL },
	{ "no CPU", { CELL(SEC(CPU, count), 0) }, E(MISSING), C(cell), 0, CAISSON_SEC_CPU },
	{ "no memory", { CELL(SEC(MEMORY, count), 0) }, E(MISSING), C(cell), 0, CAISSON_SEC_MEMORY },

	{ "name empty", { CELL(cell.name[0], 0) }, E(NAME), C(cell), 0, 0 },
	{ "name like a parent", { CELL(cell.name[0], '.') }, E(NAME), C(cell), 0, 0 },
	{ "name like an option", { CELL(cell.name[0], '-') }, E(NAME), C(cell), 0, 0 },
	{ "name with a slash", { CELL(cell.name[1], '/') }, E(NAME), C(cell), 0, 0 },
	{ "name with bit 7", { CELL(cell.name[1], 0xe4) }, E(NAME), C(cell), 0, 0 },
	{ "name of 32", { NAME_PART(0), NAME_PART(8), NAME_PART(16), NAME_PART(24) }, E(NAME), C(cell), 0, 0 },
	{ "name not padded", { CELL(cell.name[31], 'x') }, E(NAME), C(cell), 0, 0 },
	{ "cell flags", { CELL(cell.flags, 0x4c) }, E(FLAGS), C(cell), 0, 0x4c },
	{ "entry without flag", { CELL(cell.flags, CAISSON_CELL_ARGS) }, E(FLAGS), C(cell), 0, 4 },
	{ "args without flag", { CELL(cell.flags, CAISSON_CELL_ENTRY) }, E(FLAGS), C(cell), 0, 8 },
	{ "image kept unwatched", { CELL(cell.flags, CAISSON_CELL_KEEP_IMAGE), CELL(cell.watchdog_ms, 0),
	  CELL(cell.on_fault, CAISSON_ACTION_RESTART) }, E(KEEP_IMAGE), C(cell), 0, 0 },
	{ "image kept for nothing", { CELL(cell.flags, CAISSON_CELL_KEEP_IMAGE), CELL(cell.watchdog_ms, 7),
	  CELL(cell.on_fault, CAISSON_ACTION_STOP) }, E(KEEP_IMAGE), C(cell), 0, 7 },
	{ "cell reserved", { CELL(cell.reserved, 9) }, E(RESERVED), C(cell), 0, 9 },
	{ "action unknown", { CELL(cell.on_off, 2) }, E(FLAGS), C(cell), 0, 3 },
	{ "action far off", { CELL(cell.on_fault, ~0u) }, E(FLAGS), C(cell), 0, ~0u },
	{ "shutdown PPI", { CELL(cell.shutdown_intid, 31) }, E(IRQ_RANGE), C(cell), 0, 31 },
	{ "shutdown special INTID", { CELL(cell.shutdown_intid, 1020) }, E(IRQ_RANGE), C(cell), 0, 1020 },
	{ "GICD unaligned", { CELL(cell.gicd_base, 0x8001000) }, E(ALIGN_GIC), C(cell), 0, 0x8001000 },
	{ "GICR unaligned", { CELL(cell.gicr_base, 0x80a8000) }, E(ALIGN_GIC), C(cell), 0, 0x80a8000 },
	{ "GICD out of range", { CELL(cell.gicd_base, 1ULL << 48) }, E(RANGE), C(cell), 0, 1ULL << 48 },
	{ "GICR ends out of range", { CELL(cell.gicr_base, (1ULL << 48) - 0x50000) }, E(RANGE),
	  C(cell), 0, (1ULL << 48) - 0x50000 },
	{ "entry outside", { CELL(cell.entry, 0x40200000) }, E(ENTRY_POINT), C(cell), 0, 0x40200000 },
	{ "entry below", { CELL(cell.entry, 0x3ffffffc) }, E(ENTRY_POINT), C(cell), 0, 0x3ffffffc },
	{ "entry not executable", { CELL(cell.entry, 0x50000000) }, E(ENTRY_POINT), C(cell), 0,
	  0x50000000 },
	{ "entry unaligned", { CELL(cell.entry, 0x40000002) }, E(ENTRY_POINT), C(cell), 0, 0x40000002 },

	{ "CPU count 0", { CELL(cpu[1].count, 0) }, E(EMPTY), C(cpu[1]), 0, 7 },
	{ "CPU 1024", { CELL(cpu[1].first, 1024) }, E(RANGE), C(cpu[1]), 0, 1024 },
	{ "CPU range past 1023", { CELL(cpu[1].first, 1023), CELL(cpu[1].count, 2) }, E(RANGE),
	  C(cpu[1]), 0, 1023 },
	{ "CPU range wraps", { CELL(cpu[1].count, 0xffffffff) }, E(RANGE), C(cpu[1]), 0, 7 },
	{ "CPU twice", { CELL(cpu[1].first, 3) }, E(CPU_TWICE), C(cpu[1]), C(cpu[0]), 3 },
	{ "CPU range twice", { CELL(cpu[1].first, 0), CELL(cpu[1].count, 8) }, E(CPU_TWICE), C(cpu[1]),
	  C(cpu[0]), 2 },

	{ "memory flags", { CELL(memory[0].flags, 0x17) }, E(FLAGS), C(memory[0]), 0, 0x17 },
	{ "memory not readable", { CELL(memory[0].flags, 6) }, E(FLAGS), C(memory[0]), 0, 6 },
	{ "memory reserved", { CELL(memory[0].reserved, 6) }, E(RESERVED), C(memory[0]), 0, 6 },
	{ "memory empty", { CELL(memory[1].size, 0) }, E(EMPTY), C(memory[1]), 0, 0x50000000 },
	{ "memory size unaligned", { CELL(memory[1].size, 0x1001) }, E(ALIGN), C(memory[1]), 0, 0x1001 },
	{ "memory ipa unaligned", { CELL(memory[1].ipa, 0x800) }, E(ALIGN), C(memory[1]), 0, 0x800 },
	{ "memory pa unaligned", { CELL(memory[1].pa, 0x801) }, E(ALIGN), C(memory[1]), 0, 0x801 },
	{ "memory pa almost any", { CELL(memory[1].pa, ~0xfffULL) }, E(RANGE), C(memory[1]), 0, ~0xfffULL },
	{ "memory ipa out of range", { CELL(memory[1].ipa, 1ULL << 48) }, E(RANGE), C(memory[1]), 0,
	  1ULL << 48 },
	{ "memory wraps", { CELL(memory[1].size, ~0xfffULL) }, E(RANGE), C(memory[1]), 0, 0x50000000 },
	{ "memory pa ends out of range", { CELL(memory[0].pa, (1ULL << 48) - 0x1ff000) }, E(RANGE),
	  C(memory[0]), 0, (1ULL << 48) - 0x1ff000 },

	{ "device flags", { CELL(device[0].flags, 7) }, E(FLAGS), C(device[0]), 0, 7 },
	{ "device write-only", { CELL(device[0].flags, 2) }, E(FLAGS), C(device[0]), 0, 2 },
	{ "device no flags", { CELL(device[0].flags, 0) }, E(FLAGS), C(device[0]), 0, 0 },
	{ "device reserved", { CELL(device[0].reserved, 8) }, E(RESERVED), C(device[0]), 0, 8 },
	{ "device empty", { CELL(device[0].size, 0) }, E(EMPTY), C(device[0]), 0, 0x0a000100 },
	{ "device size", { CELL(device[0].size, 6) }, E(ALIGN_DEVICE), C(device[0]), 0, 6 },
	{ "device ipa", { CELL(device[0].ipa, 0x0a000101) }, E(ALIGN_DEVICE), C(device[0]), 0, 0x0a000101 },
	{ "device page offsets", { CELL(device[0].pa, 0x0b000104) }, E(ALIGN_DEVICE), C(device[0]), 0,
	  0x0b000104 },
	{ "device ipa out of range", { CELL(device[1].ipa, ~0ULL << 12 | 0x110) }, E(RANGE),
	  C(device[1]), 0, ~0ULL << 12 | 0x110 },
	{ "device pa out of range", { CELL(device[1].pa, 1ULL << 48 | 0x110) }, E(RANGE),
	  C(device[1]), 0, 1ULL << 48 | 0x110 },
	{ "node before strings", { CELL(device[1].node, C(strings) - 1) }, E(STRING), C(device[1]), 0, 0 },
	{ "node behind strings", { CELL(device[0].node, sizeof(good_cell)) }, E(STRING), C(device[0]),
	  0, 0 },
	{ "node far away", { CELL(device[0].node, ~0ULL) }, E(STRING), C(device[0]), 0, 0 },
	{ "node no path", { CELL(device[1].node, C(strings)) }, E(NODE), C(device[1]), 0, 0 },
	{ "node empty", { CELL(device[0].node, C(strings[7])) }, E(NODE), C(device[0]), 0, 0 },

	{ "console reserved", { CELL(console.reserved, 1) }, E(RESERVED), C(console), 0, 1 },
	{ "console unaligned", { CELL(console.base, 0x09000100) }, E(ALIGN), C(console), 0, 0x09000100 },
	{ "console out of range", { CELL(console.base, 1ULL << 50) }, E(RANGE), C(console), 0, 1ULL << 50 },
	{ "console PPI", { CELL(console.intid, 31) }, E(IRQ_RANGE), C(console), 0, 31 },
	{ "console special INTID", { CELL(console.intid, 1020) }, E(IRQ_RANGE), C(console), 0, 1020 },

	{ "IRQ count 0", { CELL(irq[0].count, 0) }, E(EMPTY), C(irq[0]), 0, 32 },
	{ "IRQ private", { CELL(irq[0].first, 31) }, E(IRQ_RANGE), C(irq[0]), 0, 31 },
	{ "IRQ special", { CELL(irq[1].first, 1020) }, E(IRQ_RANGE), C(irq[1]), 0, 1020 },
	{ "IRQ range into special", { CELL(irq[1].count, 2) }, E(IRQ_RANGE), C(irq[1]), 0, 1019 },
	{ "IRQ range wraps", { CELL(irq[1].count, ~0u) }, E(IRQ_RANGE), C(irq[1]), 0, 1019 },
	{ "IRQ twice", { CELL(irq[1].first, 39) }, E(IRQ_TWICE), C(irq[1]), C(irq[0]), 39 },
	{ "console's IRQ twice", { CELL(console.intid, 35) }, E(IRQ_TWICE), C(irq[0]), C(console), 35 },
	{ "shutdown's IRQ twice", { CELL(cell.shutdown_intid, 1019) }, E(IRQ_TWICE), C(irq[1]), C(cell),
	  1019 },
	{ "shutdown's IRQ the console's", { CELL(cell.shutdown_intid, 40) }, E(IRQ_TWICE), C(cell),
	  C(console), 40 },

	{ "memory over memory", { CELL(memory[1].ipa, 0x401ff000) }, E(OVERLAP), C(memory[1]),
	  C(memory[0]), 0x401ff000 },
	{ "memory over GICD", { CELL(memory[1].ipa, 0x0800f000) }, E(OVERLAP), C(memory[1]), C(cell),
	  0x0800f000 },
	{ "memory over the last GICR", { CELL(memory[1].ipa, 0x080ff000) }, E(OVERLAP), C(memory[1]),
	  C(cell), 0x080ff000 },
	{ "memory over console", { CELL(memory[1].ipa, 0x09000000) }, E(OVERLAP), C(memory[1]),
	  C(console), 0x09000000 },
	{ "memory over device", { CELL(memory[1].ipa, 0x0a000000) }, E(OVERLAP), C(device[0]),
	  C(memory[1]), 0x0a000100 },
	{ "GICD over GICR", { CELL(cell.gicd_base, 0x080b0000) }, E(OVERLAP), C(cell), C(cell),
	  0x080b0000 },
	{ "console over GICR", { CELL(console.base, 0x080a1000) }, E(OVERLAP), C(console), C(cell),
	  0x080a1000 },
	{ "device over console", { CELL(device[0].ipa, 0x09000100) }, E(OVERLAP), C(device[0]),
	  C(console), 0x09000100 },
	{ "device over device", { CELL(device[0].size, 0x14) }, E(OVERLAP), C(device[1]), C(device[0]),
	  0x0a000110 },
	{ "one pa at two ipas", { CELL(memory[1].pa, 0x701ff000) }, E(OVERLAP), C(memory[1]),
	  C(memory[0]), 0x701ff000 },
	{ "device in the cell's own RAM", { CELL(device[1].pa, 0x70000110) }, E(OVERLAP), C(device[1]),
	  C(memory[0]), 0x70000110 },
};

/* What a cell may be beside the sample: nothing is to be refused. */
static const struct row cell_sound_rows[] = {
	{ "the sample", { { 0, 0, 0 } }, E(OK), 0, 0, 0 },
	{ "adjacent memory", { CELL(memory[1].ipa, 0x40200000) }, E(OK), 0, 0, 0 },
	{ "memory behind the last GICR", { CELL(memory[1].ipa, 0x08100000) }, E(OK), 0, 0, 0 },
	{ "memory between GICD and GICR", { CELL(memory[1].ipa, 0x08010000) }, E(OK), 0, 0, 0 },
	{ "memory at 0", { CELL(memory[1].ipa, 0) }, E(OK), 0, 0, 0 },
	{ "memory at the very end", { CELL(memory[1].ipa, (1ULL << 48) - 0x1000) }, E(OK), 0, 0, 0 },
	{ "no file line", { CELL(cell.source.line, 0) }, E(OK), 0, 0, 0 },
	{ "no shutdown IRQ", { CELL(cell.shutdown_intid, 0) }, E(OK), 0, 0, 0 },
	{ "neither shutdown nor console IRQ", { CELL(cell.shutdown_intid, 0), CELL(console.intid, 0) },
	  E(OK), 0, 0, 0 },
	{ "unlimited restarts", { CELL(cell.restarts, ~0u), CELL(cell.watchdog_ms, ~0u) }, E(OK), 0, 0, 0 },
	{ "no node", { CELL(device[0].node, 0) }, E(OK), 0, 0, 0 },
	{ "node in the midst of a string", { CELL(strings[3], '.') }, E(OK), 0, 0, 0 },
	{ "polled console", { CELL(console.intid, 0) }, E(OK), 0, 0, 0 },
	{ "no console", { CELL(SEC(CONSOLE, count), 0) }, E(OK), 0, 0, 0 },
	{ "CPU 1023", { CELL(cpu[1].first, 1023) }, E(OK), 0, 0, 0 },
	{ "entry without arguments", { CELL(cell.flags, 4), CELL(cell.entry, 0) }, E(OK), 0, 0, 0 },
	{ "name of 31", { NAME_PART(0), NAME_PART(8), NAME_PART(16), { C(cell.name[24]), 7, LETTERS } }, E(OK), 0, 0, 0 },
	{ "dot and underscore in the name", { CELL(cell.name[4], 'x'), CELL(cell.name[5], '_'), CELL(cell.name[6], '.') },
	  E(OK), 0, 0, 0 },
};

static const struct row system_rows[] = {
	{ "system magic", { SYS(header.magic, 1) }, E(MAGIC), 0, 0, 1 },
	{ "system version", { SYS(header.abi_version, 99) }, E(VERSION), 0, 0, 99 },
	{ "system header says shorter", { SYS(header.size, sizeof(good_system) - 8) }, E(SIZE), 0, 0,
	  sizeof(good_system) },
	{ "system header reserved", { SYS(header.reserved, 1) }, E(RESERVED), 0, 0, 1 },
	{ "system entry size", { SYS(SEC(SYSTEM, entry_size), 80) }, E(ENTRY_SIZE), 0, 0, 1 },
	{ "system section past end", { SYS(SEC(IRQ, offset), 0xfffffff8) }, E(SECTION), 0, 0, 5 },
	{ "system string not terminated", { SYS(strings[7], 'x') }, E(STRING), 0, 0, S(strings) },
	{ "not a cell", { SYS(header.kind, 1) }, E(KIND), 0, 0, 1 },
	{ "no system", { SYS(SEC(SYSTEM, count), 0) }, E(MISSING), 0, 0, CAISSON_SEC_SYSTEM },
	{ "no RAM", { SYS(SEC(MEMORY, count), 0) }, E(MISSING), S(system), 0, CAISSON_SEC_MEMORY },
	{ "system with CPUs", { SYS(SEC(IRQ, count), 0), SYS(SEC(CPU, offset), S(irq)),
				SYS(SEC(CPU, count), 1) }, E(KIND), S(irq), 0, CAISSON_SEC_CPU },
	{ "system name", { SYS(system.name[0], ' ') }, E(NAME), S(system), 0, 0 },
	{ "IRQ mode", { SYS(system.irq_mode, 4) }, E(FLAGS), S(system), 0, 4 },
	{ "GICD unaligned", { SYS(system.gicd_base, 0x08001000) }, E(ALIGN_GIC), S(system), 0, 0x08001000 },
	{ "GICD size", { SYS(system.gicd_size, 0x8000) }, E(ALIGN_GIC), S(system), 0, 0x8000 },
	{ "GICD empty", { SYS(system.gicd_size, 0) }, E(EMPTY), S(system), 0, 0x08000000 },
	{ "GICR size", { SYS(system.gicr_size, 0x30000) }, E(ALIGN_GIC), S(system), 0, 0x30000 },
	{ "GICR empty", { SYS(system.gicr_size, 0) }, E(EMPTY), S(system), 0, 0x080a0000 },
	{ "GICR wraps", { SYS(system.gicr_size, ~0x1ffffULL) }, E(RANGE), S(system), 0, 0x080a0000 },
	{ "GICD meets GICR", { SYS(system.gicd_size, 0xb0000) }, E(OVERLAP), S(system), S(system),
	  0x080a0000 },
	{ "RAM elsewhere", { SYS(memory[0].pa, 0x80000000) }, E(IDENTITY), S(memory[0]), 0, 0x80000000 },
	{ "RAM anywhere", { SYS(memory[0].pa, CAISSON_PA_ANY) }, E(IDENTITY), S(memory[0]), 0,
	  CAISSON_PA_ANY },
	{ "device elsewhere", { SYS(device[0].pa, 0x09001000) }, E(IDENTITY), S(device[0]), 0, 0x09001000 },
	{ "RAM unaligned", { SYS(memory[0].size, 0x1001) }, E(ALIGN), S(memory[0]), 0, 0x1001 },
	{ "system device with a node", { SYS(device[0].node, S(strings)) }, E(KIND), S(device[0]), 0,
	  CAISSON_SEC_DEVICE },
	{ "system device size", { SYS(device[0].size, 6) }, E(ALIGN_DEVICE), S(device[0]), 0, 6 },
	{ "spare SPI twice", { SYS(irq[1].first, 287) }, E(IRQ_TWICE), S(irq[1]), S(irq[0]), 287 },
	{ "device in RAM", { SYS(device[0].ipa, 0x7ffff000), SYS(device[0].pa, 0x7ffff000) },
	  E(OVERLAP), S(device[0]), S(memory[0]), 0x7ffff000 },
	{ "device over GICR", { SYS(device[0].ipa, 0x08100000), SYS(device[0].pa, 0x08100000) },
	  E(OVERLAP), S(device[0]), S(system), 0x08100000 },
	{ "spare SPI private", { SYS(irq[0].first, 16) }, E(IRQ_RANGE), S(irq[0]), 0, 16 },
};

static void apply(void *blob, const struct row *row)
{
	size_t i;

	for (i = 0; i < sizeof(row->edit) / sizeof(row->edit[0]); i++) /* little-endian host */
		memcpy((uint8_t *)blob + row->edit[i].at, &row->edit[i].value, row->edit[i].width);
}

static void expect(const struct config_verdict *v, const struct row *row)
{
	assert_int_equal(v->code, row->code);
	assert_int_equal(v->offset, row->offset);
	assert_int_equal(v->other, row->other);
	assert_int_equal(v->value, row->value);
}

static void run_cell_row(void **state)
{
	struct cell_blob blob = good_cell;
	struct config_verdict v;

	apply(&blob, *state);
	v = check_copy(&blob, sizeof(blob), CAISSON_KIND_CELL);
	expect(&v, *state);
	keep(&blob, sizeof(blob), "cell", &v);
}

static void run_system_row(void **state)
{
	struct system_blob blob = good_system;
	struct config_verdict v;

	apply(&blob, *state);
	v = check_copy(&blob, sizeof(blob), CAISSON_KIND_SYSTEM);
	expect(&v, *state);
	keep(&blob, sizeof(blob), "sys", &v);
}

/* Faults of the call rather than of a field. */
static void test_arguments(void **state)
{
	uint8_t *shifted = malloc(sizeof(good_cell) + 8);
	struct config_verdict v;

	(void)state;
	assert_non_null(shifted);
	memcpy(shifted + 4, &good_cell, sizeof(good_cell));
	v = config_check(shifted + 4, sizeof(good_cell), 0);
	assert_int_equal(v.code, CAISSON_E_ARGUMENT);
	free(shifted);
	assert_int_equal(config_check(NULL, 1000, 0).code, CAISSON_E_ARGUMENT);
	assert_int_equal(check_copy(&good_cell, 0, 0).code, CAISSON_E_TRUNCATED);
	assert_int_equal(check_copy(&good_cell, sizeof(good_cell), 0).code, CAISSON_E_OK);
	assert_int_equal(check_copy(&good_cell, sizeof(good_cell), 2).code, CAISSON_E_KIND);
	assert_int_equal(check_copy(&good_system, sizeof(good_system), 0).code, CAISSON_E_OK);
}

/* More entries than there may be, in tables appended to the sample. */
static void test_twice(void **state)
{
	struct {
		struct cell_blob blob;
		struct caisson_console_entry console[2];
		struct caisson_cell_entry cell[2];
		struct caisson_system_entry system;
	} b = { good_cell, { good_cell.console, good_cell.console }, { good_cell.cell, good_cell.cell },
		{ .source = good_cell.cell.source } };
	struct caisson_section *s = b.blob.header.section;
	struct config_verdict v;

	(void)state;
	b.blob.header.size = sizeof(b);
	s[CAISSON_SEC_CONSOLE].offset = offsetof(typeof(b), console);
	s[CAISSON_SEC_CONSOLE].count = 2;
	v = check_copy(&b, sizeof(b), 0);
	assert_int_equal(v.code, CAISSON_E_TWICE);
	assert_int_equal(v.offset, offsetof(typeof(b), console[1]));
	assert_int_equal(v.other, offsetof(typeof(b), console[0]));
	assert_int_equal(v.value, CAISSON_SEC_CONSOLE);
	keep(&b, sizeof(b), "cell", &v);

	s[CAISSON_SEC_CELL].offset = offsetof(typeof(b), cell);
	s[CAISSON_SEC_CELL].count = 2;
	v = check_copy(&b, sizeof(b), 0);
	assert_int_equal(v.code, CAISSON_E_TWICE);
	assert_int_equal(v.offset, offsetof(typeof(b), cell[1]));
	keep(&b, sizeof(b), "cell", &v);

	s[CAISSON_SEC_CELL].count = 1;
	s[CAISSON_SEC_CONSOLE].count = 1;
	s[CAISSON_SEC_SYSTEM].offset = offsetof(typeof(b), system);
	s[CAISSON_SEC_SYSTEM].count = 1;
	v = check_copy(&b, sizeof(b), 0);
	assert_int_equal(v.code, CAISSON_E_KIND);
	assert_int_equal(v.offset, offsetof(typeof(b), system));
	keep(&b, sizeof(b), "cell", &v);
}

static void test_system_twice(void **state)
{
	struct {
		struct system_blob blob;
		struct caisson_system_entry system[2];
	} b = { good_system, { good_system.system, good_system.system } };
	struct caisson_section *s = b.blob.header.section;
	struct config_verdict v;

	(void)state;
	b.blob.header.size = sizeof(b);
	s[CAISSON_SEC_SYSTEM].offset = offsetof(typeof(b), system);
	s[CAISSON_SEC_SYSTEM].count = 2;
	v = check_copy(&b, sizeof(b), 0);
	assert_int_equal(v.code, CAISSON_E_TWICE);
	assert_int_equal(v.offset, offsetof(typeof(b), system[1]));
	assert_int_equal(v.other, offsetof(typeof(b), system[0]));
	keep(&b, sizeof(b), "sys", &v);
}

static void test_every_truncation(void **state)
{
	struct config_verdict v;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(good_cell); n++) {
		struct cell_blob patched = good_cell;

		v = check_copy(&good_cell, n, 0);
		assert_int_not_equal(v.code, CAISSON_E_OK);
		if (n % 100 == 1 || n == sizeof(good_cell) - 1)
			keep(&good_cell, n, "cell", &v);
		/* A header that agrees with the truncation: refused for another reason. */
		patched.header.size = (uint32_t)n;
		assert_int_not_equal(check_copy(&patched, n, 0).code, CAISSON_E_OK);
	}
	for (n = 0; n < sizeof(good_system); n++) {
		v = check_copy(&good_system, n, 0);
		assert_int_not_equal(v.code, CAISSON_E_OK);
		if (n % 100 == 1 || n == sizeof(good_system) - 1)
			keep(&good_system, n, "sys", &v);
	}
}

/* As many entries as a blob can hold, none of which meet: bounded work, and still right. */
static void test_largest(void **state)
{
	enum { N = (65536 - sizeof(good_cell)) / sizeof(struct caisson_device_entry) };
	struct {
		struct cell_blob blob;
		struct caisson_device_entry device[N];
	} *b = malloc(sizeof(*b));
	struct config_verdict v;
	uint32_t i;

	(void)state;
	assert_non_null(b);
	b->blob = good_cell;
	b->blob.header.size = sizeof(*b);
	b->blob.header.section[CAISSON_SEC_DEVICE].offset = sizeof(good_cell);
	b->blob.header.section[CAISSON_SEC_DEVICE].count = N;
	for (i = 0; i < N; i++) {
		b->device[i] = good_cell.device[0];
		b->device[i].ipa = b->device[i].pa = 0x100000000 + i * 0x10;
	}
	assert_int_equal(config_check(b, sizeof(*b), 0).code, CAISSON_E_OK);
	b->device[N - 1].ipa = b->device[0].ipa;
	b->device[N - 1].pa = b->device[0].pa;
	v = config_check(b, sizeof(*b), 0);
	assert_int_equal(v.code, CAISSON_E_OVERLAP);
	assert_int_equal(v.other, sizeof(good_cell));
	free(b);

	b = calloc(1, CAISSON_CONFIG_MAX + 8);
	assert_non_null(b);
	b->blob = good_cell;
	b->blob.header.size = CAISSON_CONFIG_MAX + 8;
	v = config_check(b, CAISSON_CONFIG_MAX + 8, 0);
	assert_int_equal(v.code, CAISSON_E_SIZE);
	keep(b, CAISSON_CONFIG_MAX + 8, "cell", &v);
	b->blob.header.size = CAISSON_CONFIG_MAX;
	assert_int_equal(config_check(b, CAISSON_CONFIG_MAX, 0).code, CAISSON_E_OK);
	free(b);
}

static void add(struct CMUnitTest *list, size_t *n, const struct row *rows, size_t count,
		CMUnitTestFunction run)
{
	size_t i;

	for (i = 0; i < count; i++)
		list[(*n)++] = (struct CMUnitTest){ rows[i].name, run, NULL, NULL,
						    (void *)(uintptr_t)&rows[i] };
}

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))

int main(void)
{
	static const struct CMUnitTest fixed[] = {
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_system_twice),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_largest),
	};
	static struct CMUnitTest tests[ROWS(fixed) + ROWS(cell_rows) + ROWS(cell_sound_rows) +
				       ROWS(system_rows)];
	size_t n = ROWS(fixed);

	memcpy(tests, fixed, sizeof(fixed));
	add(tests, &n, cell_rows, ROWS(cell_rows), run_cell_row);
	add(tests, &n, cell_sound_rows, ROWS(cell_sound_rows), run_cell_row);
	add(tests, &n, system_rows, ROWS(system_rows), run_system_row);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
