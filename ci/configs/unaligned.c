// SPDX-License-Identifier: GPL-2.0-only
/* Refused by the validator: ALIGN (0x40000200). */
#include "hvconfig.h"

CELL("unaligned");
CPUS(3);
MEMORY(0x40000200, MiB(2));
