/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one validator of compiled configurations, and the accessors that are safe behind it.
 *
 * scripts/cellcc calls it when a configuration is built, hvctl before it hands a blob to the
 * driver, the driver before it passes the blob on, and EL2 once more on its own copy. All of
 * them link core/config_check.c unchanged, so this header needs the ABI headers and nothing
 * else: no libc, no kernel, no `bool`.
 */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "caisson/config.h"
#include "caisson/error.h"

/* CPU numbers are below this: as many as the ioctls' masks hold. */
#define CONFIG_MAX_CPUS 1024u
#define CONFIG_SPI_FIRST 32u
#define CONFIG_SPI_END 1020u
/* Physical and guest-physical addresses end here: 48 bits (PARange 52 is clamped). */
#define CONFIG_ADDRESS_END (1ULL << 48)
/* What EL2 emulates occupies this much of a cell's address space, in bytes. */
#define CONFIG_GICD_SIZE 0x10000ULL
#define CONFIG_GICR_SIZE 0x20000ULL /* per CPU of the cell */
#define CONFIG_CONSOLE_SIZE 0x1000ULL

/* Bytes of an entry, by section (enum caisson_section_type): who builds a blob needs them too. */
extern const uint32_t config_entry_sizes[CAISSON_SEC_COUNT];

/*
 * What config_check() found. `offset` and `other`, where not 0, are entries of the blob whose
 * struct caisson_source has been proven sound: config_source() may be used on them, whatever the
 * code is.
 */
struct config_verdict {
	uint32_t code;	 /* enum caisson_error_code; CAISSON_E_OK: sound */
	uint32_t offset; /* of the entry at fault, 0: the blob as a whole */
	uint32_t other;	 /* of the entry it collides with, 0: none */
	uint64_t value;	 /* the number at fault: address, CPU, INTID, flags, section or position */
};

/**
 * config_check - prove a configuration sound
 * @blob: its first byte, aligned to 8 bytes; must not change during or after the call, so a caller
 *	  that shares it with someone else copies it first
 * @size: bytes that may be read from there: exactly the size that the header names
 * @kind: enum caisson_config_kind that is expected, or 0 for either
 *
 * Reads nothing outside of [blob, blob + size) and writes nothing. Never fails for another reason
 * than the blob's content, whatever that is; may be called in any context. Quadratic in the number
 * of entries, which CAISSON_CONFIG_MAX bounds.
 *
 * Return: the first fault found, or code CAISSON_E_OK.
 */
struct config_verdict config_check(const void *blob, uint32_t size, uint32_t kind);

/* How far a check has got; all 0: not begun. */
struct config_progress {
	uint32_t begun, step, i, k;
};

/**
 * config_check_some - as config_check(), in pieces
 * @p: progress, kept by the caller from call to call
 * @checks: of entries, or pairs of them, to do this time; each is some 50 instructions, but two
 *	    that go once through all CPUs or memory regions
 * @v: the verdict, if there is one
 *
 * Return: 0 as long as there is more to be checked, 1 with the verdict.
 */
int config_check_some(const void *blob, uint32_t size, uint32_t kind, struct config_progress *p,
		      uint32_t checks, struct config_verdict *v);

/* Everything below relies on a config_check() of the same, unchanged bytes. */

static inline const struct caisson_config_header *config_header(const void *blob)
{
	return (const struct caisson_config_header *)blob;
}

/* Number of entries in section @sec (enum caisson_section_type). */
static inline uint32_t config_count(const void *blob, uint32_t sec)
{
	return config_header(blob)->section[sec].count;
}

/* Offset of entry @i of section @sec in the blob, as verdicts and errors name it. */
static inline uint32_t config_offset(const void *blob, uint32_t sec, uint32_t i)
{
	const struct caisson_section *s = &config_header(blob)->section[sec];

	return s->offset + i * s->entry_size;
}

static inline const void *config_entry(const void *blob, uint32_t sec, uint32_t i)
{
	return (const uint8_t *)blob + config_offset(blob, sec, i);
}

/* Where the entry at @offset was written; valid for a verdict's offsets too. */
static inline const struct caisson_source *config_source(const void *blob, uint32_t offset)
{
	return (const struct caisson_source *)((const uint8_t *)blob + offset);
}

/* The string at @offset, for example a source's `file`. */
static inline const char *config_string(const void *blob, uint64_t offset)
{
	return (const char *)blob + offset;
}

/* Only of a .cell. */
static inline const struct caisson_cell_entry *config_cell(const void *blob)
{
	return (const struct caisson_cell_entry *)config_entry(blob, CAISSON_SEC_CELL, 0);
}

/* Only of a .sys. */
static inline const struct caisson_system_entry *config_system(const void *blob)
{
	return (const struct caisson_system_entry *)config_entry(blob, CAISSON_SEC_SYSTEM, 0);
}

/* @i below config_count() of the section, here and below. */
static inline const struct caisson_cpu_entry *config_cpu(const void *blob, uint32_t i)
{
	return (const struct caisson_cpu_entry *)config_entry(blob, CAISSON_SEC_CPU, i);
}

static inline const struct caisson_memory_entry *config_memory(const void *blob, uint32_t i)
{
	return (const struct caisson_memory_entry *)config_entry(blob, CAISSON_SEC_MEMORY, i);
}

static inline const struct caisson_device_entry *config_device(const void *blob, uint32_t i)
{
	return (const struct caisson_device_entry *)config_entry(blob, CAISSON_SEC_DEVICE, i);
}

static inline const struct caisson_irq_entry *config_irq(const void *blob, uint32_t i)
{
	return (const struct caisson_irq_entry *)config_entry(blob, CAISSON_SEC_IRQ, i);
}

/* The emulated PL011, or NULL if the cell has none. */
static inline const struct caisson_console_entry *config_console(const void *blob)
{
	if (!config_count(blob, CAISSON_SEC_CONSOLE))
		return (const struct caisson_console_entry *)0;
	return (const struct caisson_console_entry *)config_entry(blob, CAISSON_SEC_CONSOLE, 0);
}

#endif
