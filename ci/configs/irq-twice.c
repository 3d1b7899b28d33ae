// SPDX-License-Identifier: GPL-2.0-only
/* Refused by the validator: IRQ_TWICE (42). */
#include "hvconfig.h"

CELL("irq-twice");
CPUS(3);
MEMORY(0x40000000, MiB(2));
IRQ(40, 4);
IRQ(42);
