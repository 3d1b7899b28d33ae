// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a trapped register to what is done: the targets of an SGI (IHI 0069 12.2.11), the rows of
 * the others. Registers answer from here, and the one instruction that the source has in assembly
 * is recorded.
 *
 * Sources: hypervisor/arch/arm64/sysreg.c ci/unit/fake/two_cells.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "gic.h"
#include "gic_regs.h"
#include "vgic.h"

#include "two_cells.h"

struct cpu *cpus = the_cpus;
uint32_t ncpus = NCPUS;
uint32_t gic_pmr_step = 0x10;
uint32_t gic_pmr_kick = 0x10;
uint32_t gic_kick = VGIC_KICK_SGI;

/* The direct modes: every register is the physical one. */
bool irq_register(enum irq_register reg, uint64_t *value, bool write)
{
	(void)reg;
	(void)value;
	(void)write;
	return false;
}

static char instructions[256];

/* Writes of system registers. */
static struct {
	const char *name;
	uint64_t value;
} writes[NCPUS + 4];
static size_t write_count;
static uint32_t barriers;

void fake_asm(const char *what)
{
	strncat(instructions, what, sizeof(instructions) - strlen(instructions) - 1);
}

/*
 * Lines of 64 bytes; level 1: separate, 2 ways, 256 sets; level 2: unified, 16 ways, 1024 sets;
 * level 3: unified, direct-mapped, 2048 sets.
 */
static uint64_t csselr;

uint64_t fake_read_sysreg(const char *name)
{
	if (!strcmp(name, "clidr_el1"))
		return 4 << 6 | 4 << 3 | 3;
	if (!strcmp(name, "csselr_el1"))
		return csselr;
	if (!strcmp(name, "ccsidr_el1"))
		return csselr == 0 ? 255 << 13 | 1 << 3 | 2 :
		       csselr == 2 ? 1023 << 13 | 15 << 3 | 2 :
				     2047 << 13 | 2;
	if (!strcmp(name, "S3_0_C12_C12_4"))
		return 0x8402;
	if (!strcmp(name, "S3_0_C12_C11_3"))
		return 0x80;
	return 0;
}

void fake_write_sysreg(const char *name, uint64_t value)
{
	if (!strcmp(name, "csselr_el1")) {
		csselr = value;
		return;
	}
	assert_in_range(write_count, 0, ARRAY_SIZE(writes) - 1);
	writes[write_count].name = name;
	writes[write_count++].value = value;
}

void fake_barrier(const char *what)
{
	assert_string_equal(what, "isb");
	barriers++;
}

uint64_t id_register(uint32_t crm, uint32_t op2)
{
	return 0x100 + 8 * crm + op2;
}

static int setup(void **state)
{
	(void)state;
	two_cells_reset();
	memset(instructions, 0, sizeof(instructions));
	csselr = 0;
	write_count = barriers = 0;
	return 0;
}

/* --- SGIs --- */

#define IRM BIT(40)
#define SGI(aff3, aff2, aff1, range, list)                                          \
	((uint64_t)(aff3) << 48 | (uint64_t)(aff2) << 32 | (uint64_t)(aff1) << 16 | \
	 (uint64_t)(range) << 44 | (list))

/* Where they are, in the form of an SGI's target. */
static const uint64_t places[NCPUS] = {
	SGI(0, 0, 0, 0, 1), SGI(0, 0, 0, 0, 1 << 1), SGI(0, 0, 1, 0, 1),
	SGI(0, 0, 1, 1, 1), SGI(3, 2, 1, 0, 1 << 5), SGI(3, 2, 1, 1, 1 << 15),
};

static enum trap_result sysreg(uint32_t cpu, uint32_t op, uint32_t rt, bool read)
{
	struct trap trap = { .regs = &regs,
			     .cpu = &the_cpus[cpu],
			     .esr = 0x18ULL << 26 | BIT(25) | op | rt << 5 | read };

	return trap_sysreg(&trap);
}

