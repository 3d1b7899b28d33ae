// SPDX-License-Identifier: GPL-2.0-only
/* The cell bench with -DSIZE MiB of memory; configs/bench.c is the usual one. */
#include "hvconfig.h"

CELL("bench");
CPUS(3);
MEMORY(0x40000000, MiB(SIZE));
CONSOLE();
