// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The machine fsl,imx8mp-evk (NXP i.MX8MPlus EVK board), written by
 *
 *     hvctl config create system --dtb imx8mp-evk.dtb
 *
 * from imx8mp-evk.dtb alone, off the board. What was not known then:
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

/* GICv3, /soc@0/interrupt-controller@38800000. Redistributors for 6 CPUs. */
SYSTEM("fsl-imx8mp-evk",
       .gicd_base = 0x38800000,
       .gicd_size = KiB(64),
       .gicr_base = 0x38880000,
       .gicr_size = 6 * KiB(128));

/*
 * What cells share out, and no line is for:
 *
 * CPUs 0-3: arm,cortex-a53
 * Generic timer: INTIDs 29, 30, 27, 26 (secure, EL1, virtual, EL2)
 * PSCI: smc
 * Root Linux's console: /soc@0/bus@30800000/spba-bus@30800000/serial@30890000
 */

/*
 * Root Linux's memory, all of it, by the tree's /memory or --memory. Reserved in the tree:
 * 0x942f0000, 32 KiB: /reserved-memory/vdev0vring0@942f0000, kept out of Linux's map
 * 0x942f8000, 32 KiB: /reserved-memory/vdev0vring1@942f8000, kept out of Linux's map
 * 0x94300000, 1 MiB: /reserved-memory/vdev0buffer@94300000, kept out of Linux's map
 */
RAM(0x40000000, 0x542f0000);
RAM(0x94400000, MiB(4796));

/* Devices. What is not listed is mapped when root Linux touches it first. */

/*
 * 0x08000000, 256 MiB: /soc@0/bus@30800000/spi@30bb0000 (nxp,imx8mp-fspi), INTID 139
 * 0x1ff00000, 512 KiB: /soc@0/pcie@33800000 (fsl,imx8mp-pcie), INTID 172
 * 0x18000000, 127 MiB: /soc@0/pcie@33800000 (fsl,imx8mp-pcie), INTID 172
 */
MMIO(0x08000000, KiB(392704));

/* /soc@0/etm@28440000 (arm,coresight-etm4x) */
MMIO(0x28440000, KiB(4));

/* /soc@0/etm@28540000 (arm,coresight-etm4x) */
MMIO(0x28540000, KiB(4));

/* /soc@0/etm@28640000 (arm,coresight-etm4x) */
MMIO(0x28640000, KiB(4));

/* /soc@0/etm@28740000 (arm,coresight-etm4x) */
MMIO(0x28740000, KiB(4));

/*
 * 0x28c03000, 4 KiB: /soc@0/funnel@28c03000 (arm,coresight-dynamic-funnel)
 * 0x28c04000, 4 KiB: /soc@0/etf@28c04000 (arm,coresight-tmc)
 */
MMIO(0x28c03000, KiB(8));

/* /soc@0/etr@28c06000 (arm,coresight-tmc) */
MMIO(0x28c06000, KiB(4));

/*
 * 0x30200000, 64 KiB: /soc@0/bus@30000000/gpio@30200000 (fsl,imx8mp-gpio), INTID 96, 97
 * 0x30210000, 64 KiB: /soc@0/bus@30000000/gpio@30210000 (fsl,imx8mp-gpio), INTID 98, 99
 * 0x30220000, 64 KiB: /soc@0/bus@30000000/gpio@30220000 (fsl,imx8mp-gpio), INTID 100, 101
 * 0x30230000, 64 KiB: /soc@0/bus@30000000/gpio@30230000 (fsl,imx8mp-gpio), INTID 102, 103
 * 0x30240000, 64 KiB: /soc@0/bus@30000000/gpio@30240000 (fsl,imx8mp-gpio), INTID 104, 105
 */
MMIO(0x30200000, KiB(320));

/* /soc@0/bus@30000000/tmu@30260000 (fsl,imx8mp-tmu) */
MMIO(0x30260000, KiB(64));

/* /soc@0/bus@30000000/watchdog@30280000 (fsl,imx8mp-wdt), INTID 110 */
MMIO(0x30280000, KiB(64));

/*
 * 0x302d0000, 64 KiB: /soc@0/bus@30000000/timer@302d0000 (fsl,imx8mp-gpt), INTID 87
 * 0x302e0000, 64 KiB: /soc@0/bus@30000000/timer@302e0000 (fsl,imx8mp-gpt), INTID 86
 * 0x302f0000, 64 KiB: /soc@0/bus@30000000/timer@302f0000 (fsl,imx8mp-gpt), INTID 85
 */
