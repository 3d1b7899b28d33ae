/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers that the library's assembly and C must agree on; cpu.c and exception.c assert each of
 * them against the structures.
 */
#ifndef INMATE_LAYOUT_H
#define INMATE_LAYOUT_H

#define CPU_MAX 24	/* CPUs of an inmate */
#define CPU_SIZE 0x2000 /* bytes of a struct cpu_area: state first, the rest is the CPU's stack */

/* struct entry_state: what a CPU had in its registers when it entered, offsets in bytes */
#define ENTRY_X 0
#define ENTRY_SCTLR 248
#define ENTRY_DAIF 256
#define ENTRY_CURRENTEL 264
#define ENTRY_TPIDR 272
#define ENTRY_VBAR 280
#define ENTRY_CPACR 288
#define ENTRY_TTBR0 296
#define ENTRY_TCR 304
#define ENTRY_MAIR 312
#define ENTRY_SP_EL0 320
#define ENTRY_SPSEL 328
#define ENTRY_SIZE 336

/* struct frame: what an exception saves, offsets in bytes */
#define FRAME_X 0
#define FRAME_ELR 248
#define FRAME_SPSR 256
#define FRAME_ESR 264
#define FRAME_FAR 272
#define FRAME_SIZE 288

#endif
