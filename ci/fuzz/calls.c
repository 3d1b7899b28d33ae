// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes root's hypercalls: the input is a program of calls with any arguments, of what the cells'
 * CPUs do in between, of a pool that runs out and a clock that ends calls early. The real
 * hypercalls, cells, stage 2 and pool run on the fake machine of the unit tests, which checks each
 * event by itself (ci/unit/fake/machine.h). After each call it must hold what invariants.h says,
 * and that
 *   - a refused call has changed nothing that the caller could see;
 *   - memory is zero when a cell is ready, and when root gets it back.
 * In the end all cells are destroyed, which must succeed, and the machine is as it was.
 *
 * Sources: hypervisor/core/hypercalls.c hypervisor/core/cell.c hypervisor/core/cell_own.c
 * Sources: hypervisor/core/cell_scrub.c hypervisor/core/cell_image.c
 * Sources: hypervisor/core/cell_make.c hypervisor/core/s2.c
 * Sources: hypervisor/core/pool.c hypervisor/core/config_check.c hypervisor/core/vpl011.c
 * Sources: hypervisor/core/watchdog.c ci/unit/fake/machine.c ci/fuzz/invariants.c
 * Seeds: ci/fuzz/calls.seeds
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <caisson/error.h>

#include "blob.h"
#include "boot.h"
#include "fuzz.h"
#include "hypercalls.h"
#include "init.h"
#include "invariants.h"
#include "machine.h"
#include "orphan.h"
#include "pool.h"
#include "watchdog.h"

#define PATIENCE 10000u /* calls after which one that never ends is taken for one */
#define MOST_OPS 60u
#define BLOBS 2u
#define BLOB_PA(n) (0x41000e08ULL + 0x20000 * (n))
#define DATA_PA 0x42000000ULL
#define MOST_LEAVES 4096u

static const uint8_t *input;
static size_t input_left;

static uint8_t next_byte(void)
{
	if (!input_left)
		return 0;
	input_left--;
	return *input++;
}

static uint64_t next_word(void)
{
	uint64_t word = 0;

	for (int n = 0; n < 8; n++)
		word = word << 8 | next_byte();
	return word;
}

#define PICK(values) (values)[next_byte() % ARRAY_SIZE(values)]

/* --- what the fake machine leaves to the test --- */

uint32_t el2_disable(struct regs *regs, uint64_t pc, uint64_t pstate)
{
	(void)regs;
	(void)pc;
	(void)pstate;
	return root_cell->next ? CAISSON_E_CELLS_EXIST : CAISSON_E_TIMEOUT;
}

/* Nothing would be left to fuzz. */
_Atomic bool root_dead;

void root_died(void)
{
}

void console_kick(struct cell *cell)
{
	require(cell->page && cell->console_base != NO_CONSOLE);
	vpl011_kick(&cell->console, cell->page);
}

/* --- configurations --- */

struct system_blob {
	struct caisson_config_header header;
	struct caisson_system_entry system;
	struct caisson_memory_entry memory[1];
	struct caisson_device_entry device[3];
	char strings[8];
};

struct cell_blob {
	struct caisson_config_header header;
	struct caisson_cell_entry cell;
	struct caisson_cpu_entry cpu[2];
	struct caisson_memory_entry memory[2];
	struct caisson_device_entry device[2];
	struct caisson_irq_entry irq[2];
	struct caisson_console_entry console;
	char strings[8];
};

