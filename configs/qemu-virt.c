// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * QEMU's virt machine (7.2 and later) with gic-version=3, virtualization=on, highmem on, up to 4 CPUs
 * (-smp) and 1 GiB (-m), as its device tree (-machine dumpdtb) and `info mtree` show it.
 * `hvctl enable` derives the same from the live machine; with this file it is exact: what is not
 * listed here does not exist for root Linux until it touches it.
 */
#include "hvconfig.h"

SYSTEM("qemu-virt",
       .gicd_base = 0x08000000,
       .gicd_size = KiB(64),
       .gicr_base = 0x080a0000,
       .gicr_size = 4 * KiB(128));

RAM(0x40000000, GiB(1));

MMIO(0x00000000, MiB(128));     /* two banks of flash */
MMIO(0x08080000, KiB(128));     /* GICv3 ITS */
MMIO(0x09000000, KiB(4));       /* PL011, SPI 1 */
MMIO(0x09010000, KiB(4));       /* PL031 real-time clock, SPI 2 */
MMIO(0x09020000, KiB(4));       /* fw_cfg */
MMIO(0x09030000, KiB(4));       /* PL061 GPIO (power button), SPI 7 */
MMIO(0x0a000000, KiB(16));      /* 32 virtio-mmio transports, SPI 16 to 47 */
MMIO(0x0c000000, MiB(32));      /* platform bus, SPI 112 to 175 */
MMIO(0x10000000, 0x2eff0000);   /* PCIe memory window, SPI 3 to 6 for INTA to INTD */
MMIO(0x3eff0000, KiB(64));      /* PCIe I/O ports */
MMIO(0x4010000000, MiB(256));   /* PCIe configuration space (ECAM) */
MMIO(0x8000000000, GiB(512));   /* PCIe 64-bit memory window */

/* The distributor has SPIs 0 to 255; nothing of the above is wired to SPI 192 to 223, or 10 to 15. */
SPARE_SPIS(224, 32);
SPARE_SPIS(42, 6);
