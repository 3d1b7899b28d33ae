// SPDX-License-Identifier: GPL-2.0-only
/* Refused by the validator: OVERLAP (0x80c0000): memory over the second CPU's redistributor. */
#include "hvconfig.h"

CELL("overlap-gic");
CPUS(2, 2);
MEMORY(0x080c0000, MiB(2));
