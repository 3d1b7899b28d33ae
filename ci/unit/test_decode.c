// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a data abort's syndrome to what is done (size, sign, register, width: Arm ARM, ISS encoding
 * for an exception from a Data Abort). Devices answer from here.
 *
 * Sources: hypervisor/arch/arm64/dabt.c hypervisor/arch/arm64/emulate.c
 * Sources: hypervisor/arch/arm64/ldst.c ci/unit/fake/two_cells.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "gic.h"
#include "mmio_dispatch.h"
#include "vgic.h"

#include "two_cells.h"

struct cpu *fake_this_cpu;
uint32_t gic_quick_end = 0x400;
uint32_t gic_priority_step = 0x10;
struct spinlock gicd_lock;

static uint64_t far, hpfar;

/* The device behind every address, and what it was asked. */
static struct {
	bool present;
	bool emulated; /* in the sense of mmio_emulated() */
	uint64_t answer;
	uint32_t asked;
	ipa_t ipa;
	struct mmio_access access;
} device;

static struct {
	uint32_t touched;
	bool mapped;
	ipa_t ipa;
} tables;

uint64_t fake_read_sysreg(const char *name)
{
	return !strcmp(name, "hpfar_el2") ? hpfar : !strcmp(name, "far_el2") ? far : 0;
}

void fake_write_sysreg(const char *name, uint64_t value)
{
	(void)name;
	(void)value;
}

bool mmio_dispatch(struct cpu *cpu, ipa_t ipa, struct mmio_access *access, enum caisson_exit *cause)
{
	assert_non_null(cpu);
	device.asked++;
	device.ipa = ipa;
	device.access = *access;
	if (!device.present)
		return false;
	if (!access->write)
		access->value = device.answer;
	*cause = CAISSON_EXIT_GICD;
	return true;
}

bool mmio_emulated(const struct cell *of, ipa_t ipa)
{
	assert_non_null(of);
	device.ipa = ipa;
	return device.emulated;
}

/* The instruction has a test of its own: test_ldst.c. Here it is not to be had. */
bool stage1_walk(uint64_t va)
{
	(void)va;
	return false;
}

bool cell_fetch(struct cell *of, ipa_t ipa, uint32_t *word)
{
	fail();
	return of && ipa.v && word;
}

/* fast_data_abort() has a test of its own: test_fast.c. */
uint32_t gicd_read32(uint32_t offset)
{
	fail();
	return offset;
}

void gicd_write32(uint32_t offset, uint32_t value)
{
	fail();
	(void)offset;
	(void)value;
}

void console_events(struct cell *of, uint32_t events)
{
	fail();
	(void)of;
	(void)events;
}

bool root_map_on_touch(ipa_t ipa)
{
	tables.touched++;
	tables.ipa = ipa;
	return tables.mapped;
}

bool cell_maps(struct cell *which, ipa_t ipa)
{
	assert_ptr_equal(which, cell);
	return root_map_on_touch(ipa);
}

static int setup(void **state)
{
	(void)state;
	two_cells_reset();
	memset(&device, 0, sizeof(device));
	memset(&tables, 0, sizeof(tables));
	far = hpfar = 0;
	return 0;
}

/* --- data aborts --- */

/* Bits of the ISS, from the Arm ARM. */
#define ISV BIT(24)
#define SAS(log2) ((uint64_t)(log2) << 22)
#define SSE BIT(21)
#define SRT(n) ((uint64_t)(n) << 16)
#define SF BIT(15)
#define S1PTW BIT(7)
#define WNR BIT(6)
#define TRANSLATION 0x06 /* level 2 */
#define DABT (0x24ULL << 26 | BIT(25))

static enum trap_result abort_at(uint32_t cpu, uint64_t iss)
{
	struct trap trap = { .regs = &regs, .cpu = &the_cpus[cpu], .esr = DABT | iss };

	return trap_data_abort(&trap);
}

