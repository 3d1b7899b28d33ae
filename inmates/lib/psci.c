// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Calls to whoever runs below: firmware, QEMU or the hypervisor.
 */
#include "psci.h"

/* x4..x17 count as clobbered, as in SMCCC 1.0: QEMU and old firmware need promise no more. */
#define SMCCC_CLOBBERS                                                                      \
	"x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", \
		"x17", "memory"

void smccc(enum conduit conduit, uint64_t x[4])
{
	register uint64_t x0 __asm__("x0") = x[0];
	register uint64_t x1 __asm__("x1") = x[1];
	register uint64_t x2 __asm__("x2") = x[2];
	register uint64_t x3 __asm__("x3") = x[3];

	if (conduit == CONDUIT_SMC)
		__asm__ volatile("smc #0"
				 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
				 :
				 : SMCCC_CLOBBERS);
	else
		__asm__ volatile("hvc #0"
				 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
				 :
				 : SMCCC_CLOBBERS);
	x[0] = x0;
	x[1] = x1;
	x[2] = x2;
	x[3] = x3;
}

int64_t smccc_call(enum conduit conduit, uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t x[4] = { function, a, b, c };

	smccc(conduit, x);
	return (int64_t)x[0];
}

int64_t psci_call(uint32_t function, uint64_t a, uint64_t b, uint64_t c)
{
	if (machine.conduit == CONDUIT_NONE)
		return PSCI_NOT_SUPPORTED;
	/* Every result used here fits in 32 bits, whichever convention the function has. */
	return (int32_t)smccc_call(machine.conduit, function, a, b, c);
}

int64_t psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context)
{
	return psci_call(PSCI_FN_CPU_ON, mpidr, entry, context);
}

int64_t psci_affinity_info(uint64_t mpidr)
{
	return psci_call(PSCI_FN_AFFINITY_INFO, mpidr, 0, 0);
}

/* A call that does not come back; if it does, the CPU sleeps for ever. */
static void __attribute__((noreturn)) final_call(uint32_t function)
{
	irq_save();
	psci_call(function, 0, 0, 0);
	for (;;)
		wfi();
}

void psci_cpu_off(void)
{
	final_call(PSCI_FN_CPU_OFF);
}

void psci_system_off(void)
{
	final_call(PSCI_FN_SYSTEM_OFF);
}

void psci_system_reset(void)
{
	final_call(PSCI_FN_SYSTEM_RESET);
}
