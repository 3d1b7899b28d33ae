// SPDX-License-Identifier: GPL-2.0-only
/*
 * Something of everything that can be had or refused, for tests in which each step of getting it fails:
 * CPUs, memory of all kinds, a device of root's (the PL031 real-time clock) with its interrupt, a console.
 */
#include "hvconfig.h"

CELL("fail");
CPUS(2, 2);
MEMORY(0x40000000, MiB(4) + KiB(64));
MEMORY(0x50000000, MiB(1), .flags = MEM_RW | MEM_CONTIGUOUS);
MEMORY(0x60000000, MiB(2), .pa = 0x68000000);
DEVICE(0x09010000, 0x09010000, KiB(4), .node = "/pl031@9010000");
IRQ(34);
CONSOLE();
