// SPDX-License-Identifier: GPL-2.0-only
/*
 * The filter of GICD and GICR, against a memory in place of the hardware. What is expected is
 * written down here from IHI 0069 and design.md with plain offsets, so that it does not inherit a
 * mistake of the tables under test.
 *
 * Sources: hypervisor/arch/arm64/vgic.c hypervisor/core/cpu_find.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s2.h"
#include "vgic.h"

#define STEP 0x10u
#define NCPUS 4u
#define FRAME_D 0x10000u
#define FRAME_R 0x20000u

/* Root has CPUs 0 and 1; the cell's CPU 0 is 3, and its CPU 1 is 2. */
static const uint64_t mpidrs[NCPUS] = { 0x000, 0x001, 0x0200000101, 0x100 };

struct cpu *cpus;
uint32_t ncpus = NCPUS;
struct spinlock gicd_lock;
uint32_t gic_spi_end = 1020;
uint32_t gic_own_private = 1u << 15;
uint32_t gic_quick_end = 0x400;
uint32_t gic_priority_step = STEP;

/* The direct modes: nothing is kept from the hardware. */
uint32_t irq_access(struct cell *c, struct cpu *cpu, enum irq_bank bank, uint32_t first, bool write,
		    uint32_t bits, uint32_t value)
{
	(void)c;
	(void)cpu;
	(void)bank;
	(void)first;
	(void)write;
	(void)bits;
	return value;
}

static struct cpu the_cpus[NCPUS];
static uint16_t table[2 * NCPUS];
static struct cell *root, *cell;
static uint8_t gicd[FRAME_D];
static uint8_t gicr[NCPUS][FRAME_R];

/* The last physical write, and how many there were. */
static struct {
	uint32_t count;
	const struct cpu *cpu;
	uint32_t offset;
	uint32_t size;
	uint64_t value;
} last;

/* Who accesses in the property test; NULL: writes are not judged. */
static const struct cell *judged;

static bool test_owns(const struct cell *c, uint32_t intid)
{
	static const uint32_t spis[] = { 33, 40, 63, 64, 95, 511, 1019 };

	if (intid >= 4096)
		return c == root;
	if (intid < 32 || intid >= 1020)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(spis); i++)
		if (spis[i] == intid)
			return c == cell;
	return c == root;
}

/* Private interrupts: 15 is EL2's; 25, 26 and 1056 and up (extended PPIs) are root's. */
static bool test_owns_private(const struct cell *c, uint32_t intid)
{
	if (intid >= 1056)
		return c == root;
	return intid < 32 && intid != 15 && ((intid != 25 && intid != 26) || c == root);
}

struct bank {
	uint32_t offset, bytes, width, intid;
	enum { SET_CLEAR, FIELDS, GROUP } kind;
};

static const struct bank gicd_banks[] = {
	{ 0x0080, 0x80, 1, 0, GROUP },	      { 0x0100, 0x80, 1, 0, SET_CLEAR },
	{ 0x0180, 0x80, 1, 0, SET_CLEAR },    { 0x0200, 0x80, 1, 0, SET_CLEAR },
	{ 0x0280, 0x80, 1, 0, SET_CLEAR },    { 0x0300, 0x80, 1, 0, SET_CLEAR },
	{ 0x0380, 0x80, 1, 0, SET_CLEAR },    { 0x0400, 0x400, 8, 0, FIELDS },
	{ 0x0c00, 0x100, 2, 0, FIELDS },      { 0x1000, 0x80, 1, 4096, GROUP },
	{ 0x1200, 0x80, 1, 4096, SET_CLEAR }, { 0x1400, 0x80, 1, 4096, SET_CLEAR },
	{ 0x1600, 0x80, 1, 4096, SET_CLEAR }, { 0x1800, 0x80, 1, 4096, SET_CLEAR },
	{ 0x1a00, 0x80, 1, 4096, SET_CLEAR }, { 0x1c00, 0x80, 1, 4096, SET_CLEAR },
	{ 0x2000, 0x400, 8, 4096, FIELDS },   { 0x3000, 0x100, 2, 4096, FIELDS },
};

/* ICFGR0 (0x10c00) is read-only and has a test of its own. */
static const struct bank gicr_banks[] = {
	{ 0x10084, 8, 1, 1056, GROUP },	    { 0x10100, 4, 1, 0, SET_CLEAR },
	{ 0x10104, 8, 1, 1056, SET_CLEAR }, { 0x10180, 4, 1, 0, SET_CLEAR },
	{ 0x10184, 8, 1, 1056, SET_CLEAR }, { 0x10200, 4, 1, 0, SET_CLEAR },
	{ 0x10204, 8, 1, 1056, SET_CLEAR }, { 0x10280, 4, 1, 0, SET_CLEAR },
	{ 0x10284, 8, 1, 1056, SET_CLEAR }, { 0x10300, 4, 1, 0, SET_CLEAR },
	{ 0x10304, 8, 1, 1056, SET_CLEAR }, { 0x10380, 4, 1, 0, SET_CLEAR },
	{ 0x10384, 8, 1, 1056, SET_CLEAR }, { 0x10400, 0x20, 8, 0, FIELDS },
	{ 0x10420, 0x40, 8, 1056, FIELDS }, { 0x10c04, 4, 2, 16, FIELDS },
	{ 0x10c08, 0x10, 2, 1056, FIELDS },
};

