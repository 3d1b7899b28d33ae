/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The processor as C sees it: system registers, barriers, interrupt masking, device accesses.
 */
#ifndef INMATE_ARCH_H
#define INMATE_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define sysreg_read(name)                                            \
	({                                                           \
		uint64_t value_;                                     \
		__asm__ volatile("mrs %0, " #name : "=r"(value_));   \
		value_;                                              \
	})
#define sysreg_write(name, value) \
	__asm__ volatile("msr " #name ", %x0" : : "rZ"((uint64_t)(value)) : "memory")

#define isb() __asm__ volatile("isb" : : : "memory")
#define dsb(domain) __asm__ volatile("dsb " #domain : : : "memory")
#define wfi() __asm__ volatile("dsb sy\n\twfi" : : : "memory")
#define cpu_yield() __asm__ volatile("yield" : : : "memory")

#define DAIF_I 0x80u

/* Masks IRQs. Returns what irq_restore() takes. Any context. */
static inline uint64_t irq_save(void)
{
	uint64_t daif = sysreg_read(daif);

	__asm__ volatile("msr daifset, #2" : : : "memory");
	return daif;
}

/* Puts the interrupt masks back to `daif`, the value of an irq_save(). */
static inline void irq_restore(uint64_t daif)
{
	sysreg_write(daif, daif);
}

static inline void irq_unmask(void)
{
	__asm__ volatile("msr daifclr, #2" : : : "memory");
}

/*
 * Device accesses: one instruction each, in a form that leaves a valid syndrome (Arm ARM, ISS of a
 * data abort, ISV): a hypervisor can emulate it without decoding.
 */
static inline uint32_t mmio_read32(uint64_t address)
{
	uint32_t value;

	__asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline uint64_t mmio_read64(uint64_t address)
{
	uint64_t value;

	__asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void mmio_write32(uint64_t address, uint32_t value)
{
	__asm__ volatile("str %w0, [%1]" : : "rZ"(value), "r"(address) : "memory");
}

static inline void mmio_write64(uint64_t address, uint64_t value)
{
	__asm__ volatile("str %x0, [%1]" : : "rZ"(value), "r"(address) : "memory");
}

static inline void mmio_write8(uint64_t address, uint8_t value)
{
	__asm__ volatile("strb %w0, [%1]" : : "rZ"(value), "r"(address) : "memory");
}

#endif
