// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For inmates/demos/timer: one CPU, memory where the driver finds it, a console. */
#include "hvconfig.h"

CELL("timer");
CPUS(1);
MEMORY(0x40000000, MiB(16));
CONSOLE();