MMIO(0x302d0000, KiB(192));

/*
 * 0x30330000, 64 KiB: /soc@0/bus@30000000/pinctrl@30330000 (fsl,imx8mp-iomuxc)
 * 0x30340000, 64 KiB: /soc@0/bus@30000000/syscon@30340000 (fsl,imx8mp-iomuxc-gpr)
 * 0x30350000, 64 KiB: /soc@0/bus@30000000/efuse@30350000 (fsl,imx8mp-ocotp)
 * 0x30360000, 64 KiB: /soc@0/bus@30000000/clock-controller@30360000 (fsl,imx8mp-anatop)
 * 0x30370000, 64 KiB: /soc@0/bus@30000000/snvs@30370000 (fsl,sec-v4.0-mon)
 * 0x30380000, 64 KiB: /soc@0/bus@30000000/clock-controller@30380000 (fsl,imx8mp-ccm), INTID 117,
 *     118
 * 0x30390000, 64 KiB: /soc@0/bus@30000000/reset-controller@30390000 (fsl,imx8mp-src), INTID 121
 * 0x303a0000, 4 KiB: /soc@0/bus@30000000/gpc@303a0000 (fsl,imx8mp-gpc), INTID 119
 */
MMIO(0x30330000, KiB(452));

/*
 * 0x30660000, 64 KiB: /soc@0/bus@30400000/pwm@30660000 (fsl,imx8mp-pwm), INTID 113
 * 0x30670000, 64 KiB: /soc@0/bus@30400000/pwm@30670000 (fsl,imx8mp-pwm), INTID 114
 */
MMIO(0x30660000, KiB(128));

/*
 * 0x30690000, 64 KiB: /soc@0/bus@30400000/pwm@30690000 (fsl,imx8mp-pwm), INTID 116
 * 0x306a0000, 128 KiB: /soc@0/bus@30400000/timer@306a0000 (nxp,sysctr-timer), INTID 79
 */
MMIO(0x30690000, KiB(192));

/*
 * 0x306e0000, 64 KiB: /soc@0/bus@30400000/timer@306e0000 (fsl,imx8mp-gpt), INTID 83
 * 0x306f0000, 64 KiB: /soc@0/bus@30400000/timer@306f0000 (fsl,imx8mp-gpt), INTID 83
 * 0x30700000, 64 KiB: /soc@0/bus@30400000/timer@30700000 (fsl,imx8mp-gpt), INTID 84
 */
MMIO(0x306e0000, KiB(192));

/* /soc@0/bus@30800000/spba-bus@30800000/serial@30860000 (fsl,imx8mp-uart), INTID 58 */
MMIO(0x30860000, KiB(64));

/*
 * 0x30880000, 64 KiB: /soc@0/bus@30800000/spba-bus@30800000/serial@30880000 (fsl,imx8mp-uart),
 *     INTID 60
 * 0x30890000, 64 KiB: /soc@0/bus@30800000/spba-bus@30800000/serial@30890000 (fsl,imx8mp-uart),
 *     INTID 59
 */
MMIO(0x30880000, KiB(128));

/* /soc@0/bus@30800000/spba-bus@30800000/can@308c0000 (fsl,imx8mp-flexcan), INTID 174 */
MMIO(0x308c0000, KiB(64));

/*
 * 0x30900000, 256 KiB: /soc@0/bus@30800000/crypto@30900000 (fsl,sec-v4.0), INTID 123
 * 0x30902000, 4 KiB: /soc@0/bus@30800000/crypto@30900000/jr@2000 (fsl,sec-v4.0-job-ring), INTID 138
 * 0x30903000, 4 KiB: /soc@0/bus@30800000/crypto@30900000/jr@3000 (fsl,sec-v4.0-job-ring), INTID 146
 */
MMIO(0x30900000, KiB(256));

/*
 * 0x30a20000, 64 KiB: /soc@0/bus@30800000/i2c@30a20000 (fsl,imx8mp-i2c), INTID 67
 * 0x30a30000, 64 KiB: /soc@0/bus@30800000/i2c@30a30000 (fsl,imx8mp-i2c), INTID 68
 * 0x30a40000, 64 KiB: /soc@0/bus@30800000/i2c@30a40000 (fsl,imx8mp-i2c), INTID 69
 */
