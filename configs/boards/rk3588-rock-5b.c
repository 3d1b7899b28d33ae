// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The machine radxa,rock-5b (Radxa ROCK 5B), written by
 *
 *     hvctl config create system --dtb rk3588-rock-5b.dtb --memory 0xefe00000@0x00200000
 *
 * from rk3588-rock-5b.dtb alone, off the board. What was not known then:
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

/* GICv3, /interrupt-controller@fe600000. Redistributors for 8 CPUs. */
SYSTEM("radxa-rock-5b",
       .gicd_base = 0xfe600000,
       .gicd_size = KiB(64),
       .gicr_base = 0xfe680000,
       .gicr_size = 8 * KiB(128));

/*
 * What cells share out, and no line is for:
 *
 * CPUs 0-3: arm,cortex-a55
 * CPUs 4-7: arm,cortex-a76
 * Generic timer: INTIDs 29, 30, 27, 26, 28 (secure, EL1, virtual, EL2)
 * PSCI: smc
 * Root Linux's console: serial2:1500000n8
 */

/*
 * Root Linux's memory, all of it, by the tree's /memory or --memory. Reserved in the tree:
 * 0x0010f000, 256 bytes: /reserved-memory/shmem@10f000, kept out of Linux's map
 */
RAM(0x00200000, MiB(3838));

/* Devices. What is not listed is mapped when root Linux touches it first. */

/* /pcie@fe150000 (rockchip,rk3588-pcie), INTID 295, 294, 293, 292, 291 */
MMIO(0xf0000000, MiB(1));

/* /pcie@fe150000 (rockchip,rk3588-pcie), INTID 295, 294, 293, 292, 291 */
MMIO(0xf0200000, MiB(14));

/* /pcie@fe170000 (rockchip,rk3588-pcie), INTID 275, 274, 273, 272, 271 */
MMIO(0xf2000000, MiB(1));

/* /pcie@fe170000 (rockchip,rk3588-pcie), INTID 275, 274, 273, 272, 271 */
MMIO(0xf2200000, MiB(14));

/* /pcie@fe190000 (rockchip,rk3588-pcie), INTID 285, 284, 283, 282, 281 */
MMIO(0xf4000000, MiB(1));

/* /pcie@fe190000 (rockchip,rk3588-pcie), INTID 285, 284, 283, 282, 281 */
MMIO(0xf4200000, MiB(14));

/* /gpu@fb000000 (rockchip,rk3588-mali), INTID 124, 125, 126 */
MMIO(0xfb000000, MiB(2));

/*
 * 0xfc800000, 256 KiB: /usb@fc800000 (rockchip,rk3588-ehci), INTID 247
 * 0xfc840000, 256 KiB: /usb@fc840000 (rockchip,rk3588-ohci), INTID 248
 * 0xfc880000, 256 KiB: /usb@fc880000 (rockchip,rk3588-ehci), INTID 250
 * 0xfc8c0000, 256 KiB: /usb@fc8c0000 (rockchip,rk3588-ohci), INTID 251
 * 0xfc400000, 4 MiB: /usb@fc400000 (rockchip,rk3588-dwc3), INTID 253
 */
MMIO(0xfc400000, MiB(5));

/* /usb@fcd00000 (rockchip,rk3588-dwc3), INTID 254 */
MMIO(0xfcd00000, MiB(4));

/*
 * 0xfd58a000, 64 KiB: /syscon@fd58a000 (rockchip,rk3588-pmugrf)
 * 0xfd58c000, 4 KiB: /syscon@fd58c000 (rockchip,rk3588-sys-grf)
 */
MMIO(0xfd58a000, KiB(64));

/*
 * 0xfd5a4000, 8 KiB: /syscon@fd5a4000 (rockchip,rk3588-vop-grf)
 * 0xfd5a6000, 8 KiB: /syscon@fd5a6000 (rockchip,rk3588-vo0-grf)
 * 0xfd5a8000, 16 KiB: /syscon@fd5a8000 (rockchip,rk3588-vo1-grf)
 * 0xfd5ac000, 16 KiB: /syscon@fd5ac000 (rockchip,rk3588-usb-grf)
 * 0xfd5b0000, 4 KiB: /syscon@fd5b0000 (rockchip,rk3588-php-grf)
 */
MMIO(0xfd5a4000, KiB(52));

