// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sound in itself; refused because root Linux uses its PL011: IRQ_IN_USE (33). -DINTID is another
 * interrupt that the cell cannot get.
 */
#include "hvconfig.h"

#ifndef INTID
#define INTID 33
#endif

CELL("irq-in-use");
CPUS(2);
MEMORY(0x40000000, MiB(2));
IRQ(INTID);
