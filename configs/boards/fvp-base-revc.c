// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The machine arm,fvp-base-revc (FVP Base RevC), written by
 *
 *     hvctl config create system --dtb fvp-base-revc.dtb
 *
 * from fvp-base-revc.dtb alone, off the board. What was not known then:
 * - RAM: firmware changes /memory, and keeps some for itself;
 * - which CPUs are online, and which of them is 0, on which Linux boots;
 * - devices that are not in the tree, such as those behind PCI;
 * - which devices and interrupts Linux uses.
 * The same command without --dtb, on the board, knows.
 *
 * `hvctl enable' without a file derives the same each time, on the board.
 * Documentation/configuration.md has all words.
 */
#include "hvconfig.h"

/* GICv3, /interrupt-controller@2f000000. Redistributors for 16 CPUs. */
SYSTEM("arm-fvp-base-revc",
       .gicd_base = 0x2f000000,
       .gicd_size = KiB(64),
       .gicr_base = 0x2f100000,
       .gicr_size = 16 * KiB(128));

/*
 * What cells share out, and no line is for:
 *
 * CPUs 0-7: arm,armv8
 * Generic timer: INTIDs 29, 30, 27, 26 (secure, EL1, virtual, EL2)
 * PSCI: smc
 * Root Linux's console: serial0:115200n8
 */

/*
 * Root Linux's memory, all of it, by the tree's /memory or --memory. Reserved in the tree:
 * 0x80000000, 64 KiB: by its header
 * 0x18000000, 8 MiB: /reserved-memory/vram@18000000, kept out of Linux's map
 */
RAM(0x80000000, GiB(2));
RAM(0x880000000, GiB(2));

/* Devices. What is not listed is mapped when root Linux touches it first. */

/*
 * 0x08000000, 64 MiB: /bus@8000000/motherboard-bus@8000000/flash@0 (arm,vexpress-flash)
 * 0x0c000000, 64 MiB: /bus@8000000/motherboard-bus@8000000/flash@0 (arm,vexpress-flash)
 */
MMIO(0x08000000, MiB(128));

/* /bus@8000000/motherboard-bus@8000000/ethernet@202000000 (smsc,lan91c111), INTID 47 */
MMIO(0x1a000000, KiB(64));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/sysreg@10000 (arm,vexpress-sysreg) */
MMIO(0x1c010000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/sysctl@20000 (arm,sp810) */
MMIO(0x1c020000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/aaci@40000 (arm,pl041), INTID 43 */
MMIO(0x1c040000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/mmc@50000 (arm,pl180), INTID 41, 42 */
MMIO(0x1c050000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/kmi@60000 (arm,pl050), INTID 44 */
MMIO(0x1c060000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/kmi@70000 (arm,pl050), INTID 45 */
MMIO(0x1c070000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/serial@90000 (arm,pl011), INTID 37 */
MMIO(0x1c090000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/serial@a0000 (arm,pl011), INTID 38 */
MMIO(0x1c0a0000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/serial@b0000 (arm,pl011), INTID 39 */
MMIO(0x1c0b0000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/serial@c0000 (arm,pl011), INTID 40 */
MMIO(0x1c0c0000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/watchdog@f0000 (arm,sp805), INTID 32 */
MMIO(0x1c0f0000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/timer@110000 (arm,sp804), INTID 34 */
MMIO(0x1c110000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/timer@120000 (arm,sp804), INTID 35 */
MMIO(0x1c120000, KiB(4));

/*
 * 0x1c130000, 512 bytes: /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/virtio@130000
 *     (virtio,mmio), INTID 74
 */
MMIO(0x1c130000, KiB(4));

/*
 * 0x1c140000, 512 bytes: /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/virtio@140000
 *     (virtio,mmio), INTID 75
 */
MMIO(0x1c140000, KiB(4));

/*
 * 0x1c150000, 512 bytes: /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/virtio@150000
 *     (virtio,mmio), INTID 76
 */
MMIO(0x1c150000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/rtc@170000 (arm,pl031), INTID 36 */
MMIO(0x1c170000, KiB(4));

/* /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/clcd@1f0000 (arm,pl111), INTID 46 */
MMIO(0x1c1f0000, KiB(4));

/* /iommu@2b400000 (arm,smmu-v3), INTID 106, 111, 107, 109 */
MMIO(0x2b400000, MiB(1));

/* /interrupt-controller@2f000000/msi-controller@2f020000 (arm,gic-v3-its) */
MMIO(0x2f020000, KiB(128));

/*
 * 0x40000000, 256 MiB: /pci@40000000 (pci-host-ecam-generic)
 * 0x50000000, 256 MiB: /pci@40000000 (pci-host-ecam-generic)
 */
MMIO(0x40000000, MiB(512));

/*
 * hvctl does not know which SPIs of this board no wire reaches. So root Linux looks every 20 ms,
 * and consoles are polled. These INTIDs no node of the tree names, nor any above: 77, 79-105, 108,
 * 110, 112-199. The board's manual says which of them are free: SPARE_SPIS(first, count);
 */