static const struct system_blob system_blob = {
	.header = {
		CAISSON_CONFIG_MAGIC, CAISSON_ABI_VERSION, CAISSON_KIND_SYSTEM,
		sizeof(struct system_blob), 0,
		{
			SECTION(system_blob, system, 0, struct caisson_cell_entry),
			SECTION(system_blob, system, 1, struct caisson_system_entry),
			SECTION(system_blob, memory, 0, struct caisson_cpu_entry),
			SECTION(system_blob, memory, 1, struct caisson_memory_entry),
			SECTION(system_blob, device, 3, struct caisson_device_entry),
			SECTION(system_blob, memory, 0, struct caisson_irq_entry),
			SECTION(system_blob, strings, 0, struct caisson_console_entry),
			SECTION(system_blob, strings, 8, char),
		},
	},
	.system = { SRC(system_blob, 1), "fuzz", 0x08000000, 0x10000, 0x080a0000, 0x80000, 0, 0 },
	.memory = { { SRC(system_blob, 2), RAM_PA, RAM_PA, RAM_SIZE, 7, 0 } },
	.device = {
		{ SRC(system_blob, 3), 0x09010000, 0x09010000, 0x2000, 3, 0, 0 },
		{ SRC(system_blob, 4), 0x0a000000, 0x0a000000, 0x4000, 3, 0, 0 },
		{ SRC(system_blob, 5), 0x8000000000, 0x8000000000, GIB(64), 3, 0, 0 },
	},
	.strings = "fuzz.c",
};

static const struct caisson_memory_entry memories[] = {
	{ SRC(cell_blob, 3), 0x10000000, CAISSON_PA_ANY, 0x3000, 7, 0 },
	{ SRC(cell_blob, 3), 0x10200000, CAISSON_PA_ANY, MIB(2), 7, 0 },
	{ SRC(cell_blob, 3), 0x105ff000, CAISSON_PA_ANY, 0x2000, 3, 0 },
	{ SRC(cell_blob, 3), 0x20000000, 0x50000000, 0x2000, 5, 0 },
	{ SRC(cell_blob, 3), 0x30000000, 0x50001000, 0x1000, 7, 0 },
	{ SRC(cell_blob, 3), 0x20000000, 0x50200000, MIB(2), 7, 0 },
	{ SRC(cell_blob, 3), 0x20000000, HV_PA, 0x1000, 1, 0 },
};

/* Whole pages, parts of pages that several cells can share, a window that no one has touched. */
static const struct caisson_device_entry devices[] = {
	{ SRC(cell_blob, 4), 0x0c000000, 0x09010000, 0x1000, 3, 0, 0 },
	{ SRC(cell_blob, 4), 0x0c000000, 0x09010000, 0x2000, 1, 0, 0 },
	{ SRC(cell_blob, 4), 0x0c100100, 0x0a000100, 0x100, 3, 0, 0 },
	{ SRC(cell_blob, 4), 0x0c100200, 0x0a000200, 0x100, 1, 0, 0 },
	{ SRC(cell_blob, 4), 0x0c100f00, 0x0a000f00, 0x300, 3, 0, 0 },
	{ SRC(cell_blob, 4), 0x0c101000, 0x0a001000, 0x1000, 3, 0, 0 },
	{ SRC(cell_blob, 4), 0x0d000000, 0x8000000000, MIB(4), 3, 0, 0 },
	{ SRC(cell_blob, 4), 0x0d000000, 0x08000000, 0x1000, 3, 0, 0 },
	{ SRC(cell_blob, 4), 0x0d000010, 0x080b0010, 0x10, 3, 0, 0 },
	{ SRC(cell_blob, 4), 0x0d000000, RAM_PA - 0x1000, 0x2000, 3, 0, 0 },
	{ SRC(cell_blob, 4), 0x0d000000, RAM_PA, 0x1000, 3, 0, 0 },
};

static const struct caisson_irq_entry irqs[] = {
	{ SRC(cell_blob, 5), 40, 1 },	    { SRC(cell_blob, 5), 62, 4 },
	{ SRC(cell_blob, 5), 64, 1 },	    { SRC(cell_blob, 5), 287, 1 },
	{ SRC(cell_blob, 5), 286, 3 },	    { SRC(cell_blob, 5), DOORBELL, 1 },
	{ SRC(cell_blob, 5), 100, 130 },
};

