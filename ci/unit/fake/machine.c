// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fake machine: see machine.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "boot.h"
#include "cpu_ctl.h"
#include "log.h"
#include "machine.h"
#include "pool.h"
#include "vgic.h"

#undef config_check_some /* here the real one is meant */

#define MAX_EVENTS 20000u
#define MAX_STALE 512u

struct cpu machine_cpus[MACHINE_CPUS];
uint64_t machine_pa_range = 2; /* 40 bits */
uint32_t machine_spi_in_use;
bool machine_cpus_obey = true;
bool machine_revokes;
int64_t machine_firmware;
struct cell *machine_watched;
void *machine_scribble;
size_t machine_scribble_size;
char machine_log[256];
const char *machine_when;
void (*machine_meanwhile)(void);

static struct caisson_boot the_boot;
const struct caisson_boot *boot = &the_boot;
const void *system_config;
struct cpu *cpus = machine_cpus;
uint32_t ncpus = MACHINE_CPUS;
struct cpu *fake_this_cpu = &machine_cpus[0];
struct spinlock gicd_lock;
uint32_t gic_spi_end = 288;
uint32_t gic_priority_step = 0x10;

static uint8_t *ram;
static char lines[MAX_EVENTS][80];
static size_t line_count, expected;
static struct {
	uint64_t start, end;
} stale[MAX_STALE]; /* left root's tables, not its TLBs yet */
static size_t stale_count;
static const struct cell *owner_seen[MACHINE_CPUS];

/* --- events --- */

static void check_owners(void)
{
	for (uint32_t n = 0; n < MACHINE_CPUS; n++) {
		const struct cpu *cpu = &machine_cpus[n];

		if (cpu->cell == owner_seen[n])
			continue;
		assert_true(cpu->state == CPU_PARKED || cpu->state == CPU_FIRMWARE);
		assert_true(cpu->cell == root_cell || cpu->cell->closed);
		owner_seen[n] = cpu->cell;
	}
}

__attribute__((format(printf, 1, 2))) static void record(const char *format, ...)
{
	va_list args;

	check_owners();
	assert_in_range(line_count, 0, MAX_EVENTS - 1);
	va_start(args, format);
	vsnprintf(lines[line_count++], sizeof(lines[0]), format, args);
	va_end(args);
	if (machine_meanwhile && !strcmp(lines[line_count - 1], machine_when)) {
		void (*meanwhile)(void) = machine_meanwhile;

		machine_meanwhile = NULL;
		meanwhile();
	}
}

void events_forget(void)
{
	line_count = expected = 0;
}

size_t events_count(void)
{
	return line_count;
}

const char *events_line(size_t n)
{
	assert_in_range(n, 0, line_count - 1);
	return lines[n];
}

void expect(const char *format, ...)
{
	char line[sizeof(lines[0])];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (expected >= line_count)
		fail_msg("nothing, but expected: %s", line);
	if (strcmp(lines[expected], line))
		fail_msg("event %zu is: %s, but expected: %s", expected, lines[expected], line);
	expected++;
}

void expect_end(void)
{
	check_owners();
	if (expected < line_count)
		fail_msg("event %zu was not expected: %s", expected, lines[expected]);
	assert_int_equal(stale_count, 0);
	events_forget();
}

void expect_skip(const char *start)
{
	while (expected < line_count && strncmp(lines[expected], start, strlen(start)))
		expected++;
	if (expected == line_count)
		fail_msg("no event: %s", start);
}

/* --- stage 2 --- */

struct place {
	uint64_t ipa, size;
};

/* Where in the address space of these tables an entry lies; by its own walk. */
static bool locate(const uint64_t *table, size_t entries, uint32_t level, uint64_t ipa,
		   const uint64_t *entry, struct place *place)
{
	uint64_t size = PAGE_SIZE << 9 * (3 - level);

	if (entry >= table && entry < table + entries) {
		*place = (struct place){ ipa + (uint64_t)(entry - table) * size, size };
		return true;
	}
	for (size_t n = 0; level < 3 && n < entries; n++)
		if ((table[n] & 3) == 3 &&
		    locate((uint64_t *)(void *)machine_ram(table[n] & 0xfffffffff000), 512,
			   level + 1, ipa + n * size, entry, place))
			return true;
	return false;
}

