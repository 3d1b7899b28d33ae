/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device tree that every cell gets: what the configuration gives it, and what it must know of
 * the machine it runs on (kind of CPU, wiring of the timer).
 */
#ifndef GUEST_FDT_H
#define GUEST_FDT_H

#include "hvctl.h"

#define GUEST_FDT_SIZE 0x10000u /* bytes that are kept for it at the end of the main memory */

struct guest_fdt {
	const void *blob;	 /* checked .cell blob, console SPI filled in */
	const void *machine_fdt; /* the live tree, checked; NULL: assume what Arm recommends */
	const char *bootargs;	 /* NULL: none */
	uint64_t initrd_start;	 /* IPA */
	uint64_t initrd_end;	 /* the first byte behind; 0: none */
	uint64_t seed[5];	 /* kaslr-seed, then rng-seed; first one 0: none */
	/* `compatible` of root Linux's CPU; machine_cpu_compatible() but for tests. */
	size_t (*cpu_compatible)(uint32_t cpu, char *text, size_t size);
	/* Rate of a clock that root drives; device_clock_rate() but for tests. */
	uint64_t (*clock_rate)(int fd, const char *node, uint32_t index);
	int fd; /* of the driver, for that */
	/* Filled in if a device's node cannot be in it: of the entry in the blob, 0: none; why. */
	uint32_t refused;
	char why[512];
};

/**
 * guest_fdt_build - write the tree
 * @g:	 what goes into it
 * @out: GUEST_FDT_SIZE bytes, aligned to 8
 *
 * Nodes follow the bindings of the Linux kernel (arm,gic-v3, arm,armv8-timer, arm,psci-1.0,
 * arm,pl011) and of the Devicetree Specification. Pure, with a pure cpu_compatible.
 *
 * Return: size of the tree in bytes, or a negative libfdt error: -FDT_ERR_BADVALUE with g->refused.
 */
int guest_fdt_build(struct guest_fdt *g, void *out);

/* IPA at which the tree is loaded: the last 64 KiB boundary that leaves room for it in the main
 * memory, or ADDRESS_ANY if that is too small. */
uint64_t guest_fdt_address(const void *blob);

#endif