static const struct caisson_cpu_entry cpu_entries[] = {
	{ SRC(cell_blob, 2), 2, 1 }, { SRC(cell_blob, 2), 3, 1 }, { SRC(cell_blob, 2), 2, 2 },
	{ SRC(cell_blob, 2), 1, 1 }, { SRC(cell_blob, 2), 3, 2 },
};

/* A configuration of such parts, most of which fit together, in one of the places for them. */
static uint64_t write_blob(void)
{
	uint64_t pa = BLOB_PA(next_byte() % BLOBS);
	uint8_t counts = next_byte(), damage = next_byte();
	uint32_t count[4] = { 1u + (counts & 1), 1u + (counts >> 1 & 1), counts >> 2 & 3,
			      counts >> 4 & 3 };
	struct cell_blob blob = {
		.header = {
			CAISSON_CONFIG_MAGIC, CAISSON_ABI_VERSION, CAISSON_KIND_CELL,
			sizeof(struct cell_blob), 0,
			{
				SECTION(cell_blob, cell, 1, struct caisson_cell_entry),
				SECTION(cell_blob, cpu, 0, struct caisson_system_entry),
				SECTION(cell_blob, cpu, count[0], struct caisson_cpu_entry),
				SECTION(cell_blob, memory, count[1], struct caisson_memory_entry),
				SECTION(cell_blob, device, count[2] % 3, struct caisson_device_entry),
				SECTION(cell_blob, irq, count[3] % 3, struct caisson_irq_entry),
				SECTION(cell_blob, console, counts >> 7, struct caisson_console_entry),
				SECTION(cell_blob, strings, 8, char),
			},
		},
		.cell = { SRC(cell_blob, 1), "a", 0, 0, 1, 0, ~0u, 0, 0, 0, 0x08000000, 0x080a0000,
			  0, { 0 } },
		.console = { SRC(cell_blob, 6), 0x09000000, 0, 0 },
		.strings = "fuzz.c",
	};

	blob.cell.name[0] = (char)('a' + next_byte() % 4);
	blob.cell.shutdown_intid = counts & 0x40 ? 101u : 0;
	if (damage & 0x80) {
		blob.cell.watchdog_ms = 5;
		blob.cell.flags = CAISSON_CELL_KEEP_IMAGE;
		blob.cell.on_fault = CAISSON_ACTION_RESTART;
		blob.cell.restarts = 2;
	}
	blob.console.intid = damage & 0x40 ? 102 : 0;
	for (int n = 0; n < 2; n++) {
		blob.cpu[n] = PICK(cpu_entries);
		blob.memory[n] = PICK(memories);
		blob.device[n] = PICK(devices);
		blob.irq[n] = PICK(irqs);
	}
	if ((damage & 0x3f) == 1)
		((uint8_t *)&blob)[next_word() % sizeof(blob)] ^= (uint8_t)(1u << next_byte() % 8);
	memcpy(machine_ram(pa), &blob, sizeof(blob));
	return pa;
}

/* --- calls --- */

static int64_t call(uint64_t function, const uint64_t arguments[6], struct regs *regs)
{
	events_forget();
	memset(regs, 0, sizeof(*regs));
	regs->x[0] = function;
	memcpy(&regs->x[1], arguments, 6 * sizeof(arguments[0]));
	fake_this_cpu = &machine_cpus[0];
	hypercall(fake_this_cpu, regs);
	/* Whoever answers looks at this cell. */
	machine_watched = NULL;
	return (int64_t)regs->x[0];
}

/* What each CPU was asked to do, it does: who restarts a cell waits for the others. */
static void cpus_answer(void)
{
	for (uint32_t n = 2; n < MACHINE_CPUS; n++) {
		struct cpu *cpu = &machine_cpus[n];

		if (cpu->state == CPU_PENDING)
			cpu->state = CPU_RUNNING;
		if (cpu->state == CPU_RUNNING && cpu->cell->closed) {
			cpu->request &= ~CPU_REQUEST_PARK;
			cpu->state = CPU_PARKED;
		}
	}
	for (uint32_t n = 2; n < MACHINE_CPUS; n++) {
		fake_this_cpu = &machine_cpus[n];
		machine_watched = fake_this_cpu->cell;
		if (fake_this_cpu->state == CPU_PARKED)
			cell_scrub_share(fake_this_cpu);
	}
	fake_this_cpu = &machine_cpus[0];
}