static const struct bank *find_bank(bool redist, uint32_t offset)
{
	const struct bank *banks = redist ? gicr_banks : gicd_banks;
	size_t n = redist ? ARRAY_SIZE(gicr_banks) : ARRAY_SIZE(gicd_banks);

	for (size_t i = 0; i < n; i++)
		if (offset >= banks[i].offset && offset < banks[i].offset + banks[i].bytes)
			return &banks[i];
	return NULL;
}

/* Bit by bit: the interrupt that bit `bit` of the word belongs to, and whose that is. */
static uint32_t test_mask(const struct cell *c, bool redist, const struct bank *b, uint32_t offset)
{
	uint32_t mask = 0;

	for (uint32_t bit = 0; bit < 32; bit++) {
		uint32_t intid = b->intid + ((offset - b->offset) * 8 + bit) / b->width;

		if (redist ? test_owns_private(c, intid) : test_owns(c, intid))
			mask |= 1u << bit;
	}
	return mask;
}

/* The hardware. */

static uint64_t load(const struct cpu *cpu, uint32_t offset, uint32_t size)
{
	uint64_t value = 0;

	assert_true(offset % size == 0 && offset + size <= (cpu ? FRAME_R : FRAME_D));
	memcpy(&value, cpu ? &gicr[cpu->index][offset] : &gicd[offset], size);
	return value;
}

/* No write on behalf of a cell may change, set or clear what is not its own. */
static void judge(const struct cpu *cpu, uint32_t offset, uint32_t size, uint64_t value)
{
	const struct bank *b = find_bank(cpu, offset);
	uint32_t old = (uint32_t)load(cpu, offset & ~3u, 4);

	assert_true(!cpu || cpu->cell == judged);
	if (b) {
		uint32_t mask = test_mask(judged, cpu, b, offset);
		uint32_t touched = (uint32_t)value ^ (b->kind == SET_CLEAR ? 0 : old);

		assert_int_equal(size, 4);
		assert_int_not_equal(b->kind, GROUP);
		assert_int_equal(touched & ~mask, 0);
		for (uint32_t lane = 0; lane < 32 && b->width == 8; lane += 8)
			if ((touched >> lane) & 0xff)
				assert_true(((value >> lane) & 0xff) >= STEP);
	} else if (!cpu && (offset == 0x40 || offset == 0x48)) {
		assert_true(test_owns(judged, (uint32_t)value));
	} else if (!cpu && offset >= 0x6000 && offset < 0xa000) {
		uint32_t intid = (offset - 0x6000) / 8 + (offset < 0x8000 ? 0 : 4096 - 1024);

		assert_int_equal(size, 8);
		assert_true(test_owns(judged, intid));
		assert_true(judged == root ? value == mpidrs[0] || value == mpidrs[1] :
					     value == mpidrs[2] || value == mpidrs[3]);
	} else {
		/* RD_base: CTLR, PARTIDR and the LPI registers are root's to write. */
		assert_true(cpu && judged == root && offset < 0xc0);
		assert_int_not_equal(offset & ~3u, 0x14);
	}
}

static void store(const struct cpu *cpu, uint32_t offset, uint32_t size, uint64_t value)
{
	if (judged)
		judge(cpu, offset, size, value);
	assert_true(offset % size == 0 && offset + size <= (cpu ? FRAME_R : FRAME_D));
	memcpy(cpu ? &gicr[cpu->index][offset] : &gicd[offset], &value, size);
	last.count++;
	last.cpu = cpu;
	last.offset = offset;
	last.size = size;
	last.value = value;
}

uint32_t gicd_read32(uint32_t offset)
{
	return (uint32_t)load(NULL, offset, 4);
}

uint64_t gicd_read64(uint32_t offset)
{
	return load(NULL, offset, 8);
}

void gicd_write32(uint32_t offset, uint32_t value)
{
	store(NULL, offset, 4, value);
}

void gicd_write64(uint32_t offset, uint64_t value)
{
	store(NULL, offset, 8, value);
}

uint32_t gicr_read32(const struct cpu *cpu, uint32_t offset)
{
	return (uint32_t)load(cpu, offset, 4);
}

uint64_t gicr_read64(const struct cpu *cpu, uint32_t offset)
{
	return load(cpu, offset, 8);
}

void gicr_write32(const struct cpu *cpu, uint32_t offset, uint32_t value)
{
	store(cpu, offset, 4, value);
}

void gicr_write64(const struct cpu *cpu, uint32_t offset, uint64_t value)
{
	store(cpu, offset, 8, value);
}

/* Root's memory: everything but [0x80000000, 0x80200000), the hypervisor's. */
bool root_owns_ram(uint64_t pa, uint64_t size)
{
	return pa >= 0x80200000 || pa + size <= 0x80000000;
}

static struct cell *new_cell(uint32_t id, uint32_t n)
{
	struct cell *c = calloc(1, sizeof(*c) + n * sizeof(c->cpu[0]));

	assert_non_null(c);
	c->id = id;
	c->ncpus = n;
	return c;
}

