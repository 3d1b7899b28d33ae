// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A second Linux on arm,fvp-base-revc (FVP Base RevC), written by
 *
 *     hvctl config create linux --cpus +2 --memory 512M --dtb fvp-base-revc.dtb
 *
 * from fvp-base-revc.dtb alone, off the board. What was not known then:
 * - RAM: firmware changes /memory, and keeps some for itself;
 * - which CPUs are online, and which of them is 0, on which Linux boots;
 * - devices that are not in the tree, such as those behind PCI;
 * - which devices and interrupts Linux uses.
 * The same command without --dtb, on the board, knows.
 *
 * Documentation/configuration.md has all words, configs/template.c an example of each.
 */
#include "hvconfig.h"

/* hvctl knows no SPI that is free here: the cell cannot be asked to shut down. */
LINUX_CELL("linux");

/* --cpus +2: the last ones of one kind. arm,armv8. The cell counts them from 0. */
CPUS(6, 2);

/* --memory 512M. The driver finds it when the cell is created. */
MEMORY(0x40000000, MiB(512));

/*
 * For `hvctl console', a PL011 that EL2 emulates. hvctl knows no SPI that is free here, so it is
 * polled.
 */
CONSOLE();

/*
 * The cell could have these, too (or by --device):
 *
 * /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/kmi@60000 (arm,pl050), INTID 44:
 *     DEVICE(0x1c060000, 0x1c060000, KiB(4),
 *            .node = "/bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/kmi@60000");
 *     IRQ(44);
 * /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/kmi@70000 (arm,pl050), INTID 45:
 *     DEVICE(0x1c070000, 0x1c070000, KiB(4),
 *            .node = "/bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/kmi@70000");
 *     IRQ(45);
 * /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/serial@a0000 (arm,pl011), INTID 38:
 *     DEVICE(0x1c0a0000, 0x1c0a0000, KiB(4),
 *            .node = "/bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/serial@a0000");
 *     IRQ(38);
 * /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/serial@b0000 (arm,pl011), INTID 39:
 *     DEVICE(0x1c0b0000, 0x1c0b0000, KiB(4),
 *            .node = "/bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/serial@b0000");
 *     IRQ(39);
 * /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/serial@c0000 (arm,pl011), INTID 40:
 *     DEVICE(0x1c0c0000, 0x1c0c0000, KiB(4),
 *            .node = "/bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/serial@c0000");
 *     IRQ(40);
 * /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/watchdog@f0000 (arm,sp805), INTID 32:
 *     DEVICE(0x1c0f0000, 0x1c0f0000, KiB(4),
 *            .node = "/bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/watchdog@f0000");
 *     IRQ(32);
 * /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/timer@110000 (arm,sp804), INTID 34:
 *     DEVICE(0x1c110000, 0x1c110000, KiB(4),
 *            .node = "/bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/timer@110000");
 *     IRQ(34);
 * /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/timer@120000 (arm,sp804), INTID 35:
 *     DEVICE(0x1c120000, 0x1c120000, KiB(4),
 *            .node = "/bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/timer@120000");
 *     IRQ(35);
 * /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/rtc@170000 (arm,pl031), INTID 36:
 *     DEVICE(0x1c170000, 0x1c170000, KiB(4),
 *            .node = "/bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/rtc@170000");
 *     IRQ(36);
 */

/*
 * It cannot have these, each of which
 *
 * may do DMA, and would reach all memory, as Caisson uses no SMMU:
 *     /bus@8000000/motherboard-bus@8000000/flash@0
 *     /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/sysreg@10000
 *     /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/aaci@40000
 * does DMA (ethernet), and would reach all memory, as Caisson uses no SMMU:
 *     /bus@8000000/motherboard-bus@8000000/ethernet@202000000
 * is there for other devices (#clock-cells):
 *     /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/sysctl@20000
 * does DMA (mmc), and would reach all memory, as Caisson uses no SMMU:
 *     /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/mmc@50000
 * is root Linux's console:
 *     /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/serial@90000
 * does DMA (virtio,mmio), and would reach all memory, as Caisson uses no SMMU:
 *     /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/virtio@130000
 *     /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/virtio@140000
 *     /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/virtio@150000
 * does DMA (arm,pl111), and would reach all memory, as Caisson uses no SMMU:
 *     /bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/clcd@1f0000
 * belongs to the interrupt controller:
 *     /interrupt-controller@2f000000/msi-controller@2f020000
 * does DMA (dma-coherent), and would reach all memory, as Caisson uses no SMMU:
 *     /pci@40000000
 * is there for other devices (#iommu-cells):
 *     /iommu@2b400000
 */