/* The copy is one, and the cell's alone: no table maps it. */
static void check_image(const struct cell *cell)
{
	struct {
		uint64_t ipa, pa, size;
	} pieces[PAGE_SIZE / 24];

	memcpy(pieces, cell->image, sizeof(pieces));
	for (uint32_t n = 0; n < cell->images; n++)
		for (uint64_t at = 0; at < pieces[n].size; at += PAGE_SIZE) {
			uint64_t ipa = pieces[n].ipa + at, pa = pieces[n].pa + at;
			struct s2_entry owner = s2_lookup(&root_cell->s2, IPA(pa));
			struct s2_entry from = s2_lookup(&cell->s2, IPA(ipa));

			require(!owner.valid && owner.owner == S2_OWNER_CELL + cell->id);
			require(from.valid);
			require(!memcmp(machine_ram(pa), machine_ram(from.pa.v + (ipa - from.ipa.v)),
					PAGE_SIZE));
		}
}

/* Its postcondition, by hypercalls.md. */
static void check_result(uint64_t function, int64_t result, const struct cell *cell,
			 uint32_t before, size_t pool)
{
	require(result <= CAISSON_WAIT && result > -CAISSON_E_COUNT);
	if (result < 0 && function != CAISSON_HC_CELL_DESTROY && function != CAISSON_HC_CELL_CREATE)
		require(pool_available() == pool);
	if (result || !cell)
		return;
	switch (function) {
	case CAISSON_HC_CELL_MEM_ADD:
		require(before == CAISSON_CELL_CREATED);
		break;
	case CAISSON_HC_CELL_SCRUB:
		walk(&cell->s2, check_zero_entry, NULL);
		break;
	case CAISSON_HC_CELL_LOAD:
		require(before == CAISSON_CELL_READY && !cell->images);
		break;
	case CAISSON_HC_CELL_IMAGE_ADD:
		require(before == CAISSON_CELL_READY && cell->images);
		check_image(cell);
		break;
	case CAISSON_HC_CELL_START:
		require(before == CAISSON_CELL_READY && cell->state == CAISSON_CELL_RUNNING);
		break;
	case CAISSON_HC_CELL_ASK:
		require(before == CAISSON_CELL_RUNNING);
		break;
	case CAISSON_HC_CELL_STOP:
		for (uint32_t n = 0; n < cell->ncpus; n++)
			require(cpus[cell->cpu[n]].state != CPU_RUNNING &&
				cpus[cell->cpu[n]].state != CPU_PENDING);
		break;
	default:
		break;
	}
}

/* One call, again as often as it wants to, but @most times. */
static int64_t calls(uint64_t function, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
		     uint32_t most)
{
	const uint64_t arguments[6] = { a1, a2, a3, a4, 0, 0 };
	int64_t result;

	do {
		struct cell *cell = cell_find(a1);
		uint32_t before = cell ? cell->state : 0;
		size_t pool = pool_available();
		struct regs regs;

		machine_watched = function == CAISSON_HC_CELL_CREATE ? NULL : cell;
		result = call(function, arguments, &regs);
		if (function == CAISSON_HC_CELL_CREATE)
			making = result == CAISSON_AGAIN;
		if (function == CAISSON_HC_CELL_DESTROY && !result)
			cell = NULL;
		check_result(function, result, cell, before, pool);
		if (function == CAISSON_HC_CELL_SCRUB)
			events_forget();
		check_all();
		if (result == CAISSON_WAIT)
			cpus_answer();
	} while (result > 0 && --most);
	return result;
}

