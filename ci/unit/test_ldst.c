// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions whose abort has no syndrome. The decoder against binutils' disassembler, word by
 * word: every form of loads and stores of general registers with all its options and a choice of
 * numbers, and random words. And what is made of them: registers, addresses, write-back, refusals.
 *
 * Sources: hypervisor/arch/arm64/ldst.c hypervisor/arch/arm64/emulate.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cell_ctl.h"
#include "ldst.h"
#include "mmio_dispatch.h"
#include "traps.h"

struct cpu *fake_this_cpu;

/* --- the decoder --- */

#define RANDOM_WORDS 200000u

static const uint32_t some_registers[] = { 0, 1, 17, 30, 31 };
#define SOME ARRAY_SIZE(some_registers)

/* Single registers, the encodings beside them included: bit 21, bits 25:24. */
static void write_singles(FILE *to)
{
	static const uint32_t imm9[] = { 0, 1, 0xff, 0x100, 0x1ff };

	for (uint32_t form = 0; form < 0x800; form++)
		for (uint32_t n = 0; n < ARRAY_SIZE(imm9) * SOME * SOME; n++) {
			uint32_t word = (form & 3) << 30 | 0x38000000 | (form >> 2 & 1) << 26 |
					(form >> 3 & 3) << 24 | (form >> 5 & 7) << 21 |
					imm9[n % ARRAY_SIZE(imm9)] << 12 | (form >> 8 & 3) << 10 |
					some_registers[n / ARRAY_SIZE(imm9) % SOME] << 5 |
					some_registers[n / ARRAY_SIZE(imm9) / SOME];

			fwrite(&word, sizeof(word), 1, to);
		}
}

static void write_pairs(FILE *to)
{
	static const uint32_t imm7[] = { 0, 1, 0x3f, 0x40, 0x7f };

	for (uint32_t form = 0; form < 0x80; form++)
		for (uint32_t n = 0; n < ARRAY_SIZE(imm7) * SOME * SOME * SOME; n++) {
			uint32_t m = n / ARRAY_SIZE(imm7);
			uint32_t word = (form & 3) << 30 | 0x28000000 | (form >> 2 & 1) << 26 |
					(form >> 3 & 7) << 23 | (form >> 6 & 1) << 22 |
					imm7[n % ARRAY_SIZE(imm7)] << 15 |
					some_registers[m % SOME] << 10 |
					some_registers[m / SOME % SOME] << 5 |
					some_registers[m / SOME / SOME];

			fwrite(&word, sizeof(word), 1, to);
		}
}

static void write_random(FILE *to)
{
	srandom(5);
	for (uint32_t n = 0; n < RANDOM_WORDS; n++) {
		uint32_t word = (uint32_t)random() << 16 ^ (uint32_t)random();

		/* One half of them in the group of loads and stores. */
		if (n % 2)
			word = (word & ~0x0a000000u) | 0x08000000;
		fwrite(&word, sizeof(word), 1, to);
	}
}

/* "x3", "wzr", "sp" -> number; 32: not general. *wide: 64 bits. */
static uint32_t register_number(const char *name, bool *wide)
{
	uint32_t n;
	char rest;

	*wide = name[0] == 'x' || !strcmp(name, "sp");
	if (!strcmp(name, "xzr") || !strcmp(name, "wzr") || !strcmp(name, "sp"))
		return 31;
	if ((name[0] != 'x' && name[0] != 'w') || sscanf(name + 1, "%u%c", &n, &rest) != 1)
		return 32;
	return n;
}

