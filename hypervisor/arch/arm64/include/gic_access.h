/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The physical registers of the distributor and of each redistributor, 32 or 64 bits: gicd_read32(),
 * gicd_write32(), gicr_read32() and so on. Offsets in bytes.
 */
#ifndef CAISSON_GIC_ACCESS_H
#define CAISSON_GIC_ACCESS_H

#include <caisson/image.h>

#include "percpu.h"

#define GIC_ACCESS(bits)                                                                     \
	static inline uint##bits##_t gicd_read##bits(uint32_t offset)                        \
	{                                                                                    \
		return *(volatile uint##bits##_t *)(CAISSON_VA_GICD + offset);               \
	}                                                                                    \
	static inline void gicd_write##bits(uint32_t offset, uint##bits##_t value)           \
	{                                                                                    \
		*(volatile uint##bits##_t *)(CAISSON_VA_GICD + offset) = value;              \
	}                                                                                    \
	static inline uint##bits##_t gicr_read##bits(const struct cpu *cpu, uint32_t offset) \
	{                                                                                    \
		return *(volatile uint##bits##_t *)((volatile char *)cpu->gicr + offset);    \
	}                                                                                    \
	static inline void gicr_write##bits(const struct cpu *cpu, uint32_t offset,          \
					    uint##bits##_t value)                            \
	{                                                                                    \
		*(volatile uint##bits##_t *)((volatile char *)cpu->gicr + offset) = value;   \
	}

GIC_ACCESS(8)
GIC_ACCESS(32)
GIC_ACCESS(64)

#endif
