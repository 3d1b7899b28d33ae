// SPDX-License-Identifier: GPL-2.0-only
/* configs/stray.c, but that the cell cannot sleep where nothing wakes it. */
#include "hvconfig.h"

CELL("stray", .flags = STRAY_FAIL | TRAP_WFI);
CPUS(3);
MEMORY(0x40000000, MiB(16));
CONSOLE();