/*
 * 0xfd5bc000, 256 bytes: /syscon@fd5bc000 (rockchip,rk3588-pipe-phy-grf)
 * 0xfd5c4000, 256 bytes: /syscon@fd5c4000 (rockchip,rk3588-pipe-phy-grf)
 * 0xfd5c8000, 16 KiB: /syscon@fd5c8000 (rockchip,rk3588-usbdpphy-grf)
 * 0xfd5d0000, 16 KiB: /syscon@fd5d0000 (rockchip,rk3588-usb2phy-grf)
 * 0xfd5d8000, 16 KiB: /syscon@fd5d8000 (rockchip,rk3588-usb2phy-grf)
 * 0xfd5dc000, 16 KiB: /syscon@fd5dc000 (rockchip,rk3588-usb2phy-grf)
 * 0xfd5e0000, 256 bytes: /syscon@fd5e0000 (rockchip,rk3588-hdptxphy-grf)
 * 0xfd5b8000, 64 KiB: /syscon@fd5b8000 (rockchip,rk3588-pcie3-phy-grf)
 * 0xfd5c0000, 256 bytes: /syscon@fd5c0000 (rockchip,rk3588-pipe-phy-grf)
 * 0xfd5cc000, 16 KiB: /syscon@fd5cc000 (rockchip,rk3588-usbdpphy-grf)
 * 0xfd5d4000, 16 KiB: /syscon@fd5d4000 (rockchip,rk3588-usb2phy-grf)
 */
MMIO(0xfd5b8000, KiB(164));

/*
 * 0xfd5f0000, 64 KiB: /syscon@fd5f0000 (rockchip,rk3588-ioc)
 * 0xfd600000, 1 MiB: /sram@fd600000 (mmio-sram)
 */
MMIO(0xfd5f0000, KiB(1088));

/* /clock-controller@fd7c0000 (rockchip,rk3588-cru) */
MMIO(0xfd7c0000, KiB(368));

/* /i2c@fd880000 (rockchip,rk3588-i2c), INTID 349 */
MMIO(0xfd880000, KiB(4));

/*
 * 0xfd8a0000, 256 bytes: /pinctrl/gpio@fd8a0000 (rockchip,gpio-bank), INTID 309
 */
MMIO(0xfd8a0000, KiB(4));

/*
 * 0xfd8b0010, 16 bytes: /pwm@fd8b0010 (rockchip,rk3588-pwm)
 */
MMIO(0xfd8b0000, KiB(4));

/*
 * 0xfd8d8000, 1 KiB: /power-management@fd8d8000 (rockchip,rk3588-pmu)
 */
MMIO(0xfd8d8000, KiB(4));

/*
 * 0xfdb50000, 2 KiB: /video-codec@fdb50000 (rockchip,rk3588-vpu121), INTID 151
 * 0xfdb50800, 64 bytes: /iommu@fdb50800 (rockchip,rk3588-iommu), INTID 150
 */
MMIO(0xfdb50000, KiB(4));

/*
 * 0xfdb80000, 384 bytes: /rga@fdb80000 (rockchip,rk3588-rga), INTID 148
 */
MMIO(0xfdb80000, KiB(4));

/*
 * 0xfdba0000, 2 KiB: /video-codec@fdba0000 (rockchip,rk3588-vepu121), INTID 154
 * 0xfdba0800, 64 bytes: /iommu@fdba0800 (rockchip,rk3588-iommu), INTID 153
 */
MMIO(0xfdba0000, KiB(4));

/*
 * 0xfdba4000, 2 KiB: /video-codec@fdba4000 (rockchip,rk3588-vepu121), INTID 156
 * 0xfdba4800, 64 bytes: /iommu@fdba4800 (rockchip,rk3588-iommu), INTID 155
 */
MMIO(0xfdba4000, KiB(4));

/*
 * 0xfdba8000, 2 KiB: /video-codec@fdba8000 (rockchip,rk3588-vepu121), INTID 158
 * 0xfdba8800, 64 bytes: /iommu@fdba8800 (rockchip,rk3588-iommu), INTID 157
 */
MMIO(0xfdba8000, KiB(4));

/*
 * 0xfdbac000, 2 KiB: /video-codec@fdbac000 (rockchip,rk3588-vepu121), INTID 160
 * 0xfdbac800, 64 bytes: /iommu@fdbac800 (rockchip,rk3588-iommu), INTID 159
 */