static void claim(struct cell *c)
{
	for (uint32_t intid = 0; intid < 1024; intid++)
		if (test_owns(c, intid))
			c->irqs[intid / 32] |= 1u << (intid % 32);
}

static void set(const struct cpu *cpu, uint32_t offset, uint32_t size, uint64_t value)
{
	memcpy(cpu ? &gicr[cpu->index][offset] : &gicd[offset], &value, size);
}

static int setup(void **state)
{
	(void)state;
	root = new_cell(0, 2);
	cell = new_cell(7, 2);
	claim(root);
	claim(cell);
	root->cpu[1] = 1;
	cell->cpu[0] = 3;
	cell->cpu[1] = 2;
	memset(the_cpus, 0, sizeof(the_cpus));
	cpus = the_cpus;
	for (uint32_t i = 0; i < NCPUS; i++) {
		cpus[i].index = i;
		cpus[i].mpidr = mpidrs[i];
		cpus[i].cell = i < 2 ? root : cell;
		cpus[i].vcpu = i < 2 ? i : 3 - i;
	}
	assert_true(cpu_table_size(NCPUS) <= sizeof(table));
	memset(table, 0, sizeof(table));
	cpu_table_init(table);
	memset(gicd, 0xff, sizeof(gicd));
	memset(gicr, 0xff, sizeof(gicr));
	memset(&last, 0, sizeof(last));
	judged = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(root);
	free(cell);
	return 0;
}

/* Accesses; target NULL: the distributor. */

static uint64_t rd(struct cell *c, struct cpu *target, uint32_t offset, uint32_t size)
{
	struct mmio_access a = { .offset = offset, .size = size, .value = 0xdeadbeefdeadbeef };

	assert_int_equal(target ? vgicr_access(c, target, &a) : vgicd_access(c, &a), MMIO_DONE);
	return a.value;
}

/* Returns how many physical writes that caused. */
static uint32_t wr(struct cell *c, struct cpu *target, uint32_t offset, uint32_t size,
		   uint64_t value)
{
	struct mmio_access a = { .offset = offset, .size = size, .write = true, .value = value };

	last.count = 0;
	assert_int_equal(target ? vgicr_access(c, target, &a) : vgicd_access(c, &a), MMIO_DONE);
	assert_true(a.value == value);
	return last.count;
}

static void bank_word(struct cell *c, struct cpu *cpu, const struct bank *b, uint32_t offset)
{
	uint32_t mask = test_mask(c, cpu, b, offset);
	uint32_t value = 0x5a963cf1;
	uint32_t before = (uint32_t)load(cpu, offset, 4);

	assert_int_equal(rd(c, cpu, offset, 4), b->kind == GROUP ? mask : before & mask);
	if (b->kind == GROUP) {
		assert_int_equal(wr(c, cpu, offset, 4, 0), 0);
		return;
	}
	assert_int_equal(wr(c, cpu, offset, 4, value),
			 (b->kind == FIELDS ? mask : mask & value) != 0);
	if (!last.count)
		return;
	assert_int_equal(last.offset, offset);
	if (b->kind == SET_CLEAR)
		assert_int_equal(last.value, value & mask);
	else
		assert_int_equal(last.value, (before & ~mask) | (value & mask));
}

/* Every word of every bank, for both cells, against ownership bit by bit. */
static void test_banks(void **state)
{
	struct cell *who[] = { root, cell };

	(void)state;
	for (size_t w = 0; w < 2; w++) {
		struct cpu *cpu = w ? &cpus[2] : &cpus[1];

		for (size_t i = 0; i < ARRAY_SIZE(gicd_banks); i++)
			for (uint32_t o = 0; o < gicd_banks[i].bytes; o += 4)
				bank_word(who[w], NULL, &gicd_banks[i], gicd_banks[i].offset + o);
		for (size_t i = 0; i < ARRAY_SIZE(gicr_banks); i++)
			for (uint32_t o = 0; o < gicr_banks[i].bytes; o += 4)
				bank_word(who[w], cpu, &gicr_banks[i], gicr_banks[i].offset + o);
	}
}

/*
 * What is no bank: read and write outcomes for root and for a cell. Z: reads as zero, or is
 * ignored. S: same as the hardware. T: has a test of its own. Everything that is not listed is Z.
 */
enum outcome { Z, S, T };

