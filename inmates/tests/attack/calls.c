// SPDX-License-Identifier: GPL-2.0-only
/*
 * HVC and SMC with all standard function numbers and with random ones, with random arguments. What
 * is not refused is reported; what changes a register that it may not change is wrong.
 */
#include "attack.h"

#define INSN_HVC 0xd4000002u
#define INSN_SMC 0xd4000003u
#define NOT_SUPPORTED ~0ULL
#define OWNER_ARCHITECTURE 0
#define OWNER_STANDARD 4
#define RANDOM_CALLS 2000

/* These end, stop or restart the cell or a CPU; the kinds `cpus` and `tables` do that. */
static bool ends(uint32_t function)
{
	switch (function) {
	case 0x84000001: /* CPU_SUSPEND */
	case 0xc4000001:
	case 0x84000002: /* CPU_OFF */
	case 0x84000003: /* CPU_ON */
	case 0xc4000003:
	case 0x84000008: /* SYSTEM_OFF */
	case 0x84000009: /* SYSTEM_RESET */
		return true;
	default:
		return function == machine.watchdog_id;
	}
}

/* x4 to x17 are kept by SMCCC 1.1 (DEN0028, 2.6), x18 to x29 by all. */
static void call(struct tally *tally, uint32_t insn, uint64_t function)
{
	struct operands before, x;
	struct fault fault;

	if (ends((uint32_t)function))
		return;
	for (unsigned int i = 0; i < 30; i++)
		before.x[i] = rnd();
	before.x[0] = function;
	x = before;
	fault = run(insn, &x);
	count(tally, &fault);
	if (fault.taken)
		return;
	if (memcmp(&before.x[4], &x.x[4], 26 * sizeof(uint64_t))) {
		tally->wrong++;
		printf("* %x 0x%lx changes registers\n", insn & 3, function);
	}
	if (x.x[0] != NOT_SUPPORTED && (uint32_t)x.x[0] != (uint32_t)NOT_SUPPORTED)
		printf("* %s 0x%lx result=0x%lx\n", (insn & 3) == 2 ? "hvc" : "smc", function, x.x[0]);
}

/* Functions [first, end) of an owner: fast calls and yielding ones, by 32 and by 64 bits. */
static void calls(struct tally *tally, uint32_t insn, uint64_t owner, uint64_t first, uint64_t end)
{
	for (uint64_t fn = first; fn < end; fn++)
		for (uint64_t kind = 0; kind < 4; kind++)
			call(tally, insn, kind << 30 | owner << 24 | fn);
}

/* By owner, type and width: the numbers that SMCCC (DEN0028) has or might give to anyone. */
void attack_calls(struct tally *tally, const char *rest)
{
	static const uint32_t insns[] = { INSN_HVC, INSN_SMC };

	(void)rest;
	for (unsigned int i = 0; i < 2; i++) {
		for (uint64_t owner = 0; owner < 64; owner++)
			calls(tally, insns[i], owner, 0, 0x30);
		/* PSCI, SDEI, TRNG, FF-A, PCI, RMI and so on; and the workarounds of errata. */
		calls(tally, insns[i], OWNER_STANDARD, 0x30, 0x400);
		calls(tally, insns[i], OWNER_ARCHITECTURE, 0x3ff0, 0x4000);
		calls(tally, insns[i], OWNER_ARCHITECTURE, 0x7ff0, 0x8010);
		for (uint64_t fn = 0xff00; fn < 0x10000; fn++)
			for (uint64_t owner = 0; owner < 64; owner++)
				call(tally, insns[i], 0x80000000 | owner << 24 | fn);
		for (unsigned int n = 0; n < RANDOM_CALLS; n++) {
			call(tally, insns[i] | (uint32_t)(rnd() & 0xffff) << 5, rnd());
			call(tally, insns[i] | (uint32_t)(rnd() & 0xffff) << 5, rnd() & 0xffffffff);
		}
	}
}