MMIO(0xfdbac000, KiB(4));

/*
 * 0xfdc70000, 2 KiB: /video-codec@fdc70000 (rockchip,rk3588-av1-vpu), INTID 140
 */
MMIO(0xfdc70000, KiB(4));

/*
 * 0xfdf35000, 32 bytes: /qos@fdf35000 (rockchip,rk3588-qos)
 * 0xfdf35200, 32 bytes: /qos@fdf35200 (rockchip,rk3588-qos)
 * 0xfdf35400, 32 bytes: /qos@fdf35400 (rockchip,rk3588-qos)
 * 0xfdf35600, 32 bytes: /qos@fdf35600 (rockchip,rk3588-qos)
 * 0xfdf36000, 32 bytes: /qos@fdf36000 (rockchip,rk3588-qos)
 */
MMIO(0xfdf35000, KiB(8));

/*
 * 0xfdf39000, 32 bytes: /qos@fdf39000 (rockchip,rk3588-qos)
 */
MMIO(0xfdf39000, KiB(4));

/*
 * 0xfdf3d800, 32 bytes: /qos@fdf3d800 (rockchip,rk3588-qos)
 * 0xfdf3e000, 32 bytes: /qos@fdf3e000 (rockchip,rk3588-qos)
 * 0xfdf3e200, 32 bytes: /qos@fdf3e200 (rockchip,rk3588-qos)
 * 0xfdf3e400, 32 bytes: /qos@fdf3e400 (rockchip,rk3588-qos)
 * 0xfdf3e600, 32 bytes: /qos@fdf3e600 (rockchip,rk3588-qos)
 */
MMIO(0xfdf3d000, KiB(8));

/*
 * 0xfdf40000, 32 bytes: /qos@fdf40000 (rockchip,rk3588-qos)
 * 0xfdf40200, 32 bytes: /qos@fdf40200 (rockchip,rk3588-qos)
 * 0xfdf40400, 32 bytes: /qos@fdf40400 (rockchip,rk3588-qos)
 * 0xfdf40500, 32 bytes: /qos@fdf40500 (rockchip,rk3588-qos)
 * 0xfdf40600, 32 bytes: /qos@fdf40600 (rockchip,rk3588-qos)
 * 0xfdf40800, 32 bytes: /qos@fdf40800 (rockchip,rk3588-qos)
 * 0xfdf41000, 32 bytes: /qos@fdf41000 (rockchip,rk3588-qos)
 * 0xfdf41100, 32 bytes: /qos@fdf41100 (rockchip,rk3588-qos)
 */
MMIO(0xfdf40000, KiB(8));

/*
 * 0xfdf60000, 32 bytes: /qos@fdf60000 (rockchip,rk3588-qos)
 * 0xfdf60200, 32 bytes: /qos@fdf60200 (rockchip,rk3588-qos)
 * 0xfdf60400, 32 bytes: /qos@fdf60400 (rockchip,rk3588-qos)
 * 0xfdf61000, 32 bytes: /qos@fdf61000 (rockchip,rk3588-qos)
 * 0xfdf61200, 32 bytes: /qos@fdf61200 (rockchip,rk3588-qos)
 * 0xfdf61400, 32 bytes: /qos@fdf61400 (rockchip,rk3588-qos)
 * 0xfdf62000, 32 bytes: /qos@fdf62000 (rockchip,rk3588-qos)
 * 0xfdf63000, 32 bytes: /qos@fdf63000 (rockchip,rk3588-qos)
 * 0xfdf64000, 32 bytes: /qos@fdf64000 (rockchip,rk3588-qos)
 */
MMIO(0xfdf60000, KiB(20));

/*
 * 0xfdf66000, 32 bytes: /qos@fdf66000 (rockchip,rk3588-qos)
 * 0xfdf66200, 32 bytes: /qos@fdf66200 (rockchip,rk3588-qos)
 * 0xfdf66400, 32 bytes: /qos@fdf66400 (rockchip,rk3588-qos)
 * 0xfdf66600, 32 bytes: /qos@fdf66600 (rockchip,rk3588-qos)
 * 0xfdf66800, 32 bytes: /qos@fdf66800 (rockchip,rk3588-qos)
 * 0xfdf66a00, 32 bytes: /qos@fdf66a00 (rockchip,rk3588-qos)
 * 0xfdf66c00, 32 bytes: /qos@fdf66c00 (rockchip,rk3588-qos)
 * 0xfdf66e00, 32 bytes: /qos@fdf66e00 (rockchip,rk3588-qos)
 * 0xfdf67000, 32 bytes: /qos@fdf67000 (rockchip,rk3588-qos)
 * 0xfdf67200, 32 bytes: /qos@fdf67200 (rockchip,rk3588-qos)
 */
