// SPDX-License-Identifier: GPL-2.0-only
/* A cell that ends in some way, and what shall follow. Tests set all of this by -D. */
#include "hvconfig.h"

#ifndef CPU_COUNT
#define CPU_COUNT 1
#endif
#ifndef FLAGS
#define FLAGS STRAY_FAIL
#endif
#ifndef SIZE
#define SIZE MiB(16)
#endif
#ifndef PA
#define PA CAISSON_PA_ANY
#endif
#ifndef POLICY
#define POLICY .restarts = UNLIMITED
#endif

CELL("policy", .flags = FLAGS, .entry = (FLAGS) & SET_ENTRY ? 0x40800000 : 0, POLICY);
CPUS(3 - CPU_COUNT + 1, CPU_COUNT);
MEMORY(0x40000000, SIZE, .pa = PA);
CONSOLE();
