/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PASS, FAIL and SKIP lines, and their sum, for tests that run by themselves.
 */
#ifndef INMATE_TESTS_CHECK_H
#define INMATE_TESTS_CHECK_H

#include "inmate.h"

static unsigned int check_passed, check_failed, check_skipped;

/* One line per check, with a number that helps when it fails. CPU 0 only. */
static inline void check(const char *name, bool ok, uint64_t got)
{
	if (ok)
		check_passed++;
	else
		check_failed++;
	printf("%s %s got=0x%lx\n", ok ? "PASS" : "FAIL", name, got);
}

/* A check that cannot be made here, and why not. */
static inline void check_skip(const char *name, const char *why)
{
	check_skipped++;
	printf("SKIP %s %s\n", name, why);
}

static inline void check_done(void)
{
	printf("DONE pass=%u fail=%u skip=%u\n", check_passed, check_failed, check_skipped);
}

/* Is this QEMU's own board, not a cell? Its tree has a firmware configuration device. */
static inline bool on_bare_qemu(void)
{
	return fdt_find_compatible(&machine.fdt, FDT_NONE, "qemu,fw-cfg-mmio") != FDT_NONE;
}

#endif