static void test_loads(void **state)
{
	static const struct {
		uint64_t iss, answer, loaded;
	} rows[] = {
		{ SAS(0), 0x00000000000000f1, 0x00000000000000f1 },
		{ SAS(1), 0x000000000000f1f2, 0x000000000000f1f2 },
		{ SAS(2), 0x00000000f1f2f3f4, 0x00000000f1f2f3f4 },
		{ SAS(3) | SF, 0xf1f2f3f4f5f6f7f8, 0xf1f2f3f4f5f6f7f8 },
		{ SAS(0) | SF, 0xf1, 0xf1 },
		{ SAS(2) | SF, 0xf1f2f3f4, 0xf1f2f3f4 },
		/* LDRSB Wt, LDRSH Wt: the upper half is zero all the same. */
		{ SAS(0) | SSE, 0x80, 0x00000000ffffff80 },
		{ SAS(0) | SSE, 0x7f, 0x7f },
		{ SAS(1) | SSE, 0x8000, 0x00000000ffff8000 },
		{ SAS(1) | SSE, 0x7fff, 0x7fff },
		/* LDRSB Xt, LDRSH Xt, LDRSW Xt. */
		{ SAS(0) | SSE | SF, 0x80, 0xffffffffffffff80 },
		{ SAS(0) | SSE | SF, 0x7f, 0x7f },
		{ SAS(1) | SSE | SF, 0x8000, 0xffffffffffff8000 },
		{ SAS(2) | SSE | SF, 0x80000000, 0xffffffff80000000 },
		{ SAS(2) | SSE | SF, 0x7fffffff, 0x7fffffff },
	};

	(void)state;
	device.present = true;
	for (uint32_t reg = 0; reg < 31; reg++) {
		for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
			struct regs want;

			setup(NULL);
			device.present = true;
			device.answer = rows[n].answer;
			want = regs;
			want.x[reg] = rows[n].loaded;
			assert_int_equal(abort_at(3, ISV | rows[n].iss | SRT(reg) | TRANSLATION),
					 TRAP_ADVANCE);
			assert_int_equal(device.access.size, 1u << (rows[n].iss >> 22 & 3));
			assert_false(device.access.write);
			assert_memory_equal(&regs, &want, sizeof(regs));
		}
	}
	assert_int_equal(the_cpus[3].exits[CAISSON_EXIT_GICD], 1);
	assert_int_equal(the_cpus[3].exits[CAISSON_EXIT_STAGE2], 0);
}

static void test_stores(void **state)
{
	static const uint64_t values[4] = { 0x88, 0x8988, 0x8b8a8988, 0x8f8e8d8c8b8a8988 };

	(void)state;
	device.present = true;
	regs.x[30] = 0x8f8e8d8c8b8a8988;
	for (uint32_t log2 = 0; log2 < 4; log2++) {
		struct regs before = regs;
		uint64_t iss = ISV | WNR | SAS(log2) | TRANSLATION;

		assert_int_equal(abort_at(3, iss | SRT(30)), TRAP_ADVANCE);
		assert_true(device.access.write);
		assert_int_equal(device.access.size, 1u << log2);
		assert_int_equal(device.access.value, values[log2]);
		/* XZR, with a word behind x30 that must not be taken for it. */
		regs.elr = before.elr = ~0ULL;
		assert_int_equal(abort_at(3, iss | SRT(31)), TRAP_ADVANCE);
		assert_int_equal(device.access.value, 0);
		assert_memory_equal(&regs, &before, sizeof(regs));
	}
	assert_int_equal(the_cpus[3].exits[CAISSON_EXIT_GICD], 8);
}

/* A load into XZR is carried out, and forgotten. */
static void test_load_zero_register(void **state)
{
	struct regs before;

	(void)state;
	device.present = true;
	device.answer = ~0ULL;
	regs.elr = 0x4000;
	before = regs;
	assert_int_equal(abort_at(0, ISV | SAS(3) | SF | SRT(31) | TRANSLATION), TRAP_ADVANCE);
	assert_int_equal(device.asked, 1);
	assert_memory_equal(&regs, &before, sizeof(regs));
}

/* Page from HPFAR, offset from FAR; FAR's own page is an address of the cell's stage 1. */
static void test_address(void **state)
{
	(void)state;
	device.present = true;
	hpfar = 0x0000008000000000 >> 12 << 4;
	far = 0xffffffc012345abc;
	abort_at(3, ISV | SAS(2) | TRANSLATION);
	assert_int_equal(device.ipa.v, 0x8000000abc);
	hpfar = 0xffffffffffULL >> 4 << 4; /* bits 51:12 in bits 43:4 */
	abort_at(3, ISV | SAS(2) | TRANSLATION);
	assert_int_equal(device.ipa.v, 0xffffffffffULL >> 4 << 12 | 0xabc);
}

