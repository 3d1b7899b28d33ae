// SPDX-License-Identifier: GPL-2.0-only
/*
 * For inmates/tests/stray: it sees an external abort where configs/stray.c ends the cell. Its console
 * is not where root has a UART, so that it can reach for that one.
 */
#include "hvconfig.h"

CELL("stray-inject", .flags = STRAY_INJECT);
CPUS(3);
MEMORY(0x40000000, MiB(16));
CONSOLE(.base = 0x09100000);
