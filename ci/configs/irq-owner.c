// SPDX-License-Identifier: GPL-2.0-only
/* Takes INTID 250, which nothing is wired to on QEMU virt, for irq-owned.c to collide with. */
#include "hvconfig.h"

CELL("irq-owner");
CPUS(3);
MEMORY(0x40000000, MiB(2));
IRQ(250);