static const struct form {
	const char *name;
	uint32_t count, size; /* 0: by the register */
	bool write, sign;
	bool plain; /* has a valid syndrome unless it writes back */
} forms[] = {
	{ "ldr", 1, 0, false, false, true },	{ "ldrb", 1, 1, false, false, true },
	{ "ldrh", 1, 2, false, false, true },	{ "ldrsb", 1, 1, false, true, true },
	{ "ldrsh", 1, 2, false, true, true },	{ "ldrsw", 1, 4, false, true, true },
	{ "str", 1, 0, true, false, true },	{ "strb", 1, 1, true, false, true },
	{ "strh", 1, 2, true, false, true },	{ "ldur", 1, 0, false, false, false },
	{ "ldurb", 1, 1, false, false, false }, { "ldurh", 1, 2, false, false, false },
	{ "ldursb", 1, 1, false, true, false }, { "ldursh", 1, 2, false, true, false },
	{ "ldursw", 1, 4, false, true, false }, { "stur", 1, 0, true, false, false },
	{ "sturb", 1, 1, true, false, false },	{ "sturh", 1, 2, true, false, false },
	{ "ldtr", 1, 0, false, false, false },	{ "ldtrb", 1, 1, false, false, false },
	{ "ldtrh", 1, 2, false, false, false }, { "ldtrsb", 1, 1, false, true, false },
	{ "ldtrsh", 1, 2, false, true, false }, { "ldtrsw", 1, 4, false, true, false },
	{ "sttr", 1, 0, true, false, false },	{ "sttrb", 1, 1, true, false, false },
	{ "sttrh", 1, 2, true, false, false },	{ "ldp", 2, 0, false, false, false },
	{ "ldnp", 2, 0, false, false, false },	{ "ldpsw", 2, 4, false, true, false },
	{ "stp", 2, 0, true, false, false },	{ "stnp", 2, 0, true, false, false },
};

/* What this line of the disassembler says: "ldp x1, x2, [sp, #-16]!". False: nothing for EL2. */
static bool read_line(char *line, struct ldst *op)
{
	char *name = strtok(line, " \t"), *operands = strtok(NULL, "\n"), *bracket, *behind;
	const struct form *f = forms;
	char base[8] = "", reg[2][8] = { "", "" };
	long offset = 0;
	bool wide;

	while (f < forms + ARRAY_SIZE(forms) && strcmp(f->name, name))
		f++;
	if (f == forms + ARRAY_SIZE(forms) || !operands || !(bracket = strchr(operands, '[')))
		return false;
	operands[strcspn(operands, ";/")] = '\0';
	if (sscanf(operands, " %7[a-z0-9], %7[a-z0-9]", reg[0], reg[1]) < 1)
		return false;
	behind = strchr(bracket, ']');
	assert_non_null(behind);
	memset(op, 0, sizeof(*op));
	op->count = f->count;
	op->write = f->write;
	op->sign = f->sign;
	for (uint32_t n = 0; n < f->count; n++) {
		op->rt[n] = register_number(reg[n], &wide);
		if (op->rt[n] > 31)
			return false;
	}
	op->size = f->size ? f->size : wide ? 8 : 4;
	op->wide = wide && !f->write;
	if (sscanf(bracket, "[%7[a-z0-9], #%li", base, &offset) < 1)
		return false;
	op->rn = register_number(base, &wide);
	op->offset = op->step = offset;
	op->writeback = behind[1] == '!' || behind[1] == ',';
	if (behind[1] == ',') {
		assert_int_equal(sscanf(behind, "], #%li", &offset), 1);
		op->step = offset;
	}
	if (f->plain && !op->writeback)
		return false;
	/* What the architecture leaves open. */
	if (f->count == 2 && !op->write && op->rt[0] == op->rt[1])
		return false;
	return !op->writeback || op->rn == 31 ||
	       (op->rt[0] != op->rn && (f->count == 1 || op->rt[1] != op->rn));
}

static void test_against_binutils(void **state)
{
	char path[] = "/tmp/caisson-ldst-XXXXXX", command[128], line[256], text[256];
	uint32_t lines = 0, known = 0, words;
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	(void)state;
	assert_non_null(file);
	write_singles(file);
	write_pairs(file);
	write_random(file);
	words = (uint32_t)(ftell(file) / 4);
	assert_int_equal(fclose(file), 0);
	snprintf(command, sizeof(command), "aarch64-linux-gnu-objdump -D -b binary -m aarch64 %s",
		 path);
	file = popen(command, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		struct ldst want = { 0 }, got;
		bool taken;
		uint32_t word;
		int at;

		if (sscanf(line, " %*x: %x %n", &word, &at) != 1)
			continue;
		lines++;
		strcpy(text, line + at);
		taken = read_line(line + at, &want);
		known += taken;
		if (ldst_decode(word, &got) != taken)
			fail_msg("%08x is%s decoded: %s", word, taken ? " not" : "", text);
		if (!taken)
			continue;
		if (got.write) /* of no meaning there */
			got.wide = want.wide;
		if (got.count != want.count || got.size != want.size || got.write != want.write ||
		    got.sign != want.sign || got.wide != want.wide ||
		    got.writeback != want.writeback || got.rt[0] != want.rt[0] ||
		    (got.count == 2 && got.rt[1] != want.rt[1]) || got.rn != want.rn ||
		    got.offset != want.offset || (got.writeback && got.step != want.step))
			fail_msg("%08x is decoded otherwise: %s", word, text);
	}
	assert_int_equal(pclose(file), 0);
	unlink(path);
	assert_int_equal(lines, words);
	assert_in_range(known, 20000, words);
}

