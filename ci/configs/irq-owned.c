// SPDX-License-Identifier: GPL-2.0-only
/* Sound in itself; refused beside irq-owner.c: IRQ_OWNED (250). */
#include "hvconfig.h"

CELL("irq-owned");
CPUS(2);
MEMORY(0x40000000, MiB(2));
IRQ(249, 3);
