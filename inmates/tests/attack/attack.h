/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kinds of attack of the inmate `attack` share. */
#ifndef ATTACK_H
#define ATTACK_H

#include "inmate.h"

/* The registers before and after run(); what is not an operand keeps its value in between. */
struct operands {
	uint64_t x[30];
};

/* A page of its own, outside what the image is mapped by, and memory to be attacked behind it. */
#define ARENA 0x60000000UL
#define ARENA_SIZE 0x200000UL
#define ARENA_CODE ARENA
#define ARENA_DATA (ARENA + 0x1000)

/* xorshift64*; the seed is in every report, and the same seed makes the same attacks. */
uint64_t rnd(void);

/* The number that `rest` begins with, or `otherwise`. */
uint64_t number(const char *rest, uint64_t otherwise);

/* Carries out one instruction with x0 to x29 from `regs`. */
struct fault run(uint32_t insn, struct operands *regs);

/* MRS or SYSL (read), MSR or SYS, with x0. */
uint32_t insn_system(bool read, unsigned int op0, unsigned int op1, unsigned int crn,
		     unsigned int crm, unsigned int op2);

/* How it ended: one letter. o: done; u: UNDEFINED; a: external abort; x: anything else. */
char outcome(const struct fault *fault);

/* Each counts what it did, by outcome; `rest` is the rest of the line that asked for it. */
struct tally {
	uint64_t done, undefined, aborted, other, wrong;
};
void count(struct tally *tally, const struct fault *fault);

void attack_registers(struct tally *tally, const char *rest);
void attack_instructions(struct tally *tally, const char *rest);
void attack_values(struct tally *tally, const char *rest);
void attack_fill(struct tally *tally, const char *rest);
void attack_gic(struct tally *tally, const char *rest);
void attack_uart(struct tally *tally, const char *rest);
void attack_frames(struct tally *tally, const char *rest);
void attack_calls(struct tally *tally, const char *rest);
void attack_memory(struct tally *tally, const char *rest);
void attack_fetch(struct tally *tally, const char *rest);
void attack_storm(struct tally *tally, const char *rest);
void attack_cpus(struct tally *tally, const char *rest);
void attack_tables(struct tally *tally, const char *rest);

/* The interrupt controller and console as the library set them up. */
void repair(void);

/* asm.S: what run() does, between masking and looking. */
void run_insn(uint64_t code, struct operands *regs);
void garbage_entry(void);

#endif
