// SPDX-License-Identifier: GPL-2.0-only
/* Refused by the validator: OVERLAP (0x70000000): one physical page at two addresses. */
#include "hvconfig.h"

CELL("overlap-pa");
CPUS(3);
MEMORY(0x40000000, MiB(2), .pa = 0x70000000);
MEMORY(0x50000000, MiB(2), .pa = 0x70000000);