MMIO(0x30a20000, KiB(192));

/* /soc@0/bus@30800000/mailbox@30aa0000 (fsl,imx8mp-mu), INTID 120 */
MMIO(0x30aa0000, KiB(64));

/*
 * 0x30b50000, 64 KiB: /soc@0/bus@30800000/mmc@30b50000 (fsl,imx8mp-usdhc), INTID 55
 * 0x30b60000, 64 KiB: /soc@0/bus@30800000/mmc@30b60000 (fsl,imx8mp-usdhc), INTID 56
 */
MMIO(0x30b50000, KiB(128));

/* /soc@0/bus@30800000/spi@30bb0000 (nxp,imx8mp-fspi), INTID 139 */
MMIO(0x30bb0000, KiB(64));

/*
 * 0x30bd0000, 64 KiB: /soc@0/bus@30800000/dma-controller@30bd0000 (fsl,imx8mp-sdma), INTID 34
 * 0x30be0000, 64 KiB: /soc@0/bus@30800000/ethernet@30be0000 (fsl,imx8mp-fec), INTID 150, 151, 152,
 *     153
 * 0x30bf0000, 64 KiB: /soc@0/bus@30800000/ethernet@30bf0000 (nxp,imx8mp-dwmac-eqos), INTID 167, 166
 */
MMIO(0x30bd0000, KiB(192));

/*
 * 0x30c20000, 64 KiB: /soc@0/bus@30c00000/spba-bus@30c00000/sai@30c20000 (fsl,imx8mp-sai), INTID
 *     128
 * 0x30c30000, 64 KiB: /soc@0/bus@30c00000/spba-bus@30c00000/sai@30c30000 (fsl,imx8mp-sai), INTID 82
 */
MMIO(0x30c20000, KiB(128));

/*
 * 0x30ca0000, 64 KiB: /soc@0/bus@30c00000/spba-bus@30c00000/audio-controller@30ca0000
 *     (fsl,imx8mp-micfil), INTID 141, 142, 76, 77
 * 0x30cb0000, 64 KiB: /soc@0/bus@30c00000/spba-bus@30c00000/aud2htx@30cb0000 (fsl,imx8mp-aud2htx),
 *     INTID 162
 * 0x30cc0000, 2 KiB: /soc@0/bus@30c00000/spba-bus@30c00000/xcvr@30cc0000 (fsl,imx8mp-xcvr), INTID
 *     160, 161, 178
 * 0x30cc0800, 1 KiB: /soc@0/bus@30c00000/spba-bus@30c00000/xcvr@30cc0000 (fsl,imx8mp-xcvr), INTID
 *     160, 161, 178
 * 0x30cc0c00, 128 bytes: /soc@0/bus@30c00000/spba-bus@30c00000/xcvr@30cc0000 (fsl,imx8mp-xcvr),
 *     INTID 160, 161, 178
 * 0x30cc0e00, 128 bytes: /soc@0/bus@30c00000/spba-bus@30c00000/xcvr@30cc0000 (fsl,imx8mp-xcvr),
 *     INTID 160, 161, 178
 */
MMIO(0x30ca0000, KiB(132));

/*
 * 0x30e00000, 64 KiB: /soc@0/bus@30c00000/dma-controller@30e00000 (fsl,imx8mp-sdma), INTID 66
 * 0x30e10000, 64 KiB: /soc@0/bus@30c00000/dma-controller@30e10000 (fsl,imx8mp-sdma), INTID 135
 * 0x30e20000, 64 KiB: /soc@0/bus@30c00000/clock-controller@30e20000 (fsl,imx8mp-audio-blk-ctrl)
 */
MMIO(0x30e00000, KiB(192));

/* /soc@0/interconnect@32700000 (fsl,imx8mp-noc) */
MMIO(0x32700000, MiB(1));

/* /soc@0/bus@32c00000/dwe@32e30000 (nxp,imx8mp-dw100), INTID 132 */
MMIO(0x32e30000, KiB(64));

/*
 * 0x32e60000, 1 KiB: /soc@0/bus@32c00000/dsi@32e60000 (fsl,imx8mp-mipi-dsim), INTID 50
 */
MMIO(0x32e60000, KiB(4));

