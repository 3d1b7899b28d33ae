/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for hypervisor/arch/arm64/include/gic_access.h in host tests, which answer themselves.
 */
#ifndef CAISSON_FAKE_GIC_ACCESS_H
#define CAISSON_FAKE_GIC_ACCESS_H

#include "percpu.h"

uint32_t gicd_read32(uint32_t offset);
void gicd_write32(uint32_t offset, uint32_t value);
uint64_t gicd_read64(uint32_t offset);
void gicd_write64(uint32_t offset, uint64_t value);
uint32_t gicr_read32(const struct cpu *cpu, uint32_t offset);
void gicr_write32(const struct cpu *cpu, uint32_t offset, uint32_t value);
uint64_t gicr_read64(const struct cpu *cpu, uint32_t offset);
void gicr_write64(const struct cpu *cpu, uint32_t offset, uint64_t value);

#endif
