// SPDX-License-Identifier: GPL-2.0-only
/* Sound in itself; refused by the driver on four CPUs: CPU_LAST. */
#include "hvconfig.h"

CELL("cpu-all");
CPUS(0, 4);
MEMORY(0x40000000, MiB(2));
