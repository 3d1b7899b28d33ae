// SPDX-License-Identifier: GPL-2.0-only
/*
 * HVC and SMC with all standard function numbers and with random ones, with random arguments. What
 * is not refused is reported; what changes a register that it may not change is wrong.
 */
#include "attack.h"

#define INSN_HVC 0xd4000002u
#define INSN_SMC 0xd4000003u
#define NOT_SUPPORTED ~0ULL
#define RANDOM_CALLS 2000

/* These end, stop or restart the cell; the kinds `cpus` and `tables` do that. */
static bool ends(uint32_t function)
{
	switch (function | 0x40000000) {
	case 0xc4000001: /* PSCI CPU_SUSPEND, CPU_OFF, CPU_ON, SYSTEM_OFF, SYSTEM_RESET and so on */
	case 0xc4000002:
	case 0xc4000003:
	case 0xc4000008:
	case 0xc4000009:
	case 0xc400000c:
	case 0xc400000e:
	case 0xc4000012:
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

/* By owner, type and width: the numbers that SMCCC has or might give to anyone. */
void attack_calls(struct tally *tally, const char *rest)
{
	static const uint32_t insns[] = { INSN_HVC, INSN_SMC };

	(void)rest;
	for (unsigned int i = 0; i < 2; i++) {
		for (uint64_t owner = 0; owner < 64; owner++)
			for (uint64_t fn = 0; fn < 0x30; fn++)
				for (uint64_t kind = 0; kind < 4; kind++)
					call(tally, insns[i], kind << 30 | owner << 24 | fn);
		for (uint64_t fn = 0xff00; fn < 0x10000; fn++)
			for (uint64_t owner = 0; owner < 64; owner++)
				call(tally, insns[i], 0x80000000 | owner << 24 | fn);
		for (unsigned int n = 0; n < RANDOM_CALLS; n++) {
			call(tally, insns[i] | (uint32_t)(rnd() & 0xffff) << 5, rnd());
			call(tally, insns[i] | (uint32_t)(rnd() & 0xffff) << 5, rnd() & 0xffffffff);
		}
	}
}
