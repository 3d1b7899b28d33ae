// SPDX-License-Identifier: GPL-2.0-only
/* A cell beside others: inmates/demos/hello on any CPU, as cell "other". Tests set -DCPU. */
#include "hvconfig.h"

#ifndef CPU
#define CPU 2
#endif

CELL("other");
CPUS(CPU);
MEMORY(0x40000000, MiB(16));
CONSOLE();
