// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's virt machine, sound in itself, as tests make it unfit: -DPOOL_PAGES gives EL2 less than it
 * needs, so that it refuses when all CPUs are in it (POOL); -DRAM_SIZE hides memory of root Linux's;
 * -DSPARES is how many spare SPIs there are, -DFIELDS sets any fields of SYSTEM().
 */
#include "hvconfig.h"

#ifndef POOL_PAGES
#define POOL_PAGES 0
#endif
#ifndef RAM_SIZE
#define RAM_SIZE GiB(1)
#endif
#ifndef SPARES
#define SPARES 32
#endif
#ifndef FIELDS
#define FIELDS .irq_mode = CAISSON_MODE_AUTO
#endif

SYSTEM("ci-system", .gicr_size = 4 * KiB(128), .pool_pages = POOL_PAGES, FIELDS);
RAM(0x40000000, RAM_SIZE);
MMIO(0x08080000, KiB(128));
MMIO(0x09000000, KiB(4));
SPARE_SPIS(224, SPARES);