/* Op0, Op2, Op1, CRn, CRm of the ISS. */
#define OP(op0, op1, crn, crm, op2) \
	((uint32_t)(op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
#define SGI1R OP(3, 0, 12, 11, 5)

/* Which CPUs get it, one bit each: by what the hardware is told. */
static uint32_t wanted(uint32_t self, uint64_t sgir)
{
	uint32_t mask = 0;

	write_count = 0;
	regs.x[0] = sgir | 3 << 24;
	assert_int_equal(sysreg(self, SGI1R, 0, false), TRAP_ADVANCE);
	for (size_t i = 0; i < write_count; i++) {
		uint32_t n = 0;

		while (n < NCPUS && writes[i].value != (places[n] | 3 << 24))
			n++;
		assert_in_range(n, 0, NCPUS - 1);
		assert_false(mask >> n & 1);
		mask |= 1u << n;
	}
	return mask;
}

/* Root names CPUs by their real affinities, in all four fields. */
static void test_sgi_root(void **state)
{
	static const struct {
		uint64_t sgir;
		uint32_t mask;
	} rows[] = {
		{ SGI(0, 0, 0, 0, 1), 0x1 },
		{ SGI(0, 0, 0, 0, 2), 0x2 },
		{ SGI(0, 0, 0, 0, 0xffff), 0x3 },
		{ SGI(0, 0, 1, 0, 1), 0x4 },
		{ SGI(0, 0, 1, 0, 0xfffe), 0 },
		{ SGI(0, 1, 0, 0, 0xffff), 0 },
		{ SGI(1, 0, 0, 0, 0xffff), 0 },
		{ SGI(0, 0, 0, 1, 0xffff), 0 },
		{ SGI(0, 0, 0, 15, 0xffff), 0 },
		{ IRM, 0x6 },
		{ IRM | SGI(9, 9, 9, 9, 0), 0x6 },
		{ SGI(0, 0, 0, 0, 0), 0 },
		/* The cell's CPUs: never root's to reach. */
		{ SGI(0, 0, 1, 1, 1), 0 },
		{ SGI(3, 2, 1, 0, 0xffff), 0 },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++)
		if (wanted(0, rows[n].sgir) != rows[n].mask)
			fail_msg("row %zu", n);
	/* With large affinities, root could have them, too. */
	for (uint32_t n = 3; n < NCPUS; n++)
		the_cpus[n].cell = root;
	assert_int_equal(wanted(0, SGI(3, 2, 1, 0, 1 << 5)), 1 << 4);
	assert_int_equal(wanted(0, SGI(3, 2, 1, 1, 1 << 15)), 1 << 5);
	assert_int_equal(wanted(0, SGI(3, 2, 1, 0, 1 << 15)), 0);
	assert_int_equal(wanted(0, SGI(3, 2, 0, 0, 1 << 5)), 0);
	assert_int_equal(wanted(0, SGI(3, 0, 1, 0, 1 << 5)), 0);
	assert_int_equal(wanted(0, SGI(0, 2, 1, 0, 1 << 5)), 0);
	assert_int_equal(wanted(0, SGI(0, 0, 1, 1, 1)), 1 << 3);
	assert_int_equal(wanted(5, IRM), 0x1f);
}

/* A cell names its CPUs by number, 16 in a cluster; where they really are does not matter. */
static void test_sgi_cell(void **state)
{
	static const struct {
		uint64_t sgir;
		uint32_t mask;
	} rows[] = {
		{ SGI(0, 0, 0, 0, 1), 1 << 5 },	     { SGI(0, 0, 0, 0, 2), 1 << 4 },
		{ SGI(0, 0, 0, 0, 0xffff), 3 << 4 }, { SGI(0, 0, 1, 0, 2), 1 << 3 },
		{ SGI(0, 0, 1, 0, 0xfffd), 0 },	     { SGI(3, 2, 1, 1, 0xffff), 0 },
		{ SGI(0, 0, 0, 1, 0xffff), 0 },	     { IRM, 3 << 3 },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++)
		if (wanted(5, rows[n].sgir) != rows[n].mask)
			fail_msg("row %zu", n);
	/* CPU 4096 + 17: the third affinity field. */
	the_cpus[3].vcpu = 4096 + 17;
	assert_int_equal(wanted(5, SGI(0, 1, 1, 0, 2)), 1 << 3);
	assert_int_equal(wanted(5, SGI(0, 0, 1, 0, 2)), 0);
}

/* What the hardware is told: INTID, and each target's own place. */
static void test_sgi_sent(void **state)
{
	(void)state;
	regs.x[7] = SGI(0, 0, 0, 0, 3) | 9 << 24;
	assert_int_equal(sysreg(5, SGI1R, 7, false), TRAP_ADVANCE);
	assert_int_equal(write_count, 2);
	assert_string_equal(writes[0].name, "S3_0_C12_C11_5");
	assert_int_equal(writes[0].value, SGI(3, 2, 1, 0, 1 << 5) | 9 << 24);
	assert_int_equal(writes[1].value, SGI(3, 2, 1, 1, 1 << 15) | 9 << 24);
	assert_int_equal(barriers, 1);
	assert_int_equal(the_cpus[5].exits[CAISSON_EXIT_SGI], 1);
	/* All others, by what is in the register; IRM never reaches the hardware. */
	write_count = 0;
	regs.x[7] = IRM | 0xf | 2 << 24;
	assert_int_equal(sysreg(5, SGI1R, 7, false), TRAP_ADVANCE);
	assert_int_equal(write_count, 2);
	assert_int_equal(writes[0].value, SGI(0, 0, 1, 1, 1) | 2 << 24);
	assert_int_equal(writes[1].value, SGI(3, 2, 1, 0, 1 << 5) | 2 << 24);
	/* XZR: SGI 0 to nobody. EL2's own SGI: nobody sends it, root included. */
	write_count = 0;
	assert_int_equal(sysreg(5, SGI1R, 31, false), TRAP_ADVANCE);
	regs.x[7] = IRM | 15 << 24;
	assert_int_equal(sysreg(5, SGI1R, 7, false), TRAP_ADVANCE);
	assert_int_equal(sysreg(0, SGI1R, 7, false), TRAP_ADVANCE);
	assert_int_equal(write_count, 0);
	/* Write-only. */
	assert_int_equal(sysreg(5, SGI1R, 7, true), TRAP_UNDEF);
}

/* --- other registers --- */

static void test_unknown(void **state)
{
	static const uint32_t known[] = {
		SGI1R,
		OP(3, 0, 4, 6, 0),
		OP(3, 0, 12, 11, 1),
		OP(3, 0, 12, 11, 3),
		OP(3, 0, 12, 12, 4),
		OP(3, 0, 12, 11, 6),
		OP(3, 0, 12, 11, 7),
		OP(3, 0, 12, 8, 0),
		OP(3, 0, 12, 8, 1),
		OP(3, 0, 12, 8, 2),
		OP(3, 0, 12, 8, 3),
		OP(3, 0, 12, 8, 4),
		OP(3, 0, 12, 8, 5),
		OP(3, 0, 12, 8, 6),
		OP(3, 0, 12, 8, 7),
		OP(3, 0, 12, 12, 6),
		OP(3, 0, 1, 0, 1),
		OP(3, 1, 0, 0, 7),
		OP(1, 0, 7, 6, 2),
		OP(1, 0, 7, 10, 2),
		OP(1, 0, 7, 14, 2),
	};
	uint32_t answered = 0;

	(void)state;
	regs.x[0] = 0;
	for (uint32_t key = 0; key < BIT(16); key++) {
		/* All 16 bits of a register's name. */
		uint32_t op = (key & 0xf) << 1 | (key >> 4) << 10;
		bool is_known = false;

		for (size_t n = 0; n < ARRAY_SIZE(known); n++)
			is_known = is_known || known[n] == op;
		if ((op & OP(3, 7, 15, 8, 0)) == OP(3, 0, 0, 0, 0))
			continue; /* test_id_registers() */
		if (sysreg(3, op, 0, false) == TRAP_UNDEF && sysreg(3, op, 0, true) == TRAP_UNDEF)
			continue;
		assert_true(is_known);
		answered++;
		write_count = 0;
	}
	assert_int_equal(answered, ARRAY_SIZE(known));
}

/* Op2 and CRm choose the register; nobody writes one. */
static void test_id_registers(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 64; n++) {
		assert_int_equal(sysreg(3, OP(3, 0, 0, n / 8, n % 8), n % 31, true), TRAP_ADVANCE);
		assert_int_equal(regs.x[n % 31], 0x100 + n);
		assert_int_equal(sysreg(3, OP(3, 0, 0, n / 8, n % 8), 0, false), TRAP_UNDEF);
	}
	assert_int_equal(sysreg(3, OP(3, 0, 0, 8, 0), 0, true), TRAP_UNDEF);
	assert_int_equal(sysreg(3, OP(3, 0, 1, 4, 0), 0, true), TRAP_UNDEF);
	assert_int_equal(sysreg(3, OP(3, 1, 0, 4, 0), 0, true), TRAP_UNDEF);
	assert_int_equal(sysreg(3, OP(2, 0, 0, 4, 0), 0, true), TRAP_UNDEF);
	assert_int_equal(write_count, 0);
}

/* The mask that the cell reads is its own; the real one never closes for EL2's kick. */
static void test_pmr(void **state)
{
	static const struct {
		uint64_t written, read, real;
	} rows[] = { { 0xf0, 0xf0, 0xf0 }, { 0xff, 0xf0, 0xf0 }, { 0x10, 0x10, 0x10 },
		     { 0, 0, 0x10 },	   { 0x0f, 0, 0x10 },	 { 0x1f0, 0xf0, 0xf0 } };

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		write_count = 0;
		regs.x[4] = rows[n].written;
		assert_int_equal(sysreg(3, OP(3, 0, 4, 6, 0), 4, false), TRAP_ADVANCE);
		assert_int_equal(write_count, 1);
		assert_string_equal(writes[0].name, "S3_0_C4_C6_0");
		assert_int_equal(writes[0].value, rows[n].real);
		assert_int_equal(sysreg(3, OP(3, 0, 4, 6, 0), 5, true), TRAP_ADVANCE);
		assert_int_equal(regs.x[5], rows[n].read);
	}
}

