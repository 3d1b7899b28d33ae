/* SPDX-License-Identifier: GPL-2.0-only */
/* Offsets of C structures that assembly uses; vcpu.c asserts each. */
#ifndef CAISSON_ASM_OFFSETS_H
#define CAISSON_ASM_OFFSETS_H

#define BOOT_TTBR0 0	 /* struct caisson_cpu_boot */
#define BOOT_SCTLR 64
#define CPU_EXITS_HVC 16 /* struct cpu */
#define CPU_EXITS_SGI 32
#define CPU_EXITS_IRQ 104
#define CPU_REFUSED_CALL 128
#define CPU_SGI_TARGETS 136
#define CPU_IDLE_LISTS 144
#define KICK_SGI 15 /* VGIC_KICK_SGI */

#endif
