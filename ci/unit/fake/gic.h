/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in front of hypervisor/arch/arm64/include/gic.h in host tests: the same declarations,
 * behind the fake arch_cpu.h, whoever includes which first.
 */
#ifndef CAISSON_FAKE_GIC_H
#define CAISSON_FAKE_GIC_H

#include <arch_cpu.h>
#include_next <gic.h>

#endif