static void describe(char *text, size_t size, uint64_t desc, uint64_t covers)
{
	bool table = (desc & 3) == 3 && covers > PAGE_SIZE;

	if (table)
		snprintf(text, size, "table");
	else if (desc & 1)
		snprintf(text, size, "map %lx %s%s%s%s", (unsigned long)(desc & 0xfffffffff000),
			 desc & BIT(6) ? "r" : "", desc & BIT(7) ? "w" : "",
			 desc & BIT(54) ? "" : "x", (desc & 0x3c) == 0x3c ? "" : "d");
	else if ((desc & 3) == 2)
		snprintf(text, size, "pending");
	else if (desc)
		snprintf(text, size, "own %lu", (unsigned long)(desc >> 16));
	else
		snprintf(text, size, "none");
}

static bool is_stale(uint64_t start, uint64_t end)
{
	for (size_t n = 0; n < stale_count; n++)
		if (start < stale[n].end && stale[n].start < end)
			return true;
	return false;
}

void s2_arch_write(uint64_t *entry, uint64_t value)
{
	const struct s2 *s2 = &root_cell->s2;
	struct place place = { 0, 0 };
	bool root = locate(s2->root, 512u * s2->root_pages, s2->start_level, 0, entry, &place);
	char text[48];

	if (root && (*entry & 1)) {
		assert_false(value & 1);
		assert_in_range(stale_count, 0, MAX_STALE - 1);
		stale[stale_count].start = place.ipa;
		stale[stale_count++].end = place.ipa + place.size;
	} else if (root && (value & 1)) {
		assert_false(is_stale(place.ipa, place.ipa + place.size));
	}
	for (const struct cell *cell = root_cell->next; !place.size && cell; cell = cell->next)
		locate(cell->s2.root, 512u * cell->s2.root_pages, cell->s2.start_level, 0, entry,
		       &place);
	*entry = value;
	if (!place.size) { /* of a cell that is just being created: not listed yet */
		record("cell table");
		return;
	}
	describe(text, sizeof(text), value, place.size);
	record("%s %lx/%lx = %s", root ? "root" : "cell", U(place.ipa), U(place.size), text);
}

void s2_arch_invalidate(const struct s2 *s2, ipa_t ipa, uint64_t size)
{
	bool root = s2 == &root_cell->s2;

	for (size_t n = 0; root && n < stale_count;) {
		if (stale[n].start >= ipa.v && stale[n].end <= ipa.v + size)
			stale[n] = stale[--stale_count];
		else
			n++;
	}
	record("%s tlbi %lx+%lx", root ? "root" : "cell", U(ipa.v), U(size));
}

void s2_arch_publish(void)
{
	record("publish");
}

void s2_revoke(struct s2 *s2)
{
	if (!s2->revoked)
		record("revoke");
	s2->revoked = true;
}

void s2_restore(struct s2 *s2)
{
	if (s2->revoked)
		record("restore");
	s2->revoked = false;
}

/* --- memory --- */

uint8_t *machine_ram(uint64_t pa)
{
	assert_in_range(pa, RAM_PA, RAM_PA + RAM_SIZE - 1);
	return ram + (pa - RAM_PA);
}

static uint64_t pa_of(const void *va)
{
	return RAM_PA + (uint64_t)((const uint8_t *)va - ram);
}

void *window_map(enum window_slot slot, pa_t pa)
{
	record("window %c %lx", slot == WINDOW_A ? 'A' : 'B', U(pa.v));
	return machine_ram(pa.v);
}

void window_clear(void)
{
	record("window clear");
}

