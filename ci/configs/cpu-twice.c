// SPDX-License-Identifier: GPL-2.0-only
/* Refused by the validator: CPU_TWICE (3). */
#include "hvconfig.h"

CELL("cpu-twice");
CPUS(2, 2);
CPUS(3);
MEMORY(0x40000000, MiB(2));
