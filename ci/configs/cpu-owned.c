// SPDX-License-Identifier: GPL-2.0-only
/* Sound in itself; refused beside configs/hello.c, which has CPU 3: CPU_OWNED (3). */
#include "hvconfig.h"

CELL("cpu-owned");
CPUS(3);
MEMORY(0x40000000, MiB(2));
