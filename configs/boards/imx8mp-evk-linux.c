// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A second Linux on fsl,imx8mp-evk (NXP i.MX8MPlus EVK board), written by
 *
 *     hvctl config create linux --cpus +2 --memory 512M --dtb imx8mp-evk.dtb
 *
 * from imx8mp-evk.dtb alone, off the board. What was not known then:
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

/* --cpus +2: the last ones of one kind. arm,cortex-a53. The cell counts them from 0. */
CPUS(2, 2);

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
 * /soc@0/bus@30000000/gpio@30200000 (fsl,imx8mp-gpio), INTID 96, 97; on it hang
 *     /soc@0/bus@30800000/i2c@30a20000/pmic@25, /soc@0/bus@30800000/i2c@30a30000/hdmi@3d,
 *     /soc@0/bus@30800000/i2c@30a40000/gpio@20:
 *     DEVICE(0x30200000, 0x30200000, KiB(64), .node = "/soc@0/bus@30000000/gpio@30200000");
 *     IRQ(96);
 *     IRQ(97);
 * /soc@0/bus@30000000/gpio@30210000 (fsl,imx8mp-gpio), INTID 98, 99; on it hang
 *     /soc@0/bus@30800000/mmc@30b50000, /soc@0/pcie@33800000, /regulator-pcie, /regulator-usdhc2:
 *     DEVICE(0x30210000, 0x30210000, KiB(64), .node = "/soc@0/bus@30000000/gpio@30210000");
 *     IRQ(98);
 *     IRQ(99);
 * /soc@0/bus@30000000/gpio@30220000 (fsl,imx8mp-gpio), INTID 100, 101; on it hang
 *     /gpio-leds/status:
 *     DEVICE(0x30220000, 0x30220000, KiB(64), .node = "/soc@0/bus@30000000/gpio@30220000");
 *     IRQ(100);
 *     IRQ(101);
 * /soc@0/bus@30000000/gpio@30230000 (fsl,imx8mp-gpio), INTID 102, 103; on it hang
 *     /soc@0/bus@30800000/ethernet@30be0000/mdio/ethernet-phy@1,
 *     /soc@0/bus@30800000/ethernet@30bf0000/mdio/ethernet-phy@1, /regulator-audio-pwr,
 *     /regulator-can2-stby:
 *     DEVICE(0x30230000, 0x30230000, KiB(64), .node = "/soc@0/bus@30000000/gpio@30230000");
 *     IRQ(102);
 *     IRQ(103);
 * /soc@0/bus@30000000/gpio@30240000 (fsl,imx8mp-gpio), INTID 104, 105; on it hang
 *     /regulator-can1-stby:
 *     DEVICE(0x30240000, 0x30240000, KiB(64), .node = "/soc@0/bus@30000000/gpio@30240000");
 *     IRQ(104);
 *     IRQ(105);
 * /soc@0/bus@30000000/watchdog@30280000 (fsl,imx8mp-wdt), INTID 110:
 *     DEVICE(0x30280000, 0x30280000, KiB(64), .node = "/soc@0/bus@30000000/watchdog@30280000");
 *     IRQ(110);
 * /soc@0/bus@30400000/pwm@30660000 (fsl,imx8mp-pwm), INTID 113:
 *     DEVICE(0x30660000, 0x30660000, KiB(64), .node = "/soc@0/bus@30400000/pwm@30660000");
 *     IRQ(113);
 * /soc@0/bus@30400000/pwm@30670000 (fsl,imx8mp-pwm), INTID 114:
 *     DEVICE(0x30670000, 0x30670000, KiB(64), .node = "/soc@0/bus@30400000/pwm@30670000");
 *     IRQ(114);
 * /soc@0/bus@30400000/pwm@30690000 (fsl,imx8mp-pwm), INTID 116:
 *     DEVICE(0x30690000, 0x30690000, KiB(64), .node = "/soc@0/bus@30400000/pwm@30690000");
 *     IRQ(116);
 * /soc@0/bus@30800000/i2c@30a20000 (fsl,imx8mp-i2c), INTID 67:
 *     DEVICE(0x30a20000, 0x30a20000, KiB(64), .node = "/soc@0/bus@30800000/i2c@30a20000");
 *     IRQ(67);
 * /soc@0/bus@30800000/i2c@30a30000 (fsl,imx8mp-i2c), INTID 68:
 *     DEVICE(0x30a30000, 0x30a30000, KiB(64), .node = "/soc@0/bus@30800000/i2c@30a30000");
 *     IRQ(68);
 * /soc@0/bus@30800000/i2c@30a40000 (fsl,imx8mp-i2c), INTID 69:
 *     DEVICE(0x30a40000, 0x30a40000, KiB(64), .node = "/soc@0/bus@30800000/i2c@30a40000");
 *     IRQ(69);
 */