void zero_page_to_poc(void *va)
{
	uint64_t pa = pa_of(va);

	assert_int_equal(pa & PAGE_MASK, 0);
	assert_false(s2_lookup(&root_cell->s2, IPA(pa)).valid);
	assert_false(is_stale(pa, pa + PAGE_SIZE));
	memset(va, 0, PAGE_SIZE);
	fake_ticks += fake_zero_ticks;
	record("zero %lx", U(pa));
}

void dcache_clean_inval(const void *va, size_t size)
{
	uint64_t pa = pa_of(va);

	assert_false(s2_lookup(&root_cell->s2, IPA(pa)).valid);
	assert_false(is_stale(pa, pa + size));
	record("clean %lx+%lx first %02x", U(pa), U(size), *(const uint8_t *)va);
}

int fake_config_check_some(const void *blob, uint32_t size, uint32_t kind, struct config_progress *p,
			   uint32_t checks, struct config_verdict *v)
{
	assert_in_range(pa_of(blob), POOL_PA, POOL_PA + POOL_PAGES * PAGE_SIZE - size);
	if (!p->begun) {
		if (machine_scribble)
			memset(machine_scribble, 0xa5, machine_scribble_size);
		record("check %x", size);
	}
	return config_check_some(blob, size, kind, p, checks, v);
}

/* --- interrupts --- */

bool gic_spi_enabled(uint32_t intid)
{
	return intid == machine_spi_in_use;
}

void gic_spis_reset(uint32_t word, uint32_t bits, const struct cpu *cpu)
{
	for (; bits; bits &= bits - 1) {
		uint32_t intid = 32 * word + (uint32_t)__builtin_ctz(bits);
		const char *owner = "none";

		for (const struct cell *cell = root_cell; cell; cell = cell->next)
			if (cell_owns_irq(cell, intid))
				owner = strcmp(owner, "none") ? "two" : cell->id ? "cell" : "root";
		record("spi %u reset to cpu %u, owner %s", intid, cpu->index, owner);
	}
}

/* All words at once: that of the first. */
void gic_route_away(uint32_t word, const struct cell *from, const struct cpu *to)
{
	for (uint32_t n = 0; word == 1 && n < from->ncpus; n++)
		record("route %u to %u", from->cpu[n], to->index);
}

void gic_spi_pend(uint32_t intid)
{
	static const char *const names[] = {
#define X(name, text) text,
		CAISSON_CELL_STATES(X)
#undef X
	};

	if (intid != DOORBELL) {
		record("pend %u", intid);
		return;
	}
	assert_non_null(machine_watched);
	assert_int_equal(machine_watched->page->state, machine_watched->state);
	record("doorbell %s", names[machine_watched->page->state]);
}

/* --- CPUs --- */

void cpu_set_owner(struct cpu *cpu, struct cell *cell, uint32_t vcpu)
{
	memset(cpu->exits, 0, sizeof(cpu->exits));
	cpu->cell = cell;
	cpu->vcpu = vcpu;
}

bool cpu_start(struct cell *cell, struct cpu *cpu, uint64_t entry, const uint64_t args[4],
	       enum cpu_state *state)
{
	*state = cpu->state;
	assert_ptr_equal(cpu->cell, cell);
	assert_false(cell->closed);
	record("start %u at %lx %lx", cpu->index, U(entry), U(args[0]));
	if (cpu->state == CPU_SCRUBBING)
		assert_ptr_equal(cpu, fake_this_cpu);
	else if (cpu->state != CPU_PARKED && cpu->state != CPU_FIRMWARE)
		return true;
	atomic_fetch_add(&cell->running, 1);
	cpu->state = CPU_PENDING;
	return true;
}

int64_t cpu_start_firmware(struct cpu *cpu)
{
	record("firmware on %u", cpu->index);
	if (machine_firmware)
		cpu->state = CPU_FIRMWARE;
	return machine_firmware;
}