MMIO(0xfdf66000, KiB(8));

/*
 * 0xfdf70000, 32 bytes: /qos@fdf70000 (rockchip,rk3588-qos)
 * 0xfdf71000, 32 bytes: /qos@fdf71000 (rockchip,rk3588-qos)
 * 0xfdf72000, 32 bytes: /qos@fdf72000 (rockchip,rk3588-qos)
 * 0xfdf72200, 32 bytes: /qos@fdf72200 (rockchip,rk3588-qos)
 * 0xfdf72400, 32 bytes: /qos@fdf72400 (rockchip,rk3588-qos)
 */
MMIO(0xfdf70000, KiB(12));

/*
 * 0xfdf80000, 32 bytes: /qos@fdf80000 (rockchip,rk3588-qos)
 * 0xfdf81000, 32 bytes: /qos@fdf81000 (rockchip,rk3588-qos)
 * 0xfdf81200, 32 bytes: /qos@fdf81200 (rockchip,rk3588-qos)
 * 0xfdf82000, 32 bytes: /qos@fdf82000 (rockchip,rk3588-qos)
 * 0xfdf82200, 32 bytes: /qos@fdf82200 (rockchip,rk3588-qos)
 */
MMIO(0xfdf80000, KiB(12));

/* /dfi@fe060000 (rockchip,rk3588-dfi), INTID 60, 70, 80, 90 */
MMIO(0xfe060000, KiB(64));

/* /pcie@fe150000 (rockchip,rk3588-pcie), INTID 295, 294, 293, 292, 291 */
MMIO(0xfe150000, KiB(64));

/* /pcie@fe170000 (rockchip,rk3588-pcie), INTID 275, 274, 273, 272, 271 */
MMIO(0xfe170000, KiB(64));

/* /pcie@fe190000 (rockchip,rk3588-pcie), INTID 285, 284, 283, 282, 281 */
MMIO(0xfe190000, KiB(64));

/* /spi@fe2b0000 (rockchip,sfc), INTID 238 */
MMIO(0xfe2b0000, KiB(16));

/* /mmc@fe2c0000 (rockchip,rk3588-dw-mshc), INTID 235 */
MMIO(0xfe2c0000, KiB(16));

/* /mmc@fe2d0000 (rockchip,rk3588-dw-mshc), INTID 236 */
MMIO(0xfe2d0000, KiB(16));

/* /mmc@fe2e0000 (rockchip,rk3588-dwcmshc), INTID 237 */
MMIO(0xfe2e0000, KiB(64));

/* /i2s@fe470000 (rockchip,rk3588-i2s-tdm), INTID 212 */
MMIO(0xfe470000, KiB(4));

/*
 * 0xfe640000, 128 KiB: /interrupt-controller@fe600000/msi-controller@fe640000 (arm,gic-v3-its)
 * 0xfe660000, 128 KiB: /interrupt-controller@fe600000/msi-controller@fe660000 (arm,gic-v3-its)
 */
MMIO(0xfe640000, KiB(256));

/* /dma-controller@fea10000 (arm,pl330), INTID 118, 119 */
MMIO(0xfea10000, KiB(16));

/* /dma-controller@fea30000 (arm,pl330), INTID 120, 121 */
MMIO(0xfea30000, KiB(16));

/*
 * 0xfeae0000, 32 bytes: /timer@feae0000 (rockchip,rk3588-timer), INTID 321
 */
MMIO(0xfeae0000, KiB(4));

/*
 * 0xfeaf0000, 256 bytes: /watchdog@feaf0000 (rockchip,rk3588-wdt), INTID 347
 */
MMIO(0xfeaf0000, KiB(4));

/* /spi@feb20000 (rockchip,rk3588-spi), INTID 360 */
MMIO(0xfeb20000, KiB(4));

/*
 * 0xfeb50000, 256 bytes: /serial@feb50000 (rockchip,rk3588-uart), INTID 365
 */
MMIO(0xfeb50000, KiB(4));