/* DS = 0, SCR_EL3.FIQ = 0: all that is ours, the kick first, lies at 0x80 and beyond. */
static void test_pmr_secure(void **state)
{
	(void)state;
	gic_pmr_step = 0x08;
	gic_pmr_kick = 0x88;
	regs.x[4] = 0x7f;
	assert_int_equal(sysreg(3, OP(3, 0, 4, 6, 0), 4, false), TRAP_ADVANCE);
	assert_int_equal(writes[0].value, 0x88);
	assert_int_equal(sysreg(3, OP(3, 0, 4, 6, 0), 5, true), TRAP_ADVANCE);
	assert_int_equal(regs.x[5], 0x78);
	write_count = 0;
	regs.x[4] = 0xf0;
	assert_int_equal(sysreg(3, OP(3, 0, 4, 6, 0), 4, false), TRAP_ADVANCE);
	assert_int_equal(writes[0].value, 0xf0);
	gic_pmr_step = gic_pmr_kick = 0x10;
}

/* Where Group 0 traps there is no interrupt in it: 1023. */
static void test_group0(void **state)
{
	(void)state;
	assert_int_equal(sysreg(3, OP(3, 0, 12, 8, 0), 2, true), TRAP_ADVANCE);
	assert_int_equal(regs.x[2], 1023);
	assert_int_equal(sysreg(3, OP(3, 0, 12, 8, 4), 2, true), TRAP_ADVANCE);
	assert_int_equal(regs.x[2], 0);
	assert_int_equal(write_count, 0);
}