static const struct expect {
	uint32_t first, last;
	enum outcome root_read, root_write, cell_read, cell_write;
	const char *name;
} gicd_expect[] = {
	{ 0x0000, 0x0003, T, T, T, T, "CTLR" },
	{ 0x0004, 0x0007, S, Z, T, Z, "TYPER" },
	{ 0x0008, 0x000b, S, Z, S, Z, "IIDR" },
	{ 0x000c, 0x000f, S, Z, Z, Z, "TYPER2" },
	{ 0x0010, 0x0013, Z, Z, Z, Z, "STATUSR" },
	{ 0x0040, 0x0043, Z, T, Z, T, "SETSPI_NSR" },
	{ 0x0048, 0x004b, Z, T, Z, T, "CLRSPI_NSR" },
	{ 0x0050, 0x0053, Z, Z, Z, Z, "SETSPI_SR" },
	{ 0x0058, 0x005b, Z, Z, Z, Z, "CLRSPI_SR" },
	{ 0x0800, 0x0bff, Z, Z, Z, Z, "ITARGETSR" },
	{ 0x0d00, 0x0d7f, Z, Z, Z, Z, "IGRPMODR" },
	{ 0x0e00, 0x0eff, Z, Z, Z, Z, "NSACR" },
	{ 0x0f00, 0x0f2f, Z, Z, Z, Z, "SGIR, CPENDSGIR, SPENDSGIR" },
	{ 0x6100, 0x7fdf, T, T, T, T, "IROUTER" },
	{ 0x8000, 0x9fff, T, T, T, T, "IROUTER of extended SPIs" },
	{ 0xffd0, 0xffff, S, Z, S, Z, "PIDR, CIDR" },
}, gicr_expect[] = {
	{ 0x00000, 0x00003, S, T, T, Z, "CTLR" },
	{ 0x00004, 0x00007, S, Z, S, Z, "IIDR" },
	{ 0x00008, 0x0000f, S, Z, T, Z, "TYPER" },
	{ 0x00014, 0x00017, T, T, T, T, "WAKER" },
	{ 0x00018, 0x0001b, S, Z, Z, Z, "MPAMIDR" },
	{ 0x0001c, 0x0001f, S, S, Z, Z, "PARTIDR" },
	{ 0x00040, 0x0004f, Z, S, Z, Z, "SETLPIR, CLRLPIR" },
	{ 0x00070, 0x0007f, S, T, Z, Z, "PROPBASER, PENDBASER" },
	{ 0x000a0, 0x000a7, Z, S, Z, Z, "INVLPIR" },
	{ 0x000b0, 0x000b7, Z, S, Z, Z, "INVALLR" },
	{ 0x000c0, 0x000c3, S, Z, Z, Z, "SYNCR" },
	{ 0x0ffd0, 0x0ffff, S, Z, S, Z, "PIDR, CIDR" },
	{ 0x10080, 0x10083, T, T, T, T, "IGROUPR0" },
	{ 0x10c00, 0x10c03, T, Z, T, Z, "ICFGR0" },
	{ 0x10d00, 0x10d0b, Z, Z, Z, Z, "IGRPMODR" },
	{ 0x10e00, 0x10e03, Z, Z, Z, Z, "NSACR" },
};

static void sweep_word(struct cell *c, struct cpu *cpu, uint32_t offset)
{
	static const struct expect nothing = { .name = "reserved" };
	const struct expect *e = cpu ? gicr_expect : gicd_expect, *found = &nothing;
	size_t n = cpu ? ARRAY_SIZE(gicr_expect) : ARRAY_SIZE(gicd_expect);
	enum outcome read, write;

	if (find_bank(cpu, offset))
		return;
	for (size_t i = 0; i < n; i++)
		if (offset >= e[i].first && offset <= e[i].last)
			found = &e[i];
	read = c == root ? found->root_read : found->cell_read;
	write = c == root ? found->root_write : found->cell_write;
	set(cpu, offset, 4, 0xa5c3f00f);
	if (read != T && rd(c, cpu, offset, 4) != (read == S ? 0xa5c3f00f : 0))
		fail_msg("%s: read at %#x", found->name, offset);
	if (write != T && wr(c, cpu, offset, 4, 0x12345678) != (write == S))
		fail_msg("%s: write at %#x", found->name, offset);
	if (write == S && (last.offset != offset || last.value != 0x12345678))
		fail_msg("%s: write went to %#x", found->name, last.offset);
}

static void test_every_register(void **state)
{
	(void)state;
	for (uint32_t offset = 0; offset < FRAME_D; offset += 4) {
		sweep_word(root, NULL, offset);
		sweep_word(cell, NULL, offset);
	}
	for (uint32_t offset = 0; offset < FRAME_R; offset += 4) {
		sweep_word(root, &cpus[0], offset);
		sweep_word(cell, &cpus[3], offset);
	}
}

static void test_outside(void **state)
{
	struct mmio_access a = { .offset = FRAME_D, .size = 4 };

	(void)state;
	assert_int_equal(vgicd_access(root, &a), MMIO_STRAY);
	a.offset = FRAME_R;
	assert_int_equal(vgicr_access(root, &cpus[0], &a), MMIO_STRAY);
}

/* Sizes and alignments that a register does not have: as if it were not there. */
static void test_sizes(void **state)
{
	(void)state;
	for (uint32_t offset = 0; offset < FRAME_D; offset++) {
		bool prio = (offset & ~0x3ffu) == 0x400 || (offset & ~0x3ffu) == 0x2000;
		bool msg = offset == 0x40 || offset == 0x48;
		bool wide = offset >= 0x6100 && offset < 0xa000 && offset % 8 == 0;

		if (!prio) {
			assert_int_equal(rd(root, NULL, offset, 1), 0);
			assert_int_equal(wr(root, NULL, offset, 1, 0xff), 0);
		}
		assert_int_equal(rd(root, NULL, offset, 2), 0);
		if (!msg)
			assert_int_equal(wr(root, NULL, offset, 2, 0xffff), 0);
		if (!wide) {
			assert_int_equal(rd(root, NULL, offset, 8), 0);
			assert_int_equal(wr(root, NULL, offset, 8, ~0ULL), 0);
		}
		if (offset % 4) {
			assert_int_equal(rd(root, NULL, offset, 4), 0);
			assert_int_equal(wr(root, NULL, offset, 4, ~0u), 0);
		}
	}
	assert_int_equal(wr(root, &cpus[0], 0x10100, 8, ~0ULL), 0);
	assert_int_equal(wr(root, &cpus[0], 0x10102, 2, 0xffff), 0);
	assert_true(rd(root, &cpus[0], 0x8, 8) == ~0ULL);
	assert_true(rd(root, &cpus[0], 0xc, 8) == 0);
}

