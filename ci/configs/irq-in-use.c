// SPDX-License-Identifier: GPL-2.0-only
/* Sound in itself; refused because root Linux uses its PL011: IRQ_IN_USE (33), or DEVICE_IN_USE. */
#include "hvconfig.h"

CELL("irq-in-use");
CPUS(2);
MEMORY(0x40000000, MiB(2));
DEVICE(0x09000000, 0x09000000, KiB(4));
IRQ(33);