/* --- what is made of it --- */

#define CODE 0x40001230ULL /* the IPA; the cell has it elsewhere */
#define PC 0xffff800000001230ULL
#define BASE 0xffff800010000000ULL /* a device's page */
#define DEVICE 0x09000000ULL	   /* and its IPA */

static struct cell *cell;
static struct cpu cpu;
static struct regs regs;
static struct trap trap;
static uint64_t sp_el0, sp_el1, par, far;
static bool walks;		    /* the cell's tables lead somewhere */
static uint32_t in_memory;	    /* the word at CODE */
static uint64_t device[0x1000 / 4]; /* by words */
static uint32_t asked, answers;	    /* accesses so far, and how many are answered */

uint64_t fake_read_sysreg(const char *name)
{
	return !strcmp(name, "sp_el0")	? sp_el0 :
	       !strcmp(name, "sp_el1")	? sp_el1 :
	       !strcmp(name, "par_el1") ? par :
	       !strcmp(name, "far_el2") ? far :
					  0;
}

void fake_write_sysreg(const char *name, uint64_t value)
{
	if (!strcmp(name, "sp_el0"))
		sp_el0 = value;
	else if (!strcmp(name, "sp_el1"))
		sp_el1 = value;
	else if (!strcmp(name, "par_el1"))
		par = value;
	else
		fail_msg("%s is written", name);
}

void fake_barrier(const char *what)
{
	(void)what;
}

/* Attributes around the address, as in a Normal page. */
bool stage1_walk(uint64_t va)
{
	assert_int_equal(va, PC);
	par = walks ? 0xff00000000000b80 | (CODE & ~PAGE_MASK) : 0x80f;
	return par != 0x80f || far & 1; /* an external abort, or a fault */
}

bool cell_fetch(struct cell *of, ipa_t ipa, uint32_t *word)
{
	assert_ptr_equal(of, cell);
	assert_int_equal(ipa.v, CODE);
	*word = in_memory;
	return in_memory;
}

bool mmio_dispatch(struct cpu *by, ipa_t ipa, struct mmio_access *access, enum caisson_exit *cause)
{
	uint64_t *at = &device[(ipa.v - DEVICE) / 4];

	assert_ptr_equal(by, &cpu);
	assert_in_range(ipa.v, DEVICE, DEVICE + PAGE_SIZE - access->size);
	*cause = CAISSON_EXIT_CONSOLE;
	if (asked == answers)
		return false;
	asked++;
	if (access->write)
		*at = access->value;
	else
		access->value = *at;
	return true;
}

static int setup(void **state)
{
	(void)state;
	cpu = (struct cpu){ .cell = cell };
	regs = (struct regs){ .elr = PC, .spsr = 5 };
	for (uint32_t n = 0; n < 31; n++)
		regs.x[n] = 0x0101010101010101 * (n + 1);
	regs.x[1] = BASE;
	sp_el0 = BASE + 0x800;
	sp_el1 = BASE + 0x400;
	memset(device, 0, sizeof(device));
	walks = true;
	asked = 0;
	answers = 9;
	return 0;
}

/* An abort at BASE + `offset` by this instruction; PAR_EL1 is the cell's in any case. */
static enum trap_result run(uint32_t insn, uint64_t offset, bool write)
{
	enum trap_result result;

	trap = (struct trap){ .regs = &regs,
			      .cpu = &cpu,
			      .esr = 0x92000006 | (write ? ISS_DABT_WNR : 0) };
	in_memory = insn;
	far = BASE + offset;
	par = 0x1234;
	result = emulate_instruction(&trap, IPA(DEVICE + (offset & PAGE_MASK)));
	assert_int_equal(par, 0x1234);
	return result;
}