static void test_gicd_ctlr(void **state)
{
	(void)state;
	/* DS = 1, RWP = 0 */
	set(NULL, 0, 4, 0x53);
	assert_int_equal(rd(cell, NULL, 0, 4), 0x50);
	assert_int_equal(wr(cell, NULL, 0, 4, ~0u), 0);
	assert_int_equal(rd(cell, NULL, 0, 4), 0x53);
	assert_int_equal(rd(root, NULL, 0, 4), 0x50);
	assert_int_equal(wr(cell, NULL, 0, 4, 0x12), 0);
	assert_int_equal(rd(cell, NULL, 0, 4), 0x52);
	/* A write of its own that is still on its way */
	set(NULL, 0, 4, 0x80000053);
	assert_int_equal(rd(cell, NULL, 0, 4), 0x80000052);
}

/* Of two security states a cell sees what Linux would: no Group 0, and no bits that say a group. */
static void test_two_states(void **state)
{
	(void)state;
	set(NULL, 0, 4, 0x12);
	assert_int_equal(wr(cell, NULL, 0, 4, ~0u), 0);
	assert_int_equal(rd(cell, NULL, 0, 4), 0x12);
	root->gicd_ctlr = 3;
	assert_int_equal(rd(root, NULL, 0, 4), 0x12);
	memset(&gicd[0x80], 0, 0x80);
	for (uint32_t offset = 0x80; offset < 0x100; offset += 4)
		assert_int_equal(rd(root, NULL, offset, 4) | rd(cell, NULL, offset, 4), 0);
	set(&cpus[2], 0x10080, 4, 0);
	wr(cell, &cpus[2], 0x10080, 4, ~0u);
	assert_int_equal(rd(cell, &cpus[2], 0x10080, 4), 0);
}

static void test_gicd_typer(void **state)
{
	(void)state;
	/* ITLinesNumber 31, CPUNumber 7, ESPI, MBIS, LPIS, IDbits 15, A3V, RSS, ESPI_range */
	set(NULL, 4, 4,
	    31 | 7u << 5 | 1u << 8 | 0x1fu << 11 | 3u << 16 | 15u << 19 | 1u << 24 | 0x3fu << 26);
	assert_int_equal(rd(cell, NULL, 4, 4), 31 | 9u << 19 | 1u << 25 | 1u << 26);
	/* Up to the last SPI that the cell owns, which was 1019, and becomes 511, and then none. */
	cell->irqs[31] = 0;
	assert_int_equal(rd(cell, NULL, 4, 4), 15 | 9u << 19 | 1u << 25 | 1u << 26);
	memset(cell->irqs, 0, sizeof(cell->irqs));
	assert_int_equal(rd(cell, NULL, 4, 4) & 31, 0);
	assert_int_equal(rd(root, NULL, 4, 4) & 31, 31);
}

static void test_message(void **state)
{
	(void)state;
	for (uint32_t reg = 0x40; reg <= 0x48; reg += 8) {
		assert_int_equal(wr(cell, NULL, reg, 4, 33), 1);
		assert_int_equal(last.offset, reg);
		assert_int_equal(last.value, 33);
		assert_int_equal(wr(cell, NULL, reg, 2, 0xe000 | 40), 1);
		assert_int_equal(last.value, 40);
		assert_int_equal(wr(cell, NULL, reg, 4, 34), 0);
		assert_int_equal(wr(cell, NULL, reg, 4, 5), 0);
		assert_int_equal(wr(cell, NULL, reg, 4, 1020), 0);
		assert_int_equal(wr(cell, NULL, reg, 4, 1023), 0);
		assert_int_equal(wr(cell, NULL, reg, 4, 0x1fff), 0);
		assert_int_equal(wr(root, NULL, reg, 4, 33), 0);
		assert_int_equal(wr(root, NULL, reg, 4, 34), 1);
		assert_int_equal(wr(root, NULL, reg, 4, 4096), 1);
		assert_int_equal(wr(root, NULL, reg, 4, 1056), 0);
	}
}

