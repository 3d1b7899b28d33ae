// SPDX-License-Identifier: GPL-2.0-only
/*
 * For the inmates `irqs` and `priority`: two CPUs, and an SPI that no wire uses, which they pend.
 */
#include "hvconfig.h"

CELL("irqs");
CPUS(2, 2);
MEMORY(0x40000000, MiB(16));
IRQ(240);
CONSOLE();
