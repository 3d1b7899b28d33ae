// SPDX-License-Identifier: GPL-2.0-only
/* Sound in itself; refused by the driver and EL2: CPU_UNKNOWN (1000). */
#include "hvconfig.h"

CELL("cpu-unknown");
CPUS(1000);
MEMORY(0x40000000, MiB(2));
