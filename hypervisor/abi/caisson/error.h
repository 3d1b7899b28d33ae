/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every reason for which Caisson refuses something, with its words, once for EL2, driver, hvctl and
 * tests. EL2 and the validator return the number (negated in a hypercall's x0); hvctl prints the
 * text behind the line of the configuration that the offending entry carries.
 */
#ifndef CAISSON_ERROR_H
#define CAISSON_ERROR_H

/* X(NAME, text). Append only: the numbers are ABI. "%x" style is not used: hvctl adds the values. */
#define CAISSON_ERRORS(X)                                                                      \
	X(OK, "no error")                                                                      \
	/* the form of a configuration: found by the validator alone */                        \
	X(TRUNCATED, "the file is shorter than its header says")                               \
	X(MAGIC, "this is not a Caisson configuration")                                        \
	X(VERSION, "the configuration was compiled for another ABI version")                   \
	X(KIND, "this is the wrong kind of configuration, or does not belong into its kind")   \
	X(SECTION, "a section does not lie inside the file")                                   \
	X(ENTRY_SIZE, "a section's entry size is not the one of this version")                 \
	X(RESERVED, "a reserved field is not zero")                                            \
	X(STRING, "a string is not terminated inside the file")                                \
	X(MISSING, "a required entry is missing")                                              \
	X(TWICE, "there may be only one entry of this kind")                                   \
	X(NAME, "a name is 1 to 31 of A-Z a-z 0-9 . _ - and begins with a letter or digit")    \
	X(FLAGS, "unknown or contradictory flags")                                             \
	X(ALIGN, "address or size is not a multiple of 4 KiB")                                 \
	X(EMPTY, "size or count is zero")                                                      \
	X(RANGE, "the range wraps around or lies beyond the addressable space")                \
	X(OVERLAP, "the range overlaps another entry")                                         \
	X(CPU_TWICE, "the CPU is listed twice")                                                \
	X(IRQ_TWICE, "the interrupt is listed twice")                                          \
	X(IRQ_RANGE, "the interrupt is not an SPI (INTID 32 to 1019)")                         \
	X(ENTRY_POINT, "the entry point lies in no memory region of the cell")                 \
	/* the live machine: found by EL2 or the driver */                                     \
	X(CPU_UNKNOWN, "there is no such CPU")                                                 \
	X(CPU_OWNED, "the CPU belongs to another cell")                                        \
	X(CPU_LAST, "root Linux must keep at least one CPU")                                   \
	X(CPU_ONLINE, "the CPU is still running in root Linux")                                \
	X(IRQ_OWNED, "the interrupt belongs to another cell")                                  \
	X(IRQ_IN_USE, "the interrupt is enabled in root Linux")                                \
	X(IRQ_UNKNOWN, "the interrupt controller has no such interrupt")                       \
	X(MEM_HYPERVISOR, "the memory belongs to the hypervisor")                              \
	X(MEM_OWNED, "the memory belongs to another cell")                                     \
	X(MEM_NOT_RAM, "the memory is not RAM of root Linux")                                  \
	X(MEM_REGION, "the address lies in no such region of the cell")                        \
	X(MEM_MISSING, "memory of the cell has not been supplied yet")                         \
	X(NO_MEMORY, "not enough memory")                                                      \
	X(POOL, "the hypervisor's page pool is exhausted")                                     \
	X(NAME_TAKEN, "a cell of that name exists")                                            \
	X(NO_CELL, "there is no such cell")                                                    \
	X(STATE, "not possible in the cell's present state")                                   \
	X(NOT_LOADED, "nothing has been loaded into the cell")                                 \
	X(NOT_ROOT, "only root Linux may do this")                                             \
	X(ROOT_CELL, "not possible with the root cell")                                        \
	X(CELLS_EXIST, "cells still exist")                                                    \
	X(ARGUMENT, "an argument is out of range")                                             \
	X(FUNCTION, "unknown function")                                                        \
	X(TIMEOUT, "a CPU did not answer in time")                                             \
	X(GIC_MODE, "this machine's GIC cannot be driven in the requested mode")               \
	X(NO_EL2, "this CPU has no EL2")                                                       \
	X(VHE, "the kernel runs in EL2 itself: boot it with kvm-arm.mode=nvhe")                \
	X(EL2_BUSY, "EL2 is in use by another hypervisor")                                     \
	X(ACPI, "the machine was booted with ACPI: a device tree is needed")                   \
	X(GICV2, "the interrupt controller is not a GICv3")                                    \
	X(IMAGE, "caisson.bin cannot be used")                                                 \
	X(ENABLED, "the hypervisor is enabled already")                                        \
	X(NOT_ENABLED, "the hypervisor is not enabled")                                        \
	X(CPU_FEATURE, "a CPU differs from the first one in what EL2 relies on")               \
	X(KICK, "neither SGI 15 nor PPI 26 reaches EL2 on this machine")                       \
	X(REFUSED_BY_LINUX, "root Linux refused (dmesg says why)")                             \
	X(SPI_EXHAUSTED, "no unwired SPI is left: name some with SPARE_SPIS in a system file") \
	X(DEVICE_IN_USE, "a driver of root Linux uses the device")                             \
	X(DEVICE_RAM, "the device region lies in root Linux's RAM")                            \
	X(SIZE, "the file is longer than its header says, or than 64 KiB")                     \
	X(ALIGN_GIC, "GIC frames are multiples of 64 KiB, redistributors of 128 KiB")          \
	X(ALIGN_DEVICE, "a device needs multiples of 4, and one page offset in ipa and pa")    \
	X(IDENTITY, "in a system, ipa and pa must be the same")                                \
	X(RAM_UNLISTED, "root Linux has RAM that the system configuration does not list")      \
	X(PKVM, "KVM protects its guests (pKVM): boot without kvm-arm.mode=protected")         \
	X(HVHE, "KVM runs EL2 with E2H = 1 (hVHE): boot without arm64_sw.hvhe=1")              \
	X(NO_HVC, "this CPU has EL2, but firmware has disabled HVC (SCR_EL3.HCE)")             \
	X(EL2_UNKNOWN, "nothing says that EL2 answers calls on this machine")                  \
	X(GROUP0, "firmware keeps the GIC's Group 0 to itself (GICD_CTLR.DS = 0)")             \
	X(WATCHDOG, "EL2's timer does not interrupt by PPI 26 here: there are no watchdogs")   \
	X(DEAF, "the cell has enabled no interrupt that asks it to shut down")                 \
	X(GOING_DOWN, "root Linux goes down")                                                  \
	X(EL1_START, "this kernel was not started in EL2")                                     \
	X(NO_CONSOLE, "the cell has no console")                                               \
	X(GIC_ADDRESS, "the GIC of root Linux's device tree lies elsewhere")                   \
	X(WATCHDOG_MODE, "the interrupt mode direct-revoke has no watchdogs")                  \
	X(MEM_BUSY, "root Linux uses the memory and cannot move what it has there")            \
	X(NODE, "a device's node is an absolute path in root Linux's device tree")             \
	X(NODE_UNKNOWN, "root Linux has no device of that node")                               \
	X(NODE_REGION, "the region is not one of the node's, or part of one")                  \
	X(NODE_CONSOLE, "the device is root Linux's console")                                  \
	X(NODE_DRIVER, "the device's driver in root Linux cannot let go of it")                \
	X(NODE_DISK, "root Linux uses a disk behind the device (dmesg says which)")            \
	X(KEEP_IMAGE, "a cell with KEEP_IMAGE needs a watchdog, and on_fault = RESTART")

enum caisson_error_code {
#define X(name, text) CAISSON_E_##name,
	CAISSON_ERRORS(X)
#undef X
		CAISSON_E_COUNT
};

#endif