/* Deactivation: one's own private ones and SPIs. */
static void test_dir(void **state)
{
	static const struct {
		uint64_t intid;
		bool passed;
	} rows[] = { { 0, true },     { 14, true },    { 15, false },	   { 16, true },
		     { 27, true },    { 31, true },    { 32, false },	   { 40, true },
		     { 41, false },   { 287, false },  { 288, false },	   { 1023, false },
		     { 1024, false }, { 8192, false }, { 0xffffff, false } };

	(void)state;
	cell->irqs[1] = 1u << 8;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		write_count = 0;
		regs.x[2] = rows[n].intid;
		assert_int_equal(sysreg(3, OP(3, 0, 12, 11, 1), 2, false), TRAP_ADVANCE);
		assert_int_equal(write_count, rows[n].passed);
		if (rows[n].passed)
			assert_int_equal(writes[0].value, rows[n].intid);
	}
	/* The kick, whichever it is. */
	gic_kick = GIC_PPI_CNTHP;
	write_count = 0;
	for (regs.x[2] = 25; regs.x[2] < 28; regs.x[2]++)
		sysreg(3, OP(3, 0, 12, 11, 1), 2, false);
	assert_int_equal(write_count, 2);
	gic_kick = VGIC_KICK_SGI;
	/* Root, in direct-revoke: extended interrupts are all its. */
	root->irqs[1] = 1u << 9;
	for (uint64_t intid = 40; intid < 42; intid++) {
		write_count = 0;
		regs.x[2] = intid;
		assert_int_equal(sysreg(0, OP(3, 0, 12, 11, 1), 2, false), TRAP_ADVANCE);
		assert_int_equal(write_count, intid - 40);
	}
	regs.x[2] = 4096;
	assert_int_equal(sysreg(0, OP(3, 0, 12, 11, 1), 2, false), TRAP_ADVANCE);
	assert_int_equal(write_count, 2);
}

