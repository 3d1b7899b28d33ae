// SPDX-License-Identifier: GPL-2.0-only
/* For inmates/tests/victim, beside the cell `attack`. */
#include "hvconfig.h"

CELL("victim");
CPUS(1);
MEMORY(0x40000000, MiB(16));
CONSOLE();
