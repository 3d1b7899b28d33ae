// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A second Linux on radxa,rock-5b (Radxa ROCK 5B), written by
 *
 *     hvctl config create linux --cpus +2 --memory 512M --dtb rk3588-rock-5b.dtb
 *
 * from rk3588-rock-5b.dtb alone, off the board. What was not known then:
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

/* --cpus +2: the last ones of one kind. arm,cortex-a76. The cell counts them from 0. */
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
 * /i2c@fd880000 (rockchip,rk3588-i2c), INTID 349:
 *     DEVICE(0xfd880000, 0xfd880000, KiB(4), .node = "/i2c@fd880000");
 *     IRQ(349);
 * /pwm@fd8b0010 (rockchip,rk3588-pwm):
 *     DEVICE(0xfd8b0010, 0xfd8b0010, 0x10, .node = "/pwm@fd8b0010");
 * /watchdog@feaf0000 (rockchip,rk3588-wdt), INTID 347:
 *     DEVICE(0xfeaf0000, 0xfeaf0000, 0x100, .node = "/watchdog@feaf0000");
 *     IRQ(347);
 * /i2c@fec80000 (rockchip,rk3588-i2c), INTID 355:
 *     DEVICE(0xfec80000, 0xfec80000, KiB(4), .node = "/i2c@fec80000");
 *     IRQ(355);
 * /i2c@fec90000 (rockchip,rk3588-i2c), INTID 356:
 *     DEVICE(0xfec90000, 0xfec90000, KiB(4), .node = "/i2c@fec90000");
 *     IRQ(356);
 * /pinctrl/gpio@fd8a0000 (rockchip,gpio-bank), INTID 309; on it hang /mmc@fe2c0000,
 *     /spi@feb20000/pmic@0, /i2c@fec80000/rtc@51, /leds/led_rgb_b:
 *     DEVICE(0xfd8a0000, 0xfd8a0000, 0x100, .node = "/pinctrl/gpio@fd8a0000");
 *     IRQ(309);
 * /pinctrl/gpio@fec20000 (rockchip,gpio-bank), INTID 310; on it hang /analog-sound,
 *     /vcc3v3-pcie2x1l0-regulator, /vcc3v3-pcie30-regulator:
 *     DEVICE(0xfec20000, 0xfec20000, 0x100, .node = "/pinctrl/gpio@fec20000");
 *     IRQ(310);
 * /pinctrl/gpio@fec30000 (rockchip,gpio-bank), INTID 311:
 *     DEVICE(0xfec30000, 0xfec30000, 0x100, .node = "/pinctrl/gpio@fec30000");
 *     IRQ(311);
 * /pinctrl/gpio@fec40000 (rockchip,gpio-bank), INTID 312; on it hang /pcie@fe190000, /rfkill-bt:
 *     DEVICE(0xfec40000, 0xfec40000, 0x100, .node = "/pinctrl/gpio@fec40000");
 *     IRQ(312);
 * /pinctrl/gpio@fec50000 (rockchip,gpio-bank), INTID 313; on it hang /pcie@fe150000,
 *     /pcie@fe170000, /rfkill, /vcc5v0-host-regulator:
 *     DEVICE(0xfec50000, 0xfec50000, 0x100, .node = "/pinctrl/gpio@fec50000");
 *     IRQ(313);
 */

