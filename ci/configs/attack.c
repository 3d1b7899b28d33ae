// SPDX-License-Identifier: GPL-2.0-only
/* For inmates/tests/attack: what it must not do is answered by an exception, so that it goes on. */
#include "hvconfig.h"

CELL("attack", .flags = STRAY_INJECT);
CPUS(2, 2);
MEMORY(0x40000000, MiB(16));
MEMORY(0x60000000, MiB(2));
CONSOLE();
