/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * PSCI 1.1 (DEN0022) and SMCCC (DEN0028), by the device tree's conduit or by a chosen one.
 */
#ifndef INMATE_PSCI_H
#define INMATE_PSCI_H

#include "arch.h"
#include "machine.h"

#define PSCI_FN_VERSION 0x84000000u
#define PSCI_FN_CPU_OFF 0x84000002u
#define PSCI_FN_CPU_ON 0xc4000003u
#define PSCI_FN_AFFINITY_INFO 0xc4000004u
#define PSCI_FN_SYSTEM_OFF 0x84000008u
#define PSCI_FN_SYSTEM_RESET 0x84000009u
#define PSCI_FN_FEATURES 0x8400000au
#define SMCCC_FN_VERSION 0x80000000u

#define PSCI_NOT_SUPPORTED (-1)
#define PSCI_INVALID_PARAMETERS (-2)
#define PSCI_DENIED (-3)
#define PSCI_ALREADY_ON (-4)
#define PSCI_ON_PENDING (-5)
#define PSCI_TIMEOUT (-100) /* ours: see cpu_start() */

#define PSCI_AFFINITY_ON 0
#define PSCI_AFFINITY_OFF 1
#define PSCI_AFFINITY_PENDING 2

/*
 * A call through `conduit` (not NONE): x[0] is the function number, the others are its arguments;
 * all four become its results. May be undefined on this machine: then an UNDEF exception comes
 * from here.
 */
void smccc(enum conduit conduit, uint64_t x[4]);

/* The same with three arguments; returns x0. */
int64_t smccc_call(enum conduit conduit, uint64_t function, uint64_t a, uint64_t b, uint64_t c);

/* A PSCI call; NOT_SUPPORTED without PSCI in the tree. 32-bit results are sign-extended. */
int64_t psci_call(uint32_t function, uint64_t a, uint64_t b, uint64_t c);

/* `entry` and `context`: physical address of the first instruction, and its x0. */
int64_t psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context);
int64_t psci_affinity_info(uint64_t mpidr);
void psci_cpu_off(void) __attribute__((noreturn));
void psci_system_off(void) __attribute__((noreturn));
void psci_system_reset(void) __attribute__((noreturn));

#endif