static void test_priority(void **state)
{
	(void)state;
	/* INTIDs 32..35: only 33 is the cell's. Word, then bytes. */
	set(NULL, 0x420, 4, 0xa0b0c0d0);
	assert_int_equal(rd(cell, NULL, 0x420, 4), 0x0000c000);
	assert_int_equal(rd(cell, NULL, 0x421, 1), 0xc0);
	assert_int_equal(rd(cell, NULL, 0x422, 1), 0);
	assert_int_equal(wr(cell, NULL, 0x421, 1, 0x40), 1);
	assert_int_equal(load(NULL, 0x420, 4), 0xa0b040d0);
	assert_int_equal(wr(cell, NULL, 0x423, 1, 0x40), 0);
	/* Priority 0 and what rounds down to it is raised to one step; others stay. */
	wr(cell, NULL, 0x421, 1, 0);
	assert_int_equal(load(NULL, 0x420, 4), 0xa0b010d0);
	wr(root, NULL, 0x420, 4, 0x0f100011);
	assert_int_equal(load(NULL, 0x420, 4), 0x10101011);
	wr(cell, NULL, 0x420, 4, 0);
	assert_int_equal(load(NULL, 0x420, 4), 0x10101011);
	gic_priority_step = 0x08;
	wr(cell, NULL, 0x420, 4, 0);
	assert_int_equal(load(NULL, 0x420, 4), 0x10100811);
	gic_priority_step = STEP;
	/* The last private interrupt, by byte */
	assert_int_equal(wr(cell, &cpus[3], 0x1041f, 1, 0x30), 1);
	assert_int_equal(load(&cpus[3], 0x1041c, 4), 0x30ffffff);
	assert_int_equal(rd(cell, &cpus[3], 0x1041f, 1), 0x30);
}

/* The kick: nobody sees or changes SGI 15, by word or by byte. */
static void test_kick(void **state)
{
	struct cell *who[] = { root, cell };

	(void)state;
	for (size_t w = 0; w < 2; w++) {
		struct cpu *cpu = w ? &cpus[3] : &cpus[0];

		for (uint32_t reg = 0x10100; reg <= 0x10380; reg += 0x80) {
			assert_int_equal(rd(who[w], cpu, reg, 4) & 0x8000, 0);
			assert_int_equal(wr(who[w], cpu, reg, 4, 0x8000), 0);
			assert_int_equal(wr(who[w], cpu, reg, 4, 0xffff), 1);
			assert_int_equal(last.value, 0x7fff);
			assert_ptr_equal(last.cpu, cpu);
		}
		set(cpu, 0x1040c, 4, 0x00a0a0a0);
		assert_int_equal(wr(who[w], cpu, 0x1040c, 4, 0xffffffff), 1);
		assert_int_equal(load(cpu, 0x1040c, 4), 0x00ffffff);
		set(cpu, 0x1040c, 4, 0x77a0a0a0);
		assert_int_equal(rd(who[w], cpu, 0x1040c, 4), 0x00a0a0a0);
		assert_int_equal(rd(who[w], cpu, 0x1040f, 1), 0);
		assert_int_equal(wr(who[w], cpu, 0x1040f, 1, 0xff), 0);
		/* Its group: the cell sees what it wrote, the hardware nothing of it. */
		assert_int_equal(rd(who[w], cpu, 0x10080, 4), 0);
		assert_int_equal(wr(who[w], cpu, 0x10080, 4, ~0u), 0);
		assert_int_equal(rd(who[w], cpu, 0x10080, 4), ~0u);
		/* Sixteen edges; two bits each, the kick's hidden. */
		set(cpu, 0x10c00, 4, 0xaaaaaaaa);
		assert_int_equal(rd(who[w], cpu, 0x10c00, 4), 0x2aaaaaaa);
	}
}

static void test_irouter_cell(void **state)
{
	const uint32_t reg33 = 0x6000 + 33 * 8, reg34 = reg33 + 8;

	(void)state;
	set(NULL, reg33, 8, mpidrs[3]);
	assert_int_equal(rd(cell, NULL, reg33, 8), 0);
	set(NULL, reg33, 8, mpidrs[2]);
	assert_int_equal(rd(cell, NULL, reg33, 8), 1);
	assert_int_equal(rd(cell, NULL, reg33, 4), 1);
	assert_int_equal(rd(cell, NULL, reg33 + 4, 4), 0);
	assert_int_equal(rd(cell, NULL, reg34, 8), 0);
	assert_int_equal(wr(cell, NULL, reg34, 8, 0), 0);

	assert_int_equal(wr(cell, NULL, reg33, 8, 0), 1);
	assert_true(last.size == 8 && last.offset == reg33 && last.value == mpidrs[3]);
	assert_int_equal(wr(cell, NULL, reg33, 4, 1), 1);
	assert_true(last.size == 8 && last.offset == reg33 && last.value == mpidrs[2]);
	/* The upper half is Aff3: 0 changes nothing, another has no CPU. */
	assert_int_equal(wr(cell, NULL, reg33 + 4, 4, 0), 1);
	assert_true(last.value == mpidrs[2]);
	assert_int_equal(wr(cell, NULL, reg33 + 4, 4, 2), 0);
	/* No third CPU; physical affinities mean nothing. */
	assert_int_equal(wr(cell, NULL, reg33, 8, 2), 0);
	assert_int_equal(wr(cell, NULL, reg33, 8, mpidrs[2]), 0);
	assert_int_equal(wr(cell, NULL, reg33, 8, 0x100), 0);
	/* 1-of-N: its first CPU, and it reads as routed there. */
	assert_int_equal(wr(cell, NULL, reg33, 8, 0x80000001), 1);
	assert_true(last.value == mpidrs[3]);
	assert_int_equal(rd(cell, NULL, reg33, 8), 0);
	assert_int_equal(wr(cell, NULL, reg33, 4, 0x80000000), 1);
	assert_true(last.value == mpidrs[3]);
	/* A route that leads elsewhere is not shown. */
	set(NULL, reg33, 8, mpidrs[1]);
	assert_int_equal(rd(cell, NULL, reg33, 8), 0);
}

