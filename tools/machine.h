/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live machine, read from what root Linux tells about it: /sys/firmware/fdt, /proc/iomem and
 * /proc/interrupts; or a board that is not at hand, by its device tree alone.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "hvctl.h"

#define IOMEM "/proc/iomem"

/* A range of physical addresses. */
struct range {
	uint64_t start;
	uint64_t end; /* the first byte behind */
	bool ram;
};

/* A file of /proc or /sys, whose size is not known before; NUL-terminated. NULL: errno says why. */
char *machine_read(const char *path, size_t *size);

/**
 * machine_fdt - the device tree that root Linux was booted with
 * @fdt: the tree, checked by tree_check(), to be freed by the caller
 *
 * Return: 0; HVCTL_UNAVAILABLE without privilege, HVCTL_REFUSED with ACPI, HVCTL_CONFIG for a
 * broken tree, after a complaint.
 */
enum exit_code machine_fdt(void **fdt);

/* The same without a complaint: its text goes to @why, of @room bytes. */
enum exit_code machine_read_fdt(void **fdt, char *why, size_t room);

/* Bytes that Linux could give away without swapping, by its own estimate; 0: it does not say. */
uint64_t machine_available(void);

/* A machine, as far as it is known. */
struct machine {
	void *fdt;	   /* checked by tree_check() */
	const char *dtb;   /* the name of the file that it is from; NULL: the live machine's */
	char *iomem;	   /* text of /proc/iomem; NULL: there is none */
	char *interrupts;  /* text of /proc/interrupts; NULL: there is none */
	struct range *ram; /* what a file's tree does not have, as the user says; allocated */
	uint32_t nram;
	void **other;	   /* checked .cell blobs: cells to be, whose CPUs root loses */
	uint32_t nother;
};

/**
 * machine_open - read the live machine
 * machine_open_dtb - read a device tree from a file instead
 * @m: filled in, to be freed by machine_close() in any case
 *
 * Return: 0, or an exit code after a complaint.
 */
enum exit_code machine_open(struct machine *m);
enum exit_code machine_open_dtb(struct machine *m, const char *path);
void machine_close(struct machine *m);

/**
 * machine_system - a system configuration of a machine
 * @m:	   the machine
 * @blob:  a .sys blob that passed config_check(), to be freed by the caller
 * @size:  of it, bytes
 *
 * Its entries name the device-tree node, `/proc/iomem' or the file that they were read from. A
 * board whose unwired SPIs are not known gets none, and a note on stderr says what to add.
 *
 * Return: 0, or an exit code after a complaint that names what is missing or unsupported.
 */
enum exit_code machine_system(const struct machine *m, void **blob, uint32_t *size);

/* The same of the live machine. */
enum exit_code machine_derive(void **blob, uint32_t *size);

/* The @index-th range of SPIs that no wire reaches on this board, the doorbell first. */
bool machine_spares(const void *fdt, uint32_t index, struct caisson_irq_entry *irq);

/* Who handles an interrupt in Linux, by /proc/interrupts; "": nobody. */
void machine_handler(const struct machine *m, uint32_t intid, char *name, size_t size);

/* The CPUs that root Linux has online; of a file all that are in it. Return: how many. */
uint32_t machine_cpus(const struct machine *m, struct cpu_set *set);

/* How many CPUs the tree has. */
uint32_t machine_cpus_in_tree(const void *fdt);

/* What kind of CPU that is: the first word of its `compatible`. */
void machine_cpu_kind(const struct machine *m, uint32_t cpu, char *text, size_t size);

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

/**
 * parse_iomem - the outermost ranges of /proc/iomem
 * @text:   its text, NUL-terminated
 * @ranges: result, sorted, rounded to pages: RAM inwards, devices outwards
 * @max:    room in @ranges
 *
 * Pure. Firmware's memory ("reserved") is left out: it is mapped when root touches it.
 *
 * Return: number of ranges, 0 if the addresses are hidden (all zero).
 */
uint32_t parse_iomem(const char *text, struct range *ranges, uint32_t max);

/**
 * tree_ranges - the same by a device tree
 * @fdt:   a checked tree
 * @ram:   more RAM, that the tree does not have
 * @nram:  pieces of it
 *
 * Pure. What /reserved-memory keeps from Linux's map is no RAM.
 */
uint32_t tree_ranges(const void *fdt, const struct range *ram, uint32_t nram, struct range *ranges,
		     uint32_t max);

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
