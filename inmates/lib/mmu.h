/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * EL1's identity map: 40 bits, RAM Normal write-back (own text read-only and executable, all else
 * not executable), everything else Device-nGnRE.
 */
#ifndef INMATE_MMU_H
#define INMATE_MMU_H

#include <stdbool.h>
#include <stdint.h>

#define MMU_LIMIT (1ULL << 40) /* bytes that are mapped */

enum mmu_attribute {
	MMU_DEVICE,	  /* Device-nGnRE, read-write, not executable */
	MMU_DATA,	  /* Normal, read-write, not executable */
	MMU_RODATA,	  /* Normal, read-only, not executable */
	MMU_TEXT,	  /* Normal, read-only, executable */
	MMU_ANY,	  /* Normal, read-write, executable: for code made at run time */
};

/* Builds the tables from `machine`. MMU off; boot_early() calls it. False: RAM beyond MMU_LIMIT. */
bool mmu_init(void);

/*
 * Maps [start, end) (multiples of 4 KiB) to itself with `attribute`. With the MMU on only for
 * ranges outside the image's own 2 MiB blocks (break-before-make), while no other CPU uses them.
 * False: out of range, or out of tables (there are few).
 */
bool mmu_map(uint64_t start, uint64_t end, enum mmu_attribute attribute);

#endif
