// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * For inmates that reach beyond what is theirs: to the hypervisor, to root's memory, to a foreign
 * device, into nowhere. Each such access ends the cell, and the log says what it was.
 */
#include "hvconfig.h"

CELL("stray", .flags = STRAY_FAIL);
CPUS(3);
MEMORY(0x40000000, MiB(16));
CONSOLE();
