/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Synchronous exceptions and SErrors: a handler per exception class, and expected faults for tests.
 */
#ifndef INMATE_EXCEPTION_H
#define INMATE_EXCEPTION_H

#include <stdbool.h>
#include <stdint.h>

/* ESR_EL1.EC */
#define EC_UNKNOWN 0x00u
#define EC_SVC 0x15u
#define EC_SYSREG 0x18u
#define EC_IABORT 0x21u /* from EL1 itself */
#define EC_DABORT 0x25u
#define ESR_EC(esr) ((unsigned int)((esr) >> 26) & 0x3fu)

/* The interrupted registers; a handler may change them. */
struct frame {
	uint64_t x[31];
	uint64_t elr, spsr, esr, far;
	uint64_t unused;
};

/* Returns true if it has dealt with the exception: execution goes on at frame->elr. */
typedef bool (*exception_handler)(struct frame *frame);

/* Installs the handler for an exception class on all CPUs (NULL: none). ec < 64. */
void exception_install(unsigned int ec, exception_handler handler);

struct fault {
	bool taken;
	bool serror; /* asynchronous: elr says little */
	uint64_t esr, far, elr;
};

/*
 * Until fault_end() a fault of this CPU is recorded (the first one stays) and survived: the
 * faulting instruction is skipped; a jump that cannot be fetched returns to its caller (x30).
 */
void fault_expect(void);

/* Ends it and says whether there was one; waits for SErrors that are on their way. */
struct fault fault_end(void);

#endif