static uint64_t pick_cell(void)
{
	uint8_t byte = next_byte();

	return byte < 240 ? 1u + byte % 4u : byte < 250 ? 0 : next_word();
}

static uint64_t pick_address(void)
{
	static const uint64_t addresses[] = {
		0, 0x10000000, 0x10001000, 0x10002000, 0x10200000, 0x10300000, 0x105ff000, 0x20000000,
		0x30000000, 0x50000000, 0x50001000, 0x50200000, 0x51000000, 0x51002000, 0x51200000,
		0x52000000, 0x521ff000, HV_PA, POOL_PA, LOG_PA, DATA_PA, 0x09010000, 0x0a000000,
		0x08000000, 0x0c000000, 0x8000000000, 0xffffffffffff000, ~0xfffULL, RAM_PA - 0x1000,
		RAM_PA + RAM_SIZE - 0x1000,
	};
	uint8_t byte = next_byte();

	if (byte == 255)
		return next_word();
	return addresses[byte % ARRAY_SIZE(addresses)] + (byte >= 220 ? next_byte() : 0);
}

static uint64_t pick_size(void)
{
	static const uint64_t sizes[] = { 0x1000, 0x2000, 0x3000, MIB(1), MIB(2), 0, 1, 16, 0x200, 0xfff };
	uint8_t byte = next_byte();

	return byte == 255 ? next_word() : sizes[byte % ARRAY_SIZE(sizes)];
}

/* All memory that the cell's configuration asks for, from here on where it leaves the choice. */
static void add_all(struct cell *cell, uint64_t pa)
{
	for (uint32_t n = 0; n < config_count(cell->blob, CAISSON_SEC_MEMORY); n++) {
		const struct caisson_memory_entry *mem = config_memory(cell->blob, n);
		uint64_t from = mem->pa == CAISSON_PA_ANY ? pa : mem->pa;
		struct regs regs;

		for (uint64_t done = 0; done < mem->size;) {
			const uint64_t arguments[6] = { cell->id, mem->ipa + done, from + done,
							mem->size - done, 0, 0 };

			if (call(CAISSON_HC_CELL_MEM_ADD, arguments, &regs))
				break;
			require(regs.x[1] && regs.x[1] <= mem->size - done);
			done += regs.x[1];
		}
		pa += ALIGN_UP(mem->size, MIB(2));
	}
	check_all();
}

/* A cell's CPU, which is at EL1. */
static void cpu_acts(struct cpu *cpu, uint8_t what)
{
	struct cell *cell = cpu->cell;
	struct s2_entry entry;

	if (cpu->state != CPU_RUNNING || !cell->id)
		return;
	fake_this_cpu = cpu;
	machine_watched = cell;
	switch (what % 6) {
	case 0: /* writes to its memory */
		entry = s2_lookup(&cell->s2, IPA(config_memory(cell->blob, 0)->ipa));
		if (entry.valid && entry.attrs & S2_WRITE)
			*machine_ram(entry.pa.v + what) = 0xee;
		break;
	case 1:
		cell_fail(cpu, 0x96000000, 0, 0);
		break;
	case 2:
		cell_halt(cpu, what & 8 ? CAISSON_CELL_OFF : CAISSON_CELL_RESET);
		break;
	case 3: /* PSCI CPU_OFF */
		cpu->state = CPU_PARKED;
		cell_cpu_off(cpu);
		break;
	case 4:
		watchdog_look(cpu, 0);
		break;
	default:
		cell_note(cell, CAISSON_REFUSED_ACCESS, what, 0);
	}
	fake_this_cpu = &machine_cpus[0];
}

static void environment(uint8_t what)
{
	static const uint64_t steps[] = { 0, 2000, 8000 };

	switch (what % 7) {
	case 0:
		fake_ticks += (uint64_t)what << 20;
		break;
	case 1:
		machine_cpus_obey = !machine_cpus_obey;
		break;
	case 2:
		machine_spi_in_use = what & 8 ? 101 : what & 16 ? 63 : 0;
		break;
	case 3:
		machine_firmware = machine_firmware ? 0 : -2;
		break;
	case 4:
		machine_feed(starved);
		starved = machine_starve(what / 7);
		break;
	case 5:
		machine_feed(starved);
		starved = NULL;
		break;
	default:
		fake_tick_step = steps[what / 7 % ARRAY_SIZE(steps)];
	}
}

