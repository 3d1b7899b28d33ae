// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * For `hvctl cell linux`: a second Linux that has two devices of QEMU virt, the real-time clock and the
 * GPIO lines. By .node root Linux's drivers let go of them, and the cell's device tree names them, so that
 * the second Linux's own drivers find them.
 */
#include "hvconfig.h"

LINUX_CELL("devices");
CPUS(2, 2);
MEMORY(0x40000000, MiB(256));
DEVICE(0x09010000, 0x09010000, KiB(4), .node = "/pl031@9010000");
IRQ(34);
DEVICE(0x09030000, 0x09030000, KiB(4), .node = "/pl061@9030000");
IRQ(39);
CONSOLE();