/*
 * It cannot have these, each of which
 *
 * does DMA (gpu), and would reach all memory, as Caisson uses no SMMU:
 *     /gpu@fb000000
 * does DMA (generic-ehci), and would reach all memory, as Caisson uses no SMMU:
 *     /usb@fc800000
 *     /usb@fc880000
 * does DMA (generic-ohci), and would reach all memory, as Caisson uses no SMMU:
 *     /usb@fc840000
 *     /usb@fc8c0000
 * does DMA (snps,dwc3), and would reach all memory, as Caisson uses no SMMU:
 *     /usb@fcd00000
 *     /usb@fc400000
 * is for several drivers of root Linux (syscon):
 *     /syscon@fd58a000
 *     /syscon@fd58c000
 *     /syscon@fd5a4000
 *     /syscon@fd5a6000
 *     /syscon@fd5a8000
 *     /syscon@fd5ac000
 *     /syscon@fd5b0000
 *     /syscon@fd5bc000
 *     /syscon@fd5c4000
 *     /syscon@fd5c8000
 *     /syscon@fd5d0000
 *     /syscon@fd5d8000
 *     /syscon@fd5dc000
 *     /syscon@fd5e0000
 *     /syscon@fd5f0000
 *     /power-management@fd8d8000
 *     /qos@fdf35000
 *     /qos@fdf35200
 *     /qos@fdf35400
 *     /qos@fdf35600
 *     /qos@fdf36000
 *     /qos@fdf39000
 *     /qos@fdf3d800
 *     /qos@fdf3e000
 *     /qos@fdf3e200
 *     /qos@fdf3e400
 *     /qos@fdf3e600
 *     /qos@fdf40000
 *     /qos@fdf40200
 *     /qos@fdf40400
 *     /qos@fdf40500
 *     /qos@fdf40600
 *     /qos@fdf40800
 *     /qos@fdf41000
 *     /qos@fdf41100
 *     /qos@fdf60000
 *     /qos@fdf60200
 *     /qos@fdf60400
 *     /qos@fdf61000
 *     /qos@fdf61200
 *     /qos@fdf61400
 *     /qos@fdf62000
 *     /qos@fdf63000
 *     /qos@fdf64000
 *     /qos@fdf66000
 *     /qos@fdf66200
 *     /qos@fdf66400
 *     /qos@fdf66600
 *     /qos@fdf66800
 *     /qos@fdf66a00
 *     /qos@fdf66c00
 *     /qos@fdf66e00
 *     /qos@fdf67000
 *     /qos@fdf67200
 *     /qos@fdf70000
 *     /qos@fdf71000
 *     /qos@fdf72000
 *     /qos@fdf72200
 *     /qos@fdf72400
 *     /qos@fdf80000
 *     /qos@fdf81000
 *     /qos@fdf81200
 *     /qos@fdf82000
 *     /qos@fdf82200
 *     /syscon@fd5b8000
 *     /syscon@fd5c0000
 *     /syscon@fd5cc000
 *     /syscon@fd5d4000
 * may do DMA, and would reach all memory, as Caisson uses no SMMU:
 *     /sram@fd600000
 *     /rga@fdb80000
 *     /dfi@fe060000
 *     /spi@fe2b0000
 *     /i2s@fe470000
 *     /timer@feae0000
 *     /spi@feb20000
 *     /tsadc@fec00000
 *     /efuse@fecc0000
 *     /sram@ff001000
 * is there for other devices (#clock-cells):
 *     /clock-controller@fd7c0000
 * does DMA (iommus), and would reach all memory, as Caisson uses no SMMU:
 *     /video-codec@fdb50000
 *     /video-codec@fdba0000
 *     /video-codec@fdba4000
 *     /video-codec@fdba8000
 *     /video-codec@fdbac000
 * is there for other devices (#iommu-cells):
 *     /iommu@fdb50800
 *     /iommu@fdba0800
 *     /iommu@fdba4800
 *     /iommu@fdba8800
 *     /iommu@fdbac800
 * does DMA (video-codec), and would reach all memory, as Caisson uses no SMMU:
 *     /video-codec@fdc70000
 * does DMA (pcie), and would reach all memory, as Caisson uses no SMMU:
 *     /pcie@fe190000
 *     /pcie@fe150000
 *     /pcie@fe170000
 * does DMA (mmc), and would reach all memory, as Caisson uses no SMMU:
 *     /mmc@fe2c0000
 *     /mmc@fe2d0000
 *     /mmc@fe2e0000
 * belongs to the interrupt controller:
 *     /interrupt-controller@fe600000/msi-controller@fe640000
 *     /interrupt-controller@fe600000/msi-controller@fe660000
 * is there for other devices (#dma-cells):
 *     /dma-controller@fea10000
 *     /dma-controller@fea30000
 *     /dma-controller@fed10000
 * is root Linux's console:
 *     /serial@feb50000
 * needs dmas of /dma-controller@fea30000, which no cell has:
 *     /serial@feb90000
 * needs resets of /clock-controller@fd7c0000, which no cell has:
 *     /adc@fec10000
 * is there for other devices (#phy-cells):
 *     /phy@fee00000
 *     /phy@fee20000
 *     /phy@fed90000
 *     /phy@fee10000
 *     /phy@fee80000
 */