void cpu_request_park(struct cpu *cpu)
{
	record("park %u %s", cpu->index, cpu->cell->closed ? "closed" : "open");
	if (cpu->state == CPU_PENDING || (cpu->state == CPU_RUNNING && machine_cpus_obey))
		cpu->state = CPU_PARKED;
}

void cpu_request_pause(struct cpu *cpu, bool pause)
{
	record("%s %u", pause ? "pause" : "resume", cpu->index);
	if (!pause || (cpu->state == CPU_RUNNING && machine_cpus_obey))
		cpu->paused = pause;
}

/* The real one's table is cpu_ctl.c's; here the one state that core/ sets elsewhere. */
void cpu_set_state(struct cpu *cpu, enum cpu_state state)
{
	if (state == CPU_SCRUBBING)
		assert_int_equal(cpu->state, CPU_PARKED);
	else
		assert_int_equal(cpu->state, CPU_SCRUBBING);
	cpu->state = state;
	record("cpu %u %s", cpu->index, state == CPU_PARKED ? "parked" : "scrubbing");
}

bool irq_revokes(void)
{
	return machine_revokes;
}

void irq_lost(const struct cell *cell)
{
	(void)cell;
}

void irq_kick(const struct cpu *target)
{
	record("kick %u", target->index);
}

/* --- the pool --- */

void *machine_starve(size_t left)
{
	void *taken = NULL;

	while (pool_available() > left) {
		void **page = pool_alloc(1);

		*page = taken;
		taken = page;
	}
	return taken;
}

void machine_feed(void *taken)
{
	while (taken) {
		void *next = *(void **)taken;

		pool_free(taken, 1);
		taken = next;
	}
}

/* --- registers and the log --- */

uint64_t fake_read_sysreg(const char *name)
{
	return strcmp(name, "id_aa64mmfr0_el1") ? 0 : machine_pa_range;
}

void fake_write_sysreg(const char *name, uint64_t value)
{
	fail_msg("%s = %lx", name, U(value));
}

void fake_barrier(const char *what)
{
	fail_msg("%s", what);
}

void log_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(machine_log, sizeof(machine_log), format, args);
	va_end(args);
}

pa_t log_pa(void)
{
	return PA(LOG_PA);
}

size_t log_size(void)
{
	return LOG_SIZE;
}

/* --- power --- */

static void machine_reset(void)
{
	if (ram)
		munmap(ram, RAM_SIZE);
	ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_ptr_not_equal(ram, MAP_FAILED);
	memset(machine_cpus, 0, sizeof(machine_cpus));
	memset(owner_seen, 0, sizeof(owner_seen));
	stale_count = 0;
	machine_spi_in_use = 0;
	machine_cpus_obey = true;
	machine_revokes = false;
	machine_firmware = 0;
	machine_watched = NULL;
	machine_scribble = NULL;
	machine_meanwhile = NULL;
	fake_ticks = 1000;
	fake_tick_step = 0;
	fake_zero_ticks = 0;
	fake_this_cpu->call_end = UINT64_MAX / 2;
}

void machine_start(const void *system)
{
	machine_reset();
	system_config = system;
	the_boot.memory_pa = HV_PA;
	the_boot.memory_size = HV_SIZE;
	the_boot.doorbell_intid = DOORBELL;
	pool_init(machine_ram(POOL_PA), PA(POOL_PA), POOL_PAGES);
	root_cell = NULL;
	memset(cells, 0, sizeof(cells));
	assert_int_equal(root_cell_init(), 0);
	for (uint32_t n = 0; n < MACHINE_CPUS; n++) {
		machine_cpus[n].index = machine_cpus[n].vcpu = n;
		machine_cpus[n].mpidr = n;
		machine_cpus[n].cell = root_cell;
		machine_cpus[n].state = n < 2 ? CPU_RUNNING : CPU_PARKED;
		owner_seen[n] = root_cell;
	}
	stale_count = 0;
	events_forget();
}
