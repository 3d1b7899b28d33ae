// SPDX-License-Identifier: GPL-2.0-only
/* Refused by the validator: IRQ_RANGE (27): private interrupts come with the CPU. */
#include "hvconfig.h"

CELL("irq-private");
CPUS(3);
MEMORY(0x40000000, MiB(2));
IRQ(27);