static void any_call(void)
{
	uint64_t function = CAISSON_HC_BASE + next_byte() % (CAISSON_HC_ROOT_DIED - CAISSON_HC_BASE);
	uint64_t a[4];

	for (uint32_t n = 0; n < ARRAY_SIZE(a); n++)
		a[n] = next_byte() & 1 ? pick_address() : pick_cell();
	calls(function, a[0], a[1], a[2], a[3], 1);
}

static void perform(uint8_t op)
{
	uint32_t most = op & 0x80 ? 1 : PATIENCE;
	struct cell *cell;
	uint64_t id, to, from;

	switch (op % 12) {
	case 0:
		from = write_blob();
		calls(CAISSON_HC_CELL_CREATE, from, sizeof(struct cell_blob), 0, 0, most);
		break;
	case 1:
		from = BLOB_PA(next_byte() % BLOBS);
		calls(CAISSON_HC_CELL_CREATE, from, sizeof(struct cell_blob), 0, 0, most);
		break;
	case 2:
		cell = cell_find(pick_cell());
		if (cell)
			add_all(cell, ALIGN_DOWN(pick_address(), PAGE_SIZE));
		break;
	case 3:
		id = pick_cell();
		to = pick_address();
		from = pick_address();
		calls(op & 0x40 ? CAISSON_HC_CELL_IMAGE_ADD : CAISSON_HC_CELL_MEM_ADD, id, to, from,
		      pick_size(), 1);
		break;
	case 4:
		calls(CAISSON_HC_CELL_SCRUB, pick_cell(), 0, 0, 0, most);
		break;
	case 5:
		id = pick_cell();
		to = pick_address();
		from = pick_address();
		calls(CAISSON_HC_CELL_LOAD, id, to, from, pick_size(), 1);
		break;
	case 6:
		id = pick_cell();
		to = pick_address();
		calls(CAISSON_HC_CELL_START, id, to, next_byte(), 0, 1);
		break;
	case 7:
		calls(CAISSON_HC_CELL_STOP, pick_cell(), 0, 0, 0, op & 0x40 ? PATIENCE : 1);
		break;
	case 8:
		calls(CAISSON_HC_CELL_DESTROY, pick_cell(), 0, 0, 0, most);
		break;
	case 9:
		any_call();
		break;
	case 10:
		environment(next_byte());
		break;
	default:
		cpus_answer();
		cpu_acts(&machine_cpus[2 + next_byte() % 2], next_byte());
		check_all();
	}
}

/* --- the end --- */

static struct {
	uint64_t pa, size;
} leaves[MOST_LEAVES];
static size_t leaf_count;

static void note_memory(const struct s2_entry *entry, void *context)
{
	(void)context;
	if (!entry->valid || entry->attrs & S2_DEVICE)
		return;
	require(leaf_count < MOST_LEAVES);
	leaves[leaf_count].pa = entry->pa.v;
	leaves[leaf_count++].size = entry->size;
}

/* RAM of root's that the cell has, its own memory among it. */
static void note_image(const struct s2_entry *entry, void *context)
{
	const struct cell *cell = context;

	if (entry->valid || entry->owner != S2_OWNER_CELL + cell->id || entry->ipa.v < RAM_PA ||
	    entry->ipa.v >= HV_PA)
		return;
	require(leaf_count < MOST_LEAVES);
	leaves[leaf_count].pa = entry->ipa.v;
	leaves[leaf_count++].size = entry->size;
}

