// SPDX-License-Identifier: GPL-2.0-only
/* A cell beside others: an inmate on any CPUs, as cell "other". Tests set -DCPU and -DCOUNT. */
#include "hvconfig.h"

#ifndef CPU
#define CPU 2
#endif
#ifndef COUNT
#define COUNT 1
#endif

CELL("other");
CPUS(CPU, COUNT);
MEMORY(0x40000000, MiB(16));
CONSOLE();