/*
 * It cannot have these, each of which
 *
 * may do DMA, and would reach all memory, as Caisson uses no SMMU:
 *     /soc@0/etm@28440000
 *     /soc@0/etm@28540000
 *     /soc@0/etm@28640000
 *     /soc@0/etm@28740000
 *     /soc@0/funnel@28c03000
 *     /soc@0/etf@28c04000
 *     /soc@0/etr@28c06000
 *     /soc@0/bus@30000000/tmu@30260000
 *     /soc@0/bus@30000000/timer@302d0000
 *     /soc@0/bus@30000000/timer@302e0000
 *     /soc@0/bus@30000000/timer@302f0000
 *     /soc@0/bus@30000000/pinctrl@30330000
 *     /soc@0/bus@30000000/gpc@303a0000
 *     /soc@0/bus@30400000/timer@306a0000
 *     /soc@0/bus@30400000/timer@306e0000
 *     /soc@0/bus@30400000/timer@306f0000
 *     /soc@0/bus@30400000/timer@30700000
 *     /soc@0/bus@30800000/spba-bus@30800000/can@308c0000
 *     /soc@0/bus@30800000/crypto@30900000/jr@2000
 *     /soc@0/bus@30800000/crypto@30900000/jr@3000
 *     /soc@0/bus@30800000/spi@30bb0000
 *     /soc@0/bus@30c00000/spba-bus@30c00000/sai@30c20000
 *     /soc@0/bus@30c00000/spba-bus@30c00000/sai@30c30000
 *     /soc@0/bus@30c00000/spba-bus@30c00000/audio-controller@30ca0000
 *     /soc@0/bus@30c00000/spba-bus@30c00000/aud2htx@30cb0000
 *     /soc@0/bus@30c00000/spba-bus@30c00000/xcvr@30cc0000
 *     /soc@0/interconnect@32700000
 *     /soc@0/bus@32c00000/dwe@32e30000
 *     /soc@0/bus@32c00000/dsi@32e60000
 *     /soc@0/bus@32c00000/display-controller@32e80000
 *     /soc@0/bus@32c00000/interrupt-controller@32fc2000
 *     /soc@0/bus@32c00000/display-bridge@32fc4000
 *     /soc@0/bus@32c00000/display-controller@32fc6000
 *     /soc@0/bus@32c00000/hdmi@32fd8000
 *     /soc@0/npu@38500000
 *     /soc@0/memory-controller@3d400000
 *     /soc@0/ddr-pmu@3d800000
 * is for several drivers of root Linux (syscon):
 *     /soc@0/bus@30000000/syscon@30340000
 *     /soc@0/bus@30000000/efuse@30350000
 *     /soc@0/bus@30000000/snvs@30370000
 *     /soc@0/bus@30000000/reset-controller@30390000
 *     /soc@0/bus@32c00000/blk-ctrl@32ec0000
 *     /soc@0/bus@32c00000/blk-ctrl@32f10000
 *     /soc@0/bus@32c00000/blk-ctrl@32fc0000
 *     /soc@0/blk-ctrl@38330000
 * is there for other devices (#clock-cells):
 *     /soc@0/bus@30000000/clock-controller@30360000
 *     /soc@0/bus@30000000/clock-controller@30380000
 *     /soc@0/bus@30c00000/clock-controller@30e20000
 *     /soc@0/bus@32c00000/phy@32fdff00
 * needs dmas of /soc@0/bus@30800000/dma-controller@30bd0000, which no cell has:
 *     /soc@0/bus@30800000/spba-bus@30800000/serial@30860000
 *     /soc@0/bus@30800000/spba-bus@30800000/serial@30880000
 * is root Linux's console:
 *     /soc@0/bus@30800000/spba-bus@30800000/serial@30890000
 * does DMA (crypto), and would reach all memory, as Caisson uses no SMMU:
 *     /soc@0/bus@30800000/crypto@30900000
 * is there for other devices (#mbox-cells):
 *     /soc@0/bus@30800000/mailbox@30aa0000
 * does DMA (mmc), and would reach all memory, as Caisson uses no SMMU:
 *     /soc@0/bus@30800000/mmc@30b50000
 *     /soc@0/bus@30800000/mmc@30b60000
 * is there for other devices (#dma-cells):
 *     /soc@0/bus@30800000/dma-controller@30bd0000
 *     /soc@0/bus@30c00000/dma-controller@30e00000
 *     /soc@0/bus@30c00000/dma-controller@30e10000
 * does DMA (ethernet), and would reach all memory, as Caisson uses no SMMU:
 *     /soc@0/bus@30800000/ethernet@30be0000
 *     /soc@0/bus@30800000/ethernet@30bf0000
 * is there for other devices (#phy-cells):
 *     /soc@0/bus@32c00000/pcie-phy@32f00000
 *     /soc@0/usb-phy@382f0040
 * does DMA (pcie), and would reach all memory, as Caisson uses no SMMU:
 *     /soc@0/pcie@33800000
 * does DMA (gpu), and would reach all memory, as Caisson uses no SMMU:
 *     /soc@0/gpu@38000000
 *     /soc@0/gpu@38008000
 * does DMA (video-codec), and would reach all memory, as Caisson uses no SMMU:
 *     /soc@0/video-codec@38300000
 *     /soc@0/video-codec@38310000
 * does DMA (dma-ranges), and would reach all memory, as Caisson uses no SMMU:
 *     /soc@0/usb@32f10108
 * does DMA (snps,dwc3), and would reach all memory, as Caisson uses no SMMU:
 *     /soc@0/usb@32f10108/usb@38200000
 */