/* By the same calls as the driver's, with nothing in the way any more. Root gets zeroes. */
static void end_cell(struct cell *cell)
{
	uint32_t id = cell->id;

	leaf_count = 0;
	walk(&root_cell->s2, note_image, cell);
	require(!calls(CAISSON_HC_CELL_STOP, id, 0, 0, 0, PATIENCE));
	require(!calls(CAISSON_HC_CELL_SCRUB, id, 0, 0, 0, PATIENCE));
	walk(&cell->s2, note_memory, NULL);
	require(!calls(CAISSON_HC_CELL_DESTROY, id, 0, 0, 0, PATIENCE));
	for (size_t n = 0; n < leaf_count; n++)
		for (uint64_t at = 0; at < leaves[n].size; at += PAGE_SIZE) {
			require(s2_lookup(&root_cell->s2, IPA(leaves[n].pa + at)).valid);
			check_zero_page(leaves[n].pa + at);
		}
}

static void check_as_before(const struct s2_entry *entry, void *context)
{
	bool ram = entry->ipa.v >= RAM_PA && entry->ipa.v < HV_PA;

	(void)context;
	require(entry->owner < S2_OWNER_CELL);
	if (ram)
		require(entry->valid && entry->attrs == (S2_READ | S2_WRITE | S2_EXEC));
	if (entry->owner == S2_OWNER_EMULATED)
		require(entry->ipa.v >= 0x08000000 && entry->ipa.v < 0x08120000);
}

static void end_all(void)
{
	machine_feed(starved);
	starved = NULL;
	machine_cpus_obey = true;
	machine_firmware = 0;
	fake_tick_step = 0;
	/* Given up, and then refused for its size. */
	require(calls(CAISSON_HC_CELL_CREATE, 0, 0, 0, 0, PATIENCE) == -CAISSON_E_ARGUMENT);
	while (root_cell->next)
		end_cell(root_cell->next);
	walk(&root_cell->s2, check_as_before, NULL);
	for (uint32_t n = 0; n < MACHINE_CPUS; n++)
		require(machine_cpus[n].cell == root_cell);
}

/* Numbers that index something of EL2's: the first that is too large, and the largest. */
static void refuse_numbers(void)
{
	const struct {
		uint64_t function, arguments[6];
		uint32_t code;
	} refused[] = {
		{ CAISSON_HC_CPU_STATS, { ncpus }, CAISSON_E_ARGUMENT },
		{ CAISSON_HC_CPU_STATS, { ~0ULL }, CAISSON_E_ARGUMENT },
		{ CAISSON_HC_CPU_STATS, { 0, CAISSON_EXIT_COUNT }, CAISSON_E_ARGUMENT },
		{ CAISSON_HC_CPU_STATS, { 0, ~0ULL }, CAISSON_E_ARGUMENT },
		{ CAISSON_HC_STAGE2, { 0, BIT(root_cell->s2.ipa_bits) }, CAISSON_E_RANGE },
		{ CAISSON_HC_STAGE2, { 0, ~0ULL }, CAISSON_E_RANGE },
		{ CAISSON_HC_STAGE2, { CELL_IDS }, CAISSON_E_NO_CELL },
		{ CAISSON_HC_CELL_STOP, { CELL_IDS }, CAISSON_E_NO_CELL },
		{ CAISSON_HC_CELL_STOP, { ~0ULL }, CAISSON_E_NO_CELL },
		{ CAISSON_HC_CELL_IMAGE_ADD + 1, { 0 }, CAISSON_E_FUNCTION },
	};
	struct regs regs;

	for (size_t n = 0; n < ARRAY_SIZE(refused); n++)
		require(call(refused[n].function, refused[n].arguments, &regs) ==
			-(int64_t)refused[n].code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = data;
	input_left = size;
	making = false;
	machine_start(&system_blob);
	if (next_byte() & 1)
		machine_cpus[3].state = CPU_FIRMWARE;
	refuse_numbers();
	for (uint32_t n = 0; n < MOST_OPS && input_left; n++)
		perform(next_byte());
	end_all();
	return 0;
}
