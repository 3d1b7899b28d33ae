/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Function numbers and results of SMCCC (DEN0028) and PSCI (DEN0022), and the way to the firmware.
 */
#ifndef CAISSON_SMCCC_H
#define CAISSON_SMCCC_H

#include "regs.h"

#define SMC64 0x40000000u
#define SMCCC_NOT_SUPPORTED (-1LL)
#define SMCCC_VERSION 0x80000000u
#define SMCCC_ARCH_FEATURES 0x80000001u
#define SMCCC_ARCH_WORKAROUND_1 0x80008000u
#define SMCCC_ARCH_WORKAROUND_2 0x80007fffu
#define SMCCC_ARCH_WORKAROUND_3 0x80003fffu

#define PSCI_VERSION 0x84000000u
#define PSCI_CPU_SUSPEND 0x84000001u
#define PSCI_CPU_OFF 0x84000002u
#define PSCI_CPU_ON 0x84000003u
#define PSCI_AFFINITY_INFO 0x84000004u
#define PSCI_MIGRATE_INFO_TYPE 0x84000006u
#define PSCI_SYSTEM_OFF 0x84000008u
#define PSCI_SYSTEM_RESET 0x84000009u
#define PSCI_FEATURES 0x8400000au
#define PSCI_CPU_FREEZE 0x8400000bu
#define PSCI_CPU_DEFAULT_SUSPEND 0x8400000cu
#define PSCI_SYSTEM_SUSPEND 0x8400000eu
#define PSCI_LAST 0x8400001fu

#define PSCI_SUCCESS 0
#define PSCI_NOT_SUPPORTED (-1LL)
#define PSCI_INVALID_PARAMETERS (-2LL)
#define PSCI_DENIED (-3LL)
#define PSCI_ALREADY_ON (-4LL)
#define PSCI_ON_PENDING (-5LL)
#define PSCI_INVALID_ADDRESS (-9LL)
#define PSCI_AFFINITY_ON 0
#define PSCI_AFFINITY_OFF 1
#define PSCI_AFFINITY_ON_PENDING 2
#define PSCI_MIGRATE_NOT_REQUIRED 2
#define PSCI_VERSION_1_1 0x10001
#define SMCCC_VERSION_1_1 0x10001

/*
 * What AFFINITY_INFO says of a CPU of the caller's. Without the target's lock: the answer may be old
 * when it arrives anyway.
 */
static inline int64_t psci_affinity_of(const struct cpu *target)
{
	if (target->state == CPU_PARKED || target->state == CPU_FIRMWARE)
		return PSCI_AFFINITY_OFF;
	return target->state == CPU_PENDING ? PSCI_AFFINITY_ON_PENDING : PSCI_AFFINITY_ON;
}

/*
 * smc.S: to firmware with x0..x17 of `regs`, the answers into the same.
 * For root's calls alone: firmware sees exactly what root passed. On the calling CPU,
 * and for as long as firmware likes; no locks held.
 */
void smc_forward(struct regs *regs);
/*
 * Four arguments, one result.
 * x0 as firmware returns it; a 32-bit result (SMC32) is the caller's to truncate.
 */
int64_t smc_call(uint64_t function, uint64_t a, uint64_t b, uint64_t c);

#endif