#define STR_WZR_X1_16_PRE 0xb8010c3f   /* str wzr, [x1, #16]! */
#define STRB_W2_X1_1_POST 0x38001422   /* strb w2, [x1], #1 */
#define LDR_X3_X1_M8_POST 0xf85f8423   /* ldr x3, [x1], #-8 */
#define LDRSB_X2_X1_4_PRE 0x38804c22   /* ldrsb x2, [x1, #4]! */
#define LDR_W2_SP_8_POST 0xb84087e2    /* ldr w2, [sp], #8 */
#define LDP_W2_W3_X1_8 0x29410c22      /* ldp w2, w3, [x1, #8] */
#define LDPSW_X2_X3_X1 0x69400c22      /* ldpsw x2, x3, [x1] */
#define STP_X2_X3_X1_16_PRE 0xa9810c22 /* stp x2, x3, [x1, #16]! */
#define STR_Q0_X1 0x3d800020	       /* str q0, [x1] */
#define LDXR_W2_X1 0x885f7c22	       /* ldxr w2, [x1] */

static void test_write_back(void **state)
{
	(void)state;
	device[4] = 5;
	assert_int_equal(run(STR_WZR_X1_16_PRE, 16, true), TRAP_ADVANCE);
	assert_int_equal(device[4], 0);
	assert_int_equal(regs.x[1], BASE + 16);
	assert_int_equal(run(STRB_W2_X1_1_POST, 16, true), TRAP_ADVANCE);
	assert_int_equal(device[4], 3);
	assert_int_equal(regs.x[1], BASE + 17);
	regs.x[1] = BASE + 8;
	device[2] = 0xfedcba9876543210;
	assert_int_equal(run(LDR_X3_X1_M8_POST, 8, false), TRAP_ADVANCE);
	assert_int_equal(regs.x[3], 0xfedcba9876543210);
	assert_int_equal(regs.x[1], BASE);
	device[1] = 0x80;
	assert_int_equal(run(LDRSB_X2_X1_4_PRE, 4, false), TRAP_ADVANCE);
	assert_int_equal(regs.x[2], ~0x7fULL);
	assert_int_equal(regs.x[1], BASE + 4);
	assert_int_equal(asked, 4);
	assert_int_equal(cpu.exits[CAISSON_EXIT_CONSOLE], 4);
	assert_int_equal(regs.elr, PC); /* trap_sync() moves it */
}

/* EL1h's stack pointer is another one than EL1t's and EL0's. */
static void test_stack_pointer(void **state)
{
	(void)state;
	assert_int_equal(run(LDR_W2_SP_8_POST, 0x400, false), TRAP_ADVANCE);
	assert_int_equal(sp_el1, BASE + 0x408);
	for (regs.spsr = 0; regs.spsr <= 4; regs.spsr += 4)
		assert_int_equal(run(LDR_W2_SP_8_POST, 0x800 + 2 * regs.spsr, false), TRAP_ADVANCE);
	assert_int_equal(sp_el0, BASE + 0x810);
	assert_int_equal(sp_el1, BASE + 0x408);
}

static void test_pairs(void **state)
{
	(void)state;
	device[2] = 0x80000002;
	device[3] = 0x3;
	assert_int_equal(run(LDP_W2_W3_X1_8, 8, false), TRAP_ADVANCE);
	assert_int_equal(regs.x[2], 0x80000002);
	assert_int_equal(regs.x[3], 3);
	/* Hardware may name the second register's address as the one that aborted. */
	regs.x[2] = regs.x[3] = 0;
	assert_int_equal(run(LDP_W2_W3_X1_8, 12, false), TRAP_ADVANCE);
	assert_int_equal(regs.x[2], 0x80000002);
	assert_int_equal(regs.x[3], 3);
	device[0] = 0x80000000;
	assert_int_equal(run(LDPSW_X2_X3_X1, 0, false), TRAP_ADVANCE);
	assert_int_equal(regs.x[2], 0xffffffff80000000);
	assert_int_equal(run(STP_X2_X3_X1_16_PRE, 16, true), TRAP_ADVANCE);
	assert_int_equal(device[4], 0xffffffff80000000);
	assert_int_equal(device[6], regs.x[3]);
	assert_int_equal(regs.x[1], BASE + 16);
	assert_int_equal(cpu.exits[CAISSON_EXIT_CONSOLE], 4); /* an exit each */
}

