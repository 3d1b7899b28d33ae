// SPDX-License-Identifier: GPL-2.0-only
/* Refused by the validator: ENTRY_POINT (0x50000000): that memory is not executable. */
#include "hvconfig.h"

CELL("entry-outside", .flags = SET_ENTRY, .entry = 0x50000000);
CPUS(3);
MEMORY(0x40000000, MiB(2));
MEMORY(0x50000000, MiB(2), .flags = MEM_RW);