static void test_irouter_root(void **state)
{
	const uint32_t reg = 0x6000 + 34 * 8;

	(void)state;
	set(NULL, reg, 8, 0);
	assert_int_equal(wr(root, NULL, reg, 8, mpidrs[1]), 1);
	assert_true(last.value == mpidrs[1]);
	assert_true(rd(root, NULL, reg, 8) == mpidrs[1]);
	/* CPUs given away */
	assert_int_equal(wr(root, NULL, reg, 8, mpidrs[2]), 0);
	assert_int_equal(wr(root, NULL, reg, 8, mpidrs[3]), 0);
	assert_int_equal(wr(root, NULL, reg, 8, 0x5), 0);
	assert_int_equal(wr(root, NULL, reg, 8, 0x80000000), 1);
	assert_true(last.value == mpidrs[0]);
	/* A CPU with Aff3, taken back */
	cpus[2].cell = root;
	assert_int_equal(wr(root, NULL, reg, 8, mpidrs[2]), 1);
	assert_true(last.value == mpidrs[2]);
	assert_int_equal(rd(root, NULL, reg + 4, 4), 2);
	/* Extended SPIs are routed by the same rule; INTIDs below 32 have no route. */
	assert_int_equal(wr(root, NULL, 0x8008, 8, mpidrs[3]), 0);
	assert_int_equal(wr(root, NULL, 0x8008, 8, mpidrs[1]), 1);
	assert_int_equal(wr(root, NULL, 0x6000, 8, mpidrs[1]), 0);
}

static void test_find_cpu(void **state)
{
	(void)state;
	assert_ptr_equal(vgic_find_cpu(cell, 0), &cpus[3]);
	assert_ptr_equal(vgic_find_cpu(cell, 1), &cpus[2]);
	assert_null(vgic_find_cpu(cell, 2));
	assert_ptr_equal(vgic_find_cpu(root, 1), &cpus[1]);
	assert_null(vgic_find_cpu(root, mpidrs[3]));
	/* What is no affinity of a cell: 16 are in a cluster. */
	assert_null(vgic_find_cpu(cell, 0x10));
	assert_null(vgic_find_cpu(cell, 0x100));
	assert_null(vgic_find_cpu(cell, BIT(40)));
	assert_null(vgic_find_cpu(cell, BIT(63)));
	assert_null(vgic_find_cpu(cell, ~0ULL));
	assert_null(vgic_find_cpu(root, ~0ULL));
}

/* As many as there may be, however their maker numbered them; each is found, and nothing else. */
static void test_find_many(void **state)
{
	static struct cpu many[1024];
	static uint16_t big[2048];

	(void)state;
	cpus = many;
	for (uint32_t shape = 0; shape < 4; shape++) {
		for (ncpus = 1; ncpus <= ARRAY_SIZE(many); ncpus *= 2) {
			for (uint64_t n = 0; n < ncpus; n++)
				many[n].mpidr = shape == 0 ? n >> 8 << 8 | (n & 255) :
						shape == 1 ? n >> 4 << 8 | (n & 15) :
						shape == 2 ? (n & 255) << 32 | n >> 8 << 16 :
							     (n & 255) << 8 | n >> 8 << 32;
			assert_true(cpu_table_size(ncpus) <= sizeof(big));
			memset(big, 0, sizeof(big));
			cpu_table_init(big);
			for (uint32_t n = 0; n < ncpus; n++) {
				assert_ptr_equal(cpu_find(many[n].mpidr), &many[n]);
				assert_null(cpu_find(many[n].mpidr | 0x40000000));
			}
		}
	}
	ncpus = NCPUS;
}

static void test_gicr_typer(void **state)
{
	(void)state;
	set(&cpus[3], 8, 8, 0x00000100fffffffful);
	assert_true(rd(cell, &cpus[3], 8, 8) == 0);
	assert_true(rd(cell, &cpus[2], 8, 8) == (1ULL << 32 | 1u << 8 | 0x10));
	assert_int_equal(rd(cell, &cpus[2], 8, 4), 1u << 8 | 0x10);
	assert_int_equal(rd(cell, &cpus[2], 12, 4), 1);
}

static void test_waker(void **state)
{
	struct cpu *cpu = &cpus[1];

	(void)state;
	assert_int_equal(rd(root, cpu, 0x14, 4), 0);
	assert_int_equal(wr(root, cpu, 0x14, 4, 0x2), 0);
	assert_int_equal(rd(root, cpu, 0x14, 4), 0x6);
	assert_int_equal(wr(root, cpu, 0x14, 4, 0x4), 0);
	assert_int_equal(rd(root, cpu, 0x14, 4), 0);
}