/* Only the two bits of ICC_CTLR_EL1 that are the cell's; reads show the real one. */
static void test_ctlr_rpr(void **state)
{
	(void)state;
	regs.x[2] = ~0ULL;
	assert_int_equal(sysreg(3, OP(3, 0, 12, 12, 4), 2, false), TRAP_ADVANCE);
	assert_int_equal(writes[0].value, 3);
	assert_int_equal(sysreg(3, OP(3, 0, 12, 12, 4), 2, true), TRAP_ADVANCE);
	assert_int_equal(regs.x[2], 0x8402);
	assert_int_equal(sysreg(3, OP(3, 0, 12, 11, 3), 2, true), TRAP_ADVANCE);
	assert_int_equal(regs.x[2], 0x80);
	assert_int_equal(sysreg(3, OP(3, 0, 12, 11, 3), 2, false), TRAP_UNDEF);
	assert_int_equal(sysreg(3, OP(3, 0, 1, 0, 1), 2, true), TRAP_ADVANCE);
	assert_int_equal(regs.x[2], 0);
}

/* By set and way: always clean and invalidate, and only what exists. */
static void test_set_way(void **state)
{
	static const struct {
		uint64_t value;
		bool done;
	} rows[] = {
		/* Way in bit 31, set in 13:6. */
		{ 0, true },
		{ 255 << 6, true },
		{ 256 << 6, false },
		{ BIT(31) | 255 << 6, true },
		{ 1 << 30, false },
		/* Level 2: way in 31:28, set in 15:6. */
		{ 0xffffffc2, false },
		{ 0xf000ffc0 | 2, true },
		{ 0xf0010000 | 2, false },
		/* Level 3: no way, set in 16:6. */
		{ 0x1ffc0 | 4, true },
		{ 0x20000 | 4, false },
		/* No fourth level, and no eighth. */
		{ 6, false },
		{ 14, false },
	};
	static const uint32_t ops[] = { OP(1, 0, 7, 6, 2), OP(1, 0, 7, 10, 2), OP(1, 0, 7, 14, 2) };

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		for (size_t op = 0; op < ARRAY_SIZE(ops); op++) {
			instructions[0] = 0;
			csselr = 5;
			regs.x[9] = rows[n].value;
			assert_int_equal(sysreg(3, ops[op], 9, false), TRAP_ADVANCE);
			assert_int_equal(csselr, 5);
			if (!!strstr(instructions, "dc cisw, %0") != rows[n].done)
				fail_msg("row %zu", n);
			assert_null(strstr(instructions, "dc isw"));
			assert_int_equal(sysreg(3, ops[op], 9, true), TRAP_UNDEF);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sgi_root),
		TEST(test_sgi_cell),
		TEST(test_sgi_sent),
		TEST(test_unknown),
		TEST(test_pmr),
		TEST(test_pmr_secure),
		TEST(test_group0),
		TEST(test_dir),
		TEST(test_ctlr_rpr),
		TEST(test_set_way),
		TEST(test_id_registers),
	};

	return cmocka_run_group_tests(tests, two_cells_begin, two_cells_end);
}