/* /soc@0/bus@32c00000/display-controller@32e80000 (fsl,imx8mp-lcdif), INTID 37 */
MMIO(0x32e80000, KiB(64));

/* /soc@0/bus@32c00000/blk-ctrl@32ec0000 (fsl,imx8mp-media-blk-ctrl) */
MMIO(0x32ec0000, KiB(64));

/*
 * 0x32f00000, 64 KiB: /soc@0/bus@32c00000/pcie-phy@32f00000 (fsl,imx8mp-pcie-phy)
 * 0x32f10000, 36 bytes: /soc@0/bus@32c00000/blk-ctrl@32f10000 (fsl,imx8mp-hsio-blk-ctrl)
 * 0x32f10108, 8 bytes: /soc@0/usb@32f10108 (fsl,imx8mp-dwc3), INTID 181
 */
MMIO(0x32f00000, KiB(68));

/* /soc@0/bus@32c00000/blk-ctrl@32fc0000 (fsl,imx8mp-hdmi-blk-ctrl) */
MMIO(0x32fc0000, KiB(4));

/* /soc@0/bus@32c00000/interrupt-controller@32fc2000 (fsl,imx8mp-irqsteer), INTID 75 */
MMIO(0x32fc2000, KiB(4));

/* /soc@0/bus@32c00000/display-bridge@32fc4000 (fsl,imx8mp-hdmi-pvi) */
MMIO(0x32fc4000, KiB(4));

/* /soc@0/bus@32c00000/display-controller@32fc6000 (fsl,imx8mp-lcdif) */
MMIO(0x32fc6000, KiB(4));

/*
 * 0x32fd8000, 32511 bytes: /soc@0/bus@32c00000/hdmi@32fd8000 (fsl,imx8mp-hdmi-tx)
 * 0x32fdff00, 256 bytes: /soc@0/bus@32c00000/phy@32fdff00 (fsl,imx8mp-hdmi-phy)
 */
MMIO(0x32fd8000, KiB(32));

/* /soc@0/pcie@33800000 (fsl,imx8mp-pcie), INTID 172 */
MMIO(0x33800000, MiB(4));

/*
 * 0x38000000, 32 KiB: /soc@0/gpu@38000000 (vivante,gc), INTID 35
 * 0x38008000, 32 KiB: /soc@0/gpu@38008000 (vivante,gc), INTID 57
 */
MMIO(0x38000000, KiB(64));

/* /soc@0/usb@32f10108/usb@38200000 (snps,dwc3), INTID 73 */
MMIO(0x38200000, KiB(64));

/*
 * 0x382f0040, 64 bytes: /soc@0/usb-phy@382f0040 (fsl,imx8mp-usb-phy)
 * 0x382f0000, 32 bytes: /soc@0/usb@32f10108 (fsl,imx8mp-dwc3), INTID 181
 */
MMIO(0x382f0000, KiB(4));

/*
 * 0x38300000, 64 KiB: /soc@0/video-codec@38300000 (nxp,imx8mm-vpu-g1), INTID 39
 * 0x38310000, 64 KiB: /soc@0/video-codec@38310000 (nxp,imx8mq-vpu-g2), INTID 40
 */
MMIO(0x38300000, KiB(128));

/*
 * 0x38330000, 256 bytes: /soc@0/blk-ctrl@38330000 (fsl,imx8mp-vpu-blk-ctrl)
 */
MMIO(0x38330000, KiB(4));

/* /soc@0/npu@38500000 (vivante,gc), INTID 45 */
MMIO(0x38500000, MiB(2));

/*
 * 0x3d400000, 4 MiB: /soc@0/memory-controller@3d400000 (snps,ddrc-3.80a), INTID 179
 * 0x3d800000, 4 MiB: /soc@0/ddr-pmu@3d800000 (fsl,imx8mp-ddr-pmu), INTID 130
 */
MMIO(0x3d400000, MiB(8));

/*
 * hvctl does not know which SPIs of this board no wire reaches. So root Linux looks every 20 ms,
 * and consoles are polled. These INTIDs no node of the tree names, nor any above: 32-33, 41, 43-44,
 * 46-47, 53, 62, 71, 78, 80-81, 88-95, 124-126, 129, 131, 133-134, 136, 140, 144-145, 147-149,
 * 163-165, 169-171, 173, 175, 177. The board's manual says which of them are free:
 * SPARE_SPIS(first, count);
 */
