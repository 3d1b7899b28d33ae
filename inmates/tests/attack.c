// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile inmate. A line "KIND SEED ..." makes all attacks of that kind (attack/), and ends in
 * what became of them; lines that begin with "* " say what is worth comparing with the table of
 * ci/qemu/attacks.py. It survives what an inmate can: each fault is expected.
 */
#include "attack/attack.h"

#define INSN_RET 0xd65f03c0

static uint64_t state;

/* An inmate has no data that holds addresses, so there is no table of functions. */
#define KINDS(X) \
	X(registers) X(instructions) X(values) X(fill) X(gic) X(uart) X(frames) X(calls) X(memory) \
	X(fetch) X(storm) X(cpus) X(tables)

uint64_t rnd(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1d;
}

uint64_t number(const char *rest, uint64_t otherwise)
{
	uint64_t n = otherwise;

	parse_u64(&rest, &n);
	return n;
}

static void write_code(uint32_t insn)
{
	volatile uint32_t *code = (volatile uint32_t *)ARENA_CODE;

	/* An emulator would translate it anew. */
	if (code[0] == insn && code[1] == INSN_RET)
		return;
	code[0] = insn;
	code[1] = INSN_RET;
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb"
			 : : "r"(code) : "memory");
}

struct fault run(uint32_t insn, struct operands *regs)
{
	write_code(insn);
	fault_expect();
	run_insn(ARENA_CODE, regs);
	return fault_end();
}

uint32_t insn_system(bool read, unsigned int op0, unsigned int op1, unsigned int crn,
		     unsigned int crm, unsigned int op2)
{
	return 0xd5000000 | (uint32_t)read << 21 | op0 << 19 | op1 << 16 | crn << 12 | crm << 8 |
	       op2 << 5;
}

char outcome(const struct fault *fault)
{
	if (!fault->taken)
		return 'o';
	/* With FEAT_IDST an identification register that is not there is a trap (0x18). */
	if ((ESR_EC(fault->esr) == EC_UNKNOWN || ESR_EC(fault->esr) == EC_SYSREG) && !fault->serror)
		return 'u';
	/* DFSC and IFSC 0x10: a synchronous external abort, not on a table walk. */
	if ((ESR_EC(fault->esr) == EC_DABORT || ESR_EC(fault->esr) == EC_IABORT) &&
	    (fault->esr & 0x3f) == 0x10)
		return 'a';
	return 'x';
}

void count(struct tally *tally, const struct fault *fault)
{
	switch (outcome(fault)) {
	case 'o':
		tally->done++;
		break;
	case 'u':
		tally->undefined++;
		break;
	case 'a':
		tally->aborted++;
		break;
	default:
		tally->other++;
		break;
	}
}

static bool attacks(const char *text)
{
	struct tally tally = { 0 };
	const char *rest;
	char name[16];

#define X(kind)                                                        \
	if ((rest = line_after(text, #kind)) && parse_u64(&rest, &state)) { \
		memcpy(name, #kind, sizeof(#kind));                    \
		seed = state |= !state;                                \
		attack_##kind(&tally, rest);                           \
	} else
	uint64_t seed;

	KINDS(X)
		return false;
#undef X
	printf("%s: seed=%lu done=%lu undefined=%lu aborted=%lu other=%lu wrong=%lu\n", name, seed,
	       tally.done, tally.undefined, tally.aborted, tally.other, tally.wrong);
	return true;
}

void inmate_main(void)
{
	struct line line;

	if (!mmu_map(ARENA, ARENA + ARENA_SIZE, MMU_ANY)) {
		printf("error: no room to attack from\n");
		return;
	}
	/* EL1 itself traps neither SIMD nor SVE nor SME. */
	sysreg_write(cpacr_el1, sysreg_read(cpacr_el1) | 3 << 24 | 3 << 20 | 3 << 16);
	isb();
	printf("\nattack: cpus=%u\n", machine.ncpus);
	for (;;) {
		line_read(&line, "attack> ");
		if (line.text[0] && !attacks(line.text) && !line_common(line.text))
			printf("unknown: %s\n", line.text);
	}
}
