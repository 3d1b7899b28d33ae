// SPDX-License-Identifier: GPL-2.0-only
/* Refused by the validator: OVERLAP (0x40100000) of two memory regions. */
#include "hvconfig.h"

CELL("overlap");
CPUS(3);
MEMORY(0x40000000, MiB(2));
MEMORY(0x40100000, MiB(2));