static void test_gicr_ctlr(void **state)
{
	struct cpu *cpu = &cpus[0];

	(void)state;
	set(cpu, 0, 4, 0x8700000f);
	assert_int_equal(rd(root, cpu, 0, 4), 0x8700000f);
	set(&cpus[3], 0, 4, 0x8700000f);
	assert_int_equal(rd(cell, &cpus[3], 0, 4), 0x80000008);
	assert_int_equal(wr(root, cpu, 0, 4, 0), 1);
	assert_int_equal(last.value, 0);

	/* 16 bits of INTID: a 56 KiB configuration table and an 8 KiB pending table */
	set(NULL, 4, 4, 15u << 19);
	assert_int_equal(wr(root, cpu, 0x70, 8, 0x7ff00000 | 0x78f), 1);
	assert_int_equal(wr(root, cpu, 0x78, 8, 0x40000000), 1);
	wr(root, cpu, 0, 4, ~0u);
	assert_int_equal(last.value, 0x02000001);
	/* In use: fixed */
	assert_int_equal(wr(root, cpu, 0x70, 8, 0x78f), 0);
	assert_int_equal(wr(root, cpu, 0x78, 4, 0), 0);
	/* Either table in EL2's memory, or reaching into it: LPIs stay off. */
	wr(root, cpu, 0, 4, 0);
	wr(root, cpu, 0x70, 8, 0x7fff8000 | 0x78f);
	wr(root, cpu, 0, 4, 1);
	assert_int_equal(last.value, 0);
	wr(root, cpu, 0x70, 8, 0x7ff00000 | 0x78f);
	wr(root, cpu, 0x78, 8, 0x801f0000);
	wr(root, cpu, 0, 4, 1);
	assert_int_equal(last.value, 0);
	wr(root, cpu, 0x78, 4, 0x80200000);
	wr(root, cpu, 0, 4, 1);
	assert_int_equal(last.value, 1);
}

/* Root looks for its own frame past those of CPUs given away: TYPER and the IDs, and no more. */
static void test_foreign_frame(void **state)
{
	(void)state;
	for (uint32_t offset = 0; offset < FRAME_R; offset += 4) {
		bool id = (offset >= 0x4 && offset < 0x10) || offset >> 4 == 0xffd ||
			  offset >> 5 == 0xffe0 >> 5;

		if (id)
			assert_int_equal(rd(root, &cpus[2], offset, 4), ~0u);
		else if (offset != 0x18 && offset != 0xc0 && offset != 0x10c00)
			assert_int_equal(rd(root, &cpus[2], offset, 4), 0);
		assert_int_equal(wr(root, &cpus[2], offset, 4, ~0u), 0);
	}
	assert_int_equal(cpus[2].waker_shadow, 0);
	assert_int_equal(cpus[2].igroup_shadow, 0);
	assert_true(rd(root, &cpus[2], 8, 8) == ~0ULL);
}

static uint32_t random32(void)
{
	static uint32_t x = 0x2545f491;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

/* Half of the accesses hit somewhere, the others a bank, a route or RD_base. */
static uint32_t random_offset(bool redist)
{
	uint32_t r = random32();

	switch (r & 7) {
	case 0:
		return redist ? 0x10400 + random32() % 0x60 : 0x6000 + random32() % 0x4000;
	case 1:
		return redist ? random32() % 0xd0 : 0x400 + random32() % 0x400;
	case 2:
	case 3:
		return redist ? 0x10080 + random32() % 0x310 : random32() % 0x400;
	default:
		return random32() % (redist ? FRAME_R : FRAME_D);
	}
}

/* Whatever a cell does, judge() finds every physical write confined to what is its own. */
static void test_property(void **state)
{
	uint32_t writes[2] = { 0, 0 };

	(void)state;
	memset(gicr, 0, sizeof(gicr));
	for (uint32_t i = 0; i < 2000000; i++) {
		bool redist = random32() & 1, write = random32() & 1;
		struct cell *c = random32() & 3 ? cell : root;
		/* Root also tries frames that it gave away. */
		uint32_t n = c == cell ? 2 + (random32() & 1) : random32() & 3;
		struct cpu *cpu = redist ? &cpus[n] : NULL;
		uint32_t size = 1u << (random32() & 3), offset = random_offset(redist);
		uint64_t value = random32() | (uint64_t)random32() << 32;

		if (random32() & 3)
			offset &= ~(size - 1);
		if (random32() & 1)
			value &= 0x80000003;
		if (size < 8)
			value &= (1ULL << (8 * size)) - 1;
		judged = c;
		if (write)
			writes[c == cell] += wr(c, cpu, offset, size, value);
		else if (size < 8)
			assert_int_equal(rd(c, cpu, offset, size) >> (8 * size), 0);
	}
	/* The test means something only if many of them got through. */
	assert_true(writes[0] > 20000);
	assert_true(writes[1] > 5000);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_banks),      TEST(test_every_register), TEST(test_outside),
		TEST(test_sizes),      TEST(test_gicd_ctlr),	  TEST(test_two_states),
		TEST(test_gicd_typer), TEST(test_message),	  TEST(test_priority),
		TEST(test_kick),       TEST(test_irouter_cell),	  TEST(test_irouter_root),
		TEST(test_find_cpu),   TEST(test_find_many),	  TEST(test_gicr_typer),
		TEST(test_waker),      TEST(test_gicr_ctlr),	  TEST(test_foreign_frame),
		TEST(test_property),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
