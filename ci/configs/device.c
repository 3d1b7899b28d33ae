// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device of QEMU's virt machine given to a cell: its PL031 real-time clock, for the inmate `device`.
 * Variants: -DOFFSET and -DSIZE give less than the page, -DRTC_FLAGS less than read and write,
 * -DNO_IRQ leaves the interrupt with root, -DNAME and -DCPU let two cells share the page; -DBASE is
 * the page of something else, -DNODE whose it is; -DFOR_A_LINUX for a second Linux; -DCELL_RAM is how much memory the cell wants.
 */
#include "hvconfig.h"

#ifndef NAME
#define NAME "device"
#endif
#ifndef CPU
#define CPU 3
#endif
#ifndef BASE
#define BASE 0x09010000
#endif
#ifndef OFFSET
#define OFFSET 0
#endif
#ifndef SIZE
#define SIZE KiB(4)
#endif
#ifndef RTC_FLAGS
#define RTC_FLAGS MEM_RW
#endif
#ifndef NODE
#define NODE 0
#endif
#ifndef CELL_RAM
#define CELL_RAM MiB(16)
#endif

#ifdef FOR_A_LINUX
LINUX_CELL(NAME);
#else
CELL(NAME);
#endif
CPUS(CPU);
MEMORY(0x40000000, CELL_RAM);
DEVICE(0x09010000 + OFFSET, BASE + OFFSET, SIZE, .flags = RTC_FLAGS, .node = NODE);
#ifndef NO_IRQ
IRQ(34);
#endif
CONSOLE();
