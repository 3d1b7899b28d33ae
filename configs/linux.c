// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For `hvctl cell linux`: a second Linux on two CPUs; hvctl writes its device tree from this. */
#include "hvconfig.h"

LINUX_CELL("linux");
CPUS(2, 2);
MEMORY(0x40000000, MiB(256));
CONSOLE();