/*
 * 0xfeb90000, 256 bytes: /serial@feb90000 (rockchip,rk3588-uart), INTID 369
 */
MMIO(0xfeb90000, KiB(4));

/*
 * 0xfec00000, 1 KiB: /tsadc@fec00000 (rockchip,rk3588-tsadc), INTID 429
 */
MMIO(0xfec00000, KiB(4));

/*
 * 0xfec10000, 64 KiB: /adc@fec10000 (rockchip,rk3588-saradc), INTID 430
 * 0xfec20000, 256 bytes: /pinctrl/gpio@fec20000 (rockchip,gpio-bank), INTID 310
 */
MMIO(0xfec10000, KiB(68));

/*
 * 0xfec30000, 256 bytes: /pinctrl/gpio@fec30000 (rockchip,gpio-bank), INTID 311
 */
MMIO(0xfec30000, KiB(4));

/*
 * 0xfec40000, 256 bytes: /pinctrl/gpio@fec40000 (rockchip,gpio-bank), INTID 312
 */
MMIO(0xfec40000, KiB(4));

/*
 * 0xfec50000, 256 bytes: /pinctrl/gpio@fec50000 (rockchip,gpio-bank), INTID 313
 */
MMIO(0xfec50000, KiB(4));

/* /i2c@fec80000 (rockchip,rk3588-i2c), INTID 355 */
MMIO(0xfec80000, KiB(4));

/* /i2c@fec90000 (rockchip,rk3588-i2c), INTID 356 */
MMIO(0xfec90000, KiB(4));

/*
 * 0xfecc0000, 1 KiB: /efuse@fecc0000 (rockchip,rk3588-otp)
 */
MMIO(0xfecc0000, KiB(4));

/* /dma-controller@fed10000 (arm,pl330), INTID 122, 123 */
MMIO(0xfed10000, KiB(16));

/* /phy@fed90000 (rockchip,rk3588-usbdp-phy) */
MMIO(0xfed90000, KiB(64));

/*
 * 0xfee00000, 256 bytes: /phy@fee00000 (rockchip,rk3588-naneng-combphy)
 */
MMIO(0xfee00000, KiB(4));

/*
 * 0xfee10000, 256 bytes: /phy@fee10000 (rockchip,rk3588-naneng-combphy)
 */
MMIO(0xfee10000, KiB(4));

/*
 * 0xfee20000, 256 bytes: /phy@fee20000 (rockchip,rk3588-naneng-combphy)
 */
MMIO(0xfee20000, KiB(4));

/* /phy@fee80000 (rockchip,rk3588-pcie3-phy) */
MMIO(0xfee80000, KiB(128));

/* /sram@ff001000 (mmio-sram) */
MMIO(0xff001000, KiB(956));

/* /pcie@fe150000 (rockchip,rk3588-pcie), INTID 295, 294, 293, 292, 291 */
MMIO(0x900000000, GiB(1));

/* /pcie@fe170000 (rockchip,rk3588-pcie), INTID 275, 274, 273, 272, 271 */
MMIO(0x980000000, GiB(1));

/*
 * 0xa00000000, 1 GiB: /pcie@fe190000 (rockchip,rk3588-pcie), INTID 285, 284, 283, 282, 281
 * 0xa40000000, 4 MiB: /pcie@fe150000 (rockchip,rk3588-pcie), INTID 295, 294, 293, 292, 291
 */
MMIO(0xa00000000, MiB(1028));

/* /pcie@fe170000 (rockchip,rk3588-pcie), INTID 275, 274, 273, 272, 271 */
MMIO(0xa40800000, MiB(4));

/* /pcie@fe190000 (rockchip,rk3588-pcie), INTID 285, 284, 283, 282, 281 */
MMIO(0xa41000000, MiB(4));

/*
 * hvctl does not know which SPIs of this board no wire reaches. So root Linux looks every 20 ms,
 * and consoles are polled. These INTIDs no node of the tree names, nor any above: 32-59, 61-69,
 * 71-79, 81-89, 91-117, 127-139, 141-147, 149, 152, 161-187, 189-211, 223-234, 239-246, 249,
 * 255-257, 260-264, 267-270, 296-300, 308, 314-320, 322-346, 348, 373-398, 400, 402, 404-405,
 * 407-410, 412, 414, 416-417, 419-422, 427-428. The board's manual says which of them are free:
 * SPARE_SPIS(first, count);
 */