/* Half of a pair is stray: a load has changed nothing, and neither has write-back. */
static void test_half(void **state)
{
	struct regs before = regs;

	(void)state;
	answers = 1;
	assert_int_equal(run(LDP_W2_W3_X1_8, 8, false), TRAP_ABORT);
	assert_memory_equal(&regs, &before, sizeof(regs));
	asked = 0;
	assert_int_equal(run(STP_X2_X3_X1_16_PRE, 16, true), TRAP_ABORT);
	assert_memory_equal(&regs, &before, sizeof(regs));
	assert_int_equal(trap.insn, 0); /* a stray access as any other */
	assert_int_equal(cpu.exits[CAISSON_EXIT_CONSOLE], 0);
}

/* It is not what aborted: once more, and nothing is done. */
static void test_changed(void **state)
{
	static const struct {
		uint32_t insn;
		uint64_t offset;
		bool write, walks;
	} rows[] = {
		{ STR_WZR_X1_16_PRE, 20, true, true },	 { STR_WZR_X1_16_PRE, 15, true, true },
		{ STR_WZR_X1_16_PRE, 16, false, true },	 { LDP_W2_W3_X1_8, 8, true, true },
		{ LDP_W2_W3_X1_8, 16, false, true },	 { LDP_W2_W3_X1_8, 7, false, true },
		{ LDP_W2_W3_X1_8, 0x1008, false, true }, { STR_WZR_X1_16_PRE, 16, true, false },
		{ STR_WZR_X1_16_PRE, 17, true, false },	 { 0, 16, true, true },
	};
	struct regs before = regs;

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		walks = rows[n].walks;
		if (run(rows[n].insn, rows[n].offset, rows[n].write) != TRAP_STAY)
			fail_msg("row %zu", n);
	}
	assert_memory_equal(&regs, &before, sizeof(regs));
	assert_int_equal(asked, 0);
	assert_int_equal(cpu.exits[CAISSON_EXIT_STAGE2], ARRAY_SIZE(rows));
	/* A tag in FAR is none of the address. */
	regs.x[1] |= 0x5aULL << 56;
	assert_int_equal(run(STR_WZR_X1_16_PRE, 16, true), TRAP_ADVANCE);
}

static void test_refused(void **state)
{
	struct regs before;

	(void)state;
	regs.x[1] = BASE + 0xff4;
	before = regs;
	assert_int_equal(run(STR_Q0_X1, 0xff4, true), TRAP_ABORT);
	assert_int_equal(trap.insn, STR_Q0_X1);
	assert_int_equal(run(LDXR_W2_X1, 0xff4, false), TRAP_ABORT);
	assert_int_equal(trap.insn, LDXR_W2_X1);
	/* Into the next page, whichever of the two has aborted. */
	assert_int_equal(run(LDP_W2_W3_X1_8, 0xffc, false), TRAP_ABORT);
	assert_int_equal(trap.insn, LDP_W2_W3_X1_8);
	assert_int_equal(run(LDP_W2_W3_X1_8, 0x1000, false), TRAP_ABORT);
	assert_int_equal(trap.insn, LDP_W2_W3_X1_8);
	assert_int_equal(run(LDPSW_X2_X3_X1, 0xff4, false), TRAP_ADVANCE);
	regs = before;
	regs.spsr = 0x10;
	assert_int_equal(run(LDPSW_X2_X3_X1, 0xff4, false), TRAP_ABORT);
	assert_int_equal(trap.insn, CAISSON_REFUSED_AARCH32);
	regs.spsr = before.spsr;
	assert_memory_equal(&regs, &before, sizeof(regs));
	assert_int_equal(asked, 2);
}

static int group_setup(void **state)
{
	(void)state;
	cell = calloc(1, sizeof(*cell));
	return cell ? 0 : -1;
}

static int group_teardown(void **state)
{
	(void)state;
	free(cell);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_against_binutils),
		TEST(test_write_back),
		TEST(test_stack_pointer),
		TEST(test_pairs),
		TEST(test_half),
		TEST(test_changed),
		TEST(test_refused),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
