// SPDX-License-Identifier: GPL-2.0-only
/*
 * All kinds of memory in one cell, for the inmate `stray`: a little at address 0 as programs with
 * fixed vectors want it, the main memory, one physical piece for DMA, a piece at -DPA, and a
 * read-only page.
 */
#include "hvconfig.h"

#ifndef PA
#define PA 0x68000000
#endif

CELL("memory", .flags = STRAY_INJECT);
CPUS(2);
MEMORY(0, KiB(64));
MEMORY(0x40000000, MiB(16));
MEMORY(0x50000000, MiB(6), .flags = MEM_RW | MEM_CONTIGUOUS);
MEMORY(0x60000000, MiB(2), .pa = PA);
MEMORY(0x61234000, KiB(4), .flags = MEM_R);
CONSOLE();