/* Without a valid syndrome, and where no device is: mapped now, or stray. */
static void test_no_syndrome(void **state)
{
	static const uint64_t isses[] = { TRANSLATION, TRANSLATION | WNR, TRANSLATION | SAS(2),
					  TRANSLATION | ISV | S1PTW, TRANSLATION | S1PTW | WNR };
	struct regs before = regs;

	(void)state;
	device.present = true;
	hpfar = 0x09000000 >> 12 << 4;
	for (size_t n = 0; n < ARRAY_SIZE(isses); n++) {
		for (uint32_t cpu = 0; cpu < 4; cpu += 3) {
			tables.mapped = true;
			assert_int_equal(abort_at(cpu, isses[n]), TRAP_STAY);
			assert_int_equal(tables.ipa.v, 0x09000000);
			tables.mapped = false;
			assert_int_equal(abort_at(cpu, isses[n]), TRAP_ABORT);
		}
	}
	assert_int_equal(device.asked, 0);
	assert_int_equal(tables.touched, 4 * ARRAY_SIZE(isses));
	assert_int_equal(the_cpus[0].exits[CAISSON_EXIT_STAGE2], ARRAY_SIZE(isses));
	assert_memory_equal(&regs, &before, sizeof(regs));
	/* Where one is, the instruction is looked at, but not for a table walk. */
	device.emulated = true;
	for (size_t n = 0; n < ARRAY_SIZE(isses); n++)
		assert_int_equal(abort_at(3, isses[n]), isses[n] & S1PTW ? TRAP_ABORT : TRAP_STAY);
	assert_int_equal(device.ipa.v, 0x09000000);
	assert_int_equal(device.asked, 0);
	assert_int_equal(tables.touched, 4 * ARRAY_SIZE(isses) + 2);
}

/* Nobody there: the registers are as they were, and the tables are asked last. */
static void test_no_device(void **state)
{
	struct regs before = regs;

	(void)state;
	device.answer = 5;
	assert_int_equal(abort_at(3, ISV | SAS(2) | SRT(1) | TRANSLATION), TRAP_ABORT);
	tables.mapped = true;
	assert_int_equal(abort_at(3, ISV | SAS(2) | SRT(1) | TRANSLATION), TRAP_STAY);
	assert_int_equal(device.asked, 2);
	assert_memory_equal(&regs, &before, sizeof(regs));
}

/* Only translation faults, of levels 0 to 3, are anything else than an abort. */
static void test_fault_status(void **state)
{
	(void)state;
	device.present = tables.mapped = true;
	for (uint32_t fsc = 0; fsc < 64; fsc++) {
		bool translation = fsc >= 4 && fsc <= 7;
		struct trap trap = { .regs = &regs, .cpu = &the_cpus[3], .esr = DABT | fsc };

		device.asked = 0;
		assert_int_equal(abort_at(3, ISV | SAS(2) | fsc),
				 translation ? TRAP_ADVANCE : TRAP_ABORT);
		assert_int_equal(device.asked, translation);
		assert_int_equal(trap_insn_abort(&trap), translation ? TRAP_STAY : TRAP_ABORT);
	}
}

/*
 * Stage 2 was revoked to get the CPUs of a cell that ends: this one parks, even if nobody has asked
 * it to yet, and the access is not carried out.
 */
static void test_cell_ends(void **state)
{
	struct trap trap = { .regs = &regs, .cpu = &the_cpus[3], .esr = DABT | TRANSLATION };

	(void)state;
	device.present = true;
	cell->closed = true;
	assert_int_equal(abort_at(3, ISV | SAS(2) | TRANSLATION), TRAP_STAY);
	assert_int_equal(the_cpus[3].request, CPU_REQUEST_PARK);
	assert_int_equal(abort_at(3, ISV | SAS(2) | 0x0f), TRAP_STAY);
	the_cpus[3].request = 0;
	assert_int_equal(trap_insn_abort(&trap), TRAP_STAY);
	assert_int_equal(the_cpus[3].request, CPU_REQUEST_PARK);
	assert_int_equal(device.asked + tables.touched, 0);
	cell->closed = false;
	assert_int_equal(abort_at(3, ISV | SAS(2) | TRANSLATION), TRAP_ADVANCE);
}

/* --- behind an instruction --- */

/* PSTATE behind an instruction: no step, no branch target; an IT block's shortens, and ends. */
static void test_skip(void **state)
{
	static const struct {
		uint64_t before, after;
	} rows[] = {
		{ 0x60200fc5, 0x600003c5 }, /* NZCV, DAIF and mode stay */
		{ 0x00201000, 0x00001000 }, /* and SSBS */
		{ 0x06000c30, 0x04001c30 }, /* ITSTATE 00001111 becomes 00011110 */
		{ 0x0400fc30, 0x0000fc30 }, /* 11111110: 11111100 */
		{ 0x00200430, 0x00000830 }, /* 00000100: 00001000 */
		{ 0x0000e830, 0x00000030 }, /* 11101000 was the last one */
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		regs = (struct regs){ .elr = 0x1000, .spsr = rows[n].before };
		skip_instruction(&regs, 4);
		assert_int_equal(regs.elr, 0x1004);
		if (regs.spsr != rows[n].after)
			fail_msg("row %zu: %lx", n, (unsigned long)regs.spsr);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_loads),
		TEST(test_stores),
		TEST(test_load_zero_register),
		TEST(test_address),
		TEST(test_no_syndrome),
		TEST(test_no_device),
		TEST(test_fault_status),
		TEST(test_cell_ends),
		TEST(test_skip),
	};

	return cmocka_run_group_tests(tests, two_cells_begin, two_cells_end);
}
