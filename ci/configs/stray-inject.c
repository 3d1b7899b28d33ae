// SPDX-License-Identifier: GPL-2.0-only
/* For inmates/tests/stray: it sees an external abort where configs/stray.c ends the cell. */
#include "hvconfig.h"

CELL("stray-inject", .flags = STRAY_INJECT);
CPUS(3);
MEMORY(0x40000000, MiB(16));
CONSOLE();
