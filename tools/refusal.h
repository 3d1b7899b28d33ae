/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Refusals in words. The validator, EL2 and the driver give a code, a number and the entries of the
 * configuration that are at fault; here that becomes `file.c:12: error: text (CPU 3)`.
 */
#ifndef REFUSAL_H
#define REFUSAL_H

#include <stddef.h>
#include <stdint.h>

#include "json.h"

/* The same four things, whoever refused. */
struct refusal {
	uint32_t code;	 /* enum caisson_error_code */
	uint32_t offset; /* of the entry at fault in the blob, 0: none */
	uint32_t other;	 /* of the entry it collides with, 0: none */
	uint64_t value;
};

/* The reason alone, such as "the CPU is listed twice". Never NULL. */
const char *refusal_text(uint32_t code);

/* The name of a code as error.h has it, "CPU_TWICE". Never NULL. */
const char *refusal_name(uint32_t code);

/* Word for a cell's state; never NULL. */
const char *state_name(uint64_t state);

/* Word for enum caisson_irq_mode; never NULL. */
const char *mode_name(uint32_t mode);

/* Writes the number at fault in words, such as " (CPU 3)", or nothing if it says nothing. */
void refusal_value(const struct refusal *r, char *text, size_t size);

/* Writes what would help, as one sentence without an end, or nothing if it is plain. */
void refusal_hint(const struct refusal *r, char *text, size_t size);

/**
 * refusal_where - origin of an entry, "file.c:12", or the bare `file` of a derived one
 * @blob:   the configuration; its sources were proven sound (see struct config_verdict)
 * @offset: of the entry
 */
void refusal_where(const void *blob, uint32_t offset, char *text, size_t size);

/* The same on stderr, as a line of its own. */
void refusal_print_hint(const struct refusal *r);

/**
 * refusal_print - explain a refusal on stderr, and what would help
 * @r:     what was refused
 * @blob:  the configuration that @r's offsets are about; NULL: none
 * @size:  its bytes; an offset that cannot be an entry of it is not followed
 * @what:  what was being done or read, used where no entry is at fault
 */
void refusal_print(const struct refusal *r, const void *blob, size_t size, const char *what);

/*
 * Whether the validator finds nothing, with refusal_print() if it does; @kind as in config_check().
 */
bool refusal_check(const void *blob, uint32_t size, uint32_t kind, const char *what);

/* The same as members of the JSON object that is open in @j. */
void refusal_json(struct json *j, const struct refusal *r, const void *blob, size_t size);

/**
 * refusal_reason - why a cell failed, in words
 * @esr: ESR_EL2 as the cell's page has it (Arm ARM D17.2.37), 0: no reason was given
 *
 * Writes the exception class and, for aborts, kind and level of the fault.
 */
void refusal_reason(uint32_t esr, char *text, size_t size);

#endif
