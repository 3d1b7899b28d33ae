// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For inmates/demos/uart-echo: says back what is typed into its console. */
#include "hvconfig.h"

CELL("uart-echo");
CPUS(3);
MEMORY(0x40000000, MiB(16));
CONSOLE();
