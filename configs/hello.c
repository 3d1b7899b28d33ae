// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For inmates/demos/hello: the smallest cell that says something. */
#include "hvconfig.h"

CELL("hello");
CPUS(3);
MEMORY(0x40000000, MiB(16));
CONSOLE();
