// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A cell with everything it can have, to copy from. Build and check it with
 *
 *     scripts/cellcc configs/template.c template.cell
 *
 * Each line is an entry; nothing is counted by hand. Order does not matter. Delete what you do not
 * need: a cell must have a name, a CPU and some memory. hvconfig.h has the list of words.
 */
#include "hvconfig.h"

/*
 * The name, by which hvctl addresses the cell, and what is particular to it. LINUX_CELL() instead
 * of CELL() is for `hvctl cell linux`.
 */
CELL("template",
     /*
      * An access to an address with nothing behind it: STRAY_FAIL ends the cell (the default of
      * CELL), STRAY_INJECT lets it see an external abort (the default of LINUX_CELL). SET_ENTRY and
      * SET_ARGS say that .entry and .args are given.
      */
     .flags = STRAY_FAIL | SET_ENTRY | SET_ARGS,
     /* The first instruction. Without it: where the image was loaded, or its ELF entry. */
     .entry = 0x40000000,
     /* x0..x3 at the start. Without it x0 is a device tree that hvctl supplies. */
     .args = { 0x1234, 0, 0, 0 },
     /*
      * What happens when it has ended: by PSCI SYSTEM_OFF or its last CPU_OFF, by SYSTEM_RESET, by
      * a fault. STOP leaves it as it is, RESTART loads and starts it again, at most .restarts times
      * (default: UNLIMITED) until hvctl starts it the next time. These are the other defaults.
      */
     .on_off = STOP,
     .on_reset = RESTART,
     .on_fault = STOP,
     .restarts = 3,
     /* It fails if it does not pet its watchdog for a minute. Without it there is no watchdog. */
     .watchdog_ms = 60000,
     /* Where the cell sees its interrupt controller; these are the defaults, as on QEMU virt. */
     .gicd_base = 0x08000000,
     .gicr_base = 0x080a0000);

/*
 * The CPUs it gets, by root Linux's numbers: CPUS(number) or CPUS(first, count). The cell sees them as
 * 0, 1, ... in ascending order.
 */
CPUS(2, 2);

/*
 * RAM: the guest-physical address at which the cell sees it, and its size, multiples of 4 KiB (of
 * 2 MiB for the fastest mapping). The driver finds the memory when the cell is created. MEM_CONTIGUOUS
 * makes it one physical piece; MEM_R and MEM_RX make it read-only for the cell.
 */
MEMORY(0x40000000, MiB(16));
MEMORY(0x50000000, MiB(2), .flags = MEM_RW | MEM_CONTIGUOUS);

/* A little zeroed memory somewhere else, for programs that expect it there. */
MEMORY(0, KiB(64));

/* This very piece of physical memory; creating the cell fails if Linux cannot let go of it. */
MEMORY(0x60000000, MiB(2), .pa = 0x70000000);

/*
 * A device: where the cell sees its registers, where they are, how many bytes. It may be smaller than a
 * page: then EL2 carries out the accesses, and the rest of the page stays out of reach. Here: the
 * real-time clock of QEMU virt, read-only, where it always was. By .node, its path in root Linux's
 * device tree, root's driver lets go of it as long as there is the cell, and the cell's device tree
 * has it; without, the driver has to be unbound by hand.
 */
DEVICE(0x09010000, 0x09010000, KiB(4), .flags = MEM_R, .node = "/pl031@9010000");

/* Its interrupt, by INTID, which is the SPI's number in the device tree plus 32. Or (first, count). */
IRQ(34);

/*
 * A PL011 that EL2 emulates, for `hvctl console`. The address is the default. Its interrupt is a free
 * one of the machine unless .intid names it.
 */
CONSOLE(.base = 0x09000000);
