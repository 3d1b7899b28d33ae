/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in front of hypervisor/include/config_check.h in host tests. Whoever knows of cells is
 * EL2, whose calls go through the fake machine; the checker and its other users see nothing.
 */
#ifndef CAISSON_FAKE_CONFIG_CHECK_H
#define CAISSON_FAKE_CONFIG_CHECK_H

#include_next <config_check.h>

#ifdef CAISSON_CELL_CTL_H
#define config_check_some fake_config_check_some
int fake_config_check_some(const void *blob, uint32_t size, uint32_t kind, struct config_progress *p,
			   uint32_t checks, struct config_verdict *v);
#endif

#endif
