/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live machine, read from what root Linux tells about it: /sys/firmware/fdt and /proc/iomem.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "hvctl.h"

/* A file of /proc or /sys, whose size is not known before; NUL-terminated. NULL: errno says why. */
char *machine_read(const char *path, size_t *size);

/**
 * machine_fdt - the device tree that root Linux was booted with
 * @fdt: the tree, checked by libfdt, to be freed by the caller
 *
 * Return: 0; HVCTL_UNAVAILABLE without privilege, HVCTL_REFUSED with ACPI, HVCTL_CONFIG for a
 * broken tree, after a complaint.
 */
enum exit_code machine_fdt(void **fdt);

/* The same without a complaint: its text goes to @why, of @room bytes. */
enum exit_code machine_read_fdt(void **fdt, char *why, size_t room);

/* Bytes that Linux could give away without swapping, by its own estimate; 0: it does not say. */
uint64_t machine_available(void);

/**
 * machine_derive - a system configuration of the live machine
 * @blob:  a .sys blob that passed config_check(), to be freed by the caller
 * @size:  of it, bytes
 *
 * Its entries name the device-tree node, or `/proc/iomem', that they were read from. A board whose
 * unwired SPIs are not known gets none, and a note on stderr says what to add.
 *
 * Return: 0, or an exit code after a complaint that names what is missing or unsupported.
 */
enum exit_code machine_derive(void **blob, uint32_t *size);

/* Is KVM initialised here? Then HVC is enabled, and EL2 may be called. */
bool machine_has_kvm(void);

/**
 * machine_cpu_compatible - what kind of CPU root Linux's CPU @cpu is
 * @cpu:  its number
 * @text: the `compatible` property, NUL-separated
 * @size: room
 *
 * Return: bytes in @text; "arm,armv8" if Linux does not say.
 */
size_t machine_cpu_compatible(uint32_t cpu, char *text, size_t size);

/* A range of physical addresses; parse_iomem() yields them sorted, as the kernel prints them. */
struct range {
	uint64_t start;
	uint64_t end; /* the first byte behind */
	bool ram;
};

/**
 * parse_iomem - the outermost ranges of /proc/iomem
 * @text:   its text, NUL-terminated
 * @ranges: result, rounded to pages: RAM inwards, devices outwards
 * @max:    room in @ranges
 *
 * Pure. Firmware's memory ("reserved") is left out: it is mapped when root touches it.
 *
 * Return: number of ranges, 0 if the addresses are hidden (all zero).
 */
uint32_t parse_iomem(const char *text, struct range *ranges, uint32_t max);

/**
 * subtract_ranges - remove holes from device ranges, and merge what touches
 * @ranges: in and out
 * @count:  of them
 * @max:    room in @ranges
 * @holes:  ranges that no device may meet: RAM and the GIC
 * @nholes: of them
 *
 * Pure. RAM ranges are not changed.
 *
 * Return: number of ranges.
 */
uint32_t subtract_ranges(struct range *ranges, uint32_t count, uint32_t max,
			 const struct range *holes, uint32_t nholes);

#endif
