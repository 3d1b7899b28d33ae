// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For ci/bench: the cell whose creation, scrubbing and destruction are measured, 64 MiB. */
#include "hvconfig.h"

CELL("bench");
CPUS(3);
MEMORY(0x40000000, MiB(64));
CONSOLE();
