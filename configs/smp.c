// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For inmates/demos/smp: two CPUs that send each other interrupts; root's 2 and 3 are its 0 and 1. */
#include "hvconfig.h"

CELL("smp");
CPUS(2, 2);
MEMORY(0x40000000, MiB(16));
CONSOLE();
